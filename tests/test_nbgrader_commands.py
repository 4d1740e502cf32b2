"""nbgrader's own commands and its formgrader work in the course's folder as nbgrader documents them, on this engine."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests.submissions.build import reference

NAME = "01_sequence_lstm"
COURSE = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
FORGED = "from IPython.display import display\nprint(3.0)\n3.0"


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run an nbgrader command in the course's folder, as from a shell in which nothing is activated."""
    environment = {**os.environ, "PATH": "/usr/bin:/bin", "COURSE_DATA_SOURCE": "embedded"}
    command = [str(SCRIPTS / "nbgrader"), *arguments]
    return subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


def half_solved() -> nbformat.NotebookNode:
    """The release with two tasks solved, and with a score printed where a third is checked."""
    (path,) = (COURSE / "release" / NAME).glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    solved = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in reference(NAME).notebook.cells}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in {"solution_resize_img", "solution_normalize_img"}:
            cell.source = solved[grade_id]
        if grade_id == "solution_reshape_img":
            cell.source = "import warnings\nwarnings.warn('old')\n" + cell.source
        if grade_id == "reshape_img":
            cell.source = FORGED
    return notebook


@pytest.fixture(scope="module")
def graded_course(tmp_path_factory) -> Path:
    """A course's folder in which nbgrader generated the assignment, and graded one student."""
    course = tmp_path_factory.mktemp("course")
    for folder in (f"source/{NAME}", "tests/graded"):
        shutil.copytree(COURSE / folder, course / folder)
    shutil.copy(COURSE / "nbgrader_config.py", course)
    for folder in ("ada", "bela"):
        (course / "submitted" / folder / NAME).mkdir(parents=True)
        nbformat.write(half_solved(), course / "submitted" / folder / NAME / "sequence_lstm.ipynb")
    generated = nbgrader(course, "generate_assignment", NAME)
    assert generated.returncode == 0, generated.stderr
    graded = nbgrader(course, "autograde", NAME, "--student", "ada")
    assert graded.returncode == 0, graded.stderr
    return course


def scores(course: Path, student: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission_notebook("sequence_lstm", NAME, student)
        return {grade.cell.name: grade.auto_score for grade in submission.grades}


def test_autograde_scores_what_was_solved_and_nothing_else(graded_course):
    found = scores(graded_course, "ada")
    assert found.pop("resize_img") == 1
    assert found.pop("normalize_img") == 1
    assert found.pop("parameter_counts") == 0, "a written answer left blank needs nobody's time"
    assert set(found.values()) == {0}, "a printed score counts nothing"


def test_autograde_keeps_each_criterion_in_the_notebook_that_feedback_is_made_from(graded_course):
    path = graded_course / "autograded" / "ada" / NAME / "sequence_lstm.ipynb"
    cells = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in nbformat.read(path, as_version=4).cells}
    (shown,) = cells["resize_img"].outputs
    assert "1 of 1 points" in shown.data["text/plain"]
    assert cells["reshape_img"].source.strip() == 'check("reshape_img")', "changed checks are restored"


def test_generate_feedback_writes_a_page_with_criteria_and_without_a_path_of_this_machine(graded_course):
    made = nbgrader(graded_course, "generate_feedback", NAME, "--student", "ada")
    assert made.returncode == 0, made.stderr
    page = (graded_course / "feedback" / "ada" / NAME / "sequence_lstm.html").read_text(encoding="utf-8")
    assert "resize_img leaves the label alone" in page
    assert str(graded_course) not in page
    assert "tests/graded" not in page


def test_autograde_refuses_an_unknown_assignment(graded_course):
    assert nbgrader(graded_course, "autograde", "99_unknown").returncode != 0


class Formgrader:
    """A Jupyter server on loopback with nbgrader's formgrader, in a course's folder."""

    def __init__(self, course: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.token = secrets.token_hex(16)
        environment = {**os.environ, "PATH": f"{SCRIPTS}:/usr/bin:/bin", "COURSE_DATA_SOURCE": "embedded"}
        options = ["--ip=127.0.0.1", f"--port={self.port}", f"--IdentityProvider.token={self.token}", "--allow-root"]
        command = [str(SCRIPTS / "jupyter-server"), "--no-browser", *options, "--ServerApp.disable_check_xsrf=True"]
        log = (course / "server.log").open("w")
        self.process = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)

    def ask(self, path: str, method: str = "GET", timeout: float = 300) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read().decode()

    def wait_until_up(self) -> None:
        for _ in range(120):
            try:
                self.ask("/api/status", timeout=5)
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.5)
        raise AssertionError("no server within a minute")


@pytest.fixture
def formgrader(graded_course):
    server = Formgrader(graded_course)
    try:
        server.wait_until_up()
        yield server
    finally:
        server.process.terminate()
        server.process.wait(timeout=30)


def test_the_formgrader_shows_the_assignment_and_its_button_grades_on_this_engine(graded_course, formgrader):
    page = formgrader.ask("/formgrader/manage_assignments")
    assert re.search("formgrader", page, re.IGNORECASE)
    (assignment,) = json.loads(formgrader.ask("/formgrader/api/assignments"))
    assert assignment["name"] == NAME
    answer = json.loads(formgrader.ask(f"/formgrader/api/submission/{NAME}/bela/autograde", method="POST"))
    assert answer["success"], answer
    found = scores(graded_course, "bela")
    assert (found["resize_img"], found["reshape_img"]) == (1, 0)
