"""The cells of a submitted notebook, as far as anybody could read them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from course_utils.grading.doctor.definitions import Code, read_code
from course_utils.grading.doctor.diagnosis import Log

TRAINING = "training"
MAX_CELLS = 2_000
MAX_CODE = 1_000_000  # characters of all code cells together


@dataclass
class Cell:
    """One submitted cell, its values of the right types whatever the file held.

    Args:
        cell_type: "code", "markdown" or "raw".
        source: its text, lines ended by newlines.
        id: the cell's id if it is a valid one.
        nbgrader: nbgrader's metadata as the submission states it; empty if there is none.
        tags: tags of the metadata.
        attachments: pictures of a text cell.
        execution_count: how many cells had been run when this one was; 0 if it was not.
    """

    cell_type: str
    source: str
    id: str | None = None
    nbgrader: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    attachments: dict[str, Any] = field(default_factory=dict)
    execution_count: int = 0

    @property
    def grade_id(self) -> str | None:
        """The grade_id that this cell claims to have."""
        claimed = self.nbgrader.get("grade_id")
        return claimed if isinstance(claimed, str) and claimed else None

    @cached_property
    def code(self) -> Code:
        """Its top-level statements; none for text, unless the text claims to be a graded cell."""
        if self.cell_type != "code" and not self.grade_id:
            return Code((), parses=True)
        return read_code(self.source)


@dataclass
class Draft:
    """A submitted notebook: its cells and what it says about itself."""

    cells: list[Cell]
    kernel: str = ""
    language: str = "python"


def within_limits(cells: Iterable[Cell], log: Log) -> list[Cell]:
    """The cells up to `MAX_CELLS` and `MAX_CODE`, far beyond what a course needs."""
    taken: list[Cell] = []
    length = 0
    for cell in cells:
        length += len(cell.source) if cell.cell_type == "code" else 0
        if len(taken) >= MAX_CELLS:
            log.add("too_many_cells", f"The notebook has more than {MAX_CELLS} cells; the rest was left out.")
            break
        if length > MAX_CODE:
            log.add("too_much_code", f"The cells hold more than {MAX_CODE} characters of code; the rest was left out.")
            break
        taken.append(cell)
    return taken
