"""What can be told from a notebook's text: cells run out of order, names that only an old kernel knew, lost cells."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from nbformat import NotebookNode

_LOOKS_BOUND = re.compile(r"^(?:def |class |(?=\w+ *=))(\w+)", re.MULTILINE)
_NAME_ERROR = re.compile(r"name '(\w+)' is not defined")


def hints(notebook: NotebookNode, grade_cells: Iterable[str]) -> list[str]:
    """Sentences on the notebook as it was saved; `grade_cells` are those that its assignment has public checks of."""
    return [*_lost(notebook, grade_cells), *_out_of_order(notebook)]


def about_names(notebook: NotebookNode, errors: Sequence[tuple[int, str]]) -> list[str]:
    """A sentence on each name that a cell (number from 1, message) did not find: where it is defined, if anywhere."""
    defined = [(number, names_bound(cell.source)) for number, cell in _code(notebook)]
    raised = {number for number, _ in errors}
    found: dict[str, str] = {}
    for number, text in errors:
        for name in _NAME_ERROR.findall(text):
            places = [place for place, names in defined if name in names]
            found.setdefault(name, _about(name, number, places, raised))
    return list(found.values())


def names_bound(source: str) -> set[str]:
    """The names that a cell defines at its top level, as far as one can tell where it is no Python. It is not run.

    >>> sorted(names_bound("import numpy as np\nx, y = 1, 2\ndef f(z):\n    w = z"))
    ['f', 'np', 'x', 'y']
    """
    plain = "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError):
        return set(_LOOKS_BOUND.findall(source))
    return set(_bound(tree.body))


def _bound(body: Iterable[ast.AST]) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        else:
            yield from _bound(ast.iter_child_nodes(node))


def _about(name: str, cell: int, places: list[int], raised: set[int]) -> str:
    before = [place for place in places if place < cell]
    if any(place in raised for place in before):
        return f"{name} is defined in cell {before[-1]}, which raised an exception itself: mend that one first."
    after = [place for place in places if place > cell]
    if after:
        return f"{name} is used in cell {cell}, but defined only further down, in cell {after[0]}: cells run in order."
    if before:
        return f"{name} is defined in cell {before[-1]}, but was deleted or not reached when cell {cell} asked for it."
    return (
        f"No cell defines {name}, which cell {cell} uses. If it worked before, it was there only because the kernel "
        "remembered a cell that has since been changed or deleted."
    )


def _out_of_order(notebook: NotebookNode) -> Iterator[str]:
    """Where a cell was last run after one that stands below it: what it showed may not be what a fresh run shows."""
    counts = [(number, cell.get("execution_count")) for number, cell in _code(notebook)]
    run = [(number, count) for number, count in counts if isinstance(count, int)]
    late = [(one, other) for one, other in itertools.pairwise(run) if one[1] > other[1]]
    if late:
        (upper, _), (lower, _) = late[0]
        others = f" (and {len(late) - 1} more such places)" if len(late) > 1 else ""
        yield (
            f"When it was saved, cell {upper} had been run after cell {lower}, which stands below it{others}. "
            "What you saw may have depended on that order; the results here do not."
        )


def _lost(notebook: NotebookNode, grade_cells: Iterable[str]) -> Iterator[str]:
    marks = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    present = {mark.get("grade_id") for mark in marks}
    if not present - {None}:
        yield "The notebook has lost the marks that tell its cells apart; grading puts them back where it can."
        return
    missing = [name for name in sorted(grade_cells) if name not in present]
    if missing:
        yield f"Cells with checks are missing: {', '.join(missing)}. Was one deleted? Copy it from the release."


def _code(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    return [(number, cell) for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
