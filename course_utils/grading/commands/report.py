"""`course report`: the report on a class, from the journal of the last grading and nbgrader's gradebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def report(
    assignment: Annotated[str, typer.Argument(help="The assignment's name, for instance 01_sequence_lstm.")],
    output: Annotated[
        Path | None, typer.Option(help="The page; its tables go beside it. Otherwise reports/ASSIGNMENT.html.")
    ] = None,
) -> None:
    """Write a report on a graded class: marks, criteria, the commonest mistakes, time and memory, similar submissions.

    One HTML page that stands alone, and its figures as CSV in a folder beside it.
    """
    from course_utils.grading.assignment import CourseError, find_course
    from course_utils.grading.reporting.of_course import report_on_course

    course = find_course()
    path = output or course / "reports" / f"{assignment}.html"
    try:
        report_on_course(course, assignment, path)
    except ValueError as error:
        raise CourseError(f"{error}; run `course grade {assignment}` first") from None
    Console().print(f"Report: {path}   tables: {path.stem}_tables/", highlight=False)
