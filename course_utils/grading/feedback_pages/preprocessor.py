"""Reads what the gradebook knows of a submission into the resources from which nbgrader's exporter makes the page."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook, Student, SubmittedAssignment
from nbgrader.preprocessors import GetGrades

from course_utils.grading.feedback_pages.description import Mark, Page, tasks_of
from course_utils.grading.feedback_pages.record import record_of

PAGE = "course_feedback_page"


class DescribeFeedback(GetGrades):
    """In place of GetGrades: marks, comments and the penalty go into the notebook, and all of the page beside it."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with marks and comments; the page goes along in the resources."""
        nb, resources = super().preprocess(nb, resources)
        graded = resources["nbgrader"]
        with Gradebook(graded["db_url"]) as gradebook:
            submission = gradebook.find_submission(graded["assignment"], graded["student"])
            grades = gradebook.find_submission_notebook(
                graded["notebook"], graded["assignment"], graded["student"]
            ).grades
            marks = {grade.cell.name: _mark(grade) for grade in grades}
            resources[PAGE] = Page(
                student=graded["student"],
                name=_name(submission.student),
                assignment=graded["assignment"],
                score=sum(mark.score for mark in marks.values()),
                points=sum(mark.points for mark in marks.values()),
                late_penalty=float(graded["late_penalty"]),
                tasks=tasks_of(nb, marks),
                record=record_of(nb),
                lateness=_lateness(submission),
            )
        return nb, resources


def _mark(grade: Any) -> Mark:
    waiting = bool(grade.needs_manual_grade) and grade.manual_score is None
    return Mark(float(grade.score or 0.0), float(grade.max_score), waiting)


def _name(student: Student) -> str:
    return " ".join(part for part in (student.first_name, student.last_name) if part)


def _lateness(submission: SubmittedAssignment) -> str:
    """How late it was, in words; empty where it was in time or nobody knows."""
    seconds = int(submission.total_seconds_late)
    if seconds <= 0:
        return ""
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    named = [f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in parts if count]
    return " and ".join(named[:2]) or "less than a minute"
