"""Each student's feedback page stands alone, teaches, and shows nothing that is hidden."""

from __future__ import annotations

import dataclasses
import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from course_utils.checks.criteria import NOT_FILLED_IN, NOT_RUN
from course_utils.grading.classroom import generate_feedback
from course_utils.grading.feedback_pages.description import MEANINGS, Mark, Task, tasks_of
from course_utils.grading.feedback_pages.exporter import TEMPLATES
from course_utils.grading.feedback_pages.formulas import display_formula, inline_formula
from course_utils.grading.feedback_pages.record import record_of, with_record
from course_utils.grading.gradebook import GradebookWriter, nbgrader_config
from course_utils.grading.outcome import REPAIRED, STATES, TIMED_OUT
from tests.reporting.made_up import NAME, NOTEBOOK, SECRET, assignment, failing, outcome, release

TRICK = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A graded class: all right, half right and late with a comment, repaired, timed out, without a record."""
    course = tmp_path_factory.mktemp("course")
    for folder in ("source", "release"):
        (course / folder / NAME).mkdir(parents=True)
        nbformat.write(release(), course / folder / NAME / f"{NOTEBOOK}.ipynb")
    shutil.copy(Path(__file__).resolve().parents[1] / "nbgrader_config.py", course)
    outcomes = [
        outcome("ann"),
        outcome("bob", failing("shifts_up", "shifts_far"), printed=TRICK),
        outcome("cy", state=REPAIRED, reason="A cell was missing.", repairs=("A cell was missing.", TRICK)),
        outcome("dee", failing("shifts_up", "shifts_down", "shifts_far", state=NOT_FILLED_IN), state=TIMED_OUT,
                reason="cell 3: no end within 60 s", answered=False),
    ]  # fmt: skip
    writer = GradebookWriter(course)
    writer.register(assignment())
    for one in outcomes:
        writer.record(one, NOTEBOOK)
    old = course / "autograded" / "ann" / NAME / f"{NOTEBOOK}.ipynb"
    without = nbformat.read(old, as_version=4)
    del without.metadata["course_grading"]
    (course / "autograded" / "old" / NAME).mkdir(parents=True)
    writer.record(outcome("old"), NOTEBOOK)
    nbformat.write(without, course / "autograded" / "old" / NAME / f"{NOTEBOOK}.ipynb")
    grade_by_hand(course)
    return course


@pytest.fixture(scope="module")
def pages(course) -> dict[str, str]:
    """Each student's page, as `course feedback` writes it."""
    return {path.parts[-3]: path.read_text(encoding="utf-8") for path in generate_feedback(course, NAME)}


def grade_by_hand(course: Path) -> None:
    """As in the formgrader: comments and a mark for the written answer; and a penalty as a plugin leaves it."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("bob", first_name="Bob", last_name="Ó <i>Hara</i>")
        gradebook.find_comment("written", NOTEBOOK, NAME, "bob").manual_comment = "Nearly: *count* the biases."
        gradebook.find_comment("solution_shift", NOTEBOOK, NAME, "bob").manual_comment = "Try shift(1, -1)."
        grade = gradebook.find_grade("written", NOTEBOOK, NAME, "bob")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_submission_notebook(NOTEBOOK, NAME, "bob").late_submission_penalty = 0.75
        gradebook.db.commit()


def words(page: str) -> str:
    """The page without tags, and with single spaces."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


def test_a_page_fetches_nothing_and_runs_nothing(pages):
    for page in pages.values():
        assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in html.unescape(page)
        assert not re.search(r"<script|<link|<iframe|src=.http|@import|mathjax|cdnjs", page, re.IGNORECASE)


def test_marks_come_by_task_with_links_to_what_they_are_for(pages):
    page = pages["bob"]
    for task in ("scale", "shift", "written"):
        assert f'href="#task-{task}"' in page
        assert page.count(f'id="task-{task}"') == 1
    assert "3 of 3" in words(page)
    assert "0.5 of 2" in words(page)


def test_the_total_is_the_sum_less_the_penalty(pages):
    page = words(pages["bob"])
    assert "Result: 4.25 of 7 points" in page
    assert "Sum 5 of 7 Taken off for lateness −0.75 Total 4.25 of 7" in page


def test_comments_of_the_formgrader_stand_with_their_tasks(pages):
    shift = pages["bob"].split('id="task-shift"')[1].split('id="task-written"')[0]
    assert "Try shift(1, -1)." in shift
    assert "Nearly: <em>count</em> the biases." in pages["bob"].split('id="task-written"')[1]


def test_a_criterion_says_what_was_got_what_expected_why_and_where_to_look(pages):
    page = words(pages["bob"])
    assert "Got got of shifts_up" in page
    assert "Expected expected of shifts_up" in page
    assert "Why it matters why of shifts_up" in page
    assert "Where to look hint of shifts_up" in page


def test_of_a_hidden_criterion_no_input_is_shown_but_why_and_where(pages):
    for page in pages.values():
        assert SECRET not in page
    assert "why of shifts_far" in pages["bob"]
    assert "hint of shifts_far" in pages["bob"]


def test_the_record_in_the_notebook_holds_nothing_hidden_either():
    found = outcome("eve", failing("shifts_far", "scales_arrays"))
    assert SECRET not in found.notebook
    assert SECRET in found.dumps(), "the instructor's record has it"


