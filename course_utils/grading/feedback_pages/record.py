"""What a feedback page is made of travels in the executed notebook: it is all that nbgrader's commands hand on.

Only what the student may see is in it (see presentation.py), since the notebook may reach the student as well.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_utils.checks.criteria import Result
from course_utils.grading.outcome import CellRecord
from course_utils.grading.presentation import shown

KEY = "course_grading"


@dataclasses.dataclass(frozen=True)
class Record:
    """How grading went: the state and its reason, the repairs, and each grade cell's results as a student sees them."""

    state: str
    reason: str
    repairs: tuple[str, ...]
    cells: tuple[CellRecord, ...]


def with_record(
    notebook: NotebookNode, state: str, reason: str, repairs: Sequence[str], cells: Sequence[CellRecord]
) -> NotebookNode:
    """The same notebook, with a record in its metadata."""
    visible = tuple(_visible(cell) for cell in cells)
    notebook.metadata[KEY] = nbformat.from_dict(dataclasses.asdict(Record(state, reason, tuple(repairs), visible)))
    return notebook


def record_of(notebook: NotebookNode) -> Record | None:
    """The record in a notebook; None where there is none, or none of this form."""
    try:
        values = notebook.metadata[KEY]
        cells = tuple(_cell(cell) for cell in values["cells"])
        return Record(str(values["state"]), str(values["reason"]), tuple(map(str, values["repairs"])), cells)
    except (KeyError, TypeError, AttributeError):
        return None


def _visible(cell: CellRecord) -> CellRecord:
    return dataclasses.replace(cell, results=tuple(shown(result) for result in cell.results))


def _cell(values: dict[str, Any]) -> CellRecord:
    return CellRecord(**{**values, "results": tuple(Result(**result) for result in values["results"])})
