"""What was graded is kept, and what changed is graded again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.dbutil import _temp_alembic_ini

from course_utils.grading import classroom, gradebook
from course_utils.grading.assignment import CourseError
from course_utils.grading.classroom import differences, kept_outcomes
from course_utils.grading.gradebook import GradebookWriter
from course_utils.grading.journal import Journal, course_key, only_one
from course_utils.grading.session import TimeLimits

from . import tiny, workers
from .conftest import Grade

SMALL_CLASS = {"ada": tiny.answer(), "ben": tiny.answer(double=tiny.WRONG_DOUBLE), "cem": tiny.answer(add=tiny.BLANK)}


def test_marks_are_right_and_stand_in_the_gradebook(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    first = grade(course)
    assert first.scores() == {"ada": 4.0, "ben": 3.0, "cem": 2.0}
    assert GradebookWriter(course).scores(tiny.NAME) == first.scores()


def test_a_new_gradebook_has_the_schema_that_nbgrader_would_note() -> None:
    with _temp_alembic_ini("sqlite://") as settings:
        said = subprocess.check_output([sys.executable, "-m", "alembic", "-c", settings, "heads"], text=True)
    assert gradebook._newest_schema() == said.split()[0]


def test_unchanged_submissions_are_taken_from_the_journal_and_changed_ones_graded(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    first = grade(course)
    assert sorted(first.fresh) == ["ada", "ben", "cem"]
    second = grade(course)
    assert (second.fresh, sorted(second.kept)) == ([], ["ada", "ben", "cem"])
    assert second.scores() == first.scores()
    tiny.hand_in(course, "ben", tiny.answer())
    third = grade(course)
    assert (third.fresh, sorted(third.kept)) == (["ben"], ["ada", "cem"])
    assert third.outcomes["ben"].score == 4.0
    assert GradebookWriter(course).scores(tiny.NAME)["ben"] == 4.0


def test_a_class_that_is_graded_already_starts_neither_kernels_nor_workers(
    grade: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    first = grade(course)
    monkeypatch.setattr(classroom, "warm_kernels", lambda kind, wait: pytest.fail("kernels get warm"))
    second = grade(course, executor=lambda workers: contextlib.nullcontext(lambda: pytest.fail("workers start")))
    assert (second.fresh, second.scores()) == ([], first.scores())


@pytest.mark.parametrize("changed", ["a hidden check", "a time limit", "the sandbox"])
def test_what_decides_a_grade_is_in_the_fingerprint(changed: str, grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", {"ada": tiny.answer()})
    grade(course)
    if changed == "a hidden check":
        again = grade(course, assignment=tiny.assignment(tiny.HIDDEN.replace("rng.integers(5,", "rng.integers(9,")))
    elif changed == "a time limit":
        again = grade(course, limits=TimeLimits(cell=5.0, start=60.0, submission=40.0))
    else:
        again = grade(course, confinement="unsandboxed")
        assert not again.outcomes["ada"].sandboxed
    assert again.fresh == ["ada"]


def test_force_grades_everything_again(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    grade(course)
    forced = grade(course, force=True)
    assert sorted(forced.fresh) == ["ada", "ben", "cem"]
    assert grade(course).fresh == []


def test_a_forced_run_that_was_stopped_goes_on_and_still_knows_the_old_marks(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    before = grade(course).outcomes
    journal = Journal(course, tiny.NAME)
    journal.set_aside(["ada", "ben", "cem"])
    journal.write(before["ada"])  # the stopped run came to this one
    assert {outcome.student: outcome for outcome in kept_outcomes(course, tiny.NAME)} == before
    assert sorted(grade(course, force=True).fresh) == ["ben", "cem"]
    assert sorted(grade(course, force=True).fresh) == ["ada", "ben", "cem"]


def test_a_forced_run_in_which_the_grader_fails_keeps_the_marks_of_the_same_work(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    grade(course)
    tiny.hand_in(course, "cem", tiny.answer())
    forced = grade(course, force=True, job=workers.failing)
    assert forced.scores() == {"ada": 4.0, "ben": 3.0, "cem": 0.0}
    assert "the grader failed" in forced.outcomes["ada"].log[-1]
    assert GradebookWriter(course).scores(tiny.NAME) == forced.scores()
    assert grade(course).fresh == ["cem"]


def test_a_regrade_of_one_leaves_the_outcomes_of_others(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    grade(course)
    one = tmp_path / "one"
    one.mkdir()
    (one / "ada.ipynb").write_bytes(tiny.answer())
    assert grade(course, folder=one, force=True).fresh == ["ada"]
    assert sorted(grade(course).kept)[-2:] == ["ben", "cem"]


def test_a_difference_says_who_moved_and_by_which_criterion(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    grade(course)
    before = kept_outcomes(course, tiny.NAME)
    stricter = tiny.HIDDEN.replace(".equals(a + b)", ".equals(a + b + 1)")
    after = grade(course, assignment=tiny.assignment(stricter), force=True).outcomes
    title = "add works for numbers that are nowhere in the notebook."
    assert differences(before, after.values()) == [
        "ada: 4 -> 3 of 4",
        f"ada:   add: {title} (passed -> failed)",
        "ben: 3 -> 2 of 4",
        f"ben:   add: {title} (passed -> failed)",
    ]


def test_a_gradebook_that_was_lost_is_written_again_without_grading(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    scores = grade(course).scores()
    (course / "gradebook.db").unlink()
    assert grade(course).fresh == []
    assert GradebookWriter(course).scores(tiny.NAME) == scores


def test_a_damaged_file_of_the_journal_is_graded_again(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", SMALL_CLASS)
    grade(course)
    damaged = next(Journal(course, tiny.NAME).folder.glob("ben*.json"))
    damaged.write_bytes(damaged.read_bytes()[:100])
    assert grade(course).fresh == ["ben"]


def test_two_runs_at_once_are_refused_with_the_other_s_process(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", {"ada": tiny.answer()})
    with only_one(course), pytest.raises(CourseError, match=f"process {os.getpid()}.*wait"):
        grade(course)
    assert grade(course).fresh == ["ada"]


def test_the_secret_behind_the_inputs_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    key = course_key(tmp_path)
    assert len(key) == 32
    assert course_key(tmp_path) == key
    assert (tmp_path / ".course" / "key").stat().st_mode & 0o077 == 0


def test_who_handed_in_another_assignment_only_is_not_graded(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", {"ada": tiny.answer()})
    (course / "submitted" / "zoe" / "08_other").mkdir(parents=True)
    (course / "submitted" / "zoe" / "08_other" / "other.ipynb").write_bytes(tiny.answer())
    assert list(grade(course).outcomes) == ["ada"]


def test_an_empty_class_is_an_error_in_words(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", {})
    (course / "submitted").mkdir()
    with pytest.raises(CourseError, match="nothing to grade"):
        grade(course)