def test_repairs_and_states_are_explained(pages):
    assert "What was repaired before grading A cell was missing." in words(pages["cy"])
    assert MEANINGS[TIMED_OUT][1] in words(pages["dee"])
    assert "cell 3: no end within 60 s" in words(pages["dee"])
    assert set(MEANINGS) == set(STATES), "every state has a meaning"


def test_what_waits_for_a_person_is_said_and_what_was_left_blank_does_not_wait(pages):
    assert "A written answer has not been graded yet" in words(pages["ann"])
    assert "A written answer has not been graded yet" not in words(pages["bob"])
    assert "has not been graded yet" not in words(pages["dee"])


def test_what_came_from_students_is_text(pages):
    for page in pages.values():
        assert TRICK not in page
        assert "<i>Hara" not in page
    assert "&lt;script&gt;alert(1)" in pages["cy"]


class Outline(HTMLParser):
    """The headings' levels, the ids, and the attributes of html."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.language = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        values = dict(attrs)
        self.language = values.get("lang") if tag == "html" else self.language
        self.ids += [values["id"]] if "id" in values else []
        assert tag != "img" or values.get("alt"), "a picture needs words for who cannot see it"
        assert tag != "th" or values.get("scope") or "style" in values, "a table's headings say what they head"


def test_screen_readers_find_their_way(pages):
    for page in pages.values():
        outline = Outline(page)
        assert outline.language == "en"
        assert {"main", "header"} <= set(outline.tags)
        assert outline.levels.count(1) == 1
        jumps = [(a, b) for a, b in zip(outline.levels, outline.levels[1:], strict=False) if b > a + 1]
        assert not jumps, "no level of headings is left out"
        assert len(outline.ids) == len(set(outline.ids))
        assert 'class="skip" href="#tasks"' in page


def test_a_state_is_never_told_by_colour_alone(pages):
    failed = re.findall(r'<li class="failed">.*?</li>', pages["bob"], re.DOTALL)
    assert len(failed) == 2
    for item in failed:
        assert "✗" in item
        assert "failed" in words(item)


def test_formulas_are_pictures_with_their_tex_for_screen_readers_and_tex_where_that_fails(pages):
    assert 'aria-label="x_t \\in \\mathbb{R}^F"' in pages["ann"]
    assert '<code class="tex">\\unknowncommand{x}</code>' in pages["ann"]
    aligned = r"\begin{aligned} a &= b \\[4pt] c &= d && \text{so} \end{aligned}"
    assert display_formula(aligned).count("<svg") == 5
    assert "&lt;b&gt;" in inline_formula(r"<b>\nonsense")


def test_pages_of_notebooks_graded_without_a_record_show_the_criteria_in_the_notebook(pages):
    assert "The task scales_numbers." in pages["old"]
    assert "<details open>" in pages["old"]
    assert "was not recorded" in words(pages["old"])
    assert "was not recorded" not in words(pages["ann"])


def test_a_forged_record_is_none(tmp_path):
    notebook = release()
    assert record_of(notebook) is None
    notebook.metadata["course_grading"] = {"state": "graded", "cells": [{"points": 99}]}
    assert record_of(notebook) is None
    found = with_record(release(), "graded", "", ("mended",), ())
    assert record_of(nbformat.reads(nbformat.writes(found), as_version=4)).repairs == ("mended",)


def test_what_every_criterion_of_a_task_says_is_said_once(pages):
    (shift,) = re.findall(r'<article id="task-shift".*?</article>', pages["dee"], re.DOTALL)
    assert shift.count("Where to look") == 3, "different hints are all given"
    found = outcome("moe", failing("shifts_up", "shifts_down", "shifts_far", state=NOT_RUN)).cells[1].results
    same = tuple(dataclasses.replace(result, got="no notebook", expected="", why="", hint="") for result in found)
    task = Task("shift", "", Mark(0.0, 2.0), same)
    assert task.one_reason == same[0]
    assert task.status == NOT_RUN


def test_nbgraders_own_no_response_is_no_comment():
    notebook = release()
    notebook.cells[2].metadata["nbgrader"]["comment"] = "No response."
    notebook.cells[4].metadata["nbgrader"]["comment"] = "Well begun."
    scale, shift = tasks_of(notebook, {"scale": Mark(0, 3), "shift": Mark(0, 2)})
    assert scale.comments == ()
    assert shift.comments == ("Well begun.",)


def test_the_formgraders_button_writes_the_same_page(course, pages):
    config = nbgrader_config(course)
    answer = NbGraderAPI(CourseDirectory(config=config), config=config).generate_feedback(NAME, "bob", force=True)
    assert answer["success"], answer
    assert (course / "feedback" / "bob" / NAME / f"{NOTEBOOK}.html").read_text(encoding="utf-8") == pages["bob"]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("sheet", ["feedback.css", "report.css"])
def test_every_colour_of_text_has_the_contrast_of_wcag_aa(sheet):
    themes = re.findall(r":root {(.*?)}", (TEMPLATES / sheet).read_text(encoding="utf-8"), re.DOTALL)
    assert len(themes) == 3, "light, dark and print"
    grounds = {"ground", "raised", "comment", "mark"}
    for theme in themes:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", theme))
        for text in colours.keys() - grounds - {"line"}:
            for ground in ("ground", "raised"):
                lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
                assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground, theme)
        for ground in grounds & colours.keys():
            lighter, darker = sorted((luminance(colours["text"]), luminance(colours[ground])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ground, theme)
