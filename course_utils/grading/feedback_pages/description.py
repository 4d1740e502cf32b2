"""What stands on a feedback page, put together from the executed notebook and nbgrader's gradebook."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from course_utils.checks.criteria import NOT_FILLED_IN, NOT_RUN, Result
from course_utils.grading import outcome as states
from course_utils.grading.feedback_pages.record import Record, record_of

FULL, PARTLY, NONE, WAITING = "full marks", "partly", "no points", "waits for a person"
UNANSWERED = "No response."  # nbgrader's own comment on a cell that is as it was released
MEANINGS = {
    states.GRADED: ("Graded", "The notebook ran from top to bottom, and every check was tried."),
    states.REPAIRED: (
        "Graded after a repair",
        "Something about the file had to be mended before it could be graded; what was done is listed here. "
        "Repairs cost no points.",
    ),
    states.TIMED_OUT: (
        "Graded, but something took too long",
        "A cell or a check did not come to an end and was stopped. What depends on it could not count; "
        "everything else was graded as usual.",
    ),
    states.OUT_OF_MEMORY: (
        "Graded, but the memory ran out",
        "The notebook asked for more memory than grading allows and was ended. It was started again without the cell "
        "that did it, and everything else was graded as usual.",
    ),
    states.CRASHED: (
        "Graded, but the notebook's process ended",
        "A cell or a check ended the notebook's process. It was started again without that cell, and everything else "
        "was graded as usual.",
    ),
    states.UNREADABLE: (
        "Not graded: no notebook could be read",
        "What was handed in is not a notebook, or too damaged to be repaired. Get in touch with your instructor.",
    ),
}


@dataclass(frozen=True)
class Mark:
    """A grade cell as the gradebook has it; `waiting` for a person who grades it."""

    score: float
    points: float
    waiting: bool = False


@dataclass(frozen=True)
class Task:
    """One grade cell on the page: its mark, its criteria, its comments, and what was handed in for it."""

    grade_id: str
    section: str
    mark: Mark
    results: tuple[Result, ...] = ()
    comments: tuple[str, ...] = ()
    code: str = ""
    answer: str = ""

    @property
    def anchor(self) -> str:
        """The id of the task's section on the page."""
        return f"task-{self.grade_id}"

    @property
    def passed(self) -> int:
        """How many criteria count."""
        return sum(result.passed for result in self.results)

    @property
    def status(self) -> str:
        """The mark in words."""
        if self.mark.waiting:
            return WAITING
        if self.mark.score >= self.mark.points:
            return FULL
        if self.mark.score > 0:
            return PARTLY
        states = {result.state for result in self.results}
        return states.pop() if states in ({NOT_FILLED_IN}, {NOT_RUN}) else NONE

    @property
    def one_reason(self) -> Result | None:
        """Where every criterion has ended in the same way and for the same reason, one of them."""
        reasons = {(result.state, result.got, result.expected, result.why, result.hint) for result in self.results}
        alike = len(reasons) == 1 and len(self.results) > 1 and not self.passed
        return self.results[0] if alike else None


@dataclass(frozen=True)
class Page:
    """A feedback page: `score` is before the penalty for lateness, `total` what is left of it."""

    student: str
    name: str
    assignment: str
    score: float
    points: float
    late_penalty: float
    tasks: tuple[Task, ...]
    record: Record | None
    lateness: str = ""

    @property
    def total(self) -> float:
        """The marks that count."""
        return max(0.0, self.score - self.late_penalty)

    @property
    def meaning(self) -> tuple[str, str] | None:
        """The state's title and what it means; None where grading left no record."""
        return MEANINGS.get(self.record.state) if self.record else None

    @property
    def waiting(self) -> bool:
        """Whether a person has yet to grade something."""
        return any(task.mark.waiting for task in self.tasks)


def tasks_of(notebook: NotebookNode, marks: Mapping[str, Mark]) -> tuple[Task, ...]:
    """Every grade cell in order, with what its page section needs.

    Comments are expected in the cells' metadata; one stands with the grade cell that is, or follows, its own.
    """
    record = record_of(notebook)
    results = {cell.grade_id: cell.results for cell in record.cells} if record else {}
    sources = {_grade_id(cell): cell for cell in notebook.cells}
    comments: list[str] = []
    tasks: list[Task] = []
    section = ""
    for cell in notebook.cells:
        section = _heading(cell) or section
        mark = cell.metadata.get("nbgrader", {})
        grade_id = mark.get("grade_id", "")
        comments += _comments(cell)
        if not mark.get("grade") or grade_id not in marks:
            continue
        solution = sources.get(f"solution_{grade_id}")
        tasks.append(
            Task(
                grade_id,
                section,
                marks[grade_id],
                results.get(grade_id, ()),
                tuple(comments),
                code=solution.source if solution is not None else "",
                answer=cell.source if mark.get("solution") and cell.cell_type == "markdown" else "",
            )
        )
        comments = []
    if tasks and comments:
        tasks[-1] = dataclasses.replace(tasks[-1], comments=(*tasks[-1].comments, *comments))
    return tuple(tasks)


def _comments(cell: NotebookNode) -> Iterator[str]:
    text = cell.metadata.get("nbgrader", {}).get("comment")
    if isinstance(text, str) and text.strip() not in {"", UNANSWERED}:
        yield text.strip()


def _heading(cell: NotebookNode) -> str:
    """A text cell's last heading of a section (`## `), without its hashes."""
    if cell.cell_type != "markdown" or cell.metadata.get("nbgrader", {}).get("solution"):
        return ""
    lines = [line for line in cell.source.splitlines() if line.startswith("## ")]
    return lines[-1].lstrip("#").strip() if lines else ""


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")
