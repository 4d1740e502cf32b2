"""The marks as tables for other programs: a plain CSV file, and nbgrader's own export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from course_utils.grading.collecting.students import Student
from course_utils.grading.journal import write_atomically
from course_utils.grading.returning.marks import Mark

WHO, POINTS = ("student", "name", "email", "id_number", "identifier"), ("score", "max_score", "earned", "penalty")
COLUMNS = (*WHO, "assignment", *POINTS, "late", "waiting")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_marks(path: Path, assignment: str, marks: Iterable[tuple[Mark, Student]]) -> None:
    """Write COLUMNS, one row a student: `score` is `earned` less `penalty`, `waiting` the cells to grade by hand."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for mark, student in marks:
        identifier = student.identifiers.get(assignment, "")
        who = [student.id, student.name, student.email, student.id_number, identifier, assignment]
        points = [f"{mark.score:.4f}", f"{mark.max_score:g}", f"{mark.earned:.4f}", f"{mark.penalty:.4f}"]
        writer.writerow([*map(_harmless, who), *points, mark.late, " ".join(mark.waiting)])
    write_atomically(path, text.getvalue())


def write_export(path: Path, assignment: str, gradebook: Gradebook) -> None:
    """Write what `nbgrader export` writes, of this assignment."""
    plugin = CsvExportPlugin()
    plugin.to, plugin.assignment = str(path), [assignment]
    plugin.export(gradebook)


def _harmless(text: str) -> str:
    """A spreadsheet program would run a name that begins like a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
