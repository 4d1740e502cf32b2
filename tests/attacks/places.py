"""The place that is attacked: a course's folder with secrets in it, a grader's home, a bystander, listening sockets."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

MARK = "canary-"
OTHER = "honest-hannah"


@dataclass(frozen=True)
class Places:
    """Where secrets lie and who could be harmed. `canary` is in every secret, `input_canary` in hidden inputs alone."""

    course: Path
    home: Path
    canary: str
    input_canary: str
    bystander: subprocess.Popen[bytes]
    tcp: socket.socket
    udp: socket.socket
    abstract: socket.socket

    def tell(self, text: str) -> str:
        """`text` with the names of places in it: attackers are taken to know where everything lies."""
        known = {
            "@COURSE@": str(self.course),
            "@HOME@": str(self.home),
            "@GRADER@": str(os.getpid()),
            "@BYSTANDER@": str(self.bystander.pid),
            "@TCP@": str(self.tcp.getsockname()[1]),
            "@UDP@": str(self.udp.getsockname()[1]),
            "@ABSTRACT@": self.abstract.getsockname()[1:].decode(),
        }
        for name, value in known.items():
            text = text.replace(name, value)
        return text

    def digest(self) -> str:
        """A fingerprint of every file below the course's and the home folder."""
        files = sorted(path for root in (self.course, self.home) for path in root.rglob("*") if path.is_file())
        return hashlib.sha256(b"\0".join(str(p).encode() + b"\0" + p.read_bytes() for p in files)).hexdigest()

    def assert_unharmed(self, digest_before: str) -> None:
        """No file changed, no message received, no process ended."""
        assert self.digest() == digest_before, "a file of the course or the home folder was changed"
        assert self.bystander.poll() is None, "another process was ended"
        for listener in (self.tcp, self.abstract):
            with contextlib.suppress(BlockingIOError):
                listener.accept()
                raise AssertionError("a connection to the outside was made")
        with contextlib.suppress(BlockingIOError):
            raise AssertionError(f"the outside received {self.udp.recv(100)!r}")


@contextlib.contextmanager
def places(folder: Path) -> Iterator[Places]:
    """Make them, and take the processes and sockets away again."""
    canary, input_canary = MARK + secrets.token_hex(8), "input" + secrets.token_hex(8)
    course, home = folder / "course", folder / "home"
    for name in (
        "solutions/90_target/target.ipynb",
        "tests/graded/target.py",
        f"submitted/{OTHER}/90_target/target.ipynb",
    ):
        path = course / name
        path.parent.mkdir(parents=True)
        path.write_text(f"# {canary}\n")
    home.mkdir()
    (home / ".netrc").write_text(f"machine example.org password {canary}\n")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.add_student(OTHER, first_name=canary)
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as abstract,
        subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(3600)", canary], env={**os.environ, "SECRET": canary}
        ) as bystander,
    ):
        udp.bind(("127.0.0.1", 0))
        abstract.bind(f"\0{MARK}{os.getpid()}")
        abstract.listen()
        for listener in (tcp, udp, abstract):
            listener.setblocking(False)
        try:
            yield Places(course, home, canary, input_canary, bystander, tcp, udp, abstract)
        finally:
            bystander.kill()
