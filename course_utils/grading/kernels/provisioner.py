"""Jupyter's way to the warm, confined kernels: the kernel provisioner `course-warm`."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Enum, Float, Integer

from course_utils.grading.kernels.limits import Limits, Usage
from course_utils.grading.kernels.owner import SANDBOXED, UNSANDBOXED, RunningKernel, starter_folder

_DEFAULT = Limits()
_LOOK_EVERY = 0.02  # seconds


class WarmProvisioner(KernelProvisionerBase):
    """Forks kernels from the starter. The kernelspec's or the application's configuration sets the limits.

    A single kernel's may be given to the manager: `manager.start_kernel(cwd=scratch, limits=Limits(...))`.
    """

    confinement: str = Enum([SANDBOXED, UNSANDBOXED], default_value=SANDBOXED).tag(config=True)  # type: ignore[assignment]
    memory_bytes: int = Integer(_DEFAULT.memory_bytes).tag(config=True)  # type: ignore[assignment]
    cpu_seconds: float = Float(_DEFAULT.cpu_seconds).tag(config=True)  # type: ignore[assignment]
    processes: int = Integer(_DEFAULT.processes).tag(config=True)  # type: ignore[assignment]
    disk_bytes: int = Integer(_DEFAULT.disk_bytes).tag(config=True)  # type: ignore[assignment]
    file_size: int = Integer(_DEFAULT.file_size).tag(config=True)  # type: ignore[assignment]
    open_files: int = Integer(_DEFAULT.open_files).tag(config=True)  # type: ignore[assignment]
    threads: int = Integer(_DEFAULT.threads).tag(config=True)  # type: ignore[assignment]

    _kernel: RunningKernel | None = None
    _folder: Path | None = None
    _starter: Path | None = None
    _last_usage: Usage | None = None

    @property
    def limits(self) -> Limits:
        """The configured limits."""
        return Limits(
            memory_bytes=self.memory_bytes,
            cpu_seconds=self.cpu_seconds,
            processes=self.processes,
            disk_bytes=self.disk_bytes,
            file_size=self.file_size,
            open_files=self.open_files,
            threads=self.threads,
        )

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started and not yet cleaned up."""
        return self._kernel is not None

    def usage(self) -> Usage:
        """What the kernel used and why it ended; the last one's, once it is cleaned up."""
        if self._kernel is not None:
            self._last_usage = self._kernel.usage()
        if self._last_usage is None:
            raise RuntimeError("no kernel was started yet: call start_kernel first")
        return self._last_usage

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Find or start the starter; have the manager use Unix sockets in a private folder."""
        self._starter = await asyncio.to_thread(starter_folder, self.confinement)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="k", dir=self._starter))
        manager: Any = self.parent
        manager.transport = "ipc"
        manager.connection_file = str(self._folder / "c.json")
        manager.ip = str(self._folder / "c")
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()
        limits = kwargs.pop("limits", self.limits)
        return {"cmd": [], "cwd": kwargs.get("cwd"), "limits": limits, "env": {}}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have a kernel forked; it answers when this returns. Raises KernelStartError."""
        assert self._folder is not None, "pre_launch comes first"
        assert self._starter is not None, "pre_launch comes first"
        scratch = Path(kwargs["cwd"]).absolute() if kwargs.get("cwd") else self._empty_scratch()
        try:
            self._kernel = await asyncio.to_thread(
                RunningKernel, self._starter, self._folder / "c.json", scratch, kwargs["limits"]
            )
        except BaseException:
            await self.cleanup()
            raise
        return self.connection_info

    def _empty_scratch(self) -> Path:
        assert self._folder is not None
        folder = self._folder / "scratch"
        folder.mkdir(exist_ok=True)
        return folder

    async def poll(self) -> int | None:
        """The return code, None while the kernel runs."""
        return 0 if self._kernel is None else self._kernel.poll()

    async def wait(self) -> int | None:
        """Wait for the kernel's end and give its return code."""
        if self._kernel is None:
            return 0
        while (code := self._kernel.poll()) is None:
            await asyncio.sleep(_LOOK_EVERY)
        self._let_go()
        return code

    def _let_go(self) -> None:
        if self._kernel is not None:
            if self._kernel.returncode is not None:
                self._last_usage = self._kernel.usage()
            self._kernel.close()
            self._kernel = None

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's process group."""
        if self._kernel is not None:
            self._kernel.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all it started, at once."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of the kernel and, unless it restarts, of its private folder."""
        if self._kernel is not None:
            await self.kill()
            await self.wait()
        if not restart and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def get_provisioner_info(self) -> dict[str, Any]:
        """What is known of the kernel. Another process can't take it over: it ends with its owner."""
        info = await super().get_provisioner_info()
        return {**info, "pid": None if self._kernel is None else self._kernel.pid, "confinement": self.confinement}
