"""What a source notebook's own solution defines, for trainings and benchmarks that use it instead of a copy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat


def solution_of(notebook: Path, given: Collection[str], names: Mapping[str, Any]) -> SimpleNamespace:
    """Run the solution cells of a course's own notebook, and cells that are given there, in their order.

    Args:
        notebook: a file in source/, never one that was handed in: its code runs here.
        given: the ids of cells without a task that solutions lean on.
        names: what the notebook has imported.

    Returns:
        All names that are defined then, as attributes.
    """
    defined = dict(names)
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("solution_") or cell.id in given:
            exec(compile(cell.source, f"<{cell.id}>", "exec"), defined)
    return SimpleNamespace(**defined)
