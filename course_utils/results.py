"""Measured figures: rows in results/*.json, from which `python -m course_utils.results` makes docs/results.md."""

from __future__ import annotations

import dataclasses
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.evaluation import Accuracy


@dataclass(frozen=True)
class Result:
    """One measured accuracy with all that is needed to measure it again.

    Attributes:
        assignment: such as "01_sequence_lstm".
        name: what was measured; unique within the assignment.
        value, low, high: the accuracy and its 95 % interval, fractions in [0, 1].
        n: number of independent trials.
        split: the split of the data that it was measured on.
        protocol: how it was measured.
        seed: of the training.
        command: makes this row again, from the root of the repository.
        minutes: wall time of the training.
        machine: such as "2 cores, no GPU".
    """

    assignment: str
    name: str
    value: float
    low: float
    high: float
    n: int
    split: str
    protocol: str
    seed: int
    command: str
    minutes: float
    machine: str

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            kinds = {"str": (str,), "int": (int,), "float": (int, float)}[str(field.type)]
            if not isinstance(value, kinds) or isinstance(value, bool) or value == "":
                raise ValueError(f"{self.name}: got {value!r} for {field.name}, expected a {field.type}")
        if not 0 <= self.low <= self.value <= self.high <= 1:
            raise ValueError(
                f"{self.name}: got the value {self.value} with the interval [{self.low}, {self.high}], expected "
                f"fractions with the value inside; measure again"
            )
        if self.n < 1 or not 0 <= self.minutes < float("inf"):
            raise ValueError(f"{self.name}: got n = {self.n} and {self.minutes} minutes, expected a real measurement")

    @classmethod
    def of(cls, accuracy: Accuracy, **others: Any) -> Result:
        """The row of an accuracy; `others` are the fields that an accuracy does not have."""
        return cls(
            value=round(accuracy.mean, 6),
            low=round(accuracy.low, 6),
            high=round(accuracy.high, 6),
            n=accuracy.n,
            split=accuracy.split,
            protocol=accuracy.protocol,
            **others,
        )


def read(path: Path) -> list[Result]:
    """The rows of one assignment's file.

    Raises:
        ValueError: if a row lacks a field, has one too many, or holds a value that cannot be.
    """
    rows = json.loads(path.read_text(encoding="utf-8"))
    expected = [field.name for field in dataclasses.fields(Result)]
    for row in rows:
        if set(row) != set(expected):
            raise ValueError(
                f"{path}: got the fields {sorted(row)} in {row.get('name')!r}, expected {sorted(expected)}; "
                f"missing: {sorted(set(expected) - set(row))}"
            )
    return [Result(**row) for row in rows]


def record(path: Path, results: list[Result]) -> None:
    """Adds rows to a file, in place of those of the same name, and keeps the file sorted by name."""
    by_name = {row.name: row for row in read(path)} if path.is_file() else {}
    by_name |= {row.name: row for row in results}
    rows = [dataclasses.asdict(by_name[name]) for name in sorted(by_name)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_all(root: Path) -> list[Result]:
    """The rows of all assignments, in the order of their files."""
    return [row for path in sorted((root / "results").glob("*.json")) for row in read(path)]


def page(results: list[Result]) -> str:
    """docs/results.md."""
    lines = [
        "# Results",
        "",
        "Made from `results/*.json` by `python -m course_utils.results`; change those, not this page. Accuracies",
        "come with their 95 % interval and the number of trials; minutes are the wall time of the training.",
    ]
    for assignment, rows in itertools.groupby(results, key=lambda row: row.assignment):
        lines += [
            "",
            f"## {assignment}",
            "",
            "| figure | accuracy | n | split | protocol | seed | minutes | machine | command |",
            "|---|---|---|---|---|---|---|---|---|",
            *map(table_row, rows),
        ]
    return "\n".join(lines) + "\n"


def table_row(row: Result) -> str:
    """A result as a row of a Markdown table."""
    accuracy = f"{100 * row.value:.2f} % [{100 * row.low:.2f}, {100 * row.high:.2f}]"
    cells = [row.name, accuracy, f"{row.n:,}", row.split, row.protocol, row.seed, f"{row.minutes:.1f}", row.machine]
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in [*cells, f"`{row.command}`"]) + " |"


def main() -> None:
    """Writes docs/results.md of the course directory that the command is run in."""
    root = Path.cwd()
    if not (root / "results").is_dir():
        raise SystemExit(f"{root}: got no folder `results` here, expected the root of the repository; run it there")
    path = root / "docs" / "results.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(read_all(root)), encoding="utf-8")
    print(f"wrote {path.relative_to(root)}")


if __name__ == "__main__":
    main()
