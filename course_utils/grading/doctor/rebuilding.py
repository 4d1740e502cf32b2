"""The notebook to grade, made anew from the release and what the submission has for it."""

import hashlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from course_utils.grading.doctor.cells import TRAINING, Cell, Draft
from course_utils.grading.doctor.conflicts import sides
from course_utils.grading.doctor.definitions import Chunk, essence, read_code
from course_utils.grading.doctor.diagnosis import Log
from course_utils.grading.doctor.matching import Matching, is_filled, is_own, normal
from course_utils.grading.doctor.ordering import ordered
from course_utils.grading.doctor.pieces import Piece
from course_utils.grading.doctor.release import Release, Slot

_STATES = ("grade", "solution", "locked", "points", "task")
_MANY = 5


def rebuild(draft: Draft, release: Release, log: Log) -> NotebookNode:
    """The submission in the release's frame: its answers and own cells, the release's tests and metadata."""
    _note_kernel(draft, release, log)
    cells = _joined([_settled(cell, log) for cell in draft.cells], log)
    matching = Matching(cells, release)
    cutter = _Cutter(matching, log)
    pieces = [piece for position in range(len(cells)) for piece in cutter.pieces(position)]
    _note_metadata(pieces, log)
    pieces = ordered(pieces, release, log)
    return _notebook(pieces, release)


def _note_kernel(draft: Draft, release: Release, log: Log) -> None:
    expected = release.notebook.metadata.get("kernelspec", {}).get("name", "python3")
    if draft.language not in ("python", "ipython", "python3"):
        log.add(
            "wrong_kernel",
            f"The notebook says that its language is {draft.language[:30]!r}; it is run as Python.",
        )
    elif draft.kernel not in ("", expected):
        log.add(
            "wrong_kernel",
            f"The notebook asks for the kernel {draft.kernel[:60]!r}; it is run with {expected!r}.",
        )


def _settled(cell: Cell, log: Log) -> Cell:
    """The cell without git's conflict markers: the own side, or the other one if only that is Python."""
    both = sides(cell.source)
    if both is None:
        return cell
    parsing = [side for side in both if cell.cell_type != "code" or read_code(side).parses]
    log.add(
        "conflict_markers",
        "A cell held git's conflict markers; one of the two sides was taken.",
        cell.grade_id,
    )
    return replace(cell, source=next(iter(parsing), both[0]))


def _joined(cells: list[Cell], log: Log) -> list[Cell]:
    """The cells, those joined again that were split in the middle of a statement."""
    done: list[Cell] = []
    for cell in cells:
        last = done[-1] if done else None
        if last and _is_rest(cell, last):
            whole = replace(last, source=f"{last.source.rstrip()}\n{cell.source}")
            if whole.code.parses:
                log.add(
                    "split",
                    "A cell was split in the middle of a statement; the parts were joined.",
                    last.grade_id,
                )
                done[-1] = whole
                continue
        done.append(cell)
    return done


def _is_rest(cell: Cell, last: Cell) -> bool:
    """Whether `cell` can only be the second part of `last`."""
    both_code = cell.cell_type == last.cell_type == "code"
    return both_code and cell.grade_id in (None, last.grade_id) and bool(cell.source.strip()) and not cell.code.parses


