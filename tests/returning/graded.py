"""A class whose work was graded: outcomes are written by the grader's own hands, nothing is executed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import nbformat

from course_utils.grading.assignment import Assignment
from course_utils.grading.collecting import collect
from course_utils.grading.collecting.moodle_download import ENGLISH, Participant, write_download, write_worksheet
from course_utils.grading.collecting.students import Students
from course_utils.grading.gradebook import GradebookWriter
from course_utils.grading.outcome import GRADED, CellRecord, Outcome
from tests.batch import tiny
from tests.collecting.classroom import NAME

WRITTEN = "explain"
POINTS = {"add": 2.0, "double": 2.0, WRITTEN: 1.0}


def assignment() -> Assignment:
    """The tiny assignment with a question to answer in words: 5 points."""
    notebook = tiny.release()
    mark = {"grade_id": WRITTEN, "grade": True, "solution": True, "locked": False, "task": False, "points": 1.0,
            "schema_version": 3, "cell_type": "markdown"}  # fmt: skip
    notebook.cells.append(nbformat.v4.new_markdown_cell("YOUR ANSWER HERE", id=WRITTEN, metadata={"nbgrader": mark}))
    return Assignment(NAME, tiny.NOTEBOOK, nbformat.writes(notebook), tiny.PUBLIC, tiny.HIDDEN)


def grade(course: Path, scores: Mapping[str, Iterable[float | None]]) -> None:
    """Record for each student the points of each cell of POINTS; None waits for a person."""
    writer, graded = GradebookWriter(course), assignment()
    writer.register(graded)
    for student, points in scores.items():
        cells = tuple(CellRecord(cell, POINTS[cell], score) for cell, score in zip(POINTS, points, strict=True))
        outcome = Outcome(student, NAME, GRADED, "", cells, (), graded.release, sandboxed=True, seconds=1.0)
        writer.record(outcome, tiny.NOTEBOOK)


def page(course: Path, student: str, text: str = "<p>feedback</p>") -> None:
    """A feedback page where nbgrader puts it."""
    folder = course / "feedback" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{tiny.NOTEBOOK}.html").write_text(text, encoding="utf-8")


def download(folder: Path, people: Iterable[Participant], language=ENGLISH, **sheet) -> tuple[Path, Path]:
    """The zip and the worksheet that Moodle gives for these people."""
    people = list(people)
    write_download(folder / "all.zip", people)
    write_worksheet(folder / "sheet.csv", people, language, **sheet)
    return folder / "all.zip", folder / "sheet.csv"


def collected(course: Path, folder: Path, people: Iterable[Participant], language=ENGLISH, **sheet) -> dict[str, str]:
    """Collect the class; returns each person's id by name."""
    zip_file, worksheet = download(folder, people, language, **sheet)
    collect(course, zip_file, NAME, worksheet)
    return {student.name: student.id for student in Students(course)}


def late(person: Participant, days: float) -> Participant:
    """The same person, handing in so much later."""
    assert person.submitted is not None
    return replace(person, submitted=person.submitted + datetime.timedelta(days=days))
