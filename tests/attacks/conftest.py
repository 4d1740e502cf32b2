"""One warm sandbox and one place for all attacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from course_utils.grading.assignment import Assignment
from course_utils.grading.kernels import support
from course_utils.grading.kernels.kernelspec import announce
from course_utils.grading.kernels.owner import SANDBOXED, Starter, running_starter

from .places import Places, places
from .target import assignment


@dataclass(frozen=True)
class Ground:
    """Where attacks take place."""

    places: Places
    assignment: Assignment
    starter: Starter


@pytest.fixture(scope="package")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    missing = support.available().missing
    if missing:
        pytest.skip(f"this machine can't confine kernels: {'; '.join(missing)}")
    folder = tmp_path_factory.mktemp("attacks")
    with pytest.MonkeyPatch.context() as patch, places(folder) as made:
        patch.setenv("HOME", str(made.home))
        patch.setenv("GRADEBOOK_PASSWORD", made.canary)
        announce()
        with running_starter(SANDBOXED) as starter:
            yield Ground(made, assignment(made.canary, made.input_canary), starter)
