"""A notebook in a kernel of its own: its cells are run, and then checks ask it through a comm.

Everything that comes from the kernel is untrusted: replies are bounded in size and time, and a kernel that
hangs, floods or dies ends in a named reason instead of an exception that stops the batch.
"""

from __future__ import annotations

import asyncio
import functools
import hmac
import os
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil
import zmq
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from course_utils.checks.comm import TARGET
from course_utils.checks.student import Died, TimedOut
from course_utils.checks.wire import MAX_BYTES

MAX_MESSAGE = MAX_BYTES + 1024 * 1024
MAX_OUTPUT = 2 * 1024 * 1024
MAX_FLOOD = 64 * 1024 * 1024
MAX_RECEIVED = 512 * 1024 * 1024  # by one criterion, in all its answers
# ZeroMQ bounds the parts of a message, not their number: what a kernel makes us hold shows in our own memory alone.
MAX_GROWTH = 2 * 1024 * 1024 * 1024
GRACE = 5.0
PATIENCE = 4.0
CELL_LOOK = 5  # seconds between looks at a cell that runs long
OUTPUTS = {"stream", "display_data", "update_display_data", "execute_result", "error"}
SWOLLEN = "it sent more than can be held"
PRELUDE = "from course_utils.checks.comm import serve as _serve; _serve(); del _serve"


class KernelLost(Exception):
    """The kernel is gone or no longer answers; the text says why."""


class KernelFailure(Exception):
    """No kernel could be started: the grader's own trouble, not the submission's."""


@dataclass(frozen=True)
class TimeLimits:
    """Seconds: for one cell, for a kernel to start, and for the whole of a submission.

    Those of a cell and of a criterion are meant for a machine of one's own: on a busy one they last until the kernel
    has had about so much processor time, but never longer than PATIENCE times as long.
    """

    cell: float = 60.0
    start: float = 120.0
    submission: float = 1200.0


class Allowance:
    """Time for one thing: `seconds` on a machine of one's own, longer on a busy one, and not beyond `deadline`.

    `cpu` tells the processor time used so far; a clock that runs faster than the processor is no student's fault.
    """

    def __init__(self, seconds: float, deadline: float, cpu: Callable[[], float]) -> None:
        self.seconds, self._deadline, self._cpu = seconds, deadline, cpu
        self._started = time.monotonic()
        self._cpu_before = cpu() if seconds < float("inf") else 0.0

    @property
    def left(self) -> float:
        """Seconds until it is worth asking whether it is used up."""
        return max(0.05, self._started + self.seconds - time.monotonic())

    def used_up(self) -> bool:
        """Whether nothing is left."""
        now = time.monotonic()
        elapsed = now - self._started
        if now >= self._deadline or elapsed >= PATIENCE * self.seconds:
            return True
        return elapsed >= self.seconds and self._cpu() - self._cpu_before >= 0.8 * self.seconds


class _CellRunner(NotebookClient):
    """nbclient's client, with outputs bounded and widgets' messages left alone."""

    flood = 0
    timed_out = False
    swollen: Callable[[], bool] = staticmethod(lambda: False)
    allowance: Allowance

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        """Asked each `timeout` seconds: go on waiting, or interrupt the cell."""
        if not self.allowance.used_up():
            return None
        self.timed_out = True
        return await super()._async_handle_timeout(timeout, cell)

    async def _async_check_alive(self) -> None:
        """Asked each second while a cell runs."""
        if self.kc is None:
            raise asyncio.CancelledError("the session was closed")
        if self.swollen():
            raise DeadKernelError(SWOLLEN)
        await super()._async_check_alive()

    def handle_comm_msg(self, outs: list, msg: dict, cell_index: int) -> None:
        """Widgets are not kept: what they would hold is the student's to choose, and nothing is scored by it."""

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        size = sum(len(str(value)) for value in msg["content"].values())
        self.flood += size
        if self.flood > MAX_FLOOD:
            raise KernelLost("it printed more than 64 MB")
        kept = sum(len(str(output)) for output in cell.get("outputs", []))
        if kept + size > MAX_OUTPUT and msg["msg_type"] in OUTPUTS:
            return None
        return super().process_message(msg, cell, cell_index)


