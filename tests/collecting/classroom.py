"""A course's folder and a small class for the tests of collecting and returning; nothing is executed."""

from __future__ import annotations

import atexit
import datetime
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from course_utils.grading.collecting.moodle_download import Participant
from tests.batch import tiny

NAME, NOTEBOOK = tiny.NAME, f"{tiny.NOTEBOOK}.ipynb"
DUE = datetime.datetime(2026, 11, 18, 22, 0)
WEIGHTS = b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 20


def course(folder: Path) -> Path:
    """A course with the release of the tiny assignment, an empty gradebook, and times in UTC."""
    made = tiny.make_course(folder, {})
    (made / "due_dates.toml").write_text('timezone = "UTC"\n', encoding="utf-8")
    shutil.copy(_empty_gradebook(), made / "gradebook.db")
    return made


@cache
def _empty_gradebook() -> Path:
    """A gradebook takes nbgrader seconds to make: once for all tests."""
    path = Path(tempfile.mkdtemp(prefix="gradebook-")) / "gradebook.db"
    Gradebook(f"sqlite:///{path}").close()
    atexit.register(shutil.rmtree, path.parent)
    return path


def notebook(add: str = tiny.ADD) -> bytes:
    """What a student hands in."""
    return tiny.answer(add)


def participant(number: int, name: str, **fields) -> Participant:
    """A participant who handed in a notebook and weights, at a time of their own, where nothing else is said."""
    mail = hashlib.sha256(name.encode()).hexdigest()[:6]
    usual = {
        "email": f"{mail}@example.org",
        "id_number": f"s{number % 977 + 4_000_000}",
        "files": {NOTEBOOK: notebook(f"# {name}\n{tiny.ADD}"), "trained/small.weights.h5": WEIGHTS},
        "submitted": DUE - datetime.timedelta(hours=(number * 7) % 71),
    }
    return Participant(number, name, **{**usual, **fields})


def written(root: Path) -> dict[str, tuple[str, int]]:
    """Every file below a folder with its content's digest and its time of change."""
    return {
        path.relative_to(root).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder",
            path.stat().st_mtime_ns,
        )
        for path in sorted(root.rglob("*"))
    }


def handed_in(course: Path) -> dict[str, list[str]]:
    """The files of each student's folder, but for timestamp.txt."""
    return {
        folder.parent.name: sorted(
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "timestamp.txt"
        )
        for folder in sorted((course / "submitted").glob(f"*/{NAME}"))
        if not folder.parent.name.startswith(".")
    }


def known(course: Path) -> dict[str, dict]:
    """The students whom the course knows, by name."""
    students = json.loads((course / ".course" / "students.json").read_text(encoding="utf-8"))
    return {student["name"]: student for student in students}


def in_gradebook(course: Path, act: Callable[[Gradebook], object]) -> object:
    """Do something in the course's gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return act(gradebook)


def other_notebook() -> bytes:
    """A notebook that has nothing to do with the assignment."""
    cells = [nbformat.v4.new_code_cell("print('my notes')")]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
