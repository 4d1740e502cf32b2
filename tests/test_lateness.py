"""Due dates, extensions and penalties: what due_dates.toml says is what a late work loses, once."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties

from course_utils.grading.assignment import CourseError
from course_utils.grading.due_dates import Policy, due_date
from course_utils.grading.gradebook import nbgrader_config
from course_utils.grading.lateness import assign_penalties
from course_utils.grading.returning import give_back
from course_utils.grading.returning.give_back import Request
from tests.batch import tiny
from tests.collecting import classroom
from tests.collecting.classroom import NAME, participant
from tests.returning.graded import collected, grade, late

HOUR, DAY = 60 * 60, 24 * 60 * 60
DUE = datetime.datetime(2026, 11, 2, 22, 0)
ADA = participant(1, "Ada", id_number="ada1", submitted=DUE)

FILE = f"""
timezone = "UTC"
[late]
grace_minutes = 15
percent_per_day = 10
at_most_percent = 50
nothing_after_days = 7
[assignments.{NAME}]
due = {DUE.isoformat()}
[assignments.{NAME}.extensions]
extended = 2
dated = {(DUE + datetime.timedelta(days=3)).isoformat()}
"""

# days late, points lost of 4
LATE = [(-1, 0), (0.01, 0), (0.02, 0.4), (0.9, 0.4), (1, 0.4), (1.1, 0.8), (4.5, 2), (6.9, 2), (7.1, 4)]


@pytest.mark.parametrize(("days", "lost"), LATE)
def test_each_day_that_has_begun_costs_its_share_up_to_the_limit(days: float, lost: float) -> None:
    policy = Policy(grace_minutes=15, percent_per_day=10, at_most_percent=50, nothing_after_days=7)
    assert policy.penalty(days * DAY, earned=4, possible=5) == pytest.approx(lost)
    assert bool(policy.describe(days * DAY)) == (days > 0)


def test_a_share_of_the_possible_points_takes_no_more_than_was_earned() -> None:
    policy = Policy(percent_per_day=30, percent_of="possible")
    assert policy.penalty(HOUR, earned=4, possible=5) == 1.5
    assert policy.penalty(HOUR, earned=1, possible=5) == 1


@pytest.fixture
def made(tmp_path: Path) -> Path:
    course = classroom.course(tmp_path / "course")
    (course / "due_dates.toml").write_text(FILE, encoding="utf-8")
    return course


def penalties(course: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submissions = gradebook.find_assignment(NAME).submissions
        return {submission.student_id: submission.late_submission_penalty for submission in submissions}


def test_grading_takes_the_penalty_from_what_was_collected_late(made: Path, tmp_path: Path) -> None:
    days = {"intime": 0, "oneday": 0.5, "extended": 1.5, "dated": 3.5, "toolate": 8}
    people = [late(participant(n, name, id_number=name, submitted=DUE), days[name]) for n, name in enumerate(days)]
    collected(made, tmp_path, people)
    grade(made, dict.fromkeys(days, (2, 2, 0)))
    expected = {"intime": 0, "oneday": 0.4, "extended": 0, "dated": 0.4, "toolate": 4}
    assert penalties(made) == pytest.approx(expected)
    grade(made, dict.fromkeys(days, (2, 2, 0)))
    assert penalties(made) == pytest.approx(expected), "graded again, the penalty is taken once"


def test_nbgraders_own_step_asks_the_plugin(made: Path, tmp_path: Path) -> None:
    collected(made, tmp_path, [late(ADA, 1.5)])
    grade(made, {"ada1": (2, 2, 0)})
    with Gradebook(f"sqlite:///{made / 'gradebook.db'}") as gradebook:
        gradebook.find_assignment(NAME).duedate = None
        gradebook.db.commit()
    resources = {"assignment": NAME, "notebook": tiny.NOTEBOOK, "student": "ada1",
                 "db_url": f"sqlite:///{made / 'gradebook.db'}"}  # fmt: skip
    step = AssignLatePenalties(config=nbgrader_config(made))
    step.preprocess(nbformat.v4.new_notebook(), {"nbgrader": resources})
    assert penalties(made) == {"ada1": pytest.approx(0.8)}


def test_what_a_person_grades_later_counts_in_the_penalty_too_and_the_return_shows_it(
    made: Path, tmp_path: Path
) -> None:
    collected(made, tmp_path, [late(ADA, 0.5)])
    grade(made, {"ada1": (2, 2, None)})
    with Gradebook(f"sqlite:///{made / 'gradebook.db'}") as gradebook:
        written = gradebook.find_grade("explain", tiny.NOTEBOOK, NAME, "ada1")
        written.manual_score, written.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    for _ in range(2):
        (ada,) = give_back(made, Request(NAME, made / "returned", tmp_path / "sheet.csv")).returned
        assert (ada.mark.earned, ada.mark.penalty, ada.mark.score) == (5, 0.5, 4.5)
        assert ada.mark.late == "handed in 12 hours late: 10 % of the points earned"
    row = next(csv.DictReader((made / "returned" / "sheet.csv").open(encoding="utf-8-sig")))
    assert row["Grade"] == "90.00"


def test_without_the_file_or_the_assignment_in_it_nothing_is_late(made: Path, tmp_path: Path) -> None:
    collected(made, tmp_path, [late(ADA, 30)])
    for text in ("", 'timezone = "UTC"\n[late]\npercent_per_day = 10\n'):
        (made / "due_dates.toml").write_text(text, encoding="utf-8")
        grade(made, {"ada1": (2, 2, 0)})
        assert penalties(made) == {"ada1": 0}
    (made / "due_dates.toml").unlink()
    with Gradebook(f"sqlite:///{made / 'gradebook.db'}") as gradebook:
        assert assign_penalties(made, gradebook, NAME) == {}


def test_a_date_is_in_the_zone_that_the_file_names(made: Path) -> None:
    (made / "due_dates.toml").write_text(FILE.replace("UTC", "Europe/Berlin"), encoding="utf-8")
    assert due_date(made, NAME).due == DUE - datetime.timedelta(hours=1)


WRONG = {
    "a word for a date": ("due = 2026-11-02T22:00:00", 'due = "tomorrow"', "is no date"),
    "no due date": ("due = 2026-11-02T22:00:00", "", "'due' is missing"),
    "a negative share": ("percent_per_day = 10", "percent_per_day = -10", "not negative"),
    "a misspelt name": ("percent_per_day", "percents_per_day", "unknown percents_per_day"),
    "a misspelt table": ("[late]", "[lateness]", "unknown lateness"),
    "an unknown zone": ("UTC", "Mars/Olympus", "timezone"),
    "an unknown share": ("percent_per_day = 10", 'percent_of = "all"', "'earned' or 'possible'"),
    "no TOML": ("[late]", "[late", "cannot be read"),
    "a word for days": ("extended = 2", 'extended = "two"', "is no date"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_in_the_file_is_said_in_a_sentence(case: str, made: Path) -> None:
    old, new, said = WRONG[case]
    (made / "due_dates.toml").write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(CourseError, match=said) as raised:
        due_date(made, NAME)
    assert "due_dates.toml" in str(raised.value)
