"""How hard each criterion is, and whether it tells those who know from those who do not: classical item analysis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.grading.outcome import UNREADABLE, CellRecord, Outcome

FORMULA = (
    "Difficulty is the share of the submissions that pass. Discrimination is the corrected item-total correlation: "
    "r = corr(x, S − w·x) over the submissions, with x = 1 where the criterion is passed and 0 where not, w its own "
    "points and S the checked points in all; as x has two values it is a point-biserial correlation. "
    "It is undefined where all pass or all fail, and says little about a small class."
)


@dataclass(frozen=True)
class Item:
    """A criterion over a class: `passed` of `tried`; `discrimination` is None where it is undefined."""

    grade_cell: str
    name: str
    title: str
    hidden: bool
    points: float
    passed: int
    tried: int
    discrimination: float | None

    @property
    def difficulty(self) -> float:
        """The share that pass, from 0 to 1: the lower, the harder."""
        return self.passed / self.tried if self.tried else 0.0

    @property
    def remark(self) -> str:
        """What an instructor may want to look into; often nothing."""
        if self.discrimination is not None and self.discrimination < 0 and self.tried >= 10:
            return "those who pass it score less elsewhere: is it right, and clear?"
        if self.passed == 0:
            return "nobody passes: is it taught, and said in the task?"
        return ""


def analyse(outcomes: Sequence[Outcome]) -> list[Item]:
    """Every criterion of a class, the hardest first. Submissions that could not be read are left out."""
    readable = [outcome for outcome in outcomes if outcome.state != UNREADABLE]
    shares: dict[tuple[str, str, bool], tuple[str, float]] = {}
    passes: list[dict[tuple[str, str, bool], bool]] = []
    for outcome in readable:
        passes.append({})
        for cell in outcome.cells:
            for result in cell.results:
                key = (cell.grade_id, result.name, result.hidden)
                shares.setdefault(key, (result.title, result.weight * _points_a_weight(cell)))
                passes[-1][key] = result.passed
    table = np.array([[tried.get(key, False) for key in shares] for tried in passes], dtype=float)
    if not readable or not shares:
        return []
    weights = np.array([points for _, points in shares.values()])
    totals = table @ weights
    items = [
        Item(*key[:2], title, key[2], points, int(x.sum()), len(x), correlation(x, totals - points * x))
        for (key, (title, points)), x in zip(shares.items(), table.T, strict=True)
    ]
    return sorted(items, key=lambda item: item.difficulty)


def correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    """Pearson's correlation; None where one of them does not vary.

    >>> correlation(np.array([0.0, 1.0, 1.0]), np.array([2.0, 3.0, 3.0]))
    1.0
    """
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return round(float(x @ y) / scale, 10) if scale > 1e-12 else None


def _points_a_weight(cell: CellRecord) -> float:
    total = math.fsum(result.weight for result in cell.results)
    return cell.points / total if total else 0.0
