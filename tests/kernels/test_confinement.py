"""What a confined kernel can't do: read, write, reach or signal anything but its own."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from probe import SECRET, Kernel, StartKernel

from course_utils.grading.kernels.limits import Limits
from course_utils.grading.kernels.owner import Starter

REPOSITORY = Path(__file__).parents[2]


# --- files ---------------------------------------------------------------------------------------------


def test_files_of_the_course_and_of_others_are_not_there(kernel: Kernel, tmp_path: Path) -> None:
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text(SECRET)
    hidden = [
        *(str(REPOSITORY / name) for name in ("source", "tests", "solutions", "release", "pyproject.toml", ".git")),
        str(Path(__file__)),
        str(gradebook),
        str(Path.home() / ".bashrc"),
        "/etc/shadow",
        "/etc/hostname",
        "/home",
        "/var",
        "/usr/bin/env",
        "/usr/sbin",
    ]
    assert kernel.json(f"print(json.dumps([path for path in {hidden!r} if os.path.exists(path)]))") == []


def test_of_the_repository_only_the_package_and_its_environment_are_there(kernel: Kernel) -> None:
    seen = kernel.json(f"print(json.dumps(os.listdir({str(REPOSITORY)!r})))")
    assert set(seen) <= {".venv", "course_utils"}
    grading = REPOSITORY / "course_utils" / "grading"
    assert kernel.json(f"print(json.dumps(os.listdir({str(grading)!r})))") == []


def test_writing_outside_of_the_scratch_folder_is_refused(kernel: Kernel, sandboxed_starter: Starter) -> None:
    answers = kernel.json(f"""
        import numpy, course_utils
        places = ["/", "/etc", "/dev", "/proc", "/sys", "/data", "/lib", "/usr", sys.prefix, sys.base_prefix]
        places += [os.path.dirname(numpy.__file__), os.path.dirname(course_utils.__file__), {str(REPOSITORY)!r}]
        folder = {str(sandboxed_starter.folder)!r}
        places += [folder + "/" + name for name in os.listdir(folder)]
        attempts(**{{place: lambda: open(place + "/new", "w") for place in places}})
    """)
    assert len(answers) >= 13  # two places are one where Python is the system's own
    assert set(answers.values()) <= {"EROFS", "EACCES", "ENOENT", "EPERM"}


def test_existing_files_outside_cannot_be_changed(kernel: Kernel) -> None:
    answers = kernel.json("""
        import numpy
        attempts(
            append=lambda: open(numpy.__file__, "a"),
            remove=lambda: os.remove(numpy.__file__),
            rename=lambda: os.rename(numpy.__file__, "/scratch/numpy"),
            mode=lambda: os.chmod(numpy.__file__, 0o777),
            time=lambda: os.utime(numpy.__file__),
            link=lambda: os.link(numpy.__file__, "/scratch/link"),
        )
    """)
    assert set(answers.values()) <= {"EROFS", "EACCES", "EPERM", "EXDEV"}


def test_the_scratch_folder_is_writable_and_the_submission_outside_stays(
    start_kernel: StartKernel, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "given.txt").write_text("given")
    (tmp_path / "link").symlink_to("/etc/shadow")
    os.mkfifo(tmp_path / "pipe")
    kernel = start_kernel()
    kernel.run("given = open('data/given.txt').read(); open('data/given.txt', 'w').write('changed')")
    assert kernel.run("import os; print(given, open('data/given.txt').read(), sorted(os.listdir()))") == (
        "given changed ['data', 'link']\n"
    )
    assert (tmp_path / "data" / "given.txt").read_text() == "given"


def test_there_are_no_devices_but_the_harmless(kernel: Kernel) -> None:
    answers = kernel.json("""
        names = [name for name in os.listdir("/dev") if not os.path.islink("/dev/" + name)]
        made = attempt(lambda: os.mknod("/scratch/disk", 0o60600, os.makedev(8, 0)))
        print(json.dumps([sorted(names), made]))
    """)
    names, made = answers
    assert {name for name in names if not name.startswith("nvidia")} == {
        *("null", "zero", "full", "random", "urandom", "shm"),
    }
    assert made in {"EPERM", "EACCES"}


# --- environment and identity --------------------------------------------------------------------------


def test_nothing_of_the_graders_environment_is_seen(kernel: Kernel) -> None:
    text = kernel.run("""
        print(dict(os.environ), open("/proc/self/environ").read(), open("/proc/self/cmdline").read())
        print(attempt(lambda: open("/proc/1/environ").read()), sys.argv)
    """)
    assert "COURSE_DATA_SOURCE" in text
    assert SECRET not in text
    assert "GRADEBOOK" not in text


def test_no_secret_of_the_grader_is_in_the_kernels_memory(kernel: Kernel) -> None:
    half, other_half = SECRET[:9], SECRET[9:]  # the search itself must not be found
    assert kernel.run(f"""
        needle = {half!r}.encode() + {other_half!r}.encode()
        found = 0
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            for line in maps:
                span, rights, *_, name = line.split(maxsplit=5) + [""]
                if rights.startswith("rw") and not name.startswith("/"):
                    start, end = (int(part, 16) for part in span.split("-"))
                    memory.seek(start)
                    try:
                        found += memory.read(min(end - start, 1 << 28)).count(needle)
                    except OSError:
                        pass
        print(found <= 1)  # at most `needle` itself and copies of it made here
    """) in {"True\\n", "True\n"}


def test_a_kernel_has_no_rights(kernel: Kernel) -> None:
    status = dict(
        line.split(":\t", 1)
        for line in kernel.run("print(open('/proc/self/status').read())").splitlines()
        if ":\t" in line
    )
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert status["Uid"].split() == ["1000"] * 4


@pytest.mark.skipif(os.getuid() != 0, reason="only root can run kernels as other users")
def test_two_kernels_of_root_are_two_users_and_neither_is_root(
    start_kernel: StartKernel, sandboxed_starter: Starter
) -> None:
    kernels = [start_kernel(), start_kernel()]
    folders = [Path(kernel.manager.connection_file).parent for kernel in kernels]
    users = {(folder / "c-1").stat().st_uid for folder in folders}
    assert len(users) == 2
    assert 0 not in users


def test_standard_input_is_empty_and_no_descriptor_of_the_grader_is_open(kernel: Kernel) -> None:
    report = kernel.json("""
        kinds = {}
        for name in os.listdir("/proc/self/fd"):
            try:
                kinds[name] = os.readlink("/proc/self/fd/" + name)
            except OSError:
                pass
        print(json.dumps([sys.stdin.read() if sys.stdin.fileno() == 0 else "", kinds]))
    """)
    text, kinds = report
    assert text == ""
    assert kinds["0"] == "/dev/null"
    assert not [target for target in kinds.values() if "log" in target or target.startswith("/proc")]


# --- network -------------------------------------------------------------------------------------------


def test_the_network_is_out_of_reach(kernel: Kernel, tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
    ):
        udp.bind(("127.0.0.1", 0))
        abstract.bind(f"\0course-test-{os.getpid()}")
        abstract.listen()
        named.bind(str(tmp_path / "socket"))
        named.listen()
        answers = kernel.json(f"""
            def connect(family, address, kind=socket.SOCK_STREAM):
                with socket.socket(family, kind) as s:
                    s.settimeout(2)
                    s.connect(address)

            def send(address):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.sendto(b"x", address)

            attempts(
                tcp=lambda: connect(socket.AF_INET, ("127.0.0.1", {tcp.getsockname()[1]})),
                far=lambda: connect(socket.AF_INET, ("192.0.2.1", 80)),
                udp=lambda: send(("127.0.0.1", {udp.getsockname()[1]})),
                dns=lambda: send(("192.0.2.1", 53)),
                six=lambda: connect(socket.AF_INET6, ("::1", {tcp.getsockname()[1]})),
                abstract=lambda: connect(socket.AF_UNIX, "\\0course-test-{os.getpid()}"),
                named=lambda: connect(socket.AF_UNIX, {str(tmp_path / "socket")!r}),
                vsock=lambda: socket.socket(40, socket.SOCK_STREAM),
                netlink=lambda: socket.socket(16, socket.SOCK_RAW),
                packet=lambda: socket.socket(17, socket.SOCK_RAW),
                raw=lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
                name=lambda: socket.getaddrinfo("example.org", 80),
            )
        """)
        udp.setblocking(False)
        with pytest.raises(BlockingIOError):
            udp.recv(1)
    assert [name for name, answer in answers.items() if answer.startswith("allowed")] == []


def test_sockets_of_other_kernels_and_of_the_starter_are_not_there(
    start_kernel: StartKernel, sandboxed_starter: Starter
) -> None:
    first, second = start_kernel(), start_kernel()
    folder = str(sandboxed_starter.folder)
    seen = [
        set(kernel.json(f"import json, os; print(json.dumps(os.listdir({folder!r})))")) for kernel in (first, second)
    ]
    own = [{Path(kernel.manager.connection_file).parent.name} for kernel in (first, second)]
    assert [names - {"data"} for names in seen] == own


def test_the_folder_of_sockets_cannot_be_written(kernel: Kernel) -> None:
    answers = kernel.json(f"""
        folder = {str(Path(kernel.manager.connection_file).parent)!r}
        def bind():
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(folder + "/new")
        attempts(bind=bind, write=lambda: open(folder + "/new", "w"), remove=lambda: os.remove(folder + "/c-1"),
                 change=lambda: open(folder + "/c.json", "a"))
    """)
    assert set(answers.values()) <= {"EROFS", "EACCES"}


# --- processes -----------------------------------------------------------------------------------------


def test_only_its_own_processes_are_seen(kernel: Kernel) -> None:
    assert kernel.json("print(json.dumps(sorted(int(n) for n in os.listdir('/proc') if n.isdigit())))") == [1, 2]


def test_process_1_can_neither_be_ended_nor_stopped_nor_looked_into(kernel: Kernel) -> None:
    answers = kernel.json("""
        import ctypes, signal
        libc = ctypes.CDLL(None, use_errno=True)
        def call(number, *arguments):
            if libc.syscall(number, *arguments) == -1:
                raise OSError(ctypes.get_errno(), "")
        numbers = {"x86_64": (101, 310, 438), "aarch64": (117, 270, 438)}[os.uname().machine]
        answers = {name: attempt(work) for name, work in dict(
            memory=lambda: open("/proc/1/mem", "rb"),
            maps=lambda: open("/proc/1/maps").read(),
            environ=lambda: open("/proc/1/environ").read(),
            root=lambda: os.listdir("/proc/1/root/"),
            handles=lambda: os.listdir("/proc/1/fd"),
            attach=lambda: call(numbers[0], 16, 1, 0, 0),
            seize=lambda: call(numbers[0], 0x4206, 1, 0, 0),
            read=lambda: call(numbers[1], 1, 0, 0, 0, 0, 0),
            take=lambda: call(numbers[2], os.pidfd_open(1), 0, 0),
        ).items()}
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
            os.kill(1, number)
        print(json.dumps(answers))
    """)
    assert set(answers.values()) <= {"EPERM", "EACCES"}
    assert kernel.run("print(os.getppid())") == "1\n"
    assert kernel.manager.is_alive()


def test_signals_reach_nobody_else(start_kernel: StartKernel, sandboxed_starter: Starter, kernel: Kernel) -> None:
    attacker = start_kernel()
    assert (
        attacker.json(f"""
        import json, os, signal
        reached = []
        own = {{int(name) for name in os.listdir("/proc/self/task")}}
        for process in {{{sandboxed_starter.pid}, {os.getpid()}, *range(2, 40000)}} - own:
            try:
                os.kill(process, signal.SIGKILL)
                reached.append(process)
            except OSError:
                pass
        print(json.dumps(reached))
    """)
        == []
    )
    attacker.begin("os.kill(-1, 9)")
    assert sandboxed_starter.running
    assert kernel.run("print('here')") == "here\n"


def test_system_calls_that_change_or_look_behind_the_sandbox_are_refused(kernel: Kernel) -> None:
    answers = kernel.json("""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def call(number, *arguments):
            if libc.syscall(*(ctypes.c_long(a) if isinstance(a, int) else a for a in (number, *arguments))) == -1:
                raise OSError(ctypes.get_errno(), "")
        x86 = os.uname().machine == "x86_64"
        attempts(
            unshare=lambda: call(272 if x86 else 97, 0x10000000),
            clone=lambda: call(56 if x86 else 220, 0x10000000 | 17, 0, 0, 0, 0),
            clone3=lambda: call(435, 0, 0),
            setns=lambda: call(308 if x86 else 268, 0, 0),
            mount=lambda: call(165 if x86 else 40, b"none", b"/tmp", b"tmpfs", 0, 0),
            umount=lambda: call(166 if x86 else 39, b"/proc", 2),
            chroot=lambda: os.chroot("/tmp"),
            bpf=lambda: call(321 if x86 else 280, 0, 0, 0),
            perf=lambda: call(298 if x86 else 241, 0, 0, 0, 0, 0),
            io_uring=lambda: call(425, 1, 0),
            keyctl=lambda: call(250 if x86 else 219, 0, 0),
            userfaultfd=lambda: call(323 if x86 else 282, 0),
            handle=lambda: call(304 if x86 else 265, 0, 0, 0),
            memfd=lambda: os.memfd_create("x"),
            shared=lambda: call(29 if x86 else 194, 0, 1 << 20, 0o1600),
            other_numbers=lambda: call(0x40000000 | 39),
            user=lambda: os.setuid(0),
            hostname=lambda: __import__("socket").sethostname("x"),
            priority=lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
        )
    """)
    assert set(answers.values()) <= {"EPERM", "EACCES", "ENOSYS", "EINVAL"}
    assert answers["user"] in {"EPERM", "EINVAL"}  # root is no user of this namespace


def test_limits_cannot_be_raised(kernel: Kernel) -> None:
    limits = kernel.json("""
        import resource
        raised = []
        for name in ("RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CPU", "RLIMIT_CORE"):
            which = getattr(resource, name)
            try:
                resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                raised.append(name)
            except (ValueError, OSError):
                pass
        print(json.dumps(raised))
    """)
    assert limits == []


# --- exhausting ----------------------------------------------------------------------------------------


def test_a_fork_bomb_ends_alone_and_by_name(start_kernel: StartKernel, kernel: Kernel) -> None:
    bomb = start_kernel()
    bomb.begin("""
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """)
    assert bomb.ended(within=30.0).ended == "too many processes"
    assert kernel.run("print('here')") == "here\n"


BOMBS = {
    "one array": "import numpy; arrays = [numpy.ones(50_000_000) for _ in range(100)]",
    "shared memory": """
        import mmap
        maps = []
        while True:
            maps.append(mmap.mmap(-1, 1 << 27))
            maps[-1].write(bytes(1 << 27))
            maps[-1].madvise(mmap.MADV_DONTNEED)
    """,
    "shared memory in the place of what was reserved": """
        import mmap, time
        without_reserve = 0x4000
        reserved = mmap.mmap(-1, 1 << 35, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | without_reserve)
        time.sleep(0.5)
        reserved.close()
        time.sleep(0.2)
        maps, piece = [], bytes(1 << 20)
        for _ in range(32):
            maps.append(mmap.mmap(-1, 1 << 27))
            for _ in range(1 << 7):
                maps[-1].write(piece)
            maps[-1].madvise(mmap.MADV_DONTNEED)
        time.sleep(60)
    """,
    "children": """
        import os, time
        for _ in range(20):
            if os.fork() == 0:
                data = bytearray(100_000_000)
                time.sleep(60)
        time.sleep(60)
    """,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_memory_bomb_ends_alone_and_by_name(start_kernel: StartKernel, kernel: Kernel, bomb: str) -> None:
    limits = Limits(memory_bytes=1 << 30)
    victim = start_kernel(limits)
    victim.begin(BOMBS[bomb])
    usage = victim.ended(within=20.0)
    assert usage.ended == "out-of-memory"
    assert usage.peak_memory_bytes < 2.5 * limits.memory_bytes
    assert kernel.run("print('here')") == "here\n"


def test_endless_computing_ends_by_name(start_kernel: StartKernel) -> None:
    kernel = start_kernel(Limits(cpu_seconds=2.0))
    kernel.begin("import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass")
    assert kernel.ended(within=15.0).ended == "cpu time"


@pytest.mark.parametrize("folder", ["/scratch", "/tmp", "/dev/shm"])
def test_a_full_disk_is_an_error_in_the_notebook(start_kernel: StartKernel, folder: str) -> None:
    kernel = start_kernel(Limits(disk_bytes=20 << 20))
    assert "No space left on device" in kernel.run(f"""
        number = 0
        while True:
            with open(f"{folder}/{{number}}", "wb") as file:
                file.write(bytes(1 << 20))
            number += 1
    """)
    assert kernel.run("print(number)").strip() in {"17", "18", "19", "20"}


def test_files_descriptors_and_single_files_are_limited(start_kernel: StartKernel) -> None:
    kernel = start_kernel(Limits(file_size=1 << 20, open_files=128))
    assert "File too large" in kernel.run("open('large', 'wb').write(bytes(2 << 20))")
    assert "Too many open files" in kernel.run("files = [open('/dev/null') for _ in range(200)]")
    assert "No space left" in kernel.run("for n in range(100_000): open(f'/tmp/{n}', 'w').close()")


# --- taking the place of others ------------------------------------------------------------------------


def test_modules_of_the_submission_do_not_take_the_place_of_packages(kernel: Kernel) -> None:
    report = kernel.json("""
        import numpy, nbformat, colorsys, course_utils, helper, matplotlib
        places = {module.__name__: module.__file__ for module in (numpy, nbformat, colorsys, course_utils, helper)}
        print(json.dumps([places, matplotlib.rcParams["lines.linewidth"], os.path.exists("/scratch/taken")]))
    """)
    places, width, taken = report
    assert places.pop("helper") == "/scratch/helper.py"
    assert not [place for place in places.values() if place.startswith("/scratch")]
    assert width != 77
    assert not taken


def test_the_cleaned_environment_also_holds_without_a_sandbox(
    start_unsandboxed_kernel: StartKernel, tmp_path: Path
) -> None:
    kernel = start_unsandboxed_kernel()
    report = kernel.json("""
        import json, os
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                __import__("time").sleep(60)
            os._exit(0)
        open("written", "w").close()
        print(json.dumps([os.getcwd(), dict(os.environ)]))
    """)
    folder, variables = report
    assert folder == str(tmp_path)
    assert (tmp_path / "written").exists()
    assert SECRET not in variables.values()
    assert variables["HOME"] != os.environ.get("HOME")
