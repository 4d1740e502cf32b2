"""The owner's side of a starter: start one, find the one to use, ask it for kernels.

with running_starter("sandboxed") as starter:     # processes started meanwhile use it too
    manager = KernelManager(kernel_name="course-warm")
    manager.start_kernel(cwd=scratch)
"""

from __future__ import annotations

import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from course_utils.data.prepared import data_dir
from course_utils.grading.kernels import support
from course_utils.grading.kernels.limits import Limits, Usage
from course_utils.grading.kernels.starter import MODULES, READY, SOCKET

_STARTER = "course_utils.grading.kernels.starter"
SANDBOXED = "sandboxed"
UNSANDBOXED = "unsandboxed"
_VARIABLES = {SANDBOXED: "COURSE_STARTER", UNSANDBOXED: "COURSE_STARTER_UNSANDBOXED"}
_WARM_WITHIN = 300.0  # seconds; a slow disk's first import of TensorFlow takes minutes
_ANSWER_WITHIN = 10.0
_LONGEST_ROOT = 107 - 40  # bytes: a Unix socket's path may have 107, and that of a kernel's has 30 below the root
_PASSED_ON = ("LD_LIBRARY_PATH",)
_PASSED_ON_PREFIXES = ("CUDA_", "NVIDIA_", "XLA_", "TF_")


class KernelStartError(RuntimeError):
    """A starter or kernel did not come up. The message carries the far side's words."""


class Starter:
    """A running starter process, owned by this one: it ends when this object is stopped or this process ends."""

    def __init__(self, confinement: str, modules: Sequence[str] = MODULES, wait: bool = True) -> None:
        """Start it and, unless told not to, wait until it has imported `modules` (about 10 s).

        Raises SandboxUnavailable, KernelStartError.
        """
        if confinement not in _VARIABLES:
            raise ValueError(f"confinement is {confinement!r}, expected one of {sorted(_VARIABLES)}")
        self.confinement = confinement
        self.folder = Path(tempfile.mkdtemp(prefix="course-", dir=_root_for_sockets()))
        self._log = (self.folder / "log").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", _STARTER, str(self.folder), confinement, str(data_dir().absolute()), *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd="/",
            env=_environment(str(self.folder)),
            start_new_session=True,
        )
        self._warm = False
        try:
            if confinement == SANDBOXED:  # asked here, since it takes a while, in which the process gets warm
                support.available().require()
            if wait:
                self.wait_until_warm()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The starter's process id."""
        return self._process.pid

    def wait_until_warm(self) -> None:
        """Return once kernels can be asked for. Raises KernelStartError with what it said where it does not come up."""
        if self._warm:
            return
        output: IO[bytes] | None = self._process.stdout
        assert output is not None
        ready, _, _ = select.select([output], [], [], _WARM_WITHIN)
        if not ready or output.readline() != READY:
            self._log.seek(0)
            raise KernelStartError(f"the starter of kernels did not come up:\n{self._log.read()[-4000:]}")
        self._warm = True

    @property
    def running(self) -> bool:
        """Whether kernels can be asked for."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the starter and every kernel it forked, and remove its folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        if not self._warm and self.running:  # it does not listen yet, and has forked no kernel
            os.killpg(self._process.pid, signal.SIGKILL)
        try:
            self._process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _root_for_sockets() -> str:
    """Where the starter's folder goes: where temporary files do, unless paths get too long for Unix sockets there."""
    wanted = tempfile.gettempdir()
    for root in (wanted, "/tmp", "/var/tmp", "/dev/shm"):
        if len(os.fsencode(root)) <= _LONGEST_ROOT and os.access(root, os.W_OK | os.X_OK):
            return root
    raise KernelStartError(
        f"got {wanted} as the folder for temporary files, expected a path of at most {_LONGEST_ROOT} bytes, as Unix "
        f"sockets need; set TMPDIR to a shorter one that can be written to"
    )


