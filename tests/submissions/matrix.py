"""The matrix of mutants and grade cells: `python -m tests.submissions.matrix 01_sequence_lstm [--only NAME]`.

It also runs the reference and the other right answers. Unless --only is given it keeps everything in docs/mutants.md,
and what each mutant fails beside the hidden checks, where the report on a class finds the names of mistakes.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.checks import Result
from course_utils.checks.notebook import module_name
from course_utils.grading.reporting.signatures import signatures_path, write_signatures
from tests.submissions.build import HERE, ROOT, Answer, answers, blank, build, reference
from tests.submissions.run import Job, Score, grade_all, names_used, points_of

# Modules of course_utils.checks that know no task; the tests try them by themselves.
FRAMEWORK = {"__init__", "agent", "comm", "criteria", "expectation", "feedback", "notebook", "student", "wire"}
REACHES = ("own", "near", "all")
HEAD = """# Mutants and other answers

Points lost, by grade cell. A dot is a cell with full marks; an empty one a cell that the answer does not reach, since
nothing in it was changed. Made by `make mutants`.
"""


@dataclass(frozen=True)
class Row:
    """What became of one submission: `scores` of the grade cells that its answer reaches; an error instead, if any."""

    name: str
    kind: str
    title: str
    loses: str | None
    scores: dict[str, Score]
    seconds: float
    error: str = ""

    @property
    def lost(self) -> tuple[str, ...]:
        """The grade cells that lost points."""
        return tuple(cell for cell, score in self.scores.items() if not score.full)

    @property
    def as_it_should(self) -> bool:
        """Full marks for a right answer, none for a blank one; a mutant loses in its cell and in no other."""
        if self.error:
            return False
        if self.kind == "blank":
            return all(score.points == 0 for score in self.scores.values())
        return self.lost == ((self.loses,) if self.loses else ())


def jobs_and_rows(
    assignment: str, only: Sequence[str] = (), reach: str = "all"
) -> list[tuple[Job, str, str, str | None]]:
    """Every submission of an assignment as (job, kind, title, the cell that it loses)."""
    wanted = [
        (Job("reference", assignment, reference(assignment)), "right", "The source's own solution.", None),
        (Job("blank", assignment, blank(assignment)), "blank", "Nothing filled in.", None),
    ]
    for kind in ("right", "mutants"):
        for answer in answers(assignment, kind):
            job = Job(answer.name, assignment, build(assignment, answer), _reached(assignment, answer, reach))
            wanted.append((job, kind, answer.title, answer.loses))
    return [entry for entry in wanted if not only or any(part in entry[0].name for part in only)]


def rows(assignment: str, only: Sequence[str] = (), workers: int = 2, reach: str = "all") -> Iterator[Row]:
    """Grade the submissions of an assignment whose name contains one of `only` (none: all), as they end."""
    entries = {entry[0].name: entry for entry in jobs_and_rows(assignment, only, reach)}
    for job, outcome, seconds in grade_all([entry[0] for entry in entries.values()], workers):
        _, kind, title, loses = entries[job.name]
        if isinstance(outcome, str):
            yield Row(job.name, kind, title, loses, {}, seconds, outcome)
        else:
            yield Row(job.name, kind, title, loses, outcome, seconds)


def remembered_rows(assignment: str, only: Sequence[str], workers: int, reach: str) -> Iterator[Row]:
    """As `rows`, but what was graded before and has not changed is read from .cache/ instead of graded again.

    For `make mutants`, which is stopped and started while checks are written; the tests grade everything.
    """
    entries = {entry[0].name: entry for entry in jobs_and_rows(assignment, only, reach)}
    kept = {name: _kept_file(assignment, entry[0], reach) for name, entry in entries.items()}
    for path in kept.values():
        if path.is_file():
            yield _read(json.loads(path.read_text(encoding="utf-8")))
    waiting = [entry[0] for name, entry in entries.items() if not kept[name].is_file()]
    for job, outcome, seconds in grade_all(waiting, workers) if waiting else ():
        _, kind, title, loses = entries[job.name]
        error, scores = (outcome, {}) if isinstance(outcome, str) else ("", outcome)
        row = Row(job.name, kind, title, loses, scores, seconds, error)
        if row.as_it_should:
            kept[job.name].parent.mkdir(parents=True, exist_ok=True)
            kept[job.name].write_text(json.dumps(dataclasses.asdict(row)), encoding="utf-8")
        yield row


def _kept_file(assignment: str, job: Job, reach: str) -> Path:
    """Named after everything that a row depends on."""
    checks = [path for path in sorted((ROOT / "course_utils" / "checks").glob("*.py")) if path.stem not in FRAMEWORK]
    checks.append(ROOT / "tests" / "graded" / f"{module_name(assignment)}.py")
    whole = hashlib.sha256(b"".join(path.read_bytes() for path in checks))
    whole.update(json.dumps(job.submission.notebook).encode() + reach.encode())
    for path, content in sorted(job.submission.files.items()):
        whole.update(path.encode() + content)
    return ROOT / ".cache" / "mutants" / assignment / f"{job.name}-{whole.hexdigest()[:16]}.json"


def _read(values: dict) -> Row:
    scores = {
        cell: Score(score["points"], score["maximum"], tuple(Result(**result) for result in score["results"]))
        for cell, score in values.pop("scores").items()
    }
    return Row(**values, scores=scores)


def _reached(assignment: str, answer: Answer, reach: str) -> frozenset[str] | None:
    """The grade cells in which an answer is graded; None for all of them, where it is a right one.

    A mutant is graded in its own cell ("own"), and in those of functions that lean on it by name ("all"); in the others
    everything that runs is the reference's. "near" leaves experiments out, unless they are its own: they are dear, and
    their checks put stand-ins in the place of nearly everything that they call.
    """
    if answer.loses is None:
        return None
    if reach == "own":
        return frozenset([answer.loses])
    sources = {}
    for cell in build(assignment, answer).notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "code" and grade_id.startswith("solution_"):
            sources[grade_id.removeprefix("solution_")] = cell.source
    leans = names_used(sources)
    reached = {name for name, used in leans.items() if used & answer.sections.keys()} | _also_compared(answer)
    if reach == "near":
        reached = {name for name in reached if not name.startswith("run_")}
    return frozenset(reached | {answer.loses})


def _also_compared(answer: Answer) -> set[str]:
    """The check of the continuous model holds it against the classifier, whether or not its code leans on it."""
    pairs = {"build_classification_model": "build_continuous_classification_model"}
    return {pairs[name] for name in answer.sections if name in pairs}


def fingerprint(assignment: str) -> str:
    """Of what the matrix depends on: the answers, the assignment's checks, and the solutions in the source."""
    name = module_name(assignment)
    paths = [*(HERE / assignment).glob("*/*.py"), ROOT / "tests" / "graded" / f"{name}.py"]
    paths.append(ROOT / "course_utils" / "checks" / f"{name}.py")
    solutions = [cell.source for cell in reference(assignment).notebook.cells if cell.metadata.get("nbgrader")]
    content = [path.read_text(encoding="utf-8") for path in sorted(paths)] + solutions
    return hashlib.sha256("\0".join(content).encode()).hexdigest()[:16]


