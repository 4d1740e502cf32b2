"""Submissions as they are handed in: a student's name and the files, in memory and bounded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MAX_FILES = 500
MAX_TOTAL = 300 * 1024 * 1024
_IGNORED = {".DS_Store", "Thumbs.db", "timestamp.txt"}
_IGNORED_FOLDERS = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}


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

    What goes over the bounds is left out as well, the smallest files being kept first, so that one huge file
    does not cost a student the notebook.
    """
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and _wanted(path, folder)]
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(paths, key=lambda path: (path.suffix != ".ipynb", path.stat().st_size, str(path)))[:MAX_FILES]:
        total += path.stat().st_size
        if total <= MAX_TOTAL:
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def find_submissions(folder: Path, assignment: str) -> list[Submission]:
    """The submissions in `folder`: one folder a student, or one file a student, or nbgrader's submitted/ tree.

    A student's folder may hold a folder with the assignment's name. Raises FileNotFoundError for no folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder; expected one notebook or one folder for each student")
    submissions = []
    for entry in sorted(folder.iterdir()):
        if entry.name in _IGNORED or entry.name.startswith(".") or entry.name in _IGNORED_FOLDERS:
            continue
        if entry.is_dir() and not entry.is_symlink():
            inner = entry / assignment
            submissions.append(Submission(student_id(entry.name), read_folder(inner if inner.is_dir() else entry)))
        elif entry.is_file() and not entry.is_symlink():
            submissions.append(Submission(student_id(_stem(entry.name)), {entry.name: entry.read_bytes()}))
    return _distinct(submissions)


def student_id(name: str) -> str:
    """A name that nbgrader takes as a student's: no path separators, control characters or plus signs.

    >>> student_id("  Zoë  O'Hara/12 ")
    "Zoë O'Hara-12"
    """
    text = re.sub(r"[\x00-\x1f/\\+*?\[\]{}]+", "-", " ".join(name.split())).strip(". -")
    return text[:120] or "unnamed"


def _stem(name: str) -> str:
    for ending in (".ipynb.txt", ".ipynb.json", ".ipynb", ".zip", ".py", ".json", ".txt", ".html"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _wanted(path: Path, folder: Path) -> bool:
    inside = path.relative_to(folder)
    return path.name not in _IGNORED and not _IGNORED_FOLDERS.intersection(inside.parts)


def _distinct(submissions: list[Submission]) -> list[Submission]:
    seen: dict[str, int] = {}
    result = []
    for submission in submissions:
        count = seen[submission.student] = seen.get(submission.student, 0) + 1
        name = submission.student if count == 1 else f"{submission.student} ({count})"
        result.append(Submission(name, submission.files))
    return result