@dataclass
class _Cutter:
    """Cuts submitted cells into the pieces of the notebook to grade."""

    matching: Matching
    log: Log

    def pieces(self, position: int) -> Iterator[Piece]:
        """What one submitted cell becomes."""
        cell, slots = self.matching.cells[position], self.matching.slots_of.get(position, [])
        solutions = [slot for slot in slots if slot.kind == "solution"]
        others = [slot for slot in slots if slot.kind != "solution"]
        if not slots:
            pieces = list(self._left_over(cell))
        elif solutions:
            pieces = self._solutions(cell, solutions, others)
        else:
            pieces = list(self._other(cell, others[0]))
        for piece in pieces:
            yield self._without_blanks(piece)

    def _solutions(self, cell: Cell, solutions: list[Slot], others: list[Slot]) -> list[Piece]:
        missing = [slot for slot in self._missing("grade") if slot.checks]
        tests = {essence(chunk.text) for slot in (*others, *missing) for chunk in slot.code.chunks} - {""}
        chunks = [chunk for chunk in cell.code.chunks if essence(chunk.text) not in tests]
        if len(solutions) == 1 and not others and len(chunks) == len(cell.code.chunks):
            return [Piece(cell, solutions[0])]
        names = ", ".join(slot.grade_id for slot in (*solutions, *others))
        self.log.add(
            "merged",
            f"Cells had been merged into one; they were separated again: {names}.",
            solutions[0].grade_id,
        )
        pieces = [Piece(replace(cell, source=text), slot) for slot, text in _segments(chunks, solutions)]
        before = [Piece(cell, slot) for slot in others if slot.index < solutions[0].index]
        after = [Piece(cell, slot) for slot in others if slot.index > solutions[0].index]
        return [*before, *pieces, *after]

    def _other(self, cell: Cell, slot: Slot) -> Iterator[Piece]:
        """A cell that is no solution; what a student added to one that is always restored goes into its own cell."""
        yield Piece(cell, slot)
        if not slot.restored or normal(cell.source, slot) == normal(slot.node.source, slot):
            return
        self.log.add(
            "changed_cell",
            "A cell that is not to be changed had been changed; it is the original again.",
            slot.grade_id,
        )
        known = {essence(chunk.text) for chunk in slot.code.chunks}
        added = [
            chunk.text
            for chunk in (cell.code.chunks if cell.code.parses else ())
            if chunk.kind in ("definition", "import", "assignment")
            and essence(chunk.text) not in known
            and not slot.code.names.intersection(chunk.names)
        ]
        if added and slot.node.cell_type == "code":
            self.log.add(
                "added_code",
                "What had been added to it (imports, definitions) was kept in a cell of its own.",
                slot.grade_id,
            )
            yield Piece(Cell("code", "\n".join(added).strip("\n")))

    def _left_over(self, cell: Cell) -> Iterator[Piece]:
        """A cell that stands for none of the release's."""
        slot = self.matching.release.by_grade_id.get(cell.grade_id or "")
        if slot is None:
            if cell.nbgrader.get("grade_id") or cell.nbgrader.get("grade") or cell.nbgrader.get("solution"):
                self.log.add(
                    "foreign_claim",
                    "A cell claimed to be a graded one that this assignment does not have; it is an ordinary cell.",
                )
            if not self._is_blank_copy(cell):
                yield Piece(cell)
        elif not cell.source.strip() or normal(cell.source, slot) == normal(slot.node.source, slot):
            self.log.add("duplicated", "The cell was there twice; the unchanged copy was left out.", slot.grade_id)
        elif slot.kind == "solution" and is_filled(cell, slot):
            self.log.add(
                "duplicated",
                "The cell was there twice, filled in both times; the last one counts, the other is shown but not run.",
                slot.grade_id,
            )
            yield Piece(Cell("raw", cell.source))
        else:
            self.log.add(
                "duplicated",
                "Several cells had the same grade_id; the one with the answer counts, the others are ordinary cells.",
                slot.grade_id,
            )
            yield Piece(replace(cell, nbgrader={}, tags=()))

    def _is_blank_copy(self, cell: Cell) -> bool:
        """Whether it is the unchanged copy, without metadata, of a task that another cell answers."""
        text = essence(cell.source) if cell.cell_type == "code" else ""
        copied = [slot for slot in self._answered if text and slot.essence == text]
        for slot in copied:
            self.log.add("duplicated", "The cell was there twice; the unchanged copy was left out.", slot.grade_id)
        return bool(copied)

    def _without_blanks(self, piece: Piece) -> Piece:
        """The piece without the stub of another cell's task, which would undo that cell's answer."""
        if piece.cell.cell_type != "code" or (piece.slot and piece.slot.restored):
            return piece
        answered = {
            slot.name: slot for slot in self._answered if slot is not piece.slot and slot.name in piece.cell.code.names
        }
        chunks = piece.cell.code.chunks
        kept = [
            chunk
            for chunk in chunks
            if not any(name in answered and not is_own(chunk, answered[name]) for name in chunk.names)
        ]
        if len(kept) == len(chunks):
            return piece
        for slot in answered.values():
            self.log.add("duplicated", "A second, unfilled copy of the function was left out.", slot.grade_id)
        return replace(piece, cell=replace(piece.cell, source="\n".join(chunk.text for chunk in kept)))

    @cached_property
    def _answered(self) -> list[Slot]:
        """Solution cells that students filled in."""
        cells, cell_of = self.matching.cells, self.matching.cell_of
        slots = (slot for slot in self.matching.release.slots if slot.kind == "solution" and slot.index in cell_of)
        return [slot for slot in slots if is_filled(cells[cell_of[slot.index]], slot)]

    def _missing(self, kind: str) -> list[Slot]:
        return [
            slot
            for slot in self.matching.release.slots
            if slot.kind == kind and slot.index not in self.matching.cell_of
        ]


