"""`course report` finds what a course's folder keeps: the journal, the gradebook, the signatures and the solution."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from course_utils.grading.assignment import Assignment, CourseError
from course_utils.grading.cli import app
from course_utils.grading.gradebook import GradebookWriter
from course_utils.grading.journal import Journal
from course_utils.grading.reporting.of_course import report_on_course
from course_utils.grading.reporting.signatures import signatures_path

from .made_up import NAME, NOTEBOOK, assignment, failing, outcome, release


@pytest.fixture
def graded(tmp_path, monkeypatch) -> Path:
    """A course's folder after `course grade`: two students, one late, one with a known mistake."""
    (tmp_path / "source" / NAME).mkdir(parents=True)
    nbformat.write(release(), tmp_path / "source" / NAME / f"{NOTEBOOK}.ipynb")
    shutil.copy(Path(__file__).resolve().parents[2] / "nbgrader_config.py", tmp_path)
    path = signatures_path(tmp_path, NAME)
    path.parent.mkdir(parents=True)
    failures = [["shifts_far", True, "failed", "got"]]
    known = {"name": "far_off", "title": "Shifts too far.", "grade_cell": "shift", "failures": failures}
    path.write_text(json.dumps([known]))
    writer, journal = GradebookWriter(tmp_path), Journal(tmp_path, NAME)
    writer.register(assignment())
    for one in (outcome("ann"), outcome("bob", failing("shifts_far"))):
        journal.write(one)
        writer.record(one, NOTEBOOK)
    monkeypatch.setattr(Assignment, "load", staticmethod(lambda course, name: assignment()))
    monkeypatch.setenv("COURSE_DIR", str(tmp_path))
    return tmp_path


def test_the_report_has_the_gradebooks_marks_and_the_known_mistakes(graded):
    report = report_on_course(graded, NAME, graded / "reports" / "r.html")
    assert report.marks["ann"].waiting
    assert report.marks["bob"].total == pytest.approx(4.0)
    assert [mutant.name for mutant in report.mistakes[0].mutants] == ["far_off"]


def test_the_command_writes_the_page_and_the_tables_where_it_is_told_or_into_reports(graded):
    done = CliRunner().invoke(app, ["report", NAME])
    assert done.exit_code == 0, done.output
    assert (graded / "reports" / f"{NAME}.html").is_file()
    assert (graded / "reports" / f"{NAME}_tables" / "students.csv").is_file()
    CliRunner().invoke(app, ["report", NAME, "--output", str(graded / "elsewhere.html")])
    assert (graded / "elsewhere.html").is_file()


def test_a_class_that_was_not_graded_is_told_to_be_graded_first(graded):
    shutil.rmtree(graded / ".course")
    done = CliRunner().invoke(app, ["report", NAME])
    assert isinstance(done.exception, CourseError)
    assert f"run `course grade {NAME}` first" in str(done.exception)
