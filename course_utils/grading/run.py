"""Grading one submission: a function of its files, the assignment and the settings, and of nothing else."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import hmac
import importlib.metadata
import json
import platform
import tempfile
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
import numpy as np
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode

from course_utils.checks.criteria import DIED, TIMED_OUT, Criterion, Result, judge, not_run
from course_utils.checks.student import Student
from course_utils.grading import illustrations
from course_utils.grading import outcome as states
from course_utils.grading.assignment import Assignment
from course_utils.grading.doctor import Diagnosis, repair
from course_utils.grading.feedback_pages.record import with_record
from course_utils.grading.harmless import make_harmless
from course_utils.grading.outcome import CellRecord, Outcome, score_cell
from course_utils.grading.presentation import grade_cell_feedback, shown
from course_utils.grading.session import KernelFailure, KernelLost, Session, TimeLimits
from course_utils.grading.submission import Submission

TRAINING_TAG = "training"
# What every notebook from Colab or of some years ago needs: listed, but no news.
LIGHT_REPAIRS = frozenset({"in_folder", "old_format", "foreign_metadata"})
MAX_RESTARTS = 4
START_TRIES = 3
START_PAUSE = 1.0  # seconds
MAX_FAILURES_PER_CELL = 2
# A name in a zip may be too long for a file, or be a file's and a folder's at once.
_IMPOSSIBLE_NAME = {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EILSEQ}
_GRAVITY = (states.OUT_OF_MEMORY, states.CRASHED, states.TIMED_OUT)


@dataclass(frozen=True)
class Settings:
    """How to grade: `start` makes a kernel in a scratch folder, `key` is the course's secret for the inputs."""

    start: Callable[[Path], AsyncKernelManager]
    key: bytes
    sandboxed: bool
    limits: TimeLimits = field(default_factory=TimeLimits)


def grade(submission: Submission, assignment: Assignment, settings: Settings) -> Outcome:
    """Repair, run and check one submission.

    Whatever the submission does ends in an Outcome. Raises KernelFailure where the grader itself cannot start a
    kernel, and CourseError where the assignment is incomplete: those are not the student's.
    """
    if _in_event_loop():
        # A kernel's sockets are read here and by the event loop they belong to: that has to be one thread, and where
        # a loop runs already, as under nbgrader's formgrader, the sockets' loop would be another thread's.
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(_grade_on_own_loop, submission, assignment, settings).result()
    started = time.monotonic()
    diagnosis = repair(submission.files, assignment.notebook, assignment.notebook_name)
    notebook = diagnosis.notebook
    if notebook is None:
        return _unreadable(submission, assignment, settings, diagnosis, time.monotonic() - started)
    with NotebookRun(notebook, diagnosis.companions, settings, left_out=_not_needed(notebook, assignment)) as run:
        run.run_cells()
        results = [run.judge(criterion, seed(settings.key, submission, criterion)) for criterion in assignment.criteria]
        usage = run.usage()
        run.let_end()  # meanwhile what it gave is written up
        cells = _records(assignment, notebook, results)
        make_harmless(notebook, assignment.notebook)
        _show(notebook, cells)
    state, reason = _state(run.events, diagnosis)
    repairs = tuple(item.message for item in diagnosis.repairs)
    return Outcome(
        student=submission.student,
        assignment=assignment.name,
        state=state,
        reason=reason,
        cells=cells,
        repairs=repairs,
        notebook=_as_text(with_record(notebook, state, reason, repairs, cells)),
        sandboxed=settings.sandboxed,
        seconds=time.monotonic() - started,
        cpu_seconds=getattr(usage, "cpu_seconds", None),
        peak_memory=getattr(usage, "peak_memory_bytes", None),
        log=tuple(f"{state}: {text}" for state, text in run.events),
        fingerprint=fingerprint(submission, assignment),
        versions=versions(),
    )


def _grade_on_own_loop(submission: Submission, assignment: Assignment, settings: Settings) -> Outcome:
    try:
        return grade(submission, assignment, settings)
    finally:
        loop = ensure_event_loop()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _not_needed(notebook: NotebookNode, assignment: Assignment) -> set[int]:
    running = {index for index, cell in enumerate(notebook.cells) if runs(cell)}
    return illustrations.left_out(notebook, assignment.notebook, running)


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def fingerprint(submission: Submission, assignment: Assignment) -> str:
    """What a grade depends on, in one word: submission, checks, release and versions."""
    parts = [submission.digest, assignment.digest, *(f"{name}={v}" for name, v in sorted(versions().items()))]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def versions() -> dict[str, str]:
    """The versions that can change a grade."""
    names = ("course-utils", "tensorflow", "keras", "numpy")
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}}