def _environment(home: str) -> dict[str, str]:
    """The starter's variables, readable to every kernel: nothing of the grader's."""
    kept = {
        name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    own = {
        "HOME": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "OMP_NUM_THREADS": "1",  # threads of OpenMP and OpenBLAS would start at import and not survive a fork
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "MKL_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    # oneDNN pays for itself in large models. In small ones looking for what it could do took a twentieth of all time.
    return {"TF_ENABLE_ONEDNN_OPTS": "0"} | kept | own


_own: dict[str, Starter] = {}
_lock = threading.Lock()


def _stop_own() -> None:
    for starter in _own.values():
        starter.stop()
    _own.clear()


def _is_served(address: Path) -> bool:
    """Whether a process listens at a socket's path; the file stays behind where a starter was killed."""
    listening = Path("/proc/net/unix").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return any(line.endswith(f" {address}") for line in listening)


def starter_folder(confinement: str) -> Path:
    """The folder of the starter to use: the one the environment names, or else this process's own, started now."""
    named = os.environ.get(_VARIABLES[confinement])
    if named and _is_served(Path(named, SOCKET)):
        return Path(named)
    with _lock:
        starter = _own.get(confinement)
        if starter is None or not starter.running:
            if not _own:
                atexit.register(_stop_own)
            if starter is not None:
                starter.stop()
            starter = _own[confinement] = Starter(confinement)
    return starter.folder


@contextmanager
def running_starter(confinement: str, wait: bool = True) -> Iterator[Starter]:
    """A starter for this process and those it starts meanwhile: they find it through the environment.

    Where it is not waited for, ask for no kernel before `wait_until_warm`.
    """
    variable = _VARIABLES[confinement]
    before = os.environ.get(variable)
    starter = Starter(confinement, wait=wait)
    os.environ[variable] = str(starter.folder)
    try:
        yield starter
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before
        starter.stop()


class RunningKernel:
    """The connection to one kernel's keeper. Closing it ends the kernel."""

    def __init__(self, starter: Path, connection_file: Path, scratch: Path, limits: Limits) -> None:
        """Ask for a kernel and wait until it answers. Raises KernelStartError."""
        self._rest = b""
        self._last: Usage | None = None
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        try:
            self._connection.connect(str(starter / SOCKET))
            self._send(connection_file=str(connection_file), scratch=str(scratch), limits=asdict(limits))
            self.pid = self._wait_for_start()
        except OSError as error:
            self._connection.close()
            raise KernelStartError(f"the starter of kernels in {starter} does not answer: {error}") from error
        except BaseException:
            self._connection.close()
            raise

    def _wait_for_start(self) -> int:
        self._connection.settimeout(_WARM_WITHIN)
        for message in iter(self._next, None):
            if message["event"] == "started":
                return int(message["pid"])
            self._note(message)
            raise KernelStartError(f"the kernel did not come up: {message.get('error', message)}")
        raise KernelStartError("the kernel did not come up: its keeper is gone")

    def _send(self, **message: Any) -> None:
        self._connection.sendall(json.dumps(message).encode() + b"\n")

    def _next(self) -> dict[str, Any] | None:
        """The next message, None at the end of the stream; what is waiting for none raises BlockingIOError."""
        while b"\n" not in self._rest:
            piece = self._connection.recv(65536)
            if not piece:
                return None
            self._rest += piece
        line, self._rest = self._rest.split(b"\n", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        if "usage" in message:
            self._last = Usage(**message["usage"])
        if message["event"] in ("ended", "failed"):
            self.returncode = int(message.get("returncode", 1))

    def poll(self) -> int | None:
        """The kernel's return code, None while it runs."""
        self._connection.setblocking(False)
        while self.returncode is None:
            try:
                message = self._next()
            except BlockingIOError:
                break
            except ConnectionResetError:
                message = None
            if message is None:
                self.returncode = -9  # the keeper was killed, and the kernel with it
            else:
                self._note(message)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel and its process group; SIGKILL ends all of its processes."""
        if self.poll() is None:
            try:
                self._send(signal=int(number))
            except (BrokenPipeError, ConnectionResetError):
                self.poll()

    def usage(self) -> Usage:
        """What it used so far, or in all if it has ended."""
        if self.poll() is None:
            self._connection.settimeout(_ANSWER_WITHIN)
            message = None
            with suppress(BrokenPipeError, ConnectionResetError):
                self._send(usage=True)
                message = self._next()
            if message is None:
                self.returncode = -9
            else:
                self._note(message)
        return self._last or Usage(0.0, 0, 0.0, "killed")

    def close(self) -> None:
        """Let go of the kernel; if it still runs, it ends."""
        self._connection.close()
