"""Runs a notebook in a fresh kernel of its own, and then the public checks in that kernel."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from course_utils.check.hints import about_names, hints
from course_utils.check.in_kernel import MIME
from course_utils.check.repairs import mended
from course_utils.checks.criteria import BROKEN, TIMED_OUT, Criterion, Result
from course_utils.checks.notebook import public_criteria

TRAINING_TAG = "training"
CELL_SECONDS = 240.0  # grading gives a cell a minute of processor time; machines differ
PATIENCE = 4.0  # times a criterion's own limit
_NAMED = re.compile(r"""for_notebook\(\s*["']([\w-]+)["']""")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"Cell In\[(\d+)\], line (\d+)")

Told = Callable[[int, int, str], None]


class CannotRun(Exception):
    """The notebook could not be read or run at all; the text says why, and what to do."""


@dataclass(frozen=True)
class CellError:
    """A cell that raised: its number from 1, the exception, and the student's line where it came from (of a cell)."""

    cell: int
    kind: str
    text: str
    line_cell: int | None = None
    line: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Rehearsal:
    """What a run from top to bottom has shown. `skipped` cells are the trainings, which grading does not run either."""

    assignment: str
    errors: tuple[CellError, ...]
    results: Mapping[str, tuple[Result, ...]]
    hints: tuple[str, ...]
    repairs: tuple[str, ...]
    skipped: int
    seconds: float

    @property
    def failed(self) -> int:
        """How many public criteria are not passed."""
        return sum(not result.passed for results in self.results.values() for result in results)

    @property
    def passed(self) -> bool:
        """Whether every public criterion is passed, and no cell raised an exception."""
        return self.failed == 0 and not self.errors


def rehearse(
    path: Path,
    assignment: str = "",
    *,
    with_training: bool = False,
    cell_seconds: float = CELL_SECONDS,
    told: Told = lambda done, total, what: None,
) -> Rehearsal:
    """Run a notebook in its folder, in a fresh kernel, and try the public checks. The file is not changed.

    Cells tagged `training` run `with_training` only; cells that check are left out, since all checks come at the end.
    Raises CannotRun where the notebook cannot be read, names no assignment, or ends its kernel.
    """
    started = time.monotonic()
    notebook, repairs = _read(path, assignment)
    name = assignment or assignment_of(notebook)
    try:
        criteria = public_criteria(name)
    except ValueError as error:
        raise CannotRun(f"{path.name}: {error}") from None
    found = hints(notebook, {criterion.grade_cell for criterion in criteria})
    chosen = [index for index, cell in enumerate(notebook.cells) if runs(cell, with_training)]
    skipped = sum(TRAINING_TAG in cell.metadata.get("tags", []) for cell in notebook.cells) if not with_training else 0
    total = len(chosen) + len(criteria)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = _client(notebook, path.resolve().parent)
    errors: list[CellError] = []
    results: list[Result] = []
    with _kernel(client):
        for done, index in enumerate(chosen):
            told(done, total, f"cell {index + 1}")
            raised = _run_cell(client, index, cell_seconds)
            errors += [raised] if raised is not None else []
        for position, criterion in enumerate(criteria):
            told(len(chosen) + position, total, f"check {criterion.grade_cell}")
            results.append(_judge(client, name, position, criterion))
        told(total, total, "done")
    return Rehearsal(
        assignment=name,
        errors=tuple(errors),
        results=_by_grade_cell(results),
        hints=(*found, *about_names(notebook, [(error.cell, error.text) for error in errors])),
        repairs=repairs,
        skipped=skipped,
        seconds=time.monotonic() - started,
    )


def assignment_of(notebook: NotebookNode) -> str:
    """The assignment that the notebook's set-up cell names. Raises CannotRun where none does."""
    for cell in notebook.cells:
        named = _NAMED.search(cell.source) if cell.cell_type == "code" else None
        if named:
            return named[1]
    raise CannotRun('which assignment is it? No cell calls for_notebook("..."); say it with --assignment')


def runs(cell: NotebookNode, with_training: bool) -> bool:
    """Whether a cell is run: as in grading, code that is neither training nor a cell of checks."""
    mark = cell.metadata.get("nbgrader", {})
    is_check = mark.get("grade") and not mark.get("solution")
    training = TRAINING_TAG in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and not is_check and (with_training or not training)


def _read(path: Path, assignment: str) -> tuple[NotebookNode, tuple[str, ...]]:
    """The notebook, repaired where grading would repair it and the grader's doctor is installed."""
    if not path.is_file():
        raise CannotRun(f"there is no file {path}")
    try:
        notebook, reason = nbformat.read(path, as_version=4), ""
    except Exception as error:
        notebook, reason = None, f"{type(error).__name__}: {str(error)[:200]}"
    guessed = assignment or (_guess(notebook) if notebook is not None else "")
    better = mended(path, guessed)
    if better is not None:
        return better.notebook, better.repairs
    if notebook is None:
        raise CannotRun(f"{path.name} is not a notebook that can be read ({reason}); save it again in Jupyter")
    return notebook, ()


def _guess(notebook: NotebookNode) -> str:
    try:
        return assignment_of(notebook)
    except CannotRun:
        return ""


class _Client(NotebookClient):
    """nbclient's client, which remembers whether it had to interrupt."""

    interrupted = False

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        self.interrupted = True
        return await super()._async_handle_timeout(timeout, cell)


def _client(notebook: NotebookNode, folder: Path) -> _Client:
    client = _Client(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        allow_errors=True,
        interrupt_on_timeout=True,
        store_widget_state=False,
        error_on_timeout={"ename": "TimeoutError", "evalue": "no end in time", "traceback": []},
    )
    client.log.setLevel(logging.CRITICAL)
    client.reset_execution_trackers()
    return client


@contextlib.contextmanager
def _kernel(client: _Client) -> Iterator[None]:
    """The client's kernel, from its start to its end. Raises CannotRun where it does not start."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(client.setup_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        except Exception as error:
            raise CannotRun(f"no kernel could be started ({error}); is ipykernel installed?") from None
        yield


def _run_cell(client: _Client, index: int, seconds: float) -> CellError | None:
    """What a cell raised. Raises CannotRun where it ended the kernel, or could not be stopped."""
    cell = client.nb.cells[index]
    try:
        _execute(client, cell, index, seconds)
    except DeadKernelError:
        raise CannotRun(f"cell {index + 1} ended the kernel; it begins with: {_first_line(cell.source)}") from None
    error = next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)
    if client.interrupted:
        if error is None:
            raise CannotRun(f"cell {index + 1} did not end within {seconds:g} s and could not be stopped")
        return dataclasses.replace(
            _error(client.nb, index, error), kind="TimeoutError", text=f"no end within {seconds:g} s"
        )
    return _error(client.nb, index, error) if error is not None else None


def _execute(client: _Client, cell: NotebookNode, index: int, seconds: float) -> None:
    client.timeout, client.interrupted = max(1, math.ceil(seconds)), False
    client.execute_cell(cell, index)


def _error(notebook: NotebookNode, index: int, output: NotebookNode) -> CellError:
    """The error with the last line of the student's own that its traceback names."""
    text = _ANSI.sub("", "\n".join(output.get("traceback", [])))
    counts = {cell.get("execution_count"): number for number, cell in enumerate(notebook.cells)}
    places = [(counts[int(count)], int(line)) for count, line in _PLACE.findall(text) if int(count) in counts]
    error = CellError(index + 1, output.ename, output.evalue[:500])
    if not places:
        return error
    cell, line = places[-1]
    lines = notebook.cells[cell].source.splitlines()
    source = lines[line - 1].strip() if line <= len(lines) else ""
    return dataclasses.replace(error, line_cell=cell + 1, line=line, source=source)


def _judge(client: _Client, assignment: str, position: int, criterion: Criterion) -> Result:
    """A public criterion's result, found in the kernel. Raises CannotRun where the kernel died."""
    question = f"from course_utils.check.in_kernel import tell as _tell; _tell({assignment!r}, {position}); del _tell"
    cell = nbformat.v4.new_code_cell(question)
    client.nb.cells.append(cell)
    try:
        _execute(client, cell, len(client.nb.cells) - 1, PATIENCE * criterion.timeout)
    except DeadKernelError:
        raise CannotRun(f"the kernel ended in a check of {criterion.grade_cell}: {criterion.title}") from None
    finally:
        client.nb.cells.pop()
    told = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
    if told:
        return Result(**told[-1])
    if client.interrupted:
        return _without_answer(criterion, TIMED_OUT, f"no answer within {PATIENCE * criterion.timeout:g} s")
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    return _without_answer(criterion, BROKEN, f"{error.ename}: {error.evalue}" if error else "no answer")


def _without_answer(criterion: Criterion, state: str, got: str) -> Result:
    return Result(
        criterion.grade_cell, criterion.name, criterion.title, criterion.weight, criterion.hidden, state, got=got
    )


def _by_grade_cell(results: Iterable[Result]) -> dict[str, tuple[Result, ...]]:
    found: dict[str, tuple[Result, ...]] = {}
    for result in results:
        found[result.grade_cell] = (*found.get(result.grade_cell, ()), result)
    return found


def _first_line(source: str) -> str:
    return next((line.strip() for line in source.splitlines() if line.strip()), "")
