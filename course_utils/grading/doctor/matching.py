"""Which submitted cell stands for which cell of the release."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from course_utils.grading.doctor.cells import Cell
from course_utils.grading.doctor.definitions import Chunk, essence
from course_utils.grading.doctor.release import Release, Slot

# Share of lines in common from which on two cells are the same cell, changed.
SIMILAR = 0.6
SIMILAR_IN_PLACE = 0.3
SIMILAR_WITH_SAME_ID = 0.2


class Matching:
    """Pairs submitted cells with slots.

    What a cell defines decides before the grade_id that it claims, the grade_id before the cell's id, the id
    before likeness, likeness before the place between neighbours.

    Attributes:
        cell_of: index of the cell for each slot index; a slot without one is missing from the submission.
        slots_of: slots of each cell index, several where cells were merged.
    """

    def __init__(self, cells: list[Cell], release: Release) -> None:
        self.cells = cells
        self.release = release
        self.cell_of: dict[int, int] = {}
        self.slots_of: dict[int, list[Slot]] = defaultdict(list)
        self._claims: dict[str, list[int]] = defaultdict(list)
        self._definers: dict[str, list[int]] = defaultdict(list)
        for position, cell in enumerate(cells):
            if cell.grade_id:
                self._claims[cell.grade_id].append(position)
            for name in cell.code.names:
                self._definers[name].append(position)
        self._match_solutions()
        self._match_claims()
        self._match_equal()
        self._match_ids()
        self._match_similar()
        self._match_neighbours()

    def claimants(self, slot: Slot) -> list[int]:
        """Cells that state the slot's grade_id."""
        return self._claims.get(slot.grade_id, []) if slot.grade_id else []

    def _set(self, slot: Slot, position: int) -> None:
        self.cell_of[slot.index] = position
        self.slots_of[position].append(slot)

    def _open(self, *kinds: str) -> list[Slot]:
        return [slot for slot in self.release.slots if slot.kind in kinds and slot.index not in self.cell_of]

    def _free(self) -> list[int]:
        """Cells that neither stand for a slot nor claim one that exists."""
        known = self.release.by_grade_id
        return [
            position
            for position, cell in enumerate(self.cells)
            if position not in self.slots_of and cell.grade_id not in known and cell.source.strip()
        ]

    def _match_solutions(self) -> None:
        for slot in self._open("solution"):
            position = self._best_solution(slot)
            if position is not None:
                self._set(slot, position)
        for position, slots in self.slots_of.items():
            self._keep_what_is_there(position, slots)

    def _keep_what_is_there(self, position: int, slots: list[Slot]) -> None:
        """A cell that holds another task's answer does not stand for the task whose grade_id it claims as well."""
        names = self.cells[position].code.names
        absent = [slot for slot in slots if slot.name not in names]
        for slot in absent if len(absent) < len(slots) else []:
            slots.remove(slot)
            del self.cell_of[slot.index]

    def _best_solution(self, slot: Slot) -> int | None:
        claimants = self.claimants(slot)
        definers = self._definers.get(slot.name, []) if slot.name else []
        others = [position for position in definers if position not in claimants]
        for candidates in (claimants, others):
            filled = [position for position in candidates if is_filled(self.cells[position], slot)]
            if filled:
                parsing = [position for position in filled if self.cells[position].code.parses]
                return (parsing or filled)[-1]
        blank = [position for position in claimants if position in definers]
        written = [position for position in claimants if self.cells[position].source.strip()]
        return next(iter([*blank, *written, *claimants, *others]), None)

    def _match_claims(self) -> None:
        for slot in self._open("written", "grade", "locked", "plain"):
            claimants = self.claimants(slot)
            if slot.kind == "written":
                filled = [position for position in claimants if is_filled(self.cells[position], slot)]
                claimants = filled[-1:] or claimants
            original = normal(slot.node.source, slot)
            equal = [position for position in claimants if normal(self.cells[position].source, slot) == original]
            if claimants:
                self._set(slot, (equal or claimants)[0])

    def _match_equal(self) -> None:
        by_source: dict[tuple[str, str], list[int]] = defaultdict(list)
        for position in self._free():
            cell = self.cells[position]
            by_source[cell.cell_type, _trimmed(cell.source)].append(position)
        for slot in self._open("written", "grade", "locked", "plain"):
            found = by_source.get((slot.node.cell_type, _trimmed(slot.node.source)))
            if found:
                self._set(slot, found.pop(0))
        tests = {frozenset(_checks(self.cells[position])): position for position in reversed(self._free())}
        for slot in self._open("grade"):
            if slot.checks and slot.checks in tests:
                self._set(slot, tests.pop(slot.checks))

    def _match_ids(self) -> None:
        by_id = {self.cells[position].id: position for position in self._free() if self.cells[position].id}
        for slot in self._open("solution", "written", "grade", "locked", "plain"):
            position = by_id.get(slot.node.get("id"))
            if position is None:
                continue
            alike = likeness(_lines(slot.node.source), _lines(self.cells[position].source))
            if alike >= SIMILAR_WITH_SAME_ID or slot.kind in ("solution", "written"):
                self._set(slot, position)
                del by_id[slot.node.get("id")]

    def _match_similar(self) -> None:
        slots = [
            (slot, _lines(slot.node.source)) for slot in self._open("solution", "written", "grade", "locked", "plain")
        ]
        cells = [(position, _lines(self.cells[position].source)) for position in self._free()[:500]]
        pairs = [
            (likeness(of_slot, of_cell), slot.index, position)
            for slot, of_slot in slots
            for position, of_cell in cells
            if slot.node.cell_type == self.cells[position].cell_type
        ]
        for alike, index, position in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
            if alike < SIMILAR:
                break
            if index not in self.cell_of and position not in self.slots_of:
                self._set(self.release.slots[index], position)

    def _match_neighbours(self) -> None:
        """An answer in words has nothing of the release's left; it is what stands where the release has it."""
        for slot in self._open("written", "plain"):
            between = [self.cells[position] for position in self._between_neighbours(slot)]
            if slot.kind == "plain":
                lines = _lines(slot.node.source)
                between = [cell for cell in between if likeness(lines, _lines(cell.source)) >= SIMILAR_IN_PLACE]
            if between:
                best = max(between, key=lambda cell: len(cell.source))
                self._set(slot, next(place for place, cell in enumerate(self.cells) if cell is best))

    def _between_neighbours(self, slot: Slot) -> list[int]:
        """Free cells of the slot's type between the cell that precedes it in the release and the next one known."""
        if slot.index - 1 not in self.cell_of:
            return []
        start = self.cell_of[slot.index - 1]
        later = (
            self.cell_of[index] for index in range(slot.index + 1, len(self.release.slots)) if index in self.cell_of
        )
        end = min((position for position in later if position > start), default=len(self.cells))
        free = self._free()
        return [p for p in free if start < p < end and self.cells[p].cell_type == slot.node.cell_type]


