"""Attacks that look for what students must not see, or write where they must not."""

from .attack import Attack, code

_SEEN = "sees it: the notebook runs in the instructor's account (Execute starts an ordinary kernel)"
_REPORT = """
import json, os, re

def looking(*places):
    found = []
    for place in places:
        try:
            with open(place, "rb") as file:
                found += re.findall(rb"canary-[0-9a-f]{16}|root:x", file.read(10_000_000))
        except OSError:
            pass
    print("REPORT", json.dumps([str(text) for text in found]))
"""


def _reading(name: str, tries: str, source: str, stock: str = _SEEN, here: str = "it is not there") -> Attack:
    return Attack(name, tries, stock, here, first=code(_REPORT) + code(source), reports="[]")


ATTACKS = (
    Attack(
        "SQL on the gradebook",
        "Gives itself full marks, and its neighbour none, by SQL on gradebook.db.",
        "works: the kernel runs in the instructor's account and may write the file",
        "no such file in the sandbox",
        first=code("""
            import sqlite3
            try:
                with sqlite3.connect("@COURSE@/gradebook.db") as gradebook:
                    gradebook.execute("UPDATE grade SET auto_score = 20")
                    gradebook.execute("UPDATE student SET first_name = 'nobody'")
                print("REPORT done")
            except sqlite3.OperationalError as error:
                print("REPORT refused")
        """),
        reports="refused",
    ),
    _reading(
        "reading the hidden checks",
        "Opens the hidden checks where the course keeps them.",
        'looking("@COURSE@/tests/graded/target.py")',
        "sees them: OverwriteCells puts hidden tests back into the notebook's cells before they run",
    ),
    _reading("reading the solutions", "Opens the solutions.", 'looking("@COURSE@/solutions/90_target/target.ipynb")'),
    _reading(
        "reading another's submission",
        "Opens what another student handed in.",
        'looking("@COURSE@/submitted/honest-hannah/90_target/target.ipynb")',
    ),
    _reading(
        "a link to the gradebook",
        "Makes links to the gradebook and to other files, and reads through them.",
        """
        os.symlink("@COURSE@/gradebook.db", "link")
        os.symlink("/proc/@GRADER@/root", "root")
        looking("link", "root/@COURSE@/gradebook.db", "/proc/1/root/@COURSE@/gradebook.db")
        looking("/etc/shadow", "/etc/passwd")
        """,
    ),
    _reading(
        "the grader's environment",
        "Looks for passwords among environment variables.",
        """
        with open("variables", "w") as file:
            file.write(repr(os.environ))
        looking("variables", "/proc/self/environ", "/proc/1/environ", f"/proc/{os.getppid()}/environ")
        """,
    ),
    _reading(
        "the grader's home folder",
        "Opens the home folder's files.",
        'looking("@HOME@/.netrc", os.path.expanduser("~/.netrc"))',
    ),
    _reading(
        "/proc of others",
        "Reads arguments, environment and memory of every process that it sees or knows of.",
        """
        numbers = {*filter(str.isdigit, os.listdir("/proc")), "@GRADER@", "@BYSTANDER@"} - {str(os.getpid())}
        looking(*(f"/proc/{number}/{name}" for number in numbers for name in ("environ", "cmdline", "maps", "mem")))
        """,
    ),
    _reading(
        "its own memory",
        "Searches its own process, which was forked from a grader's, for traces of hidden checks and secrets.",
        """
        found = []
        pattern = re.compile(b"cana" + b"ry-[0-9a-f]{16}")
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            for line in maps:
                span, rights, *_, name = line.split(maxsplit=5) + [""]
                start, end = (int(part, 16) for part in span.split("-"))
                if rights.startswith("rw") and not name.startswith("/") and end - start < 1 << 28:
                    memory.seek(start)
                    try:
                        found += pattern.findall(memory.read(end - start))
                    except OSError:
                        pass
        print("REPORT", json.dumps([str(text) for text in found]))
        """,
        here="the starter of kernels knows no secret",
    ),
    _reading(
        "the engine's own modules",
        "Imports the grading engine to ask it for the hidden checks.",
        """
        found = []
        for name in ("assignment", "run", "batch", "journal", "gradebook"):
            try:
                found.append(__import__(f"course_utils.grading.{name}", fromlist=["x"]).__name__)
            except ImportError:
                pass
        print("REPORT", json.dumps(found))
        """,
        stock="not tried",
        here="course_utils/grading is not there in the sandbox",
    ),
    _reading(
        "writing outside",
        "Writes into the course, the home folder, the packages and the system.",
        """
        import numpy, course_utils
        written = []
        for folder in ("@COURSE@", "@COURSE@/submitted/honest-hannah/90_target", "@HOME@", "/etc", "/", "/usr/lib",
                       os.path.dirname(numpy.__file__), os.path.dirname(course_utils.__file__), "/proc/self/root/etc"):
            try:
                open(folder + "/target.ipynb", "a").close()
                written.append(folder)
            except OSError:
                pass
        print("REPORT", json.dumps(written))
        """,
        stock="works: it writes wherever the instructor may",
        here="everything but the scratch folder is read-only or not there",
    ),
    _reading(
        "tampering with the connection file",
        "Writes the kernel's connection file and replaces its sockets.",
        """
        import ipykernel
        path = ipykernel.get_connection_file()
        changed = []
        for name, work in {
            "file": lambda: open(path, "a"),
            "remove": lambda: os.remove(path),
            "socket": lambda: os.rename(os.path.dirname(path) + "/c-1", os.path.dirname(path) + "/c-9"),
        }.items():
            try:
                work()
                changed.append(name)
            except OSError:
                pass
        print("REPORT", json.dumps(changed))
        """,
        stock="not tried",
        here="the folder of sockets is read-only once they exist",
    ),
)
