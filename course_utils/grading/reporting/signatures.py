"""Signatures of mistakes: which criteria each mutant fails, as the matrix of mutants found it out.

`make mutants` writes them to tests/graded/, beside the hidden checks that they name; the report on a class reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from course_utils.checks.criteria import Result
from course_utils.checks.notebook import module_name
from course_utils.grading.assignment import HIDDEN_CHECKS
from course_utils.grading.journal import write_atomically

Failure = tuple[str, bool, str]  # a criterion's name, whether it is hidden, and the state in which it ended

Words = tuple[str, bool, str]  # a criterion's name, whether it is hidden, and what it got
_FOLDERS = re.compile(r"(?:/[\w.-]+)+/")
MOST_WORDS = 160  # characters of what a criterion got


@dataclass(frozen=True)
class Signature:
    """A known mistake: the mutant's name, what it does wrong, the grade cell that it loses, and what fails there.

    `words` are what the failed criteria got from it: mutants that fail the same ones often differ in this.
    """

    name: str
    title: str
    grade_cell: str
    failures: frozenset[Failure]
    words: frozenset[Words] = frozenset()

    @property
    def criteria(self) -> frozenset[tuple[str, bool]]:
        """The failed criteria, whatever the state in which they ended."""
        return frozenset((name, hidden) for name, hidden, _ in self.failures)


class _Score(Protocol):
    @property
    def results(self) -> Sequence[Result]: ...


class MutantRow(Protocol):
    """What is needed of a row of the matrix of mutants."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def loses(self) -> str | None: ...
    @property
    def scores(self) -> Mapping[str, Any]: ...


def signatures_path(course: Path, assignment: str) -> Path:
    """Where an assignment's signatures are kept."""
    return course / HIDDEN_CHECKS / f"{module_name(assignment)}.signatures.json"


def failures_of(results: Iterable[Result]) -> frozenset[Failure]:
    """What failed among the results of a grade cell."""
    return frozenset((result.name, result.hidden, result.state) for result in results if not result.passed)


def words_of(results: Iterable[Result]) -> frozenset[Words]:
    """What the failed ones among the results of a grade cell got."""
    return frozenset((result.name, result.hidden, _words(result)) for result in results if not result.passed)


def _words(result: Result) -> str:
    """The first line of what a criterion got, without folders: those differ from machine to machine."""
    lines = result.got.splitlines()
    return _FOLDERS.sub("", lines[0])[:MOST_WORDS] if lines else ""


def write_signatures(rows: Iterable[MutantRow], path: Path) -> None:
    """Keep the signatures of the mutants among the matrix's rows: those that lose something in their own grade cell."""
    entries = []
    for row in sorted(rows, key=lambda row: row.name):
        score: _Score | None = row.scores.get(row.loses) if row.loses else None
        failed = [result for result in score.results if not result.passed] if score is not None else []
        if failed:
            entry = {"name": row.name, "title": row.title, "grade_cell": row.loses}
            failures = [[result.name, result.hidden, result.state, _words(result)] for result in failed]
            entries.append({**entry, "failures": failures})
    lines = ",\n".join(f" {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
    write_atomically(path, f"[\n{lines}\n]\n")


def read_signatures(path: Path) -> list[Signature]:
    """The signatures in a file; none where there is no file: then mistakes are grouped without names."""
    if not path.is_file():
        return []
    entries = json.loads(path.read_text(encoding="utf-8"))
    return [_signature(entry) for entry in entries]


def _signature(entry: Mapping[str, Any]) -> Signature:
    failures = [(str(name), bool(hidden), str(state), str(got)) for name, hidden, state, got in entry["failures"]]
    return Signature(
        entry["name"],
        entry["title"],
        entry["grade_cell"],
        frozenset((name, hidden, state) for name, hidden, state, _ in failures),
        frozenset((name, hidden, got) for name, hidden, _, got in failures),
    )
