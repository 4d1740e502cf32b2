"""Which row of the worksheet is whose submission."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting.layout import CANVAS, MOODLE, MOODLE_FLAT, HandedIn, Layout
from course_utils.grading.collecting.students import same_name
from course_utils.grading.collecting.worksheet import Row


def rows_of(layout: Layout, rows: Iterable[Row], worksheet: Path) -> dict[HandedIn, Row | None]:
    """Each student's row: by Moodle's number, else by the e-mail address, ID number or name that one row alone has.

    Raises CourseError where the numbers are in the worksheet and none of the names: it is another assignment's.
    """
    rows = tuple(rows)
    by_number = {row.identifier: row for row in rows if row.identifier} if layout.form != CANVAS else {}
    found: dict[HandedIn, Row | None] = {one: by_number.get(one.identifier) for one in layout.handed_in}
    if layout.form in {MOODLE, MOODLE_FLAT}:
        _check_names(found, worksheet)
    free = [row for row in rows if row not in found.values()]
    for handed_in, row in found.items():
        if row is None:
            found[handed_in] = _by_words(handed_in.name, free)
    return found


def _check_names(found: dict[HandedIn, Row | None], worksheet: Path) -> None:
    named = [(handed_in.name, row.full_name) for handed_in, row in found.items() if row and row.full_name]
    hidden = len({name for name, _ in named}) < 2
    if not hidden and not any(same_name(*pair) for pair in named):
        first, second = named[0]
        raise CourseError(
            f"{worksheet} belongs to another assignment, or the work was handed in by groups: the number of {first!r} "
            f"is that of {second!r} there, and so for all. Download the worksheet of this assignment, or leave it out."
        )


def _by_words(name: str, rows: Iterable[Row]) -> Row | None:
    for words in (_addresses, _numbers, _names):
        found = [row for row in rows if any(same_name(name, word) for word in words(row) if word)]
        if len(found) == 1:
            return found[0]
    return None


def _addresses(row: Row) -> tuple[str, ...]:
    return row.email, row.email.partition("@")[0]


def _numbers(row: Row) -> tuple[str, ...]:
    return row.id_number, row.identifier


def _names(row: Row) -> tuple[str, ...]:
    """As Moodle writes the name, and as Canvas does: the last name first, and nothing between."""
    words = row.full_name.split()
    turned = [" ".join([*words[split:], *words[:split]]) for split in range(len(words))]
    return (*turned, *(text.replace(" ", "") for text in turned))
