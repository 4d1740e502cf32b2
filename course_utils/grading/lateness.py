"""Late submissions by nbgrader's plugin point: what due_dates.toml says, entered into the gradebook and counted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import LateSubmissionPlugin

from course_utils.grading.due_dates import DueDate, due_date


class DueDatesPlugin(LateSubmissionPlugin):
    """nbgrader's plugin point: `c.AssignLatePenalties.plugin_class = DueDatesPlugin` in nbgrader_config.py."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        asking = self.parent
        self._dates = DueDate()
        if not hasattr(asking, "assignment_id"):
            return
        # nbgrader makes the plugin right before it compares the time with the gradebook's due date: the only
        # moment to enter the due date there, whoever is grading.
        self._dates = due_date(Path(CourseDirectory(parent=self).root), asking.assignment_id)
        if self._dates.due is None:
            return
        with Gradebook(asking.db_url) as gradebook:
            _enter(self._dates, [gradebook.find_submission(asking.assignment_id, asking.student_id)])
            gradebook.db.commit()

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The penalty in points for a notebook with this score."""
        if self._dates.due is None:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        notebook = self.parent.gradebook.find_submission_notebook(
            self.parent.notebook_id, self.parent.assignment_id, student_id
        )
        return _penalty(self._dates, notebook)


def assign_penalties(course: Path, gradebook: Gradebook, assignment: str) -> dict[str, str]:
    """Set every submission's penalty by what it has earned now; returns by student why, for those that are late.

    Manual grading comes after autograding, when nbgrader asks for penalties; done again, this changes nothing.
    """
    dates = due_date(course, assignment)
    try:
        found = gradebook.find_assignment(assignment)
    except MissingEntry:
        return {}
    if dates.due is None:
        return {}
    _enter(dates, found.submissions)
    for submission in found.submissions:
        for notebook in submission.notebooks:
            notebook.late_submission_penalty = _penalty(dates, notebook)
    gradebook.db.commit()
    late = [submission for submission in found.submissions if submission.total_seconds_late > 0]
    return {submission.student_id: dates.policy.describe(submission.total_seconds_late) for submission in late}


def _enter(dates: DueDate, submissions: Iterable[SubmittedAssignment]) -> None:
    """Enter the due date and the extensions into the gradebook's rows; the caller commits."""
    if dates.due is None:
        return
    for submission in submissions:
        submission.assignment.duedate = dates.due
        submission.extension = dates.extensions.get(submission.student_id)


def _penalty(dates: DueDate, notebook: SubmittedNotebook) -> float | None:
    """The penalty for a notebook as it is graded now; None where it is not late."""
    submission: SubmittedAssignment = notebook.assignment
    if submission.total_seconds_late <= 0:
        return None
    earned, possible = float(notebook.score or 0.0), float(notebook.max_score or 0.0)
    return dates.policy.penalty(submission.total_seconds_late, earned, possible)
