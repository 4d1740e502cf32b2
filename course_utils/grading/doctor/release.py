"""The release notebook as the doctor sees it: one slot a cell, with what identifies the cell."""

import re
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from course_utils.grading.doctor.cells import TRAINING
from course_utils.grading.doctor.definitions import Chunk, Code, essence, read_code


@dataclass(frozen=True, eq=False)
class Slot:
    """One cell of the release.

    Args:
        index: its place in the release.
        node: the cell itself.
        kind: "solution" (code that students write), "written" (an answer in words, or code graded by hand), "grade"
            (a test cell), "locked" (shown, but not to be changed) or "plain" (no nbgrader metadata).
    """

    index: int
    node: NotebookNode
    kind: str

    @property
    def grade_id(self) -> str:
        """nbgrader's name of the cell; empty for a plain one."""
        return str(self.node.metadata.get("nbgrader", {}).get("grade_id", ""))

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags of the release's cell."""
        return tuple(self.node.metadata.get("tags", ()))

    @property
    def restored(self) -> bool:
        """Whether the cell's text is always the release's."""
        return self.kind in ("grade", "locked")

    @cached_property
    def code(self) -> Code:
        """Its top-level statements."""
        return read_code(self.node.source) if self.node.cell_type == "code" else Code((), parses=True)

    @cached_property
    def essence(self) -> str:
        """Its source as comparisons use it."""
        return essence(self.node.source)

    @cached_property
    def name(self) -> str | None:
        """The function or class that a solution cell is about."""
        if self.kind != "solution":
            return None
        wanted = self.grade_id.removeprefix("solution_")
        defined = [name for chunk in self.code.chunks if chunk.kind == "definition" for name in chunk.names]
        return wanted if wanted in defined else next(iter(defined), None)

    @property
    def is_set_up(self) -> bool:
        """Whether later cells may rest on it: given code that imports or defines something."""
        given = self.kind == "locked" or (self.kind == "plain" and TRAINING not in self.tags)
        return given and any(chunk.kind in ("import", "definition", "assignment") for chunk in self.code.chunks)

    @cached_property
    def blank(self) -> Chunk | None:
        """The statement that students start from."""
        return self.code.definition(self.name) if self.name else None

    @cached_property
    def checks(self) -> frozenset[str]:
        """("resize_img",) for a grade cell that calls `check("resize_img")`."""
        return frozenset(chunk.check for chunk in self.code.chunks if chunk.check)


class Release:
    """The slots of a release notebook and how they belong together."""

    def __init__(self, notebook: NotebookNode) -> None:
        self.notebook = notebook
        self.slots = tuple(Slot(index, cell, _kind(cell)) for index, cell in enumerate(notebook.cells))
        self.by_grade_id = {slot.grade_id: slot for slot in self.slots if slot.grade_id}

    def solution_of(self, grade: Slot) -> Slot | None:
        """The solution cell that a grade cell is about: by its name, else the nearest one before it."""
        named = self.by_grade_id.get(f"solution_{grade.grade_id}")
        before = (slot for slot in reversed(self.slots[: grade.index]) if slot.kind == "solution")
        return named or next(before, None)


def _kind(cell: NotebookNode) -> str:
    nbgrader = cell.metadata.get("nbgrader") or {}
    if not nbgrader.get("grade_id"):
        return "plain"
    if nbgrader.get("solution"):
        return "written" if nbgrader.get("grade") or cell.cell_type != "code" else "solution"
    if nbgrader.get("grade"):
        return "grade"
    # What is neither locked nor graded nor an answer has only left-over metadata.
    return "locked" if nbgrader.get("locked") or nbgrader.get("task") else "plain"


def plain_name(filename: str) -> str:
    """`sequence_lstm` for every name that browsers, systems and services make of `sequence_lstm.ipynb`."""
    stem = filename.rsplit("/", 1)[-1].lower()
    stem = re.sub(r"\.(?:ipynb|py|txt|json)\b.*$", "", stem)
    stem = re.sub(r"^(?:copy[_ ]of|kopie[_ ]von|copia[_ ]de|copie[_ ]de)[_ ]", "", stem)
    stem = re.sub(r"(?:[-_ ]*(?:\(\d+\)|kopie|copy|copie|copia)[-_ ]*\d{0,3})+$", "", stem)
    return re.sub(r"[\W_]+", "_", stem).strip("_")