def is_filled(cell: Cell, slot: Slot) -> bool:
    """Whether the cell holds work of the student's own for this slot."""
    if not slot.name:
        return bool(cell.source.strip()) and normal(cell.source, slot) != normal(slot.node.source, slot)
    found = cell.code.definition(slot.name)
    return found is not None and is_own(found, slot)


def is_own(chunk: Chunk, slot: Slot) -> bool:
    """Whether a definition is more than a stub and other than what the release gives."""
    return not chunk.stub and (slot.blank is None or essence(chunk.text) != essence(slot.blank.text))


def normal(source: str, slot: Slot) -> str:
    """`source` in the form that comparisons with the slot's use: what is a comment in code is a heading in text."""
    return essence(source) if slot.node.cell_type == "code" else _trimmed(source)


def likeness(first: Counter[str], second: Counter[str]) -> float:
    """Share of lines in common, 0 to 1 (Dice's coefficient)."""
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0


def _lines(source: str) -> Counter[str]:
    return Counter(line.strip() for line in source.split("\n", 400)[:400] if line.strip())


def _trimmed(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


def _checks(cell: Cell) -> Iterable[str]:
    """Names that the cell's `check(...)` calls have, if it defines nothing."""
    if cell.code.names:
        return ()
    return (chunk.check for chunk in cell.code.chunks if chunk.check)
