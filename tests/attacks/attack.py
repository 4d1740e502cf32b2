"""What an attack is: one sentence, the submission that carries it, and what must hold afterwards."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

NOT_TRIED = "not tried"
STATES_OF_ANY_NOTEBOOK = frozenset({"graded"})


@dataclass(frozen=True)
class Attack:
    """One dishonest submission.

    Args:
        name: what it is called.
        tries: what it tries, in one sentence.
        stock: what happens on stock nbgrader 0.9, as its own code tells, or "not tried".
        here: what happens here.
        first: a cell put before all others; `@COURSE@` and the like stand for places (see places.py).
        last: a cell put after all others.
        cells: solution cells by what they solve; the others are honest ones.
        files: what is handed in beside the notebook.
        change: what is done to the notebook when it is complete.
        loses: the grade cells that earn nothing; every other one earns all its points.
        spoils: grade cells in which it may lose its own honest points besides.
        states: those in which it may end.
        reports: what it must print after "REPORT ", where it can tell what it found.
        handed_in: changes the files of the submission as a whole.
    """

    name: str
    tries: str
    stock: str = NOT_TRIED
    here: str = "no point gained"
    first: str = ""
    last: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    change: Callable[[NotebookNode], None] | None = None
    loses: tuple[str, ...] = ()
    spoils: tuple[str, ...] = ()
    states: frozenset[str] = STATES_OF_ANY_NOTEBOOK
    reports: str | None = None
    handed_in: Callable[[dict[str, bytes]], dict[str, bytes]] | None = None


def code(text: str) -> str:
    """Source text written indented in a Python file."""
    return textwrap.dedent(text).strip() + "\n"
