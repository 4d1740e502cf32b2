"""One starter for the whole session; kernels to probe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from probe import ATTEMPTS, SECRET, Kernel, StartKernel

from course_utils.grading.kernels import kernelspec, support
from course_utils.grading.kernels.limits import Limits
from course_utils.grading.kernels.owner import SANDBOXED, UNSANDBOXED, Starter, running_starter


@pytest.fixture(scope="session")
def sandboxed_starter() -> Iterator[Starter]:
    missing = support.available().missing
    if missing:
        pytest.skip(f"this machine can't confine kernels: {'; '.join(missing)}")
    kernelspec.announce()
    os.environ["GRADEBOOK_PASSWORD"] = SECRET
    with running_starter(SANDBOXED) as starter:
        yield starter
    del os.environ["GRADEBOOK_PASSWORD"]


@pytest.fixture(scope="session")
def unsandboxed_starter() -> Iterator[Starter]:
    kernelspec.announce()
    with running_starter(UNSANDBOXED) as starter:
        yield starter


def _starting(name: str, folder: Path) -> Iterator[StartKernel]:
    started: list[Kernel] = []

    def start(limits: Limits = Limits(), scratch: Path = folder) -> Kernel:  # noqa: B008
        kernel = Kernel(name, scratch, limits)
        started.append(kernel)
        return kernel

    yield start
    for kernel in started:
        kernel.stop()


@pytest.fixture
def start_kernel(sandboxed_starter: Starter, tmp_path: Path) -> Iterator[StartKernel]:
    """Starts sandboxed kernels, which end with the test."""
    yield from _starting(kernelspec.WARM, tmp_path)


@pytest.fixture
def start_unsandboxed_kernel(unsandboxed_starter: Starter, tmp_path: Path) -> Iterator[StartKernel]:
    """Starts kernels without a sandbox, which end with the test."""
    yield from _starting(kernelspec.WARM_UNSANDBOXED, tmp_path)


@pytest.fixture(scope="module")
def kernel(sandboxed_starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A sandboxed kernel for questions that leave it as it was, with `attempts` in its namespace.

    Its scratch folder holds files by which a submission would take the place of others.
    """
    scratch = tmp_path_factory.mktemp("scratch")
    (scratch / "helper.py").write_text("answer = 42\n")
    for name in ("numpy", "nbformat", "colorsys", "course_utils", "sitecustomize", "usercustomize"):
        (scratch / f"{name}.py").write_text("open('/scratch/taken', 'w').close()\n")
    (scratch / "ipython_config.py").write_text("open('/scratch/taken', 'w').close()\n")
    (scratch / "matplotlibrc").write_text("lines.linewidth: 77\n")
    starting = _starting(kernelspec.WARM, scratch)
    running = next(starting)()
    running.run(ATTEMPTS)
    yield running
    next(starting, None)