def seed(key: bytes, submission: Submission, criterion: Criterion) -> np.random.Generator:
    """A generator that a student cannot foretell, and that is the same when the same work is graded again."""
    text = f"{submission.digest}/{criterion.grade_cell}/{criterion.name}/{criterion.hidden}"
    return np.random.default_rng(int.from_bytes(hmac.digest(key, text.encode(), "sha256")))


class NotebookRun:
    """A notebook's kernel through its whole life, restarted where the notebook ends it.

    `events` lists what went wrong, as (state, text). A cell that killed the kernel is left out after the restart,
    so that it costs what depends on it and nothing else. The cells `left_out`, by index, never run.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        companions: Mapping[str, bytes],
        settings: Settings,
        left_out: Iterable[int] = (),
    ) -> None:
        self._notebook, self._companions, self._settings = notebook, companions, settings
        self._skipped = set(left_out)
        self._restarts = 0
        self._failures: dict[str, int] = {}
        self._deadline = time.monotonic() + settings.limits.submission
        self._session: Session | None = None
        self._usage: list[Any] = []
        self._observed: dict[Hashable, Any] = {}
        self.events: list[tuple[str, str]] = []

    def __enter__(self) -> NotebookRun:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def run_cells(self) -> None:
        """Run every code cell that is neither training nor a check nor left out; again without a cell that kills."""
        while self._restarts <= MAX_RESTARTS and not self._run_all():
            self._restarts += 1
            self._close()

    def judge(self, criterion: Criterion, rng: np.random.Generator) -> Result:
        """One criterion's result, on a kernel that is alive again if the one before ended it."""
        if self._failures.get(criterion.grade_cell, 0) >= MAX_FAILURES_PER_CELL:
            return not_run(criterion, "the checks before it ran out of time or ended the notebook's process")
        if time.monotonic() >= self._deadline:
            return not_run(criterion, "the time for the whole notebook was used up")
        if self._session is None or not self._session.alive:
            self._close()
            self._restarts += 1
            if self._restarts > MAX_RESTARTS or not self._run_all():
                return not_run(criterion, "the notebook's process ended too often")
        assert self._session is not None
        self._session.allow(criterion.timeout)
        result = judge(criterion, self._student, rng)
        if result.state in {TIMED_OUT, DIED}:
            self._failures[criterion.grade_cell] = self._failures.get(criterion.grade_cell, 0) + 1
            self._note(result.state, result.got, f"{criterion.grade_cell}: {shown(result).got}")
        return result

    def usage(self) -> Any:
        """The usage of the last kernel, as its provisioner tells it."""
        return self._session.usage() if self._session is not None else (self._usage[-1] if self._usage else None)

    def let_end(self) -> None:
        """The kernel is not asked for anything any more, and may end; leaving this object waits until it has."""
        if self._session is not None:
            self._session.let_end()

    def _run_all(self) -> bool:
        """Run the cells in a new kernel; False where it was lost on the way."""
        self._scratch = tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True)
        scratch = Path(self._scratch.name)
        for name in write_files(scratch, self._companions):
            event = (states.REPAIRED, f"The file {name!r} cannot be written beside the others; it was left out.")
            self.events += [event] if event not in self.events else []
        session = self._session = self._start(scratch)
        session.deadline = self._deadline
        self._student = Student(session, self._observed)
        for index, cell in enumerate(self._notebook.cells):
            if runs(cell) and index not in self._skipped and not self._run_cell(session, index):
                return False
        return True

    def _start(self, scratch: Path) -> Session:
        """A session. On a machine on which another kernel has just run wild, starting may take a second try."""
        for tries_left in reversed(range(START_TRIES)):
            try:
                session = Session(self._notebook, lambda: self._settings.start(scratch), self._settings.limits)
                return session.__enter__()
            except KernelFailure:
                if not tries_left:
                    raise
                time.sleep(START_PAUSE)
        raise AssertionError("unreachable: the last try returns or raises")

    def _run_cell(self, session: Session, index: int) -> bool:
        try:
            session.run_cell(index)
        except CellTimeoutError as error:
            self._skip(index, states.TIMED_OUT, f"cell {index + 1}: {error}")
        except KernelLost as lost:
            self._skip(index, _state_of(str(lost)), f"cell {index + 1}: {lost}")
            return False
        return True

    def _skip(self, index: int, state: str, text: str) -> None:
        self._skipped.add(index)
        self._note(state, text)
        cell = self._notebook.cells[index]
        cell.outputs = [
            *cell.get("outputs", []),
            nbformat.v4.new_output("error", ename=state, evalue=f"{text}; this cell was left out", traceback=[]),
        ]

    def _note(self, state: str, cause: str, told: str = "") -> None:
        """Note what happened; `told` is what the student may know of the cause, where that is not all of it."""
        named = _state_of(cause) if state in {DIED, states.CRASHED} else states.TIMED_OUT
        self.events.append((states.OUT_OF_MEMORY if "out-of-memory" in cause else named, told or cause))

    def _close(self) -> None:
        if self._session is not None:
            self._usage.append(self._session.usage())
            self._session.close()
            self._session = None
            self._scratch.cleanup()


