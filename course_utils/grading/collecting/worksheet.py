"""Moodle's grading worksheet: which column is what, told by what stands in it, so that its language does not matter.

Moodle writes the columns in this order (mod/assign/gradingtable.php, Moodle 2.4 to 5.0): identifier, full name, fields
such as e-mail address and ID number, status, team, marker, grade, maximum grade, workflow state, whether the grade can
be changed, last modified (submission), online text, last modified (grade), feedback comments. Some may be missing.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting.dates import moodle_date
from course_utils.grading.collecting.delimited import Cell, Delimited

_IDENTIFIER = re.compile(r"(?P<prefix>\D*)(?P<number>\d{1,18})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_MARKUP = re.compile(r"</?(?:span|img)\b[^>]*>")  # around the names of suspended users
# Moodle's "No" where a grade is locked, in the languages of its packs.
_NO = (
    "no nein non いいえ não nee nej nei ei nie ne nem нет ні не hayır xeyr 否 아니오 아니요 لا לא όχι ez nu ní nē "
    "không tidak ไม่ใช่ ไม่ خیر नहीं না hindi жоқ yo'q үгүй jo ոչ არა"
)


@dataclass(frozen=True)
class Row:
    """One participant of a worksheet; what the sheet does not have is empty or None.

    `identifier` is the number in "Participant 12345"; `submitted` has no time zone: Moodle writes the time of the one
    who downloads the sheet. `grade` is the cell to fill in.
    """

    identifier: str
    full_name: str
    email: str
    id_number: str
    submitted: datetime.datetime | None
    locked: bool
    grade: Cell | None

    @property
    def name(self) -> str:
        """What people call the participant: the name, or else what there is."""
        return self.full_name or self.email or self.identifier


@dataclass(frozen=True)
class Worksheet:
    """A worksheet: its participants, the highest grade as it is written there ("20,00"), and the table itself."""

    table: Delimited
    rows: tuple[Row, ...]
    max_grade: str

    @staticmethod
    def read(path: Path) -> Worksheet:
        """Read a worksheet. Raises CourseError where the file is no worksheet of Moodle."""
        table = Delimited.read(path.read_bytes())
        if len(table.rows) < 2 or len(table.rows[0]) < 3:
            raise CourseError(f"{path} is no grading worksheet: expected a row of headings and one for each student")
        columns = _Columns(table)
        if columns.identifier is None:
            raise CourseError(
                f"{path} is no grading worksheet of Moodle: no column holds identifiers such as 'Participant 12345'. "
                "Download it with Grading action > Download grading worksheet."
            )
        highest = columns.text(1, columns.max_grade)
        return Worksheet(table, tuple(columns.row(number) for number in range(1, len(table.rows))), highest)

    @property
    def fillable(self) -> bool:
        """Whether it has a column for grades in points; where Moodle was set to a scale or to no grade, it has none."""
        return bool(self.max_grade)


class _Columns:
    """Finds the columns of a table by what they hold. Each attribute is a column's index, or None."""

    def __init__(self, table: Delimited) -> None:
        self._rows = table.rows
        self._width = max(len(row) for row in table.rows)
        self._values = [[self.text(row, column) for row in range(1, len(self._rows))] for column in range(self._width)]
        self.identifier = next(filter(self._is_identifier, range(self._width)), None)
        self.max_grade = next(filter(self._is_max_grade, reversed(range(self._width))), None)
        self.grade = self.max_grade - 1 if self.max_grade is not None else None
        first = self.max_grade or self.identifier or 0
        dates = [column for column in range(first + 1, self._width) if self._is_date(column)]
        self.submitted = dates[-2] if len(dates) > 1 else None
        self.changeable = self._changeable(dates)
        self.email = next(filter(self._is_email, range(self._width)), None)
        self.full_name = self._full_name()
        self.id_number = self._id_number()

    def text(self, row: int, column: int | None) -> str:
        """What a cell holds; empty where there is none."""
        if column is None or column >= len(self._rows[row]):
            return ""
        return unicodedata.normalize("NFC", self._rows[row][column].text).strip()

    def row(self, number: int) -> Row:
        """The participant in a row."""
        identifier = _IDENTIFIER.fullmatch(self.text(number, self.identifier))
        cells = self._rows[number]
        return Row(
            identifier=identifier["number"] if identifier else "",
            full_name=_MARKUP.sub("", self.text(number, self.full_name)).strip(),
            email=self.text(number, self.email),
            id_number=self.text(number, self.id_number),
            submitted=moodle_date(self.text(number, self.submitted)),
            locked=self.text(number, self.changeable).casefold() in _NO.split(),
            grade=cells[self.grade] if self.grade is not None and self.grade < len(cells) else None,
        )

    def _is_identifier(self, column: int) -> bool:
        """All with one beginning, such as "Participant ", and a number of their own."""
        found = [_IDENTIFIER.fullmatch(value) for value in self._values[column]]
        numbers = {match["number"] for match in found if match}
        return len({match["prefix"] for match in found if match}) == 1 and len(numbers) == len(found)

    def _is_max_grade(self, column: int) -> bool:
        """One number in all rows, after a column of grades that are not higher or yet to come."""
        highest = self._values[column][0]
        if column < 2 or set(self._values[column]) != {highest}:
            return False
        if not _NUMBER.fullmatch(highest) or _number(highest) <= 0:
            return False
        grades = [grade for grade in self._values[column - 1] if grade]
        return all(_NUMBER.fullmatch(grade) and _number(grade) <= _number(highest) for grade in grades)

    def _is_date(self, column: int) -> bool:
        """Dates, and a dash where there is none. Columns of the student's own words are never all of that."""
        values = set(self._values[column])
        return all(value == "-" or moodle_date(value) for value in values)

    def _is_email(self, column: int) -> bool:
        values = [value for value in self._values[column] if value]
        return bool(values) and all(map(_EMAIL.fullmatch, values))

    def _changeable(self, dates: list[int]) -> int | None:
        """The last column before the dates, after the highest grade: of one or two words."""
        if self.max_grade is None:
            return None
        column = next(iter(dates), self._width) - 1
        return column if column > self.max_grade and len(set(self._values[column])) <= 2 else None

    def _full_name(self) -> int | None:
        """The column after the identifier, unless it is the status: that is the same for many."""
        if self.identifier is None or self.identifier + 1 >= self._width:
            return None
        column = self.identifier + 1
        values = [value for value in self._values[column] if value]
        own = len(set(values)) > 0.8 * len(values)
        words = all(any(map(str.isalpha, value)) for value in values)
        dates = any(moodle_date(value) for value in values)
        return column if values and own and words and not dates and column not in {self.email, self.grade} else None

    def _id_number(self) -> int | None:
        """A column of single words before the grade, another one for everybody: ID numbers, or else user names."""
        end = self.grade if self.grade is not None else self._width
        between = range((self.full_name or self.identifier or 0) + 1, end)
        single = [column for column in between if self._is_single_words(column)]
        numbers = [
            column for column in single if all(any(map(str.isdigit, value)) for value in self._values[column] if value)
        ]
        several = [column for column in single if len(self._values[column]) > 1]
        return next(iter([*numbers, *several]), None)

    def _is_single_words(self, column: int) -> bool:
        values = [value for value in self._values[column] if value]
        own = len(set(values)) == len(values) > 0.5 * len(self._values[column])
        return own and all(re.fullmatch(r"[\w./-]+", value) for value in values)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
