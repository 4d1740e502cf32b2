"""Writes the report: gathers the figures, fills in templates/report.html, and puts the tables beside it."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from course_utils.grading.assignment import Assignment
from course_utils.grading.journal import write_atomically
from course_utils.grading.outcome import UNREADABLE, Outcome
from course_utils.grading.reporting import plots
from course_utils.grading.reporting.difficulty import FORMULA, Item, analyse
from course_utils.grading.reporting.marks import Mark, marks_of
from course_utils.grading.reporting.mistakes import Mistake, group_mistakes
from course_utils.grading.reporting.signatures import Signature
from course_utils.grading.reporting.similarity import Cells, Pair, identical_groups, similar_pairs, solution_cells
from course_utils.grading.reporting.tables import write_table


@dataclass(frozen=True)
class Report:
    """The figures of a class, in the order in which the page shows them."""

    assignment: str
    outcomes: tuple[Outcome, ...]
    marks: Mapping[str, Mark]
    points: float
    states: tuple[tuple[str, int], ...]
    tasks: Mapping[str, float]
    mistakes: tuple[Mistake, ...]
    items: tuple[Item, ...]
    pairs: tuple[Pair, ...]
    identical: tuple[tuple[str, ...], ...]

    @property
    def totals(self) -> list[float]:
        """The marks that count, one a student."""
        return [self.marks[outcome.student].total for outcome in self.outcomes]

    @property
    def spread(self) -> dict[str, float]:
        """Mean, median and quartiles of the marks."""
        lower, median, upper = quartiles(self.totals)
        return {"mean": statistics.fmean(self.totals), "median": median, "lower": lower, "upper": upper}

    @property
    def waiting(self) -> int:
        """How many submissions a person has yet to look at."""
        return sum(self.marks[outcome.student].waiting for outcome in self.outcomes)


def write_report(
    path: Path,
    assignment: Assignment,
    outcomes: Sequence[Outcome],
    marks: Mapping[str, Mark] | None = None,
    signatures: Sequence[Signature] = (),
    known: Sequence[Cells] = (),
) -> Report:
    """Write the report on a class of at least one submission, and its tables into a folder beside it.

    `marks` are those of the gradebook, the checks' own where None; `known` is code that everybody may have, besides
    the release's. Raises ValueError for no submission.
    """
    if not outcomes:
        raise ValueError(f"no submission of {assignment.name} was graded; there is nothing to report on")
    report = gather(assignment, outcomes, marks or {}, signatures, known)
    environment = Environment(loader=PackageLoader("course_utils.grading", "templates"), autoescape=True)
    environment.filters["breakable"] = breakable
    page = environment.get_template("report.html").render(
        report=report,
        formula=FORMULA,
        histogram=plots.marks_histogram(report.totals, report.points),
        bars=plots.task_bars(report.tasks),
        difficulty=plots.difficulty_plot(report.items),
        cost=plots.cost_plot(report.outcomes),
        tables=tables_folder(path).name,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, page)
    write_tables(tables_folder(path), report)
    return report


def gather(
    assignment: Assignment,
    outcomes: Sequence[Outcome],
    marks: Mapping[str, Mark],
    signatures: Sequence[Signature],
    known: Sequence[Cells],
) -> Report:
    """All figures of a class."""
    given = [solution_cells(assignment.notebook), *known]
    readable = [outcome for outcome in outcomes if outcome.state != UNREADABLE and outcome.notebook]
    submissions = {outcome.student: solution_cells(json.loads(outcome.notebook)) for outcome in readable}
    identical = identical_groups(submissions, given)
    # Of those who handed in the same, two stand for all: otherwise their pairs would leave no room for others.
    others = {student for group in identical for student in group[2:]}
    compared = {student: cells for student, cells in submissions.items() if student not in others}
    return Report(
        assignment=assignment.name,
        outcomes=tuple(outcomes),
        marks={**marks_of(outcomes), **marks},
        points=max(outcome.max_score for outcome in outcomes),
        states=tuple(Counter(outcome.state for outcome in outcomes).most_common()),
        tasks=_mean_shares(assignment, outcomes),
        mistakes=tuple(group_mistakes(outcomes, signatures)),
        items=tuple(analyse(outcomes)),
        pairs=tuple(similar_pairs(compared, given)),
        identical=tuple(identical),
    )


def tables_folder(path: Path) -> Path:
    """Where the tables of a report go: report.html -> report_tables/."""
    return path.with_name(f"{path.stem}_tables")


def write_tables(folder: Path, report: Report) -> None:
    """Write students.csv, criteria.csv, mistakes.csv and similar.csv."""
    rows = [(outcome, report.marks[outcome.student]) for outcome in report.outcomes]
    write_table(
        folder / "students.csv",
        ["student", "total", "points", "score", "late_penalty", "waits_for_a_person", "state", "reason", "seconds",
         "cpu_seconds", "peak_memory_bytes"],
        [(o.student, m.total, m.points, m.score, m.late_penalty, "yes" if m.waiting else "no", o.state, o.reason,
          o.seconds, o.cpu_seconds, o.peak_memory) for o, m in rows],
    )  # fmt: skip
    write_table(
        folder / "criteria.csv",
        ["grade_cell", "name", "title", "hidden", "points", "passed", "tried", "difficulty", "discrimination"],
        [(i.grade_cell, i.name, i.title, "yes" if i.hidden else "no", i.points, i.passed, i.tried, i.difficulty,
          i.discrimination) for i in report.items],
    )  # fmt: skip
    write_table(
        folder / "mistakes.csv",
        ["grade_cell", "submissions", "like", "mutants", "failed_criteria", "students"],
        [(g.grade_cell, len(g.students), g.kind, "; ".join(m.name for m in g.mutants), "; ".join(g.failed),
          "; ".join(g.students)) for g in report.mistakes],
    )  # fmt: skip
    write_table(
        folder / "similar.csv",
        ["one", "other", "shared_fingerprints", "share", "cells"],
        [(p.left, p.right, p.shared, p.share, "; ".join(q.grade_id for q in p.passages)) for p in report.pairs],
    )


def breakable(name: str) -> Markup:
    """A name whose line may end after an underscore, for narrow screens."""
    return escape(name).replace("_", Markup("_<wbr>"))


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile; of one value that value."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, median, upper


def _mean_shares(assignment: Assignment, outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The mean share of the points that each checked task brought."""
    shares: dict[str, list[float]] = {cell.grade_id: [] for cell in assignment.grade_cells if not cell.manual}
    for outcome in outcomes:
        for cell in outcome.cells:
            if cell.grade_id in shares and cell.score is not None and cell.points:
                shares[cell.grade_id].append(cell.score / cell.points)
    return {name: statistics.fmean(found) if found else 0.0 for name, found in shares.items()}
