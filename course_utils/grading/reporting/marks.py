"""The marks of a class as nbgrader's gradebook has them: manual grades and penalties for lateness included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from course_utils.grading.gradebook import nbgrader_config
from course_utils.grading.lateness import assign_penalties
from course_utils.grading.outcome import Outcome


@dataclass(frozen=True)
class Mark:
    """What a student gets: `score` less `late_penalty`, of `points`; `waiting` where a person has yet to grade."""

    student: str
    score: float
    points: float
    late_penalty: float = 0.0
    waiting: bool = False

    @property
    def total(self) -> float:
        """The marks that count."""
        return max(0.0, self.score - self.late_penalty)


def marks_from_gradebook(course: Path, assignment: str) -> dict[str, Mark]:
    """Each student's mark; empty where the gradebook has none of this assignment."""
    directory = CourseDirectory(config=nbgrader_config(course))
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        try:
            submissions = gradebook.find_assignment(assignment).submissions
        except MissingEntry:
            return {}
        assign_penalties(course, gradebook, assignment)
        return {
            submission.student_id: Mark(
                submission.student_id,
                float(submission.score or 0.0),
                float(submission.max_score),
                sum(float(notebook.late_submission_penalty or 0.0) for notebook in submission.notebooks),
                bool(submission.needs_manual_grade),
            )
            for submission in submissions
        }


def marks_of(outcomes: Iterable[Outcome]) -> dict[str, Mark]:
    """The marks that checks alone give, for a class that is not in a gradebook."""
    return {
        outcome.student: Mark(
            outcome.student,
            outcome.score,
            outcome.max_score,
            waiting=any(cell.score is None for cell in outcome.cells),
        )
        for outcome in outcomes
    }
