"""`course return`: from the gradebook to Moodle's worksheet, its feedback zip, and tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from course_utils.grading.assignment import find_course

if TYPE_CHECKING:
    from course_utils.grading.returning import Returning

console = Console()


def return_marks(
    assignment: Annotated[str, typer.Option(help="The assignment whose marks are returned.")],
    worksheet: Annotated[Path | None, typer.Option(help="Moodle's grading worksheet, to fill in.", exists=True)] = None,
    output: Annotated[Path | None, typer.Option(help="Write here; returned/ASSIGNMENT where not said.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace also grades that somebody changed in the sheet.")
    ] = False,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Return also marks of which a part waits for manual grading.")
    ] = False,
) -> None:
    """Fill in Moodle's worksheet, and write its feedback zip, a plain CSV file and nbgrader's export."""
    from course_utils.grading.returning.give_back import Request, give_back

    course = find_course()
    folder = output or course / "returned" / assignment
    show(give_back(course, Request(assignment, folder, worksheet, overwrite, incomplete)))


def show(returning: Returning) -> None:
    """The marks as a table, then what an instructor should know, and what was written."""
    table = Table("student", "name", "earned", "late", "mark", "state")
    for one in returning.returned:
        mark = one.mark
        late = f"-{mark.penalty:.2f} ({mark.late})" if mark.penalty else mark.late
        state = f"{one.state}: {', '.join(mark.waiting)}" if mark.waiting else one.state
        table.add_row(
            mark.student, one.name, f"{mark.earned:.2f}", late, f"{mark.score:.2f} / {mark.max_score:g}", state
        )
    console.print(table)
    for note in returning.notes:
        console.print(note, highlight=False, markup=False)
    states = [one.state for one in returning.returned]
    console.print(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)), highlight=False)
    for path in returning.files:
        console.print(f"Written to {path}", highlight=False)
