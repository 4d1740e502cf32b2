"""The report on a class of a course's folder: where the journal, the gradebook and the known answers are found."""

from __future__ import annotations

from pathlib import Path

import nbformat

from course_utils.grading.assignment import Assignment
from course_utils.grading.journal import Journal
from course_utils.grading.reporting.marks import marks_from_gradebook
from course_utils.grading.reporting.page import Report, write_report
from course_utils.grading.reporting.signatures import read_signatures, signatures_path
from course_utils.grading.reporting.similarity import Cells, solution_cells


def report_on_course(course: Path, name: str, path: Path) -> Report:
    """Write the report on what the last `course grade` found. Raises ValueError where nothing was graded."""
    return write_report(
        path,
        Assignment.load(course, name),
        Journal(course, name).all(),
        marks_from_gradebook(course, name),
        read_signatures(signatures_path(course, name)),
        _solutions(course, name),
    )


def _solutions(course: Path, name: str) -> list[Cells]:
    """The solution cells of the source, which good answers resemble."""
    paths = sorted((course / "source" / name).glob("*.ipynb"))
    return [solution_cells(nbformat.read(path, as_version=4)) for path in paths]
