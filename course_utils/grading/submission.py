"""Submissions as they are handed in: a student's name and the files, in memory and bounded."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MAX_FILES = 500
MAX_TOTAL = 300 * 1024 * 1024
MAX_ID_BYTES = 120  # nbgrader's column takes 128 characters, a file's name 255 bytes
_IGNORED = {".DS_Store", "Thumbs.db", "timestamp.txt"}
_IGNORED_FOLDERS = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}
_ENDINGS = (".ipynb.txt", ".ipynb.json", ".ipynb", ".zip", ".py", ".json", ".txt", ".html")


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment; `files` by their path in the submission, as bytes."""

    student: str
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """A fingerprint of every file's path and content."""
        whole = hashlib.sha256()
        for path in sorted(self.files):
            content = self.files[path]
            whole.update(f"{len(path.encode())} {len(content)} ".encode() + path.encode() + content)
        return whole.hexdigest()


def read_folder(folder: Path) -> dict[str, bytes]:
    """The regular files below `folder`. Links, checkpoints and system files are left out; size and number bounded.

    What goes over the bounds or cannot be read is left out as well, notebooks and the smallest files being kept
    first, so that one huge file does not cost a student the notebook.
    """
    found = sorted(_regular_files(folder), key=lambda file: (file[0].suffix != ".ipynb", file[1], str(file[0])))
    files: dict[str, bytes] = {}
    left = MAX_TOTAL
    for path, size in found[:MAX_FILES]:
        content = _content(path) if size <= left else None
        if content is not None:
            files[_text(path.relative_to(folder).as_posix())] = content
            left -= len(content)
    return files


def handed_in(course: Path, assignment: str) -> list[Submission]:
    """The submissions in a course's submitted/STUDENT/ASSIGNMENT, as nbgrader collects them.

    Who has no folder for this assignment has not handed it in. Raises FileNotFoundError where nothing was collected.
    """
    root = course / "submitted"
    if not root.is_dir():
        raise FileNotFoundError(f"{root} is not there; collect submissions into submitted/STUDENT/{assignment}/")
    folders = [entry / assignment for entry in _entries(root)]
    return _distinct([(folder.parent.name, read_folder(folder)) for folder in folders if _is_folder(folder)])


def find_submissions(folder: Path, assignment: str) -> list[Submission]:
    """The submissions in any folder: one folder a student, or one file a student.

    A student's folder may hold a folder with the assignment's name. Raises FileNotFoundError for no folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder; expected one notebook or one folder for each student")
    found: list[tuple[str, dict[str, bytes]]] = []
    for entry in _entries(folder):
        if _is_folder(entry):
            inner = entry / assignment
            found.append((entry.name, read_folder(inner if _is_folder(inner) else entry)))
        elif entry.is_file() and not entry.is_symlink():
            small = entry.stat().st_size <= MAX_TOTAL
            content = _content(entry) if small else None
            found.append((_stem(entry.name), {} if content is None else {_text(entry.name): content}))
    return _distinct(found)


def student_id(name: str) -> str:
    """A name that nbgrader, its database and file systems take as a student's.

    No path separators, control characters or plus signs; composed Unicode; where it is too long, the beginning and
    a mark of the rest.

    >>> student_id("  Zoë  O'Hara/12 ")
    "Zoë O'Hara-12"
    """
    text = unicodedata.normalize("NFC", " ".join(_text(name).split()))
    text = re.sub(r"[\x00-\x1f\x7f/\\+*?\[\]{}]+", "-", text).strip(". -") or "unnamed"
    if len(text.encode()) <= MAX_ID_BYTES:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text.encode()[: MAX_ID_BYTES - 9].decode(errors='ignore')}-{mark}"


def _entries(folder: Path) -> list[Path]:
    entries = sorted(folder.iterdir())
    return [e for e in entries if e.name not in _IGNORED | _IGNORED_FOLDERS and not e.name.startswith(".")]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _regular_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """The regular files below a folder and their sizes in bytes, no link being followed."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _IGNORED_FOLDERS)
        for name in names:
            try:
                status = os.lstat(os.path.join(place, name))
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode) and name not in _IGNORED:
                yield Path(place, name), status.st_size


def _content(path: Path) -> bytes | None:
    """A file's content; None where it cannot be read: that costs this student the file, and nobody else anything."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _text(name: str) -> str:
    """A file's name as text that has an encoding; names may be any bytes on Linux."""
    return os.fsencode(name).decode("utf-8", "replace")


def _stem(name: str) -> str:
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _distinct(found: list[tuple[str, dict[str, bytes]]]) -> list[Submission]:
    """A submission for each entry; where a name is taken, a number is added to it."""
    taken: set[str] = set()
    result = []
    for name, files in found:
        student, number = student_id(name), 1
        while student in taken:
            number += 1
            student = student_id(f"{name} ({number})")
        taken.add(student)
        result.append(Submission(student, files))
    return result
