"""The file of all measurements, benchmarks/results.json: a list of name, ours, other, unit, ratio."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results.json"


def keep(rows: Iterable[dict], path: Path = RESULTS) -> None:
    """Put rows into the file, each in the place of an earlier one of its name; the others stay."""
    before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    found = {row["name"]: row for row in before} | {row["name"]: row for row in rows}
    path.write_text(json.dumps(list(found.values()), indent=1) + "\n", encoding="utf-8")
    print(f"\nWritten to {path}")
