"""What the doctor hands back: the repaired notebook and the list of repairs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

MAX_REPAIRS = 200


@dataclass(frozen=True)
class Repair:
    """One thing that was found and what was done about it.

    Args:
        kind: what was found, one word or two joined by `_` ("duplicated", "lost_metadata"), for counting.
        message: what was found and what was done, in plain words, for students and instructors.
        cell: grade_id of the cell that it is about, if it is about one.
    """

    kind: str
    message: str
    cell: str | None = None


@dataclass(frozen=True)
class Diagnosis:
    """A submission after the doctor's visit.

    Args:
        notebook: the notebook to grade (nbformat 4.5, no outputs); None where nothing could be read.
        repairs: what was found and done; empty for a healthy submission.
        readable: whether there is a notebook.
        reason: why there is none, for the student; empty where there is one.
        companions: the submission's other files, by their path relative to the notebook.
    """

    notebook: NotebookNode | None
    repairs: tuple[Repair, ...]
    readable: bool
    reason: str = ""
    companions: dict[str, bytes] = field(default_factory=dict)


class Log:
    """Collects repairs, at most `MAX_REPAIRS` and each only once."""

    def __init__(self) -> None:
        self._repairs: dict[Repair, None] = {}
        self._left_out = 0

    def __iter__(self) -> Iterator[Repair]:
        yield from self._repairs
        if self._left_out:
            yield Repair("more", f"{self._left_out} further repairs are not listed.")

    def add(self, kind: str, message: str, cell: str | None = None) -> None:
        """Note one repair."""
        repair = Repair(kind, message, cell)
        if repair in self._repairs:
            return
        if len(self._repairs) >= MAX_REPAIRS:
            self._left_out += 1
        else:
            self._repairs[repair] = None

    def extend(self, other: "Log") -> None:
        """Take over everything that another log holds."""
        for repair in other._repairs:
            self.add(repair.kind, repair.message, repair.cell)
        self._left_out += other._left_out