def runs(cell: NotebookNode) -> bool:
    """Whether grading runs a cell: code that is neither tagged as training nor a cell of checks."""
    mark = cell.metadata.get("nbgrader", {})
    is_check = mark.get("grade") and not mark.get("solution")
    return cell.cell_type == "code" and not is_check and TRAINING_TAG not in cell.metadata.get("tags", [])


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write a submission's other files into its scratch folder; returns those that no folder can hold, or not with
    the others. Raises ValueError for a path that leads out of it, and OSError where the grader's own disk fails.
    """
    root = folder.resolve()
    left_out = []
    for name, content in files.items():
        try:
            path = (root / name).resolve()
            if root not in path.parents:
                raise ValueError(f"the file {name!r} of a submission would lie outside of its folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            if error.errno not in _IMPOSSIBLE_NAME:
                raise
            left_out.append(name)
    return left_out


def _state_of(text: str) -> str:
    if "out-of-memory" in text:
        return states.OUT_OF_MEMORY
    return states.TIMED_OUT if "too long" in text or "cpu time" in text else states.CRASHED


def _state(events: list[tuple[str, str]], diagnosis: Diagnosis) -> tuple[str, str]:
    """The gravest of what happened, and the sentence about it."""
    for state in _GRAVITY:
        for event, text in events:
            if event == state:
                return state, text
    heavy = [item.message for item in diagnosis.repairs if item.kind not in LIGHT_REPAIRS]
    heavy += [text for event, text in events if event == states.REPAIRED]
    if heavy:
        return states.REPAIRED, heavy[0]
    return states.GRADED, ""


def _records(assignment: Assignment, notebook: NotebookNode, results: list[Result]) -> tuple[CellRecord, ...]:
    blank = {_grade_id(cell): cell.source.strip() for cell in assignment.notebook.cells}
    handed_in = {_grade_id(cell): cell.source.strip() for cell in notebook.cells}
    return tuple(
        score_cell(
            cell,
            tuple(result for result in results if result.grade_cell == cell.grade_id),
            answered=handed_in.get(cell.grade_id, "") not in {"", blank.get(cell.grade_id)},
        )
        for cell in assignment.grade_cells
    )


def _show(notebook: NotebookNode, cells: tuple[CellRecord, ...]) -> None:
    """Put each grade cell's feedback where its output would be, and the records into the notebook's metadata."""
    records = {cell.grade_id: cell for cell in cells}
    for cell in notebook.cells:
        record = records.get(_grade_id(cell))
        if record is not None and cell.cell_type == "code" and record.score is not None:
            bundle = grade_cell_feedback(record)._repr_mimebundle_()
            cell.outputs = [nbformat.v4.new_output("display_data", data=bundle)]
            cell.execution_count = None


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _as_text(notebook: NotebookNode) -> str:
    """The notebook as JSON; outputs that are no valid notebook content are dropped rather than fail the student."""
    try:
        nbformat.validate(notebook)
        return json.dumps(notebook, ensure_ascii=False)  # nbformat would validate again, and indent what nobody reads
    except Exception:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        return nbformat.writes(notebook)


def _unreadable(
    submission: Submission, assignment: Assignment, settings: Settings, diagnosis: Diagnosis, seconds: float
) -> Outcome:
    """The outcome of what is no notebook: every point lost, with the reason, the release standing in for it."""
    notebook = nbformat.reads(assignment.release, as_version=4)
    results = [not_run(criterion, diagnosis.reason) for criterion in assignment.criteria]
    cells = _records(assignment, notebook, results)
    _show(notebook, cells)
    repairs = tuple(item.message for item in diagnosis.repairs)
    return Outcome(
        student=submission.student,
        assignment=assignment.name,
        state=states.UNREADABLE,
        reason=diagnosis.reason,
        cells=cells,
        repairs=repairs,
        notebook=_as_text(with_record(notebook, states.UNREADABLE, diagnosis.reason, repairs, cells)),
        sandboxed=settings.sandboxed,
        seconds=seconds,
        fingerprint=fingerprint(submission, assignment),
        versions=versions(),
    )
