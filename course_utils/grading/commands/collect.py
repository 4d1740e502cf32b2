"""`course collect`: from a learning platform's download to submitted/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from course_utils.grading.assignment import find_course

if TYPE_CHECKING:
    from course_utils.grading.collecting import Collection

console = Console()


def collect(
    source: Annotated[Path, typer.Argument(help="Moodle's or Canvas's zip, or a folder.", metavar="FILE_OR_FOLDER")],
    assignment: Annotated[str, typer.Option(help="The assignment that was handed in.")],
    worksheet: Annotated[Path | None, typer.Option(help="Moodle's grading worksheet.", exists=True)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Collect what a class handed in into submitted/, and say who did, who did not, and what has no place."""
    from course_utils.grading import collecting

    act = collecting.preview if dry_run else collecting.collect
    show(act(find_course(), source, assignment, worksheet))
    if dry_run:
        console.print("Nothing was written.")


def show(collection: Collection) -> None:
    """The class as a table, then what needs a person's eye, then the sum."""
    table = Table("student", "name", "state", "files", "handed in (UTC)", "notes")
    for one in collection.collected:
        time = f"{one.submitted:%Y-%m-%d %H:%M}" if one.submitted else ""
        table.add_row(one.student, one.name, one.state, str(one.files), time, "; ".join(one.notes))
    console.print(table)
    for path, reason in collection.left_out:
        console.print(f"left out: {path} {reason}", highlight=False, markup=False)
    for note in collection.notes:
        console.print(note, highlight=False, markup=False)
    if collection.missing:
        console.print(f"handed in nothing: {', '.join(collection.missing)}", highlight=False, markup=False)
    states = [one.state for one in collection.collected]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    missing = f"; {len(collection.missing)} handed in nothing" if collection.missing else ""
    console.print(f"{collection.form}: {len(states)} students ({counts}){missing}.", highlight=False)
