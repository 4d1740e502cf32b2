"""Scoring fails closed: what makes stock nbgrader give or lose points by accident does neither here."""

import functools
import logging
import shutil

import nbformat
import numpy as np
import pytest
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.utils import determine_grade

from course_utils.checks.criteria import FAILED, PASSED, Result
from course_utils.grading.outcome import CellRecord, GradeCell, Outcome, checked_score, score_cell
from course_utils.grading.preprocessors import OUTCOME, SaveRecordedGrades

POINTS = 3.0


def grade_cell(*outputs):
    cell = nbformat.v4.new_code_cell("check('task')", outputs=list(outputs))
    mark = {"grade": True, "solution": False, "locked": True, "task": False, "grade_id": "task", "points": POINTS}
    cell.metadata["nbgrader"] = {**mark, "schema_version": 3, "cell_type": "code"}
    return cell


def result_of(text):
    return nbformat.v4.new_output("execute_result", data={"text/plain": text}, execution_count=1)


ERROR = nbformat.v4.new_output("error", ename="ValueError", evalue="after the score", traceback=[])
WARNING = nbformat.v4.new_output("stream", name="stderr", text="DeprecationWarning: old\n")
# What a cell may print, and what stock nbgrader 0.9 makes of it (out of 3 points).
OUTPUTS = {
    "a NumPy scalar": ([result_of("np.float64(2.5)")], POINTS),
    "NaN": ([result_of("nan")], POINTS),
    "an error after the score": ([result_of("3"), ERROR], POINTS),
    "a warning on stderr": ([WARNING], 0.0),
    "nothing at all": ([], POINTS),
    "a forged score": ([result_of("3.0")], POINTS),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_stock_nbgrader_scores_by_what_a_cell_printed(name):
    outputs, stock = OUTPUTS[name]
    score, _ = determine_grade(grade_cell(*outputs), logging.getLogger("test"))
    assert score == stock or (np.isnan(score) and name == "NaN")


@pytest.fixture(scope="module")
def gradebook_file(tmp_path_factory):
    """A gradebook with one submission of one grade cell; nbgrader needs seconds to make one, so it is made once."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_assignment("a")
        gradebook.add_notebook("n", "a")
        gradebook.add_grade_cell("task", "n", "a", max_score=POINTS, cell_type="code")
        gradebook.add_submission("a", "ada")
    return path


@pytest.fixture
def scored_by(gradebook_file, tmp_path):
    """The auto score that a preprocessor writes into a gradebook for one cell with these outputs."""
    url = f"sqlite:///{shutil.copy(gradebook_file, tmp_path)}"
    return functools.partial(score_in, url)


def score_in(url, preprocessor, outputs, outcome):
    notebook = nbformat.v4.new_notebook(cells=[grade_cell(*outputs)])
    resources = {"nbgrader": {"notebook": "n", "assignment": "a", "student": "ada", "db_url": url}, OUTCOME: outcome}
    preprocessor().preprocess(notebook, resources)
    with Gradebook(url) as gradebook:
        return gradebook.find_grade("task", "n", "a", "ada").auto_score


def outcome_with(score):
    cells = () if score is None else (CellRecord("task", POINTS, score),)
    return Outcome("ada", "a", "graded", "", cells, (), "", False, 0.0)


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("score", [0.0, 1.5, 3.0])
def test_here_the_score_is_the_record_s_whatever_the_cell_printed(name, score, scored_by):
    assert scored_by(SaveRecordedGrades, OUTPUTS[name][0], outcome_with(score)) == score


def test_stock_preprocessor_would_have_taken_the_forged_score(scored_by):
    assert scored_by(SaveAutoGrades, OUTPUTS["a forged score"][0], outcome_with(0.0)) == POINTS


def test_a_cell_without_a_record_scores_nothing(scored_by):
    assert scored_by(SaveRecordedGrades, [result_of("3.0")], outcome_with(None)) == 0.0


def test_a_notebook_without_an_outcome_scores_nothing(scored_by):
    assert scored_by(SaveRecordedGrades, [result_of("3.0")], None) == 0.0


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -1, 3.5, "3", None, True, np.array([3.0]), [3]])
def test_a_record_that_is_no_score_counts_nothing(score, scored_by):
    assert checked_score(score, POINTS) == 0.0
    outcome = outcome_with(0.0)
    object.__setattr__(outcome.cells[0], "score", 0.0 if score is None else score)
    assert scored_by(SaveRecordedGrades, [], outcome) == 0.0


@pytest.mark.parametrize("score", [0, 3, 2.5, np.float64(2.5)])
def test_an_ordinary_number_is_a_score_also_as_a_numpy_scalar(score):
    assert checked_score(score, POINTS) == float(score)


def test_partial_credit_goes_by_the_criteria_s_weights():
    results = (Result("task", "a", "a", 2, False, PASSED), Result("task", "b", "b", 1, True, FAILED))
    assert score_cell(GradeCell("task", POINTS, manual=False), results).score == 2.0


def test_a_cell_for_which_no_check_ran_scores_nothing():
    assert score_cell(GradeCell("task", POINTS, manual=False), ()).score == 0.0


def test_a_written_answer_waits_for_a_person_unless_it_was_left_blank():
    cell = GradeCell("task", POINTS, manual=True)
    assert score_cell(cell, (), answered=True).score is None
    assert score_cell(cell, (), answered=False).score == 0.0