class Session:
    """A running kernel with a notebook in it. Use as a context manager; `request` makes it a check's Channel."""

    def __init__(self, notebook: NotebookNode, start: Callable[[], AsyncKernelManager], limits: TimeLimits) -> None:
        self._notebook, self._start, self._limits = notebook, start, limits
        self._comm = uuid.uuid4().hex
        self._topic = f"comm-{self._comm}".encode()  # as ipykernel publishes what is sent on a comm
        self.deadline = float("inf")
        self._number = 0
        self._received = 0
        self._unweighed = 0
        self._memory_before = _memory()
        self._allowance = Allowance(float("inf"), float("inf"), lambda: 0.0)

    def __enter__(self) -> Session:
        try:
            self._manager = self._start()
            self._client = _CellRunner(
                self._notebook,
                km=self._manager,
                allow_errors=True,
                interrupt_on_timeout=True,
                raise_on_iopub_timeout=False,
                startup_timeout=int(self._limits.start),
                store_widget_state=False,
                error_on_timeout={"ename": "TimeoutError", "evalue": "no end in time", "traceback": []},
            )
            self._client.swollen = self._swollen
            self._client.reset_execution_trackers()
            self._connect()
            self._silently(PRELUDE)
            self._send("comm_open", {"comm_id": self._comm, "target_name": TARGET, "data": {}})
        except Exception as error:
            self.close()
            raise KernelFailure(f"{type(error).__name__}: {error}") from error
        return self

    def _connect(self) -> None:
        # Clients make sockets in a context of their own, the manager's is not theirs: here one with bounds.
        channels = self._client.kc = self._manager.client(context=bounded_context())
        channels.start_channels(stdin=False)
        channels.allow_stdin = False
        self._iopub: zmq.Socket = zmq.Socket.shadow(channels.iopub_channel.socket)
        self._shell: zmq.Socket = zmq.Socket.shadow(channels.shell_channel.socket)
        # Not by jupyter_client's wait_for_ready, which at last listens for 0.2 s whether anything else comes.
        dead, unheard = "the kernel did not answer", "what the kernel publishes was not heard"
        self._await_idle(self._limits.start, silence=0.1, dead=dead, unheard=unheard)

    def __exit__(self, *exception: object) -> None:
        self.close()

    def let_end(self) -> None:
        """Have the kernel ended, without waiting for it as `close` does."""
        if self.alive and self._manager.has_kernel:
            run_sync(self._manager.signal_kernel)(signal.SIGKILL)

    def close(self) -> None:
        """End the kernel and everything in it. Does nothing the second time."""
        client = getattr(self, "_client", None)
        if client is not None and client.kc is not None:
            client.kc.stop_channels()
            client.kc.context.destroy(linger=0)
            client.kc = None
        manager = getattr(self, "_manager", None)
        if manager is not None and manager.has_kernel:
            run_sync(manager.shutdown_kernel)(now=True)

    def usage(self) -> Any:
        """What the kernel used, as far as its provisioner tells; None where it doesn't."""
        report = getattr(self._manager.provisioner, "usage", None)
        return report() if callable(report) else None

    def why_lost(self, otherwise: str) -> str:
        """The reason for the kernel's death by name, where its provisioner knows one."""
        usage = self.usage()
        return getattr(usage, "ended", None) or otherwise

    def run_cell(self, index: int) -> float:
        """Run the code cell at `index`, outputs going into the notebook. Returns its seconds.

        An exception in the cell is an output like others. Raises CellTimeoutError where the cell took too long
        but could be interrupted, and KernelLost where the kernel is gone or beyond interrupting.
        """
        self.allow(self._limits.cell)
        self._client.timeout = CELL_LOOK
        self._client.allowance, self._client.timed_out = self._allowance, False
        started = time.monotonic()
        try:
            self._client.execute_cell(self._notebook.cells[index], index)
        except DeadKernelError:
            raise KernelLost(SWOLLEN if self._swollen() else self.why_lost("the kernel died")) from None
        except KernelLost:
            raise
        except Exception as error:
            raise KernelLost(f"the kernel sent what cannot be read ({type(error).__name__})") from None
        if self._client.timed_out:
            self._recover()
            raise CellTimeoutError(f"no end within {self._limits.cell:.0f} s")
        return time.monotonic() - started

    def allow(self, seconds: float) -> None:
        """Give what follows so many seconds, and never more than the whole submission has left."""
        self._allowance = Allowance(seconds, self.deadline, self._cpu_seconds)
        self._received = 0

    def _swollen(self) -> bool:
        """Whether this process holds much more than before the kernel was started."""
        return _memory() - self._memory_before > MAX_GROWTH

    def _grown(self) -> bool:
        """As `_swollen`, asked after each MiB that was received: to look at this process costs as much as a message."""
        if self._unweighed < 2**20:
            return False
        self._unweighed = 0
        return self._swollen()

    def _cpu_seconds(self) -> float:
        usage = self.usage()
        return float("inf") if usage is None else usage.cpu_seconds

    def request(self, message: dict, buffers: list[bytes]) -> tuple[dict, list]:
        """Ask the agent in the kernel. Raises TimedOut or Died; see checks.student.Channel."""
        if self._client.kc is None:
            raise Died("it had ended before")
        self._number += 1
        content = {"comm_id": self._comm, "data": {**message, "id": self._number}}
        self._send("comm_msg", content, buffers)
        flood = 0
        while True:
            parts = self._next_parts(min(0.5, self._allowance.left))
            if parts:
                size = sum(map(len, parts)) + 200 * len(parts)  # a message of empty parts takes memory, too
                flood += size
                self._received += size
                self._unweighed += size
                if self._received > MAX_RECEIVED or self._grown():
                    self.close()
                    raise Died(SWOLLEN)
                # Each answer comes between two others that say busy and idle: they are told by their topic, unread.
                reply = self._read(parts) if parts[0] == self._topic else None
                if reply is not None and self._answers(reply):
                    return reply["content"]["data"], reply.get("buffers", [])
                if flood > MAX_FLOOD:
                    self.close()
                    raise Died("it printed more than 64 MB")
            elif self._swollen():
                self.close()
                raise Died(SWOLLEN)
            elif not run_sync(self._manager.is_alive)():
                reason = self.why_lost("the kernel died")
                self.close()
                raise Died(reason)
            if self._allowance.used_up():
                self._stop_request()
                raise TimedOut(self._allowance.seconds)

    @property
    def _channels(self) -> Any:
        """The client's channels to the kernel; there are some from the start to `close`."""
        assert self._client.kc is not None
        return self._client.kc

    @property
    def alive(self) -> bool:
        """Whether there is a kernel to ask."""
        return self._client.kc is not None

    def _answers(self, reply: dict) -> bool:
        content = reply["content"]
        return (
            reply["msg_type"] == "comm_msg"
            and content.get("comm_id") == self._comm
            and isinstance(content.get("data"), dict)
            and content["data"].get("id") == self._number
        )

    def _next_message(self, seconds: float) -> dict | None:
        """The next message on iopub, or None where there is none in time; garbage counts as none."""
        parts = self._next_parts(seconds)
        return self._read(parts) if parts else None

    def _next_parts(self, seconds: float) -> list[bytes] | None:
        """The parts of the next message on iopub, unread; None where there is none in time.

        Straight from ZeroMQ: a turn of the event loop for every message would cost more than most answers.
        """
        try:
            return self._iopub.recv_multipart() if self._iopub.poll(int(1000 * seconds)) else None
        except zmq.ZMQError:
            return None

    def _read(self, parts: list[bytes]) -> dict | None:
        """The message in its parts (signature, header, parent header, metadata, content, buffers); None for garbage.

        Less than jupyter_client's deserialize, which also looks for dates in it, and takes twice as long.
        """
        session = self._channels.session
        try:
            signature, *signed = session.feed_identities(parts)[1]
            if not hmac.compare_digest(signature, session.sign(signed[:4])):
                return None
            header, parent, _, content = (session.unpack(part) for part in signed[:4])
            kind = header["msg_type"]
        except Exception:
            return None
        if not (isinstance(kind, str) and isinstance(parent, dict) and isinstance(content, dict)):
            return None
        buffers = [memoryview(part) for part in signed[4:]]
        return {"msg_type": kind, "parent_header": parent, "content": content, "buffers": buffers}

    def _send(self, kind: str, content: dict, buffers: list[bytes] | None = None) -> None:
        session = self._channels.session
        self._shell.send_multipart([*session.serialize(session.msg(kind, content)), *(buffers or [])])

    def _silently(self, code: str) -> None:
        reply = run_sync(self._channels.execute_interactive)(
            code,
            silent=True,
            store_history=False,
            allow_stdin=False,
            timeout=self._limits.start,
            output_hook=lambda message: None,
        )
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}")

    def _stop_request(self) -> None:
        try:
            self._recover()
        except KernelLost:
            self.close()

    def _recover(self) -> None:
        """Interrupt the kernel until it is idle again and what it printed is gone; raises KernelLost where it is not.

        A flood leaves full queues behind, in which an answer to the next request would be lost. Where nothing arrives
        any more, a refused message has cost the channel.
        """
        run_sync(self._manager.interrupt_kernel)()
        dead = "it took too long and could not be interrupted"
        unheard = "it took too long, and printed so much that it can no longer be heard"
        self._await_idle(GRACE, silence=0.5, dead=dead, unheard=unheard)

    def _await_idle(self, seconds: float, silence: float, dead: str, unheard: str) -> None:
        """Return once the kernel answers and, within as many `seconds` again, what it publishes is heard up to there.

        Where nothing is heard for `silence` seconds, it is asked again. Raises KernelLost with the reason for the
        kernel's death or, where there is none, with `dead` or `unheard`.
        """
        until = time.monotonic() + seconds
        identifier = self._channels.kernel_info()
        while not self._has_replied(identifier):
            if time.monotonic() >= until or not run_sync(self._manager.is_alive)():
                raise KernelLost(self.why_lost(dead))
        until = time.monotonic() + seconds
        while not self._is_idle_after(identifier, silence):
            if time.monotonic() >= until or not run_sync(self._manager.is_alive)():
                raise KernelLost(self.why_lost(unheard))
            identifier = self._channels.kernel_info()

    def _has_replied(self, identifier: str) -> bool:
        """Whether the next message on the shell channel, within half a second, answers the request."""
        try:
            reply = run_sync(self._channels.shell_channel.get_msg)(timeout=0.5)
        except Exception:
            return False
        return reply.get("parent_header", {}).get("msg_id") == identifier

    def _is_idle_after(self, identifier: str, silence: float) -> bool:
        """Read what was printed, up to the word that the request is done; False where that word was lost.

        It was if nothing comes for `silence` seconds.
        """
        until = time.monotonic() + GRACE
        while time.monotonic() < until:
            message = self._next_message(silence)
            if message is None:
                return False
            if (
                message["msg_type"] == "status"
                and message["content"].get("execution_state") == "idle"
                and message.get("parent_header", {}).get("msg_id") == identifier
            ):
                return True
        return False


@functools.cache
def _this_process(pid: int) -> psutil.Process:
    """To be asked often: finding a process costs more than asking it. By its id, as workers may be forked."""
    return psutil.Process(pid)


def _memory() -> int:
    """The bytes of memory that this process holds."""
    return int(_this_process(os.getpid()).memory_info().rss)


def bounded_context() -> zmq.asyncio.Context:
    """A ZeroMQ context whose sockets refuse messages that are larger than a grader should hold."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE)
    context.setsockopt(zmq.RCVHWM, 32)
    return context
