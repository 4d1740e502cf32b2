"""Plain `nbgrader autograde` on the same class: the same criteria, judged in the notebook's own kernel.

A grade cell's hidden tests judge the cell's public and hidden criteria and end in the score, as nbgrader's manual
says for partial credit. nbgrader's settings are its own but for the time-out of a cell, which would cost points.
It runs every cell that was handed in, those that train as well: they find the weights that came with the submission,
and evaluate them. `course grade` leaves these cells out, so a second run of stock nbgrader goes without them too.
"""

from __future__ import annotations

import copy
import shutil
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from benchmarks import measuring
from benchmarks.classes import ASSIGNMENT, ROOT, Student, hand_in
from benchmarks.measuring import Measured
from course_utils.checks.notebook import module_name
from course_utils.grading.assignment import HIDDEN_CHECKS, Assignment
from course_utils.grading.scripts_path import add_scripts_to_path

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\nc.ExecutePreprocessor.timeout = 600\n'
CELL = """### BEGIN HIDDEN TESTS
from benchmarks.judging import score
score({assignment!r}, {grade_cell!r}, {points!r}, {hidden!r}, globals())
### END HIDDEN TESTS"""


def run(
    course: Path, assignment: Assignment, students: list[Student], left_out: frozenset[str] = frozenset()
) -> Measured:
    """Release the assignment by stock nbgrader, hand the class in, and time `nbgrader autograde`.

    Cells with a tag of `left_out` are in no notebook.
    """
    (course / "source" / ASSIGNMENT).mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG)
    hidden = course / "hidden_checks.py"
    shutil.copy(ROOT / HIDDEN_CHECKS / f"{module_name(ASSIGNMENT)}.py", hidden)
    nbformat.write(
        _source(assignment, hidden, left_out), course / "source" / ASSIGNMENT / f"{assignment.notebook_name}.ipynb"
    )
    environment = {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(course), "COURSE_DATA_SOURCE": "embedded"}
    add_scripts_to_path()
    nbgrader = [sys.executable, "-m", "nbgrader"]
    measuring.run([*nbgrader, "generate_assignment", ASSIGNMENT, "--create"], course, environment)
    released = course / "release" / ASSIGNMENT / f"{assignment.notebook_name}.ipynb"
    hand_in(course, students, nbformat.read(released, as_version=4), assignment.notebook_name)
    seconds, peak = measuring.run([*nbgrader, "autograde", ASSIGNMENT], course, environment)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        scores = {
            submission.student.id: submission.score for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }
    print(f"nbgrader autograde, {len(students)} submissions: {seconds:.0f} s", flush=True)
    return Measured(seconds, peak, scores)


def _source(assignment: Assignment, hidden: Path, left_out: frozenset[str]) -> NotebookNode:
    """The release with its checks in the grade cells, without the cells with a tag of `left_out`."""
    notebook = copy.deepcopy(assignment.notebook)
    notebook.cells = [cell for cell in notebook.cells if not left_out.intersection(cell.metadata.get("tags", []))]
    points = {cell.grade_id: cell.points for cell in assignment.grade_cells if not cell.manual}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in points:
            cell.source = CELL.format(
                assignment=assignment.name, grade_cell=grade_id, points=points[grade_id], hidden=str(hidden)
            )
    return notebook
