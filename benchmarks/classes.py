"""The class that is graded: the reference, the right answers, the blank notebook and mutants, by turns."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils.grading.assignment import Assignment
from tests.submissions import build

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "01_sequence_lstm"


@dataclass(frozen=True)
class Student:
    """A student's name, the solution cells by their grade_id, and the files beside the notebook."""

    name: str
    solutions: Mapping[str, str]
    files: Mapping[str, bytes]

    def notebook(self, release: NotebookNode) -> bytes:
        """The release with this student's solutions in it."""
        notebook = copy.deepcopy(release)
        for cell in notebook.cells:
            mark = cell.metadata.get("nbgrader", {})
            if mark.get("solution") and mark["grade_id"] in self.solutions:
                cell.source = self.solutions[mark["grade_id"]]
        return nbformat.writes(notebook).encode()


def made_up_class(assignment: Assignment, size: int) -> list[Student]:
    """`size` students, always the same: half of them right, a blank one, the rest mutants."""
    right = [("reference", build.reference(ASSIGNMENT))]
    right += [(answer.name, build.build(ASSIGNMENT, answer)) for answer in build.answers(ASSIGNMENT, "right")]
    mutants = build.answers(ASSIGNMENT, "mutants")
    random.Random(0).shuffle(mutants)
    chosen = [("blank", build.blank(ASSIGNMENT))]
    chosen += [right[number % len(right)] for number in range(max(1, size // 2))]
    chosen += [(answer.name, build.build(ASSIGNMENT, answer)) for answer in mutants[: size - len(chosen)]]
    return [_student(f"{number:02} {name}", submission) for number, (name, submission) in enumerate(chosen[:size])]


def _student(name: str, submission: build.Submission) -> Student:
    cells = [cell for cell in submission.notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    solutions = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in cells}
    return Student(name, solutions, submission.files)


def hand_in(course: Path, students: list[Student], release: NotebookNode, notebook_name: str) -> None:
    """Fill a course's submitted/ as nbgrader collects it."""
    for student in students:
        folder = course / "submitted" / student.name / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / f"{notebook_name}.ipynb").write_bytes(student.notebook(release))
        for name, content in student.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def copy_course(folder: Path) -> Path:
    """A course's folder with this assignment in it and no submissions."""
    for part in (f"source/{ASSIGNMENT}", f"release/{ASSIGNMENT}", "tests/graded"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return folder
