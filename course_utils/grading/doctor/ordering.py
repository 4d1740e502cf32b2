"""Puts missing cells where they belong, and cells in order as far as grading needs it."""

import re

from course_utils.grading.doctor.cells import Cell
from course_utils.grading.doctor.diagnosis import Log
from course_utils.grading.doctor.pieces import Piece
from course_utils.grading.doctor.release import Release, Slot

_MANY = 5
_WORD = re.compile(r"[^\W\d]\w*")


def ordered(pieces: list[Piece], release: Release, log: Log) -> list[Piece]:
    """The pieces with what was deleted, each test cell after its solution and each locked cell after what precedes it.

    Everything else keeps the student's order.
    """
    pieces = list(pieces)
    _add_missing(pieces, release, log)
    for slot in release.slots:
        if slot.kind == "grade":
            _move_behind_solution(slot, pieces, release, log)
        elif slot.is_set_up and any(piece.slot is slot for piece in pieces):
            _move_to_predecessor(slot, pieces, log)
    return pieces


def _add_missing(pieces: list[Piece], release: Release, log: Log) -> None:
    present = {piece.slot.index for piece in pieces if piece.slot}
    absent = [slot for slot in release.slots if slot.index not in present]
    missing = [slot for slot in absent if slot.kind != "plain" or _is_needed(slot, pieces)]
    for slot in missing:
        source = str(slot.node.source)
        cell = Cell(slot.node.cell_type, source, nbgrader=dict(slot.node.metadata.get("nbgrader", {})), tags=slot.tags)
        place = _behind_predecessor(pieces, slot)
        solution = release.solution_of(slot) if slot.kind == "grade" else None
        if solution:
            place = _behind_own_cells(pieces, max(place, _place(pieces, solution) + 1))
        pieces.insert(place, Piece(cell, slot))
    texts = [slot for slot in missing if slot.kind == "locked" and slot.node.cell_type != "code"]
    if len(texts) > _MANY:
        log.add("deleted_cell", f"{len(texts)} text cells of the release were missing; they were put back.")
        missing = [slot for slot in missing if slot not in texts]
    for slot in missing:
        state = "blank" if slot.kind in ("solution", "written") else "as it was"
        log.add(
            "deleted_cell", f"The cell was missing; it was put back, {state}.", slot.grade_id or slot.node.get("id")
        )


def _is_needed(slot: Slot, pieces: list[Piece]) -> bool:
    """Whether given code that was deleted binds a name that the rest uses and nothing else binds."""
    if not slot.is_set_up:
        return False
    code = [piece.cell for piece in pieces if piece.cell.cell_type == "code"]
    unbound = slot.code.names.difference(*(cell.code.names for cell in code))
    return any(not unbound.isdisjoint(_WORD.findall(cell.source)) for cell in code) if unbound else False


def _move_behind_solution(slot: Slot, pieces: list[Piece], release: Release, log: Log) -> None:
    solution = release.solution_of(slot)
    if solution is None or _place(pieces, slot) > _place(pieces, solution):
        return
    piece = pieces.pop(_place(pieces, slot))
    pieces.insert(_behind_own_cells(pieces, _place(pieces, solution) + 1), piece)
    log.add("reordered", "The test cell stood before its solution; it was moved behind it.", slot.grade_id)


def _move_to_predecessor(slot: Slot, pieces: list[Piece], log: Log) -> None:
    """Move given code (imports, set-up) back before the code that follows it in the release."""
    here, target = _place(pieces, slot), _behind_predecessor(pieces, slot)
    between = pieces[target:here]
    if any(piece.is_release_code and piece.slot and piece.slot.index > slot.index for piece in between):
        pieces.insert(target, pieces.pop(here))
        log.add(
            "reordered",
            "The cell stood behind cells that may need it; it was moved back.",
            slot.grade_id or slot.node.get("id"),
        )


def _place(pieces: list[Piece], slot: Slot) -> int:
    return next(place for place, piece in enumerate(pieces) if piece.slot is slot)


def _behind_predecessor(pieces: list[Piece], slot: Slot) -> int:
    """The place right behind the nearest cell that precedes `slot` in the release."""
    before = {
        piece.slot.index: place for place, piece in enumerate(pieces) if piece.slot and piece.slot.index < slot.index
    }
    return before[max(before)] + 1 if before else 0


def _behind_own_cells(pieces: list[Piece], place: int) -> int:
    """`place`, or the place behind the student's own cells that stand there."""
    while place < len(pieces) and pieces[place].slot is None:
        place += 1
    return place
