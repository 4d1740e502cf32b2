"""A part of the notebook to grade: a submitted cell, or a part of one, and the release's cell that it stands for."""

from dataclasses import dataclass

from course_utils.grading.doctor.cells import Cell
from course_utils.grading.doctor.release import Slot


@dataclass(frozen=True)
class Piece:
    """A cell and its slot; without a slot it is the student's own cell."""

    cell: Cell
    slot: Slot | None = None

    @property
    def is_release_code(self) -> bool:
        """Whether it stands for one of the release's code cells."""
        return self.slot is not None and self.slot.node.cell_type == "code"
