"""Grades written into Moodle's worksheet, in the way that the worksheet writes numbers; nothing else in it changes."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting.delimited import Cell
from course_utils.grading.collecting.students import Student, same_name
from course_utils.grading.collecting.worksheet import Row, Worksheet
from course_utils.grading.returning.marks import Mark

_CENT = Decimal("0.01")
FILLED, SAME, CHANGED_THERE, LOCKED, NO_ROW = (
    "filled in",
    "unchanged",
    "changed in the sheet",
    "locked",
    "not in the sheet",
)


@dataclass(frozen=True)
class Filled:
    """The worksheet's new content, and by student what became of the grade and the grade as it is in the sheet."""

    content: bytes
    states: Mapping[str, str]
    grades: Mapping[str, str]


class GradingSheet:
    """A worksheet to fill in. Raises CourseError where it has no column for points."""

    def __init__(self, worksheet: Worksheet) -> None:
        if not worksheet.fillable:
            raise CourseError(
                "the worksheet has no column for points: set the assignment's grade to points in Moodle (not to a "
                "scale or to none), and download the worksheet again"
            )
        self._sheet = worksheet
        self._comma = "," in worksheet.max_grade
        _, _, decimals = worksheet.max_grade.replace(",", ".").partition(".")
        self._step = Decimal(1).scaleb(-len(decimals)) if decimals else None

    def fill(
        self,
        marks: Mapping[str, tuple[Mark, Student]],
        ours: Mapping[str, Container[str]],
        replaceable: Container[str] = (),
    ) -> Filled:
        """Enter each mark in its student's row, scaled to the sheet's highest grade.

        A grade that stands there stays, unless it is one of `ours` (the grades that were returned to that student
        before) or the student is `replaceable`; so does one that Moodle has locked.
        """
        changes: dict[Cell, str] = {}
        states, grades = {}, {}
        for student, (mark, known) in marks.items():
            row = self._row(known)
            new = self.grade(mark)
            states[student] = self._state(row, new, ours.get(student, ()), student in replaceable)
            if row is not None and row.grade is not None and states[student] == FILLED:
                changes[row.grade] = new
            if states[student] in {FILLED, SAME}:
                grades[student] = plain(new)
        return Filled(self._sheet.table.with_cells(changes), states, grades)

    def grade(self, mark: Mark) -> str:
        """A mark as the sheet writes grades: 14.5 of 20 points are "72,50" where the highest grade is "100,00"."""
        highest = Decimal(self._sheet.max_grade.replace(",", "."))
        share = Decimal(repr(round(mark.score, 9))) / Decimal(repr(round(mark.max_score, 9))) if mark.max_score else 0
        exact = min(highest, highest * share)
        rounded = exact.quantize(self._step or _CENT, ROUND_HALF_UP)
        text = f"{rounded:f}" if self._step else plain(f"{rounded:f}")
        return text.replace(".", ",") if self._comma else text

    def _state(self, row: Row | None, new: str, ours: Container[str], replaceable: bool) -> str:
        if row is None or row.grade is None:
            return NO_ROW
        there = row.grade.text.strip()
        if there and plain(there) == plain(new):
            return SAME
        if row.locked:
            return LOCKED
        return FILLED if not there or plain(there) in ours or replaceable else CHANGED_THERE

    def _row(self, student: Student) -> Row | None:
        """The student's row: by the number that Moodle gave for this assignment, else by what one row alone has."""
        numbers = set(student.identifiers.values())
        found = [row for row in self._sheet.rows if row.identifier in numbers]
        if len(found) == 1:
            return found[0]
        for said, known in (("id_number", student.id_number), ("email", student.email), ("full_name", student.name)):
            words = [word for word in (known, student.id) if word]
            found = [row for row in self._sheet.rows if any(same_name(getattr(row, said), word) for word in words)]
            if len(found) == 1:
                return found[0]
        return None


def plain(grade: str) -> str:
    """One way of writing for each number.

    >>> plain("14,50"), plain("14.5"), plain("20.00")
    ('14.5', '14.5', '20')
    """
    text = grade.strip().replace(",", ".")
    return re.sub(r"\.?0+$", "", text) if "." in text else text
