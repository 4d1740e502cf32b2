"""A course of the tests' own: two small functions to write, no TensorFlow, about a second for a submission."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.grading.assignment import Assignment
from course_utils.grading.kernels.kernelspec import announce
from course_utils.grading.kernels.owner import SANDBOXED, Starter
from course_utils.grading.session import TimeLimits

NAME, NOTEBOOK = "07_small_sums", "small_sums"
MODULES = (
    "numpy",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "course_utils.checks.agent",
    "course_utils.checks.comm",
)
LIMITS = TimeLimits(cell=30.0, start=60.0, submission=90.0)  # a busy machine takes its time
SHORT = TimeLimits(cell=5.0, start=60.0, submission=60.0)
BLANK = "# YOUR CODE HERE\nraise NotImplementedError()"
ADD, DOUBLE = "def add(a, b):\n    return a + b", "def double(values):\n    return [2 * value for value in values]"
WRONG_DOUBLE = "def double(values):\n    return [value + 2 for value in values]"

PUBLIC = '''
from course_utils.checks import check, expect


@check("add", timeout=10.0)
def adds_small_numbers(student, rng):
    """add gives the sum of two whole numbers."""
    expect(student.add(2, 3), "add(2, 3)").equals(5)


@check("double", timeout=10.0)
def doubles_two_twos(student, rng):
    """double gives a list of twice each value."""
    expect(student.double([2, 2]), "double([2, 2])").equals([4, 4])
'''

HIDDEN = '''
from course_utils.checks import check, expect


@check("add", timeout=10.0)
def adds_any_numbers(student, rng):
    """add works for numbers that are nowhere in the notebook."""
    a, b = (int(number) for number in rng.integers(-10**6, 10**6, 2))
    expect(student.add(a, b), "the sum of two hidden numbers").equals(a + b)


@check("double", timeout=10.0)
def doubles_any_values(student, rng):
    """double works for values that are nowhere in the notebook."""
    values = [int(number) for number in rng.integers(5, 10**6, 5)]
    expect(student.double(values), "hidden values, doubled").equals([2 * value for value in values])
'''


def release() -> NotebookNode:
    """The students' version: text, two solution cells, two grade cells."""
    cells = [new_markdown_cell("# Small sums", id="title")]
    for name in ("add", "double"):
        cells.append(new_code_cell(BLANK, id=f"solution-{name}", metadata=_mark(f"solution_{name}", solution=True)))
        cells.append(new_code_cell(f'check("{name}")', id=f"check-{name}", metadata=_mark(name, grade=True)))
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def _mark(grade_id: str, solution: bool = False, grade: bool = False) -> dict:
    mark = {
        "grade_id": grade_id, "solution": solution, "grade": grade, "task": False, "locked": not solution,
        "schema_version": 3, "cell_type": "code",
    }  # fmt: skip
    return {"nbgrader": {**mark, "points": 2.0} if grade else mark}


def assignment(hidden: str = HIDDEN) -> Assignment:
    """The assignment as the grader gets it; 2 points for `add` and 2 for `double`."""
    return Assignment(NAME, NOTEBOOK, nbformat.writes(release()), PUBLIC, hidden)


def answer(add: str = ADD, double: str = DOUBLE) -> bytes:
    """A notebook with these solutions; the right ones where nothing else is said."""
    notebook = copy.deepcopy(release())
    for name, code in (("add", add), ("double", double)):
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == f"solution_{name}")
        cell.source = code
    return nbformat.writes(notebook).encode("utf-8", "surrogatepass")


def make_course(folder: Path, answers: dict[str, bytes]) -> Path:
    """A course's folder with submitted/STUDENT/07_small_sums/small_sums.ipynb."""
    (folder / "source" / NAME).mkdir(parents=True)
    (folder / "release" / NAME).mkdir(parents=True)
    nbformat.write(release(), folder / "source" / NAME / f"{NOTEBOOK}.ipynb")
    nbformat.write(release(), folder / "release" / NAME / f"{NOTEBOOK}.ipynb")
    shutil.copy(Path(__file__).parents[2] / "nbgrader_config.py", folder)
    for student, content in answers.items():
        hand_in(folder, student, content)
    return folder


def hand_in(course: Path, student: str, content: bytes) -> None:
    """Put a notebook where nbgrader collects it."""
    place = course / "submitted" / student / NAME
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{NOTEBOOK}.ipynb").write_bytes(content)


@contextmanager
def light_kernels(confinement: str = SANDBOXED) -> Iterator[Starter]:
    """As kernel_choice.warm_kernels, but what is warm is Python alone: a starter in a second or two."""
    announce()
    starter = Starter(confinement, MODULES)
    before = os.environ.get("COURSE_STARTER")
    os.environ["COURSE_STARTER"] = str(starter.folder)
    try:
        yield starter
    finally:
        del os.environ["COURSE_STARTER"]
        if before is not None:
            os.environ["COURSE_STARTER"] = before
        starter.stop()
