"""The journal of a course: every outcome in a file of its own, written whole or not at all.

    .course/outcomes/01_sequence_lstm/<student>.json      what grading found
    .course/outcomes/01_sequence_lstm/<student>.recorded  the fingerprint that stands in the gradebook
    .course/outcomes/01_sequence_lstm/before/             what a forced run that is under way replaces
    .course/key                                           the secret behind the checks' inputs
    .course/lock                                          held by the process that grades

After a kill at any moment, what is there is complete, and what is missing is graded by the next run.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from course_utils.grading.assignment import CourseError
from course_utils.grading.outcome import Outcome


class Journal:
    """The outcomes of one assignment, kept below the course's folder."""

    def __init__(self, course: Path, assignment: str) -> None:
        self.folder = course / ".course" / "outcomes" / assignment
        self.folder.mkdir(parents=True, exist_ok=True)
        self._before = self.folder / "before"
        self._all_set_aside = self._before / "complete"

    def tidy(self) -> None:
        """Remove what a killed writer had only begun to write. Call it while holding the course (`only_one`)."""
        for path in self.folder.rglob(".*"):
            path.unlink()

    def read(self, student: str) -> Outcome | None:
        """The last outcome of a student; None where there is none, or where the file is not one."""
        return _load(self._path(student))

    def all(self) -> list[Outcome]:
        """Every outcome that is kept, in the order of the students' names.

        While a forced run is under way or was stopped, those that it replaces, not those that it has found.
        """
        paths = {path.name: path for folder in (self.folder, self._before) for path in folder.glob("*.json")}
        found = [outcome for outcome in map(_load, paths.values()) if outcome is not None]
        return sorted(found, key=lambda outcome: outcome.student)

    def set_aside(self, students: Iterable[str]) -> None:
        """Begin a forced run: move these students' outcomes away, so that all are graded again.

        Where such a run was stopped, go on with it: what it has found already is kept.
        """
        if self._all_set_aside.exists():
            return
        self._before.mkdir(exist_ok=True)
        for student in students:
            path = self._path(student)
            if path.exists():
                os.replace(path, self._before / path.name)
        self._all_set_aside.touch()

    def replaced(self, student: str) -> Outcome | None:
        """The outcome that a forced run has set aside for a student; None where there is none."""
        return _load(self._before / self._path(student).name)

    def drop_set_aside(self) -> None:
        """End a forced run: what it replaced is no longer needed."""
        self._all_set_aside.unlink(missing_ok=True)
        shutil.rmtree(self._before, ignore_errors=True)

    def write(self, outcome: Outcome) -> None:
        """Keep an outcome, in place of the one before."""
        write_atomically(self._path(outcome.student), outcome.dumps())

    def is_recorded(self, outcome: Outcome) -> bool:
        """Whether this very outcome stands in the gradebook."""
        try:
            return self._mark(outcome.student).read_text(encoding="utf-8") == _identity(outcome)
        except FileNotFoundError:
            return False

    def mark_recorded(self, outcome: Outcome) -> None:
        """Note that an outcome stands in the gradebook."""
        write_atomically(self._mark(outcome.student), _identity(outcome))

    def _path(self, student: str) -> Path:
        return self.folder / f"{_file_name(student)}.json"

    def _mark(self, student: str) -> Path:
        return self.folder / f"{_file_name(student)}.recorded"


@contextlib.contextmanager
def only_one(course: Path) -> Iterator[None]:
    """Hold the course while grading. Raises CourseError where another process does; a killed one lets go."""
    path = course / ".course" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CourseError(
                f"this course is being graded by another process ({file.read().strip() or 'unknown'}); "
                "wait until it has ended, or end it, and start the same command again"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def course_key(course: Path) -> bytes:
    """The course's secret, made at its first use: whoever knows it can foretell the inputs of hidden checks."""
    path = course / ".course" / "key"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        temporary = path.with_name(f"key.{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_bytes(secrets.token_bytes(32))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_bytes()


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that at every moment there is the old content or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _load(path: Path) -> Outcome | None:
    try:
        return Outcome.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _identity(outcome: Outcome) -> str:
    return hashlib.sha256(outcome.dumps().encode()).hexdigest()


def _file_name(student: str) -> str:
    """A file name for a student: readable, and distinct for distinct names whatever they contain."""
    readable = "".join(c if c.isalnum() or c in "-_" else "_" for c in student)[:60]
    return f"{readable}-{hashlib.sha256(student.encode()).hexdigest()[:10]}"
