"""The journal of a course: every outcome in a file of its own, written whole or not at all.

    .course/outcomes/01_sequence_lstm/<student>.json      what grading found
    .course/outcomes/01_sequence_lstm/<student>.recorded  the fingerprint that stands in the gradebook
    .course/key                                           the secret behind the checks' inputs

After a kill at any moment, what is there is complete, and what is missing is graded by the next run.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path

from course_utils.grading.outcome import Outcome


class Journal:
    """The outcomes of one assignment, kept below the course's folder."""

    def __init__(self, course: Path, assignment: str) -> None:
        self.folder = course / ".course" / "outcomes" / assignment
        self.folder.mkdir(parents=True, exist_ok=True)

    def read(self, student: str) -> Outcome | None:
        """The last outcome of a student; None where there is none, or where the file is not one."""
        return _load(self._path(student))

    def all(self) -> list[Outcome]:
        """Every outcome that is kept, in the order of the students' names."""
        found = (_load(path) for path in self.folder.glob("*.json"))
        return sorted((outcome for outcome in found if outcome is not None), key=lambda outcome: outcome.student)

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
