"""The page and its tables, for a class of any size."""

from __future__ import annotations

import csv
import re
import time

import pytest

from course_utils.checks.criteria import FAILED
from course_utils.grading.outcome import CRASHED, TIMED_OUT
from course_utils.grading.reporting import write_report
from course_utils.grading.reporting.marks import Mark
from course_utils.grading.reporting.page import quartiles
from course_utils.grading.reporting.signatures import Signature

from .made_up import POINTS, assignment, failing, outcome

FROZEN = Signature(
    "frozen_by_cache", "Augmentation frozen by cache().", "shift", frozenset({("shifts_far", True, FAILED)})
)


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "made_up.html"
    outcomes = [outcome("ann"), outcome("=cmd()|evil"), *(outcome(f"s{n}", failing("shifts_far")) for n in range(3))]
    outcomes += [outcome("tim", failing("shifts_up"), state=TIMED_OUT, reason="cell 3: no end <b>ever</b>")]
    marks = {"ann": Mark("ann", 7.0, 7.0, late_penalty=1.5)}
    write_report(path, assignment(), outcomes, marks, [FROZEN])
    return path


def test_the_page_stands_alone_and_forbids_itself_scripts_and_the_network(written):
    page = written.read_text()
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link|<iframe|src=.http|url\(.?http|@import", page)


def test_what_students_wrote_is_text(written):
    page = written.read_text()
    assert "no end &lt;b&gt;ever&lt;/b&gt;" in page
    assert "<b>ever" not in page


def test_a_mistake_is_named_after_the_mutant_that_fails_alike(written):
    page = " ".join(written.read_text().split())
    assert "like <strong>frozen by cache</strong>: Augmentation frozen by cache()." in page
    (first, *_) = table(written.with_name("made_up_tables") / "mistakes.csv")
    assert (first["submissions"], first["mutants"], first["students"]) == ("3", "frozen_by_cache", "s0; s1; s2")


def test_marks_are_the_gradebooks_less_the_penalty(written):
    (ann,) = [row for row in table(written.with_name("made_up_tables") / "students.csv") if row["student"] == "ann"]
    assert (ann["total"], ann["score"], ann["late_penalty"]) == ("5.5", "7", "1.5")


def test_a_table_holds_no_formula(written):
    students = [row["student"] for row in table(written.with_name("made_up_tables") / "students.csv")]
    assert "'=cmd()|evil" in students


def test_criteria_come_with_difficulty_and_discrimination_and_the_page_says_how(written):
    rows = table(written.with_name("made_up_tables") / "criteria.csv")
    assert rows[0]["name"] == "shifts_far"
    assert rows[0]["difficulty"] == "0.5"
    assert "corr(x, S − w·x)" in written.read_text()


def test_plots_take_the_pages_colours_and_say_what_they_show(written):
    page = written.read_text()
    plots = re.findall(r'<svg role="img" aria-label="([^"]+)"', page)
    assert len(plots) == 4
    assert "currentColor" in page
    assert "#010203" not in page


def test_a_class_of_one_has_a_report(tmp_path):
    report = write_report(tmp_path / "one.html", assignment(), [outcome("ann", state=CRASHED)])
    assert report.spread["median"] == sum(POINTS.values())
    assert quartiles([3.0]) == (3.0, 3.0, 3.0)


def test_no_class_has_none(tmp_path):
    with pytest.raises(ValueError, match="nothing to report on"):
        write_report(tmp_path / "none.html", assignment(), [])


def test_a_class_of_200_takes_seconds(tmp_path):
    names = ["shifts_far", "shifts_up", "scales_arrays"]
    outcomes = [
        outcome(
            f"student{n:03}",
            failing(*names[: n % 4]),
            solutions={
                "scale": f"def scale(x):\n    return x * 2 + {n} - {n}",
                "shift": "def shift(x, by): return x + by",
            },
            seconds=5 + n % 17,
        )
        for n in range(200)
    ]
    started = time.process_time()
    write_report(tmp_path / "many.html", assignment(), outcomes, signatures=[FROZEN])
    assert time.process_time() - started < 20
    assert (tmp_path / "many.html").stat().st_size < 1_000_000


def test_of_a_group_with_the_same_code_one_pair_stands_for_all(tmp_path):
    long = "def scale(x):\n" + "".join(f"    x = x * {n} + x.sum(axis={n}) - {n + 1}\n" for n in range(12))
    same = [outcome(f"same{n}", solutions={"scale": long, "shift": "shift = max"}) for n in range(4)]
    report = write_report(tmp_path / "same.html", assignment(), [*same, outcome("ann"), outcome("bob")])
    assert report.identical[0] == ("ann", "bob")
    assert report.identical[1] == ("same0", "same1", "same2", "same3")
    assert [(pair.left, pair.right) for pair in report.pairs] == [("same0", "same1")]
