"""What grading one submission leaves behind: its state, each grade cell's score, and every criterion's record."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any

from course_utils.checks.criteria import Result, share

GRADED, REPAIRED, TIMED_OUT = "graded", "repaired", "timed-out"
OUT_OF_MEMORY, CRASHED, UNREADABLE = "out-of-memory", "crashed", "unreadable"
STATES = (GRADED, REPAIRED, TIMED_OUT, OUT_OF_MEMORY, CRASHED, UNREADABLE)


@dataclass(frozen=True)
class GradeCell:
    """A cell that carries points; `manual` ones are graded by a person."""

    grade_id: str
    points: float
    manual: bool


@dataclass(frozen=True)
class CellRecord:
    """What a grade cell got: None as score where a person has yet to grade it."""

    grade_id: str
    points: float
    score: float | None
    results: tuple[Result, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The whole of what became of a submission. `notebook` is the executed notebook as JSON text.

    `seconds`, `cpu_seconds` and `peak_memory` (bytes) are what it cost; `sandboxed` whether it was confined.
    """

    student: str
    assignment: str
    state: str
    reason: str
    cells: tuple[CellRecord, ...]
    repairs: tuple[str, ...]
    notebook: str
    sandboxed: bool
    seconds: float
    cpu_seconds: float | None = None
    peak_memory: int | None = None
    log: tuple[str, ...] = ()
    fingerprint: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The points earned so far, written answers that wait for a person counting 0."""
        return math.fsum(cell.score for cell in self.cells if cell.score is not None)

    @property
    def max_score(self) -> float:
        """The points that the assignment has."""
        return math.fsum(cell.points for cell in self.cells)

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain JSON values; `from_json` reads it back."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Outcome:
        """Read what `to_json` wrote. Raises TypeError or KeyError where a field is missing or unknown."""
        cells = tuple(
            CellRecord(**{**cell, "results": tuple(Result(**result) for result in cell["results"])})
            for cell in values["cells"]
        )
        lists = {name: tuple(values[name]) for name in ("repairs", "log")}
        return Outcome(**{**values, **lists, "cells": cells})

    def dumps(self) -> str:
        """`to_json` as text."""
        return json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False)


def score_cell(cell: GradeCell, results: tuple[Result, ...], answered: bool = True) -> CellRecord:
    """The record of a grade cell from its criteria's results; a written answer waits unless it was left blank."""
    if cell.manual:
        return CellRecord(cell.grade_id, cell.points, None if answered else 0.0)
    return CellRecord(cell.grade_id, cell.points, checked_score(share(cell.points, results), cell.points), results)


def checked_score(score: Any, points: float) -> float:
    """`score` where it is an ordinary number from 0 to `points`; anything else is 0: scoring fails closed.

    >>> checked_score(float("nan"), 3), checked_score(99, 3), checked_score("3", 3), checked_score(2.5, 3)
    (0.0, 0.0, 0.0, 2.5)
    """
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
        return 0.0
    return float(score) if 0 <= score <= points else 0.0