def as_markdown(assignment: str, table: Sequence[Row]) -> str:
    """The matrix as a table: what is lost of each grade cell's points."""
    cells = list(points_of(reference(assignment)))
    lines = [
        f"## {assignment}",
        "",
        f"Fingerprint of answers and checks: `{fingerprint(assignment)}`",
        "",
        "| submission | what it is | " + " | ".join(f"`{cell}`" for cell in cells) + " |",
        "|---|---|" + "---|" * len(cells),
    ]
    for row in sorted(table, key=lambda row: (row.kind != "right", row.kind != "blank", row.loses or "", row.name)):
        marks = [_mark(row.scores.get(cell)) for cell in cells]
        lines.append(f"| {row.name} | {row.title} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def keep(path: Path, assignment: str, section: str) -> None:
    """Put an assignment's section in the place of its older one in the page of all matrices."""
    head, *sections = re.split(r"^(?=## )", path.read_text(encoding="utf-8") if path.exists() else HEAD, flags=re.M)
    others = [text.rstrip() + "\n" for text in sections if not text.startswith(f"## {assignment}\n")]
    path.write_text("\n".join([head.rstrip() + "\n", *sorted([*others, section])]), encoding="utf-8")


def _mark(score: Score | None) -> str:
    if score is None:
        return ""
    return "·" if score.full else f"−{score.maximum - score.points:.2g}"


def report(row: Row) -> str:
    """One line on a row, and one for each criterion that failed unexpectedly, or of a mutant's own cell."""
    lost = ", ".join(f"{cell} −{row.scores[cell].maximum - row.scores[cell].points:.2f}" for cell in row.lost)
    mark = "ok " if row.as_it_should else "BAD"
    lines = [f"{mark} {row.kind:8} {row.name:42} {row.seconds:5.1f} s  {row.error or lost or 'full marks'}"]
    if not row.as_it_should and row.kind != "blank":
        for cell in row.lost:
            for result in row.scores[cell].results:
                if not result.passed:
                    lines.append(
                        f"      {cell}.{result.name} [{result.state}] got {result.got}; expected {result.expected}"
                    )
    return "\n".join(lines)


def main() -> int:
    """Print the matrix as it grows; exit 1 where a submission did not get what it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignment")
    parser.add_argument("--only", nargs="*", default=(), help="parts of names")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--reach", choices=REACHES, default="near", help="in which grade cells mutants are graded")
    parser.add_argument("--timing", action="store_true", help="also print the seconds of each criterion")
    options = parser.parse_args()
    started, table = time.monotonic(), []
    for row in remembered_rows(options.assignment, options.only, options.workers, options.reach):
        table.append(row)
        print(report(row), flush=True)
        if options.timing:
            for score in row.scores.values():
                for result in score.results:
                    print(f"      {result.seconds:6.2f} s {result.grade_cell}.{result.name} {result.state}")
    wrong = sum(not row.as_it_should for row in table)
    print(f"{len(table)} submissions, {wrong} not as they should be, {time.monotonic() - started:.0f} s")
    if not options.only and options.reach != "own":
        keep(ROOT / "docs" / "mutants.md", options.assignment, as_markdown(options.assignment, table))
        write_signatures(table, signatures_path(ROOT, options.assignment))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
