"""A class's marks as nbgrader's gradebook has them: with what a person graded, less what lateness costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment

from course_utils.grading.assignment import CourseError


@dataclass(frozen=True)
class Mark:
    """One student's mark in points: `earned` less `penalty`; `waiting` are the cells that a person has yet to grade.

    `late` says in words how late the work was and what that costs.
    """

    student: str
    earned: float
    penalty: float
    max_score: float
    waiting: tuple[str, ...]
    late: str = ""

    @property
    def score(self) -> float:
        """What the student gets."""
        return max(0.0, self.earned - self.penalty)


def read_marks(gradebook: Gradebook, assignment: str, late: Mapping[str, str]) -> list[Mark]:
    """Everybody's mark, by student. Raises CourseError where nothing was graded."""
    try:
        submissions = gradebook.find_assignment(assignment).submissions
    except MissingEntry:
        submissions = []
    if not submissions:
        raise CourseError(f"no mark of {assignment} is in the gradebook; run `course grade {assignment}` first")
    marks = (_mark(submission, late.get(submission.student_id, "")) for submission in submissions)
    return sorted(marks, key=lambda mark: mark.student)


def _mark(submission: SubmittedAssignment, late: str) -> Mark:
    waiting = ()
    if submission.needs_manual_grade:
        grades = (grade for notebook in submission.notebooks for grade in notebook.grades)
        waiting = tuple(grade.cell.name for grade in grades if grade.needs_manual_grade)
    penalty = float(submission.late_submission_penalty or 0.0)
    earned, possible = float(submission.score or 0.0), float(submission.max_score or 0.0)
    return Mark(submission.student_id, earned, penalty, possible, waiting, late)
