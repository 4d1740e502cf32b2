"""`course check`: what a student, or a hub, runs before handing in. The work is done in course_utils.check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def check(
    notebook: Annotated[Path, typer.Argument(help="The notebook, as it would be handed in.")],
    assignment: Annotated[str, typer.Option(help="The assignment, where no cell of the notebook names it.")] = "",
    with_training: Annotated[bool, typer.Option("--with-training", help="Also run the long trainings.")] = False,
    seconds: Annotated[float, typer.Option(min=1, help="Limit for a cell; none with --with-training.")] = 240,
) -> None:
    """Run a notebook in a fresh kernel, from top to bottom, and try its public checks.

    Exit codes: 0, every public check is passed and no cell raised an exception; 1, a check is not passed or a cell
    raised; 2, the notebook could not be read or run, or the call was wrong.
    """
    from course_utils.check import run_and_show

    limit = 86400.0 if with_training else seconds
    raise typer.Exit(run_and_show(notebook, assignment, with_training=with_training, cell_seconds=limit))
