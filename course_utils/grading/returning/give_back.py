"""Gives a class its marks: reads them from the gradebook and writes everything that a learning platform takes.

returned/ASSIGNMENT/<the worksheet's name>    Moodle's grading worksheet, filled in
returned/ASSIGNMENT/feedback.zip              for Moodle's "Upload multiple feedback files in a zip"
returned/ASSIGNMENT/marks.csv, nbgrader.csv   plain tables
.course/returned/ASSIGNMENT.json              which grades were returned: any other in a worksheet is a person's
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting.students import Student, Students, enter_names
from course_utils.grading.collecting.worksheet import Worksheet
from course_utils.grading.due_dates import due_date
from course_utils.grading.gradebook import nbgrader_config
from course_utils.grading.journal import write_atomically
from course_utils.grading.lateness import assign_penalties
from course_utils.grading.returning.feedback_zip import write_feedback_zip
from course_utils.grading.returning.grading_sheet import GradingSheet
from course_utils.grading.returning.marks import Mark, read_marks
from course_utils.grading.returning.tables import write_export, write_marks

WAITING, IN_TABLE = "waits for manual grading", "in the tables"


@dataclass(frozen=True)
class Request:
    """What is asked for: `overwrite` also grades that a person changed in the sheet, `incomplete` also marks of which
    a part waits for manual grading.
    """

    assignment: str
    output: Path
    worksheet: Path | None = None
    overwrite: bool = False
    incomplete: bool = False


@dataclass(frozen=True)
class Returned:
    """One student's mark and what became of it: see grading_sheet for the states of a worksheet."""

    mark: Mark
    name: str
    state: str


@dataclass(frozen=True)
class Returning:
    """The class's marks, the files that were written, and what an instructor should know."""

    returned: tuple[Returned, ...]
    files: tuple[Path, ...]
    notes: tuple[str, ...]


def give_back(course: Path, request: Request) -> Returning:
    """Write the marks. Raises CourseError where there are none, or where the worksheet can't take them."""
    name, output = request.assignment, request.output
    sheet = GradingSheet(Worksheet.read(request.worksheet)) if request.worksheet else None
    if request.worksheet and request.worksheet.resolve().parent == output.resolve():
        raise CourseError(f"{request.worksheet} is in the folder to write to; name another one with --output")
    students, ours = Students(course), _Ours(course, name)
    enter_names(course, students)
    directory = CourseDirectory(config=nbgrader_config(course))
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        late = assign_penalties(course, gradebook, name)
        everybody = {mark.student: (mark, students.get(mark.student)) for mark in read_marks(gradebook, name, late)}
        output.mkdir(parents=True, exist_ok=True)
        write_marks(output / "marks.csv", name, everybody.values())
        write_export(output / "nbgrader.csv", name, gradebook)
    files = [output / "marks.csv", output / "nbgrader.csv"]
    ready = {who: both for who, both in everybody.items() if request.incomplete or not both[0].waiting}
    states = {who: IN_TABLE if who in ready else WAITING for who in everybody}
    if sheet is not None and request.worksheet is not None:
        filled = sheet.fill(ready, ours.grades, replaceable=ready if request.overwrite else ())
        states |= filled.states
        ours.add(filled.grades)
        path = output / request.worksheet.name
        path.write_bytes(filled.content)
        files.append(path)
    in_moodle = [student for _, student in ready.values() if student.identifiers.get(name)]
    without = write_feedback_zip(output / "feedback.zip", course, name, in_moodle)
    if len(without) < len(in_moodle):
        files.append(output / "feedback.zip")
    returned = tuple(Returned(mark, student.name, states[who]) for who, (mark, student) in everybody.items())
    return Returning(returned, tuple(files), tuple(_notes(course, name, without, everybody)))


class _Ours:
    """The grades that were returned to each student, as plain numbers, in the order of their return."""

    def __init__(self, course: Path, assignment: str) -> None:
        self._path = course / ".course" / "returned" / f"{assignment}.json"
        known = json.loads(self._path.read_text(encoding="utf-8")) if self._path.is_file() else {}
        self.grades: dict[str, list[str]] = known

    def add(self, grades: Mapping[str, str]) -> None:
        """Note what was returned now."""
        for student, grade in grades.items():
            if grade not in self.grades.setdefault(student, []):
                self.grades[student].append(grade)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, json.dumps(self.grades, indent=1, ensure_ascii=False, sort_keys=True))


def _notes(
    course: Path, assignment: str, without: list[str], everybody: Mapping[str, tuple[Mark, Student]]
) -> list[str]:
    notes = []
    if without:
        notes.append(f"no feedback page of {', '.join(without)}: run `course feedback {assignment}` first")
    if strangers := due_date(course, assignment).extensions.keys() - everybody.keys():
        notes.append(f"due_dates.toml gives an extension to {', '.join(sorted(strangers))}, who handed in nothing")
    return notes
