"""A class to grade in seconds: one light starter for all tests, and a function that grades a course's folder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from course_utils.grading import batch, classroom
from course_utils.grading.batch import Progress
from course_utils.grading.kernels import support
from course_utils.grading.kernels.owner import Starter
from course_utils.grading.outcome import Outcome

from . import tiny, workers


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    """Kernels without TensorFlow, confined as all are."""
    missing = support.available().missing
    if missing:
        pytest.skip(f"this machine can't confine kernels: {'; '.join(missing)}")
    with tiny.light_kernels() as starter:
        yield starter


class Graded:
    """The outcomes of a run by student, and which were graded in it and which kept."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.fresh: list[str] = []
        self.kept: list[str] = []

    def __enter__(self) -> Graded:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def __call__(self, progress: Progress) -> None:
        (self.kept if progress.from_journal else self.fresh).append(progress.outcome.student)

    def scores(self) -> dict[str, float]:
        return {student: outcome.score for student, outcome in self.outcomes.items()}


@contextlib.contextmanager
def threads(workers: int) -> Iterator[Callable[[], Executor]]:
    """In place of batch.local_processes."""
    with ThreadPoolExecutor(workers) as pool:
        yield lambda: pool


Grade = Callable[..., Graded]


@pytest.fixture
def grade(starter: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grade:
    """Grades a course's folder with the tiny assignment, in threads: a process takes seconds to start.

    Keywords as grade_submissions, and `assignment`, `job`, and `executor` for another than threads.
    """
    log = tmp_path / "executions"
    log.touch()
    monkeypatch.setenv(workers.LOG, str(log))
    monkeypatch.setattr(classroom, "warm_kernels", lambda kind, wait: contextlib.nullcontext(lambda: None))

    def run(
        course: Path,
        folder: Path | None = None,
        assignment: Any = None,
        job: Callable = workers.counted,
        executor: Callable = threads,
        **options: Any,
    ) -> Graded:
        chosen = assignment or tiny.assignment()
        monkeypatch.setattr(classroom.Assignment, "load", staticmethod(lambda course, name: chosen))
        monkeypatch.setattr(batch, "grade_job", job)
        monkeypatch.setattr(classroom, "local_processes", executor)
        told = Graded()
        outcomes = classroom.grade_submissions(course, tiny.NAME, folder, told, **{"limits": tiny.LIMITS, **options})
        told.outcomes = {outcome.student: outcome for outcome in outcomes}
        return told

    return run
