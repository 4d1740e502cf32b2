"""Where the time of a submission goes: cells, checks, and the rest, which is the engine's own."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.classes import ASSIGNMENT, Student, copy_course
from course_utils.grading import run
from course_utils.grading.assignment import Assignment
from course_utils.grading.gradebook import GradebookWriter
from course_utils.grading.journal import Journal
from course_utils.grading.kernel_choice import settings_for, warm_kernels
from course_utils.grading.kernels.owner import SANDBOXED
from course_utils.grading.session import Session, TimeLimits
from course_utils.grading.submission import Submission


@dataclass
class Costs:
    """Seconds for each submission."""

    cells: list[float] = field(default_factory=list)
    checks: list[float] = field(default_factory=list)
    overheads: list[float] = field(default_factory=list)
    recording: list[float] = field(default_factory=list)


class _TimedSession(Session):
    """A session that sums up what its cells took."""

    seconds = 0.0

    def run_cell(self, index: int) -> float:
        started = time.monotonic()
        try:
            return super().run_cell(index)
        finally:
            _TimedSession.seconds += time.monotonic() - started


def measure(assignment: Assignment, students: list[Student]) -> Costs:
    """Grade and record some submissions one after the other, in this process, with warm kernels."""
    costs = Costs()
    run.Session, original = _TimedSession, run.Session  # type: ignore[misc]
    try:
        with warm_kernels(SANDBOXED), tempfile.TemporaryDirectory() as folder:
            course = copy_course(Path(folder) / "course")
            writer, journal = GradebookWriter(course), Journal(course, ASSIGNMENT)
            writer.register(assignment)
            for student in students:
                _measure_one(costs, assignment, student, writer, journal)
    finally:
        run.Session = original  # type: ignore[misc]
    print(f"recording: {statistics.median(costs.recording):.2f} s of the overhead", flush=True)
    return costs


def _measure_one(costs: Costs, assignment: Assignment, student: Student, writer: Any, journal: Journal) -> None:
    name = f"{assignment.notebook_name}.ipynb"
    submission = Submission(student.name, {name: student.notebook(assignment.notebook), **student.files})
    _TimedSession.seconds = 0.0
    started = time.monotonic()
    outcome = run.grade(submission, assignment, settings_for(SANDBOXED, bytes(32), TimeLimits()))
    graded = time.monotonic()
    journal.write(outcome)
    writer.record(outcome, assignment.notebook_name)
    journal.mark_recorded(outcome)
    ended = time.monotonic()
    checks = sum(result.seconds for cell in outcome.cells for result in cell.results)
    costs.cells.append(_TimedSession.seconds)
    costs.checks.append(checks)
    costs.recording.append(ended - graded)
    costs.overheads.append(ended - started - checks - _TimedSession.seconds)
