"""An assignment as the grader knows it: its release notebook, its grade cells and its criteria.

It travels to workers as text, so that a worker needs neither the course's folder nor a disk shared with it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import types
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import course_utils.checks
from course_utils.checks.criteria import Criterion, criteria_of
from course_utils.checks.notebook import module_name
from course_utils.grading.outcome import GradeCell

HIDDEN_CHECKS = Path("tests") / "graded"


class CourseError(Exception):
    """Something is missing or wrong in the course's folder; the text says what to do."""


@dataclass(frozen=True)
class Assignment:
    """One assignment: `release` is its notebook as JSON text, the others are the sources of its checks."""

    name: str
    notebook_name: str
    release: str
    public_source: str
    hidden_source: str

    def __reduce__(self) -> tuple:
        """Travel as texts: what is derived from them is derived again where it is needed."""
        return Assignment, (self.name, self.notebook_name, self.release, self.public_source, self.hidden_source)

    @cached_property
    def notebook(self) -> NotebookNode:
        """The release notebook."""
        return nbformat.reads(self.release, as_version=4)

    @cached_property
    def grade_cells(self) -> tuple[GradeCell, ...]:
        """The cells with points, in order."""
        cells = []
        for cell in self.notebook.cells:
            mark = cell.metadata.get("nbgrader", {})
            if mark.get("grade"):
                cells.append(GradeCell(mark["grade_id"], float(mark["points"]), bool(mark["solution"])))
        return tuple(cells)

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """The public criteria and then the hidden ones; a grade cell has both kinds.

        Raises CourseError where a grade cell that is not graded by hand has no criterion.
        """
        public = _module(f"public_checks_of_{module_name(self.name)}", self.public_source)
        hidden = _module(f"hidden_checks_of_{module_name(self.name)}", self.hidden_source)
        criteria = (*criteria_of(public), *criteria_of(hidden, hidden=True))
        covered = {criterion.grade_cell for criterion in criteria}
        bare = [cell.grade_id for cell in self.grade_cells if not cell.manual and cell.grade_id not in covered]
        if bare:
            raise CourseError(f"{self.name}: no check for the grade cells {', '.join(bare)}; nothing would be scored")
        return criteria

    @cached_property
    def digest(self) -> str:
        """A fingerprint of the release and of every check, public and hidden, as they are installed here."""
        sources = [self.release, self.public_source, self.hidden_source]
        sources += [path.read_text() for path in sorted(_checks_folder().glob("*.py"))]
        return hashlib.sha256("\0".join(sources).encode()).hexdigest()

    @staticmethod
    def load(course: Path, name: str) -> Assignment:
        """Read an assignment from the course's folder. Raises CourseError with what is missing."""
        hidden = course / HIDDEN_CHECKS / f"{module_name(name)}.py"
        if not hidden.is_file():
            raise CourseError(f"{name} has no hidden checks: expected the file {hidden}")
        public = _checks_folder() / f"{module_name(name)}.py"
        if not public.is_file():
            raise CourseError(f"{name} has no public checks: expected the module course_utils.checks.{public.stem}")
        path = released_notebook(course, name)
        texts = (file.read_text(encoding="utf-8") for file in (path, public, hidden))
        return Assignment(name, path.stem, *texts)


def _module(name: str, source: str) -> types.ModuleType:
    """A module made of the course's own source text."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    return module


def assignments(course: Path) -> list[str]:
    """The names of the course's assignments, in order."""
    return sorted(path.name for path in (course / "source").glob("*") if any(path.glob("*.ipynb")))


def released_notebook(course: Path, name: str) -> Path:
    """The release notebook of an assignment. Raises CourseError where there is none, or more than one."""
    found = sorted((course / "release" / name).glob("*.ipynb"))
    if len(found) == 1:
        return found[0]
    if found:
        raise CourseError(f"release/{name} holds {len(found)} notebooks; an assignment has exactly one")
    known = ", ".join(assignments(course)) or "none"
    raise CourseError(f"release/{name} holds no notebook (assignments here: {known}); run `course release` first")


def find_course(start: Path | None = None) -> Path:
    """The course's folder: $COURSE_DIR, or the nearest one upwards that holds nbgrader_config.py and source/."""
    given = os.environ.get("COURSE_DIR")
    here = Path(given) if given else (start or Path.cwd())
    for folder in [here, *here.resolve().parents]:
        if (folder / "nbgrader_config.py").is_file() and (folder / "source").is_dir():
            return folder.resolve()
    raise CourseError(
        f"no course in {here} or above it: expected a folder with nbgrader_config.py and source/. "
        "Change into the course's folder, or set COURSE_DIR."
    )


def _checks_folder() -> Path:
    return Path(course_utils.checks.__file__).parent
