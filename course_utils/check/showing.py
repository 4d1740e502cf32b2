"""Shows what a rehearsal found: in colours on a terminal where rich is installed, as plain text anywhere else."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from course_utils.check.rehearsal import CannotRun, CellError, Rehearsal, rehearse
from course_utils.checks.feedback import details, mark

PASSED, SOMETHING_FAILED, COULD_NOT_RUN = 0, 1, 2
CODES = (
    "Exit codes: 0, every public check is passed and no cell raised an exception; 1, a check is not passed or a cell "
    "raised; 2, the notebook could not be read or run, or the call was wrong."
)
GOOD, BAD, QUIET, STRONG, PLAIN = "green", "red", "dim", "bold", ""


def run_and_show(path: Path, assignment: str = "", out: TextIO | None = None, **options: Any) -> int:
    """Rehearse a notebook with a progress bar, show what was found, and return the exit code."""
    out = out or sys.stdout
    show = _printer(out)
    try:
        with tqdm(total=1, disable=not sys.stderr.isatty(), leave=False, bar_format="{desc} {bar} {n}/{total}") as bar:

            def told(done: int, total: int, what: str) -> None:
                bar.total, bar.n = total, done
                bar.set_description(what, refresh=True)

            rehearsal = rehearse(path, assignment, told=told, **options)
    except CannotRun as reason:
        show(BAD, f"{path.name} could not be run: {reason}")
        return COULD_NOT_RUN
    for style, line in lines(rehearsal, path.name):
        show(style, line)
    return PASSED if rehearsal.passed else SOMETHING_FAILED


def lines(rehearsal: Rehearsal, file_name: str) -> Iterator[tuple[str, str]]:
    """What to say, as (style, line)."""
    yield STRONG, f"{file_name}: {rehearsal.assignment}, a fresh run from top to bottom in {rehearsal.seconds:.0f} s"
    if rehearsal.skipped:
        cells = "training cell was" if rehearsal.skipped == 1 else "training cells were"
        yield QUIET, f"  {rehearsal.skipped} {cells} left out, as in grading (--with-training: run as well)."
    for repair in rehearsal.repairs:
        yield PLAIN, f"  repaired, as grading would: {repair}"
    for error in rehearsal.errors:
        yield from _error(error)
    for hint in rehearsal.hints:
        yield PLAIN, ""
        yield PLAIN, f"  Hint: {hint}"
    for grade_cell, results in rehearsal.results.items():
        yield PLAIN, ""
        passed = sum(result.passed for result in results)
        yield STRONG, f"{grade_cell}  {passed} of {len(results)}"
        for result in results:
            yield (GOOD if result.passed else BAD), f"  {mark(result)} {result.title} [{result.state}]"
            for heading, text in details(result):
                yield PLAIN, f"      {heading}: {text}"
    yield PLAIN, ""
    yield from _verdict(rehearsal)


def _error(error: CellError) -> Iterator[tuple[str, str]]:
    yield PLAIN, ""
    yield BAD, f"Cell {error.cell} raised {error.kind}: {error.text}"
    if error.line is not None:
        place = "its" if error.line_cell == error.cell else f"cell {error.line_cell}'s"
        yield PLAIN, f"    in {place} line {error.line}:  {error.source}"


def _verdict(rehearsal: Rehearsal) -> Iterator[tuple[str, str]]:
    total = sum(map(len, rehearsal.results.values()))
    if rehearsal.passed:
        yield GOOD, f"All {total} public checks are passed. Hidden checks on other inputs join them when grading."
        return
    parts = []
    if rehearsal.failed:
        parts.append(f"{rehearsal.failed} of {total} public checks are not passed")
    if rehearsal.errors:
        cells = ", ".join(str(error.cell) for error in rehearsal.errors)
        parts.append(f"{'a cell' if len(rehearsal.errors) == 1 else 'cells'} raised an exception ({cells})")
    yield BAD, f"{'; '.join(parts)}."


def _printer(out: TextIO) -> Any:
    """A function of (style, line) that prints; a line is broken where the terminal ends, and keeps its indent."""
    try:
        from rich.console import Console
    except ImportError:
        return lambda style, line: print(line, file=out)
    if not out.isatty():
        return lambda style, line: print(line, file=out)
    console = Console(file=out, highlight=False)

    def show(style: str, line: str) -> None:
        indent = " " * (len(line) - len(line.lstrip()))
        width = max(20, console.width)
        console.print(textwrap.fill(line, width, subsequent_indent=f"{indent}  "), style=style or None, markup=False)

    return show
