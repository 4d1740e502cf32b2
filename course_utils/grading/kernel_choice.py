"""Which kernels a course grades with: warm and confined ones, or what the machine can give instead."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from course_utils.grading.run import Settings
from course_utils.grading.session import TimeLimits, bounded_context


@dataclass(frozen=True)
class KernelChoice:
    """`kernel` is the kernelspec's name."""

    kernel: str = "python3"
    sandboxed: bool = False


@contextlib.contextmanager
def kernels_for(unsandboxed: bool, remote: bool = False) -> Iterator[KernelChoice]:
    """The choice for a batch."""
    yield KernelChoice()


@contextlib.contextmanager
def settings_for(choice: KernelChoice, key: bytes, limits: TimeLimits) -> Iterator[Settings]:
    """Settings whose kernels are of the chosen kind."""
    yield Settings(lambda scratch: _start(choice, scratch), key, choice.sandboxed, limits)


def _start(choice: KernelChoice, scratch: Path) -> AsyncKernelManager:
    runtime = scratch / ".runtime"
    runtime.mkdir(mode=0o700)
    manager = AsyncKernelManager(
        kernel_name=choice.kernel,
        transport="ipc",
        ip=str(runtime / "kernel"),
        connection_file=str(runtime / "connection.json"),
        context=bounded_context(),
    )
    environment = {**os.environ, "COURSE_DATA_SOURCE": "embedded"}
    run_sync(manager.start_kernel)(cwd=str(scratch), env=environment)
    return manager
