"""What the grader's doctor would repair, where the grader is installed and the course's folder is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode


@dataclass(frozen=True)
class Mended:
    """A notebook as grading would run it, and what had to be done to it."""

    notebook: NotebookNode
    repairs: tuple[str, ...]


def mended(path: Path, assignment: str) -> Mended | None:
    """The notebook as the doctor leaves it; None without the extra `grading`, a course's folder or a repair."""
    try:
        from course_utils.grading.assignment import CourseError, assignments, find_course, released_notebook
        from course_utils.grading.doctor import repair
    except ImportError:
        return None
    import nbformat

    try:
        course = find_course(path.resolve().parent)
        names = [assignment] if assignment else assignments(course)
        release = released_notebook(course, names[0]) if len(names) == 1 else None
    except CourseError:
        return None
    if release is None:
        return None
    diagnosis = repair({path.name: path.read_bytes()}, nbformat.read(release, as_version=4), release.stem)
    if diagnosis.notebook is None or not diagnosis.repairs:
        return None
    return Mended(diagnosis.notebook, tuple(item.message for item in diagnosis.repairs))
