"""The report on a class: one HTML file that stands alone, with the marks, the criteria and the states."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape
from matplotlib.figure import Figure

from course_utils.grading.assignment import Assignment
from course_utils.grading.journal import write_atomically
from course_utils.grading.outcome import Outcome


def write_report(path: Path, assignment: Assignment, outcomes: Sequence[Outcome]) -> None:
    """Write the report on a class of at least one submission. Raises ValueError for none."""
    if not outcomes:
        raise ValueError(f"no submission of {assignment.name} was graded; there is nothing to report on")
    environment = Environment(loader=PackageLoader("course_utils.grading", "templates"), autoescape=select_autoescape())
    page = environment.get_template("report.html").render(
        assignment=assignment.name,
        outcomes=outcomes,
        states=Counter(outcome.state for outcome in outcomes).most_common(),
        criteria=_criteria(outcomes),
        marks=_picture(_marks(outcomes)),
        tasks=_picture(_tasks(assignment, outcomes)),
        waiting=[cell.grade_id for cell in assignment.grade_cells if cell.manual],
    )
    write_atomically(path, page)


def _criteria(outcomes: Sequence[Outcome]) -> list[dict]:
    """Each criterion with how many passed it, the hardest first."""
    passed: Counter = Counter()
    seen: dict[tuple[str, str], bool] = {}
    for outcome in outcomes:
        for cell in outcome.cells:
            for result in cell.results:
                key = (cell.grade_id, result.title)
                seen[key] = result.hidden
                passed[key] += result.passed
    rows = [
        {"grade_cell": grade_cell, "title": title, "hidden": hidden, "passed": passed[grade_cell, title]}
        for (grade_cell, title), hidden in seen.items()
    ]
    return sorted(rows, key=lambda row: row["passed"])


def _marks(outcomes: Sequence[Outcome]) -> Figure:
    figure = Figure(figsize=(6, 2.6), layout="constrained")
    axes = figure.add_subplot()
    top = max(outcome.max_score for outcome in outcomes)
    axes.hist([outcome.score for outcome in outcomes], bins=20, range=(0, top), color="#3b75af", edgecolor="white")
    axes.set(xlabel=f"score of {top:g}", ylabel="students", title="Marks")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _tasks(assignment: Assignment, outcomes: Sequence[Outcome]) -> Figure:
    names = [cell.grade_id for cell in assignment.grade_cells if not cell.manual]
    shares: dict[str, list[float]] = {name: [] for name in names}
    for outcome in outcomes:
        for cell in outcome.cells:
            if cell.grade_id in shares and cell.score is not None:
                shares[cell.grade_id].append(cell.score / cell.points)
    figure = Figure(figsize=(6, 0.35 * len(names) + 1), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(names[::-1], [100 * sum(shares[n]) / max(len(shares[n]), 1) for n in names[::-1]], color="#3b75af")
    axes.set(xlabel="mean share of the points, in %", xlim=(0, 100), title="Tasks")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _picture(figure: Figure) -> str:
    """A figure as the content of an <img>'s src."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
