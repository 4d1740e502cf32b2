"""The trusted process next to one kernel: starts it, watches what it uses, ends it, says why it ended."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import time
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from course_utils.grading.kernels import init, linux, processes, sandbox
from course_utils.grading.kernels.init import Confined, Confinement, Request
from course_utils.grading.kernels.limits import Limits, Usage

_LOOK_EVERY = 0.05  # seconds
_NOTEWORTHY_GROWTH = 1 / 40  # of what the limit allows
_MEASURE_EVERY = 2.0  # seconds, even if nothing seems to have grown
_MEASURED_WITHIN = 2.0  # seconds, after which an upper bound has to do


class _Lines:
    """Lines of JSON out of a stream of bytes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[dict[str, Any]]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        return [json.loads(line) for line in lines]


class Keeper:
    """Keeps one kernel for the owner at the other end of `owner`, as long as `starter` is there too."""

    def __init__(self, owner: socket.socket, starter: int, confinement: Confinement) -> None:
        self._owner = owner
        self._starter = starter
        self._confinement = confinement
        self._began = time.monotonic()
        self._cpu_seconds = 0.0
        self._least_anonymous = 0  # since memory was measured
        self._least_virtual = 0
        self._measured_at = 0.0
        self._measuring = ThreadPoolExecutor(1)
        self._measurement: Future[int] | None = None
        self._inherited_bytes = processes.anonymous_bytes_of_this_process()
        self._peak_memory = 0
        self._reason: str | None = None
        self._status: int | None = None
        self._failure: str | None = None
        self._ready = False
        self._proc: int | None = None

    def keep(self) -> None:
        """Read the owner's request, then stay until the kernel has ended."""
        from_owner = _Lines()
        messages: list[dict[str, Any]] = []
        while not messages:
            piece = self._owner.recv(65536)
            if not piece:
                return
            messages = from_owner.feed(piece)
        asked = messages[0]
        self._limits = Limits(**asked["limits"])
        request = Request(asked["connection_file"], asked["scratch"], self._limits)
        linux.adopt_orphans()
        self._init, self._control = self._start(request)
        self._watch(from_owner)
        self._end()

    def _start(self, request: Request) -> tuple[int, socket.socket]:
        """Fork the kernel's process 1. Returns its process id and the socket to it."""
        here, there = socket.socketpair()
        told, tell = os.pipe()  # not the socket: there the kernel's first words could overtake its number
        confined = isinstance(self._confinement, Confined)

        def become_init() -> None:
            os.close(tell)
            try:
                init.run(request, self._confinement, there)
            except Exception:
                there.sendall(json.dumps({"failed": traceback.format_exc()}).encode() + b"\n")

        def move() -> None:
            here.close()
            os.close(told)
            self._owner.close()
            os.close(self._starter)
            if confined:
                sandbox.enter_namespaces()
                there.sendall(b"+")
                there.recv(1)
            os.write(tell, init.in_child(become_init).to_bytes(4, "big"))

        if confined and os.getuid() == 0:
            user = sandbox.user_for(os.getpid())
            os.chown(request.sockets, user, user)
            os.chown(request.connection_file, user, user)
        between = init.in_child(move)
        there.close()
        os.close(tell)
        if confined and here.recv(1) == b"+":
            sandbox.map_users(between, sandbox.user_for(os.getpid()))
            here.sendall(b"+")
        with os.fdopen(told, "rb") as telling:
            number = telling.read(4)
        os.waitpid(between, 0)
        if len(number) < 4:
            raise OSError("the kernel's namespaces could not be made; see the starter's log")
        return int.from_bytes(number, "big"), here

    def _watch(self, from_owner: _Lines) -> None:
        """Serve the owner and look at the kernel's use until it has ended or has to."""
        from_init = _Lines()
        while self._reason is None:
            waiting: list[Any] = [self._owner, self._control, self._starter]
            ready, _, _ = select.select(waiting, [], [], _LOOK_EVERY)
            if self._starter in ready:
                self._reason = "killed"
            if self._owner in ready:
                self._obey(from_owner)
            if self._control in ready:
                piece, handles, _, _ = socket.recv_fds(self._control, 65536, 1)
                if handles:
                    self._proc = handles[0]
                if not piece:
                    return
                for message in from_init.feed(piece):
                    self._note(message)
            if self._proc is not None:
                self._look()

    def _note(self, message: dict[str, Any]) -> None:
        """A message of the kernel's process 1."""
        if "ready" in message:
            self._ready = True
            self._tell(event="started", pid=self._init)
        elif "failed" in message:
            self._failure = message["failed"]
        elif "status" in message:
            self._status = message["status"]

    def _obey(self, from_owner: _Lines) -> None:
        """A wish of the owner; a closed connection is the wish to end."""
        piece = self._owner.recv(65536)
        if not piece:
            self._reason = "killed"
        for message in from_owner.feed(piece):
            if "usage" in message:
                self._tell(event="usage", usage=asdict(self._usage(None)))
            elif message["signal"] == signal.SIGKILL:
                self._reason = "killed"
            elif self._ready:
                self._control.send(bytes([message["signal"]]))

    def _look(self) -> None:
        """Measure, and decide whether a limit is passed."""
        assert self._proc is not None
        confined = isinstance(self._confinement, Confined)
        if confined and processes.count(self._proc) > self._limits.processes + 1:  # before a crowd is measured
            self._reason = "too many processes"
            return
        everyone = processes.listed(self._proc)
        found = [p for p in everyone if p.number != 1] if confined else processes.below(everyone, self._init)
        self._cpu_seconds = max(self._cpu_seconds, sum(process.cpu_seconds for process in found))
        if len(found) > self._limits.processes:
            self._reason = "too many processes"
        elif self._cpu_seconds > self._limits.cpu_seconds:
            self._reason = "cpu time"
        else:
            self._look_at_memory(found)

    def _look_at_memory(self, found: list[processes.Process]) -> None:
        """Measure in a thread: Linux lets that wait for as long as a process forks without a pause."""
        assert self._proc is not None
        now = time.monotonic()
        if self._measurement is None:
            if self._worth_measuring(found):
                self._measured_at = now
                self._measurement = self._measuring.submit(processes.memory_bytes, self._proc, found)
            return
        if self._measurement.done():
            self._peak_memory = max(self._peak_memory, self._measurement.result())
            self._measurement = None
        elif now > self._measured_at + _MEASURED_WITHIN:
            own = sum(max(0, process.anonymous_bytes - self._inherited_bytes) for process in found)
            self._peak_memory = max(self._peak_memory, own)
        if self._peak_memory > self._limits.memory_bytes:
            self._reason = "out-of-memory"

    def _worth_measuring(self, found: list[processes.Process]) -> bool:
        """Whether memory may have grown much since the last time, or passed the limit.

        To measure it exactly takes 15 ms, for which the kernel gets no memory; these sums take none. They count what is
        shared with the starter in full, so that there is never more than they say but for shared mappings, and those
        are a part of what is virtual. What was given back counts as growth when it is taken again, for something else.
        """
        anonymous = sum(process.anonymous_bytes for process in found)
        virtual = sum(process.virtual_bytes for process in found)
        self._least_anonymous = min(self._least_anonymous, anonymous)
        self._least_virtual = min(self._least_virtual, virtual)
        limit = self._limits.memory_bytes
        worth = (
            anonymous > min(limit, self._least_anonymous + limit * _NOTEWORTHY_GROWTH)
            or virtual > self._least_virtual + limit * _NOTEWORTHY_GROWTH
            or time.monotonic() > self._measured_at + _MEASURE_EVERY
        )
        if worth:
            self._least_anonymous, self._least_virtual = anonymous, virtual
        return worth

    def _end(self) -> None:
        """End whatever is left, then report."""
        if isinstance(self._confinement, Confined) and self._reason is not None:
            os.kill(self._init, signal.SIGKILL)
        self._control.close()  # the kernel's process 1 ends with it
        _, _, used = os.wait4(self._init, 0)
        self._confinement.end()
        _reap_all()
        self._cpu_seconds = max(self._cpu_seconds, used.ru_utime + used.ru_stime)
        if self._failure is not None and self._reason is None:
            reason = "disk" if "No space left on device" in self._failure else "failed"
            self._tell(event="failed", error=self._failure, usage=asdict(self._usage(reason)))
            return
        reason, code = self._verdict()
        self._tell(event="ended", returncode=code, usage=asdict(self._usage(reason)))

    def _verdict(self) -> tuple[str, int]:
        """Why the kernel ended, and its return code as subprocess gives it."""
        if self._reason is not None:
            return self._reason, -signal.SIGKILL
        if self._status is None:
            return "signal SIGKILL", -signal.SIGKILL
        code = os.waitstatus_to_exitcode(self._status)
        if code >= 0:
            return f"exited {code}", code
        if -code == signal.SIGXCPU:
            return "cpu time", code
        return f"signal {signal.Signals(-code).name}", code

    def _usage(self, ended: str | None) -> Usage:
        return Usage(self._cpu_seconds, self._peak_memory, time.monotonic() - self._began, ended)

    def _tell(self, **message: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # nobody is interested any more
            self._owner.sendall(json.dumps(message).encode() + b"\n")


def _reap_all() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, 0):
            pass


def report_failure(owner: socket.socket, error: str) -> None:
    """Tell the owner that its kernel could not be started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    usage = Usage(used.ru_utime + used.ru_stime, 0, 0.0, "failed")
    owner.sendall(json.dumps({"event": "failed", "error": error, "usage": asdict(usage)}).encode() + b"\n")
