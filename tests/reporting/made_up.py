"""An assignment of two checked tasks and a written one, and outcomes of it as grading would leave them."""

from __future__ import annotations

from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.checks.criteria import FAILED, PASSED, RAISED, Result, share
from course_utils.grading.assignment import Assignment
from course_utils.grading.feedback_pages.record import with_record
from course_utils.grading.outcome import GRADED, CellRecord, Outcome
from course_utils.grading.presentation import grade_cell_feedback

NAME, NOTEBOOK = "08_made_up", "made_up"
POINTS = {"scale": 3.0, "shift": 2.0}
CRITERIA = {
    "scale": (("scales_numbers", False, 1.0), ("scales_arrays", True, 2.0)),
    "shift": (("shifts_up", False, 1.0), ("shifts_down", False, 1.0), ("shifts_far", True, 2.0)),
}
SECRET = "SECRET-INPUT-4711"
SOLUTIONS = {"scale": "def scale(x):\n    return 2 * x", "shift": "def shift(x, by):\n    return x + by"}


def release() -> NotebookNode:
    """Text with a formula, two solution cells with their checks, a written question, and a cell of training."""
    cells = [
        new_markdown_cell("# Made up\n\nLet $x_t \\in \\mathbb{R}^F$ be.\n\n$$\\unknowncommand{x}$$", id="title"),
        new_markdown_cell("## 1 Numbers", id="numbers"),
    ]
    for name in POINTS:
        blank = "# YOUR CODE HERE\nraise NotImplementedError()"
        cells.append(new_code_cell(blank, id=f"s-{name}", metadata=_mark(f"solution_{name}", solution=True)))
        cells.append(new_code_cell(f'check("{name}")', id=f"c-{name}", metadata=_mark(name, grade=True)))
    written = {**_mark("written", solution=True, grade=True)["nbgrader"], "cell_type": "markdown", "points": 2.0}
    cells.append(new_markdown_cell("YOUR ANSWER HERE", id="written", metadata={"nbgrader": written}))
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def _mark(grade_id: str, solution: bool = False, grade: bool = False) -> dict:
    mark = {
        "grade_id": grade_id, "solution": solution, "grade": grade, "task": False, "locked": not solution,
        "schema_version": 3, "cell_type": "code",
    }  # fmt: skip
    return {"nbgrader": {**mark, "points": POINTS[grade_id]} if grade and not solution else mark}


def assignment() -> Assignment:
    """The assignment; its checks are never run here."""
    return Assignment(NAME, NOTEBOOK, nbformat.writes(release()), "", "")


def results(grade_cell: str, states: Mapping[str, str]) -> tuple[Result, ...]:
    """A grade cell's results: passed, but for those criteria whose state is given."""
    made = []
    for name, hidden, weight in CRITERIA[grade_cell]:
        state = states.get(name, PASSED)
        secret = f" {SECRET}" if hidden and state in {FAILED, RAISED} else ""
        texts = {"got": f"got of {name}{secret}", "expected": f"expected of {name}{secret}"}
        texts |= {"why": f"why of {name}", "hint": f"hint of {name}"}
        texts = {} if state == PASSED else texts
        made.append(Result(grade_cell, name, f"The task {name}.", weight, hidden, state, **texts))
    return tuple(made)


def outcome(
    student: str,
    states: Mapping[str, str] | None = None,
    *,
    solutions: Mapping[str, str] = SOLUTIONS,
    state: str = GRADED,
    reason: str = "",
    repairs: tuple[str, ...] = (),
    answered: bool = True,
    seconds: float = 10.0,
    printed: str = "",
) -> Outcome:
    """What grading leaves of a student who passes every criterion but those whose state is given."""
    cells = []
    for grade_cell, points in POINTS.items():
        found = results(grade_cell, states or {})
        cells.append(CellRecord(grade_cell, points, share(points, found), found))
    cells.append(CellRecord("written", 2.0, None if answered else 0.0))
    notebook = release()
    shown = {cell.grade_id: cell for cell in cells}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.removeprefix("solution_") in solutions and grade_id.startswith("solution_"):
            cell.source = solutions[grade_id.removeprefix("solution_")]
            cell.outputs = [new_output("stream", text=printed)] if printed else []
        if grade_id in POINTS:
            cell.outputs = [
                new_output("display_data", data=grade_cell_feedback(shown[grade_id])._repr_mimebundle_()),
            ]
        if grade_id == "written" and answered:
            cell.source = "The layer has $4H(F + H + 1)$ weights."
    with_record(notebook, state, reason, repairs, cells)
    return Outcome(
        student=student, assignment=NAME, state=state, reason=reason, cells=tuple(cells), repairs=repairs,
        notebook=nbformat.writes(notebook), sandboxed=True, seconds=seconds, cpu_seconds=seconds / 2,
        peak_memory=int(seconds * 1e7),
    )  # fmt: skip


def failing(*names: str, state: str = FAILED) -> dict[str, str]:
    """States in which these criteria fail."""
    return dict.fromkeys(names, state)
