"""Process 1 of a kernel's namespaces: builds its file system, starts it, reaps, passes signals on.

It holds nothing of value and is the only process that lives as long as the kernel. When it ends, Linux
ends every process of the namespace: threads, daemons and all.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.grading.kernels import kernel, linux, sandbox
from course_utils.grading.kernels.limits import Limits
from course_utils.grading.kernels.processes import descendants
from course_utils.grading.kernels.view import DATA, SCRATCH, TEMPORARY, View


@dataclass(frozen=True)
class Request:
    """What a provisioner asks for: `connection_file` lies in a private folder made for this kernel."""

    connection_file: str
    scratch: str
    limits: Limits

    @property
    def sockets(self) -> str:
        """The private folder, which will hold the kernel's sockets."""
        return os.path.dirname(self.connection_file)


@dataclass(frozen=True)
class Confined:
    """A kernel in a sandbox with `view` of the file system."""

    view: View
    data: str | None

    def enter(self, request: Request) -> None:
        """Leave the machine's file system for the kernel's own."""
        sandbox.build_root(self.view, request.scratch, request.sockets, request.limits)

    def places(self, request: Request) -> tuple[str, str, str | None]:
        """The scratch folder, home folder and data folder, as the kernel sees them."""
        return SCRATCH, TEMPORARY, None if self.data is None else DATA

    def give_up_rights(self, request: Request) -> None:
        """No rights are left after this."""
        sandbox.give_up_rights(request.sockets)

    def seal(self, request: Request) -> None:
        """Nothing outside can be written after this."""
        sandbox.seal(request.sockets)

    def end(self) -> None:
        """Nothing to do: the namespace goes with its process 1."""


@dataclass(frozen=True)
class Unconfined:
    """A kernel that runs with all rights of the grader: limits, but no protection."""

    data: str | None

    def enter(self, request: Request) -> None:
        """Only see to it that no descendant is lost sight of."""
        linux.adopt_orphans()

    def places(self, request: Request) -> tuple[str, str, str | None]:
        """The scratch folder, home folder and data folder."""
        home = os.path.join(request.sockets, "home")
        os.makedirs(home, mode=0o700, exist_ok=True)
        return request.scratch, home, self.data

    def give_up_rights(self, request: Request) -> None:
        """All rights stay."""

    def seal(self, request: Request) -> None:
        """Nothing is sealed."""

    def end(self) -> None:
        """Kill whatever the kernel left behind."""
        while left := descendants(os.getpid()):
            for process in left:
                _kill(process, signal.SIGKILL)
            reap()


Confinement = Confined | Unconfined


def run(request: Request, confinement: Confinement, keeper: socket.socket) -> None:
    """Start the kernel and stay until it or `keeper` is gone. Messages are lines of JSON."""
    children_changed = ChildWatch()
    _go_first_when_memory_is_short()
    confinement.enter(request)
    here, there = socket.socketpair()
    process = os.fork()
    if process == 0:
        keeper.close()
        here.close()
        _become(request, confinement, there, children_changed)
    there.close()
    answer = _read_all(here, until=b"ready")
    if answer != b"ready":
        _tell(keeper, failed=answer.decode(errors="replace"))
        return
    confinement.seal(request)
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    confinement.give_up_rights(request)
    linux.set_dumpable(False)
    socket.send_fds(keeper, [b'{"ready": true}\n'], [proc])
    os.close(proc)
    here.sendall(b"!")
    here.close()
    status = _attend(process, keeper, children_changed)
    if status is not None:
        _tell(keeper, status=status)
    confinement.end()


def _become(request: Request, confinement: Confinement, grader: socket.socket, children_changed: ChildWatch) -> None:
    """The forked child's life; never returns."""
    code = 1
    try:
        children_changed.undo_in_child()
        os.setsid()
        kernel.silence_standard_streams()
        scratch, home, data = confinement.places(request)
        kernel.enter_environment(kernel.environment(home, data, request.limits.threads))
        sandbox.limit_resources(request.limits)
        confinement.give_up_rights(request)
        linux.set_dumpable(True)  # it can be looked into by nobody but its own children and its keeper
        kernel.serve(request.connection_file, scratch, data, grader)
        code = 0
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 0 if exit_.code is None else 1
    except BaseException:
        grader.sendall(traceback.format_exc().encode())
    finally:
        os._exit(code)


def _go_first_when_memory_is_short() -> None:
    """Should the machine itself run out of memory, the kernel is to be ended before the grader."""
    with suppress(OSError):  # a wish, not a condition
        Path("/proc/self/oom_score_adj").write_text("800")


class ChildWatch:
    """For select: readable when a child of this process has ended."""

    def __init__(self) -> None:
        self._readable, self._writable = socket.socketpair()
        self._readable.setblocking(False)
        self._writable.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._writable.fileno(), warn_on_full_buffer=False)

    def fileno(self) -> int:
        """What select waits for."""
        return self._readable.fileno()

    def clear(self) -> None:
        """Be readable again only when another child ends."""
        self._readable.recv(4096)

    def undo_in_child(self) -> None:
        """Undo it in a forked child. Since Python 3.12 asyncio, where imported, has unset the wake-up there already."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._readable.close()
        self._writable.close()


def _attend(process: int, keeper: socket.socket, children_changed: ChildWatch) -> int | None:
    """Reap, and pass on signals (a byte each), until the kernel ends (its status) or the keeper (None)."""
    waiting: list[Any] = [keeper, children_changed]
    while True:
        ready, _, _ = select.select(waiting, [], [])
        if keeper in ready:
            numbers = keeper.recv(64)
            if not numbers:
                return None
            for number in numbers:
                _kill(-process, number)
        if children_changed in ready:
            children_changed.clear()
            ended = reap()
            if process in ended:
                return ended[process]


def reap() -> dict[int, int]:
    """Wait for every child that has ended: wait status by process id."""
    ended: dict[int, int] = {}
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if process == 0:
            return ended
        ended[process] = status


def _kill(process: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(process, number)


def _read_all(connection: socket.socket, until: bytes) -> bytes:
    """What `connection` sends until it closes or has sent exactly `until`."""
    text = b""
    while text != until and (piece := connection.recv(65536)):
        text += piece
    return text or b"the kernel ended while it started"


def _tell(keeper: socket.socket, **message: Any) -> None:
    keeper.sendall(json.dumps(message).encode() + b"\n")


def in_child(work: Callable[[], None]) -> int:
    """Fork; the child does `work` and ends. Returns its process id."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return process
