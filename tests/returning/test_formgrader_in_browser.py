"""A written answer is graded in nbgrader's formgrader, in a real browser, and the grade is in the returned sheet."""

from __future__ import annotations

import csv
import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")

from selenium.webdriver.common.keys import Keys  # noqa: E402

from course_utils.grading.assignment import Assignment  # noqa: E402
from course_utils.grading.collecting.moodle_download import write_worksheet  # noqa: E402
from course_utils.grading.gradebook import GradebookWriter  # noqa: E402
from course_utils.grading.outcome import GRADED, CellRecord, Outcome  # noqa: E402
from course_utils.grading.returning import give_back  # noqa: E402
from course_utils.grading.returning.give_back import Request  # noqa: E402
from tests.collecting.classroom import participant  # noqa: E402
from tests.test_notebook_in_browser import NO_BROWSER, browser, until  # noqa: E402

__all__ = ["browser"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NO_BROWSER, reason="chromium and chromedriver are not both installed"),
]

NAME, WRITTEN = "01_sequence_lstm", "parameter_counts"
PROJECT = Path(__file__).parents[2]
ADA = participant(7, "Ada Lovelace", id_number="ada1815")
ANSWER = "A layer of 64 units sees one number at a time, and keeps four gates of weights."


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which one student's code was graded, full points, and the written answer waits for a person."""
    course = tmp_path_factory.mktemp("formgrader")
    for folder in (f"source/{NAME}", f"release/{NAME}", "tests/graded"):
        shutil.copytree(PROJECT / folder, course / folder)
    shutil.copy(PROJECT / "nbgrader_config.py", course)
    assignment = Assignment.load(course, NAME)
    notebook = nbformat.reads(assignment.release, as_version=4)
    (cell,) = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == WRITTEN]
    cell.source = ANSWER
    cells = tuple(
        CellRecord(cell.grade_id, cell.points, None if cell.manual else cell.points) for cell in assignment.grade_cells
    )
    handed_in = course / "submitted" / ADA.id_number / NAME
    handed_in.mkdir(parents=True)
    nbformat.write(notebook, handed_in / f"{assignment.notebook_name}.ipynb")
    writer = GradebookWriter(course)
    writer.register(assignment)
    outcome = Outcome(
        ADA.id_number, NAME, GRADED, "", cells, (), nbformat.writes(notebook), sandboxed=True, seconds=1.0
    )
    writer.record(outcome, assignment.notebook_name)
    return course


@pytest.fixture(scope="module")
def formgrader(graded: Path) -> Iterator[tuple[str, str]]:
    """A Jupyter server with nbgrader's formgrader, on loopback, in the course's folder: its address and its token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])}
    options = ["--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}", "--allow-root", "--no-browser"]
    command = [sys.executable, "-m", "jupyter_server", *options]
    log = (graded / "server.log").open("w")
    server = subprocess.Popen(command, cwd=graded, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: _answers(port, token), 90, "the server answers")
        yield f"http://127.0.0.1:{port}", token
    finally:
        server.terminate()
        server.wait(timeout=30)


def _answers(port: int, token: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def returned(course: Path, sheet: Path) -> tuple[str, str]:
    """The state of Ada's mark, and her grade in the returned sheet."""
    (ada,) = give_back(course, Request(NAME, course / "returned", sheet)).returned
    (row,) = csv.DictReader((course / "returned" / sheet.name).open(encoding="utf-8-sig"))
    return ada.state, row["Grade"]


def test_a_written_answer_graded_in_the_formgrader_is_in_the_returned_sheet(
    graded: Path, formgrader: tuple[str, str], browser: Any, tmp_path: Path
) -> None:
    write_worksheet(tmp_path / "sheet.csv", [ADA], max_grade="20.00")
    assert returned(graded, tmp_path / "sheet.csv") == ("waits for manual grading", "")

    with Gradebook(f"sqlite:///{graded / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission_notebook("sequence_lstm", NAME, ADA.id_number).id
    address, token = formgrader
    browser.get(f"{address}/tree?token={token}")  # logs in
    browser.get(f"{address}/formgrader/submissions/{submission}/")
    points = until(lambda: browser.find_elements("id", WRITTEN), 60, "the field for the points is there")[0]
    assert ANSWER in browser.page_source
    until(lambda: "needs_manual_grade" in points.get_attribute("class"), 60, "the answer is marked as to be graded")
    points.send_keys("1.5", Keys.TAB)
    until(lambda: "needs_manual_grade" not in points.get_attribute("class"), 60, "the grade is saved")
    if folder := os.environ.get("COURSE_SCREENSHOTS"):
        browser.save_screenshot(f"{folder}/formgrader.png")

    assert returned(graded, tmp_path / "sheet.csv") == ("filled in", "19.50")
