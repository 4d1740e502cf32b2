"""Cells that only show something are left out of grading, but never one that matters."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from course_utils.grading.illustrations import TAG, left_out

SHOWS = "numbers = range(3)\nprint(sum(numbers))"


def notebook(*cells: str, shows: str = SHOWS) -> NotebookNode:
    """An illustration, and cells after it."""
    return new_notebook(cells=[new_code_cell(shows, metadata={"tags": [TAG]}), *map(new_code_cell, cells)])


def omitted(submitted: NotebookNode) -> set[int]:
    return left_out(submitted, notebook(), set(range(len(submitted.cells))))


@pytest.mark.parametrize(
    "cell",
    [
        "def add(a, b):\n    return a + b",
        "def add(numbers):\n    return sum(numbers)",
        "def add():\n    numbers = [1]\n    return sum(numbers)",
        "total = [sum(numbers) for numbers in ([1], [2])]",
        "object.numbers",
        "numbers = 3",
    ],
)
def test_it_is_left_out_where_nothing_uses_what_it_sets(cell: str) -> None:
    assert omitted(notebook(cell)) == {0}


@pytest.mark.parametrize(
    "cell",
    [
        "def add():\n    return sum(numbers)",
        "def outer():\n    def inner():\n        return numbers\n    return inner",
        "class Adder:\n    start = numbers",
        "total = [number for number in numbers]",
        "add = lambda: numbers",
        "numbers += [1]",
        "def add():\n    return globals()['numbers']",
        "eval('numbers')",
        "!ls",
    ],
)
def test_it_runs_where_something_may_use_what_it_sets(cell: str) -> None:
    assert omitted(notebook(cell)) == set()


def test_it_runs_where_it_was_changed() -> None:
    assert omitted(notebook("x = 1", shows=f"{SHOWS}\ndef helper(): pass")) == set()


def test_a_tag_of_ones_own_leaves_nothing_out() -> None:
    submitted = new_notebook(cells=[new_code_cell("def add(a, b): return a + b", metadata={"tags": [TAG]})])
    assert omitted(submitted) == set()


def test_illustrations_that_lean_on_each_other_are_left_out_together() -> None:
    cells = [new_code_cell(source, metadata={"tags": [TAG]}) for source in ("a = 1", "b = a", "print(b)")]
    together = new_notebook(cells=cells)
    assert left_out(together, together, {0, 1, 2}) == {0, 1, 2}
    needed = new_notebook(cells=[*cells, new_code_cell("print(b)")])
    assert left_out(needed, together, {0, 1, 2, 3}) == {2}


def test_a_cell_that_does_not_run_uses_nothing() -> None:
    submitted = notebook("print(numbers)")
    assert left_out(submitted, notebook(), {0}) == {0}
