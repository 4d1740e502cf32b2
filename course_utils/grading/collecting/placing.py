"""submitted/STUDENT/ASSIGNMENT/: compared with what came, staged beside it, and swapped at the end.

    submitted/.collecting-<process>/                     what is being unpacked; nbgrader sees no name with a dot
    submitted/.earlier/STUDENT/ASSIGNMENT/<its time>/    what was replaced

A failure while staging leaves submitted/ as it was; at no moment is a work in no place.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
from collections.abc import Mapping, Set
from functools import cached_property
from pathlib import Path
from types import TracebackType

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting.archive import CHUNK, Member
from course_utils.grading.collecting.layout import TIMESTAMP
from course_utils.grading.doctor.archive import is_ignored
from course_utils.grading.journal import write_atomically

_STAGING = ".collecting-"
_EARLIER = ".earlier"


class Place:
    """Where the works of one assignment are. As a context it clears away what was staged, and what a kill left."""

    def __init__(self, course: Path, assignment: str) -> None:
        self._root = course / "submitted"
        self._assignment = assignment
        self._staging = self._root / f"{_STAGING}{os.getpid()}"
        self._staged: list[str] = []
        self._timestamps: dict[str, str] = {}

    def __enter__(self) -> Place:
        self._clear()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._clear()

    @cached_property
    def _existing(self) -> frozenset[str]:
        return frozenset(path.name for path in self._root.glob("*") if path.is_dir() and not path.name.startswith("."))

    def students(self) -> Set[str]:
        """Ids that have a folder already."""
        return self._existing

    def compare(self, student: str, files: Mapping[str, Member]) -> str:
        """ "new", "replaced" where what is there has other files or contents, or "unchanged"."""
        folder = self._folder(student)
        if not folder.is_dir():
            return "new"
        found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
        there = {name: path for name, path in found.items() if name != TIMESTAMP and not is_ignored(name)}
        same = there.keys() == files.keys() and all(_equal(there[path], files[path]) for path in files)
        return "unchanged" if same else "replaced"

    def is_older(self, student: str, timestamp: str) -> bool:
        """Whether what is there was handed in after `timestamp`; both have to be known."""
        there = self._timestamp(student)
        return bool(there and timestamp) and _comparable(timestamp) < _comparable(there)

    def stage(self, student: str, files: Mapping[str, Member], timestamp: str) -> None:
        """Unpack a work beside its place."""
        if self._folder(student).parent.is_symlink():
            raise CourseError(f"{self._folder(student).parent} is a link; collecting writes into submitted/ only")
        folder = self._staging / student
        for name, member in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                for chunk in member.chunks():
                    file.write(chunk)
        if timestamp:
            (folder / TIMESTAMP).write_text(f"{timestamp}\n", encoding="utf-8")
        self._staged.append(student)

    def stage_timestamp(self, student: str, timestamp: str) -> None:
        """Note that a work that is there already has another time."""
        if self._timestamp(student) != timestamp:
            self._timestamps[student] = timestamp

    def carry_out(self) -> None:
        """Put everything that was staged into its place."""
        for student in self._staged:
            self._swap(student)
        for student, timestamp in self._timestamps.items():
            write_atomically(self._folder(student) / TIMESTAMP, f"{timestamp}\n")

    def _swap(self, student: str) -> None:
        target = self._folder(student)
        target.parent.mkdir(parents=True, exist_ok=True)
        earlier = self._earlier(student) if target.exists() else None
        if earlier:
            earlier.parent.mkdir(parents=True, exist_ok=True)
            os.rename(target, earlier)
        try:
            os.rename(self._staging / student, target)
        except OSError:
            if earlier:
                os.rename(earlier, target)
            raise

    def _earlier(self, student: str) -> Path:
        """A new name for what is replaced: the time when it was handed in, or when its files were written."""
        folder = self._root / _EARLIER / student / self._assignment
        time = self._timestamp(student)[:19] or _modified(self._folder(student))
        names = [time.replace(":", "."), *(f"{time.replace(':', '.')} ({number})" for number in range(2, 1000))]
        return next(folder / name for name in names if not (folder / name).exists())

    def _timestamp(self, student: str) -> str:
        try:
            return (self._folder(student) / TIMESTAMP).read_text(encoding="utf-8").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def _folder(self, student: str) -> Path:
        return self._root / student / self._assignment

    def _clear(self) -> None:
        for folder in self._root.glob(f"{_STAGING}*"):
            shutil.rmtree(folder)


def _equal(path: Path, member: Member) -> bool:
    if path.is_symlink() or path.stat().st_size != member.size:
        return False
    there, here = hashlib.sha256(), hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            there.update(chunk)
    for chunk in member.chunks():
        here.update(chunk)
    return there.digest() == here.digest()


def _modified(folder: Path) -> str:
    newest = max((path.stat().st_mtime for path in folder.rglob("*") if path.is_file()), default=folder.stat().st_mtime)
    return f"{datetime.datetime.fromtimestamp(newest):%Y-%m-%d %H:%M:%S}"


def _comparable(timestamp: str) -> str:
    """nbgrader's times are in UTC and written so that they sort as text; what follows the seconds may be left out."""
    return timestamp[:19]