def _segments(chunks: list[Chunk], solutions: list[Slot]) -> list[tuple[Slot, str]]:
    """The statements shared out: those from one task's definition to the next belong to the former."""
    by_name = {slot.name: slot for slot in solutions}
    parts: dict[Slot, list[str]] = {}
    leading: list[str] = []
    current = leading
    for chunk in chunks:
        starts = [
            by_name[name]
            for name in chunk.names
            if name in by_name and by_name[name].index not in {s.index for s in parts}
        ]
        if starts:
            current = parts.setdefault(starts[0], leading if not parts else [])
        current.append(chunk.text)
    if not parts:
        parts[solutions[0]] = leading
    return [(slot, "\n".join(texts).strip("\n")) for slot, texts in parts.items()]


def _note_metadata(pieces: list[Piece], log: Log) -> None:
    lost = []
    for piece in pieces:
        slot, cell = piece.slot, piece.cell
        if slot is None:
            continue
        if slot.grade_id and cell.grade_id is None:
            lost.append(slot.grade_id)
        elif slot.grade_id and cell.grade_id != slot.grade_id:
            log.add(
                "wrong_metadata",
                f"The cell was called {(cell.grade_id or '')[:60]!r}; it has its own name again.",
                slot.grade_id,
            )
        elif slot.grade_id and _states(cell.nbgrader) != _states(slot.node.metadata.nbgrader):
            log.add(
                "changed_metadata",
                "The cell's points or flags had been changed; they are the release's again.",
                slot.grade_id,
            )
        if slot.grade_id and cell.cell_type != slot.node.cell_type:
            log.add(
                "cell_type",
                f"The cell had become a {cell.cell_type} cell; it is a {slot.node.cell_type} cell again.",
                slot.grade_id,
            )
        if (TRAINING in cell.tags) != (TRAINING in slot.tags) or (slot.grade_id and set(cell.tags) != set(slot.tags)):
            log.add(
                "tags",
                "The cell's tags were not those of the release; they are again.",
                slot.grade_id or None,
            )
    if len(lost) > _MANY:
        log.add(
            "lost_metadata",
            f"{len(lost)} cells had lost their nbgrader metadata and were recognised by content: {', '.join(lost)}.",
        )
    for grade_id in lost if len(lost) <= _MANY else []:
        log.add(
            "lost_metadata",
            "The cell had lost its nbgrader metadata; it was recognised by its content.",
            grade_id,
        )


def _states(nbgrader: dict[str, object]) -> list[object]:
    """The flags and points, absent ones (older nbgrader metadata) as nbgrader reads them."""
    return [nbgrader.get(state) or (0 if state == "points" else False) for state in _STATES]


def _notebook(pieces: list[Piece], release: Release) -> NotebookNode:
    used = {str(slot.node.get("id")) for slot in release.slots}
    nodes = []
    for position, piece in enumerate(pieces):
        node = _node(piece)
        if piece.slot is None or not node.get("id"):
            node["id"] = _new_id(piece.cell, position, used)
        nodes.append(node)
    notebook = new_notebook(metadata=deepcopy(release.notebook.metadata), cells=nodes)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _node(piece: Piece) -> NotebookNode:
    cell, slot = piece.cell, piece.slot
    if slot is None or (slot.kind == "plain" and cell.cell_type != slot.node.cell_type):
        make = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}[cell.cell_type]
        node = make(cell.source)
        tags = slot.tags if slot else tuple(tag for tag in cell.tags if tag == TRAINING)
        if tags:
            node.metadata["tags"] = sorted(set(tags))
    else:
        node = deepcopy(slot.node)
        node.source = slot.node.source if slot.restored else cell.source
    if node.cell_type == "code":
        node.outputs, node.execution_count = [], None
    elif cell.attachments and not (slot and slot.restored):
        node.attachments = deepcopy(cell.attachments)
    return node


def _new_id(cell: Cell, position: int, used: set[str]) -> str:
    """The submission's own id if no other cell has it, else one made from the content."""
    identifier, attempt = cell.id, 0
    while not identifier or identifier in used:
        identifier = hashlib.sha256(f"{position} {attempt} {cell.source}".encode()).hexdigest()[:8]
        attempt += 1
    used.add(identifier)
    return identifier
