"""Which kernels a course grades with: warm ones in a sandbox, or warm ones without where that was asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from course_utils.data.sources import read_embedded_from
from course_utils.grading.kernels.kernelspec import WARM, WARM_UNSANDBOXED, announce
from course_utils.grading.kernels.owner import SANDBOXED, UNSANDBOXED, running_starter, starter_folder
from course_utils.grading.kernels.starter import ARRAYS
from course_utils.grading.kernels.support import available
from course_utils.grading.run import Settings
from course_utils.grading.session import TimeLimits

_KERNELS = {SANDBOXED: WARM, UNSANDBOXED: WARM_UNSANDBOXED}


def confinement(unsandboxed: bool) -> str:
    """What a batch is confined by. Raises SandboxUnavailable where the machine can't, unless `unsandboxed`."""
    if unsandboxed:
        return UNSANDBOXED
    available().require()
    return SANDBOXED


def best_confinement() -> str:
    """The sandbox where the machine can give one: for notebooks that the grader wrote itself."""
    return SANDBOXED if available().ok else UNSANDBOXED


@contextlib.contextmanager
def warm_kernels(kind: str, wait: bool = True) -> Iterator[Callable[[], None]]:
    """A starter of kernels for this process and for every worker process that it starts meanwhile.

    Gives what waits until it is warm, which is done already unless told not to.
    """
    announce()
    with running_starter(kind, wait) as starter:
        yield starter.wait_until_warm


def settings_for(kind: str, key: bytes, limits: TimeLimits) -> Settings:
    """Settings whose kernels are confined in this way; without `warm_kernels` the process starts its own starter."""
    announce()
    read_embedded_from(starter_folder(kind) / ARRAYS)
    return Settings(lambda scratch: _start(kind, scratch), key, kind == SANDBOXED, limits)


def _start(kind: str, scratch: Path) -> AsyncKernelManager:
    manager = AsyncKernelManager(kernel_name=_KERNELS[kind])
    run_sync(manager.start_kernel)(cwd=str(scratch))
    return manager
