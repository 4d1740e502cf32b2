"""Whether this machine can confine kernels: every part of the sandbox is tried once."""

from __future__ import annotations

import functools
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading.kernels import init, sandbox, system_calls
from course_utils.grading.kernels.limits import Limits
from course_utils.grading.kernels.view import SCRATCH, view_of_this_interpreter

_PROBE_SECONDS = 60.0


class SandboxUnavailable(RuntimeError):
    """This machine can't confine kernels. The message says what is missing and what to do."""


@dataclass(frozen=True)
class Support:
    """Whether this machine can confine kernels and, if it can't, what is missing."""

    ok: bool
    missing: tuple[str, ...]

    def require(self) -> None:
        """Raise SandboxUnavailable unless `ok`."""
        if not self.ok:
            raise SandboxUnavailable(
                f"This machine can't confine submissions: {'; '.join(self.missing)}. Provide it "
                "(docs/sandbox.md says how), grade on another machine, or say --unsandboxed if you "
                "trust every submission."
            )


@functools.cache
def available() -> Support:
    """Confine a process of its own as a kernel would be, and say what could not be had (0.2 s, the first time)."""
    if platform.system() != "Linux":
        return Support(False, (f"Linux (this is {platform.system()})",))
    probe = subprocess.run(
        [sys.executable, "-I", "-m", __name__],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PROBE_SECONDS,
        check=False,
    )
    try:
        missing = tuple(json.loads(probe.stdout))
    except ValueError:
        missing = (f"a probe of the sandbox that runs (it said: {probe.stderr.strip()[-500:]})",)
    return Support(not missing, missing)


def _unreadable_for_others() -> list[str]:
    """Folders of the interpreter that the kernels' users could not read. Only root runs kernels as others."""
    if os.getuid() != 0:
        return []
    folders = [sys.prefix, sys.base_prefix, *(path for path in sys.path if os.path.isdir(path))]
    closed = [folder for folder in folders if os.stat(folder).st_mode & 0o005 != 0o005]
    return [f"rights for all to read {folder} (chmod -R go+rX)" for folder in closed]


def _steps(scratch: str, sockets: str, grader: socket.socket) -> list[tuple[str, Callable[[], None]]]:
    """What process 1 tries, in order: (what is needed, how it is tried)."""
    view = view_of_this_interpreter(None)

    def check() -> None:
        if not Path(SCRATCH).is_dir() or Path("/home").exists() or os.getuid() != sandbox.STUDENT:
            raise OSError("the sandbox leaks")

    return [
        (
            "mounts in a user namespace, with a /proc of its own (Linux 5.12; in a container: the right to mount)",
            lambda: sandbox.build_root(view, scratch, sockets, Limits(disk_bytes=1 << 20)),
        ),
        ("mount_setattr (Linux 5.12)", lambda: sandbox.seal(sockets)),
        (
            "Landlock (Linux 5.13, in the list of the kernel's option lsm=) and seccomp",
            lambda: sandbox.give_up_rights(sockets),
        ),
        ("a sandbox that holds", check),
    ]


def _try_in_namespaces(scratch: str, sockets: str) -> list[str]:
    """Walk the way of a kernel: namespaces, users, root folder, rights. Returns what is missing."""
    here, there = socket.socketpair()

    def first_process() -> None:
        for need, step in _steps(scratch, sockets, there):
            try:
                step()
            except Exception as error:
                there.sendall(json.dumps([f"{need}: {error}"]).encode())
                return
        there.sendall(b"[]")

    def move() -> None:
        here.close()
        try:
            sandbox.enter_namespaces()
        except OSError as error:
            need = "user, mount, process and network namespaces (sysctl user.max_user_namespaces, AppArmor)"
            there.sendall(b"-" + json.dumps([f"{need}: {error}"]).encode())
            return
        there.sendall(b"+")
        there.recv(1)
        os.waitpid(init.in_child(first_process), 0)

    between = init.in_child(move)
    there.close()
    if here.recv(1) == b"+":
        try:
            sandbox.map_users(between, sandbox.user_for(os.getpid()))
        except OSError as error:
            return [f"a user of its own for each kernel: {error}"]
        here.sendall(b"+")
    text = b"".join(iter(lambda: here.recv(65536), b""))
    os.waitpid(between, 0)
    return list(json.loads(text)) if text else ["the probe of the sandbox ended early"]


def missing_here() -> list[str]:
    """What this machine lacks. To be called in a process without threads."""
    if not system_calls.supported():
        return [f"a processor this sandbox has a system call filter for (this is {platform.machine()})"]
    missing = _unreadable_for_others()
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        scratch, sockets = f"{folder}/scratch", f"{folder}/sockets"
        os.mkdir(scratch)
        os.mkdir(sockets)
        return missing + _try_in_namespaces(scratch, sockets)


if __name__ == "__main__":
    print(json.dumps(missing_here()))
