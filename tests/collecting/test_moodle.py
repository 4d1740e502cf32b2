"""Moodle's downloads: every form that it has had, names as people have them, and what they hand in."""

from __future__ import annotations

import datetime
import io
import time
import unicodedata
import zipfile
from dataclasses import replace

import pytest

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting import collect, moodle_download, preview
from course_utils.grading.collecting.moodle_download import FLAT, FOLDERS, OLD_FOLDERS, write_download, write_worksheet

from .classroom import DUE, NAME, NOTEBOOK, WEIGHTS, handed_in, known, notebook, other_notebook, participant, written

FORMS = (FOLDERS, OLD_FOLDERS, FLAT)
NAMES = (
    "Ada Lovelace",
    "Zoë O'Hara",
    "李雷",
    "Ольга Петрова",
    "José_María del Río",
    "Jean-Luc d'Été",
    "王 小明 (Ming)",
)
LANGUAGES = ("ENGLISH", "GERMAN", "FRENCH", "SPANISH", "JAPANESE")


def a_class() -> list:
    return [participant(12340 + number, name) for number, name in enumerate(NAMES)]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_zip_puts_each_notebook_where_nbgrader_looks_for_it(form, made, tmp_path):
    write_download(tmp_path / "all.zip", a_class(), form)
    found = collect(made, tmp_path / "all.zip", NAME)
    assert len(handed_in(made)) == len(NAMES)
    assert set(map(tuple, handed_in(made).values())) == {(NOTEBOOK, "trained/small.weights.h5")}
    assert {one.state for one in found.collected} == {"new"}
    assert not found.left_out
    assert {student["identifiers"][NAME] for student in known(made).values()} == {str(12340 + n) for n in range(7)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worksheet_tells_who_is_who_who_is_missing_and_when_in_any_language(language, made, tmp_path):
    absent = participant(777, "Nobody Here", files={}, submitted=None)
    people = [*a_class(), absent]
    write_download(tmp_path / "all.zip", people)
    write_worksheet(tmp_path / "sheet.csv", people, getattr(moodle_download, language))
    found = collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    assert found.missing == ("Nobody Here",)
    assert set(handed_in(made)) == {person.id_number for person in people[:-1]}
    assert {one.submitted for one in found.collected} == {person.submitted for person in people[:-1]}
    first = people[0]
    stamp = made / "submitted" / first.id_number / NAME / "timestamp.txt"
    assert stamp.read_text() == f"{first.submitted:%Y-%m-%d %H:%M:%S}.000000 UTC\n"
    assert known(made)[first.name]["email"] == first.email


def test_collecting_twice_changes_nothing_not_even_a_time(made, tmp_path):
    write_download(tmp_path / "all.zip", a_class())
    write_worksheet(tmp_path / "sheet.csv", a_class())
    collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    before = written(made)
    again = collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    assert {one.state for one in again.collected} == {"unchanged"}
    assert {path for path, state in written(made).items() if before.get(path) != state} <= {".course/lock"}


def test_a_dry_run_says_the_same_and_writes_nothing(made, tmp_path):
    write_download(tmp_path / "all.zip", a_class())
    before = written(made)
    foretold = preview(made, tmp_path / "all.zip", NAME)
    assert written(made) == before
    assert foretold == collect(made, tmp_path / "all.zip", NAME)


def test_a_student_keeps_the_id_without_the_worksheet_and_in_another_download(made, tmp_path):
    people = a_class()
    write_download(tmp_path / "all.zip", people)
    write_worksheet(tmp_path / "sheet.csv", people)
    collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    write_download(tmp_path / "flat.zip", people, OLD_FOLDERS)
    again = collect(made, tmp_path / "flat.zip", NAME)
    assert {one.state for one in again.collected} == {"unchanged"}


def test_two_students_of_one_name_stay_two(made, tmp_path):
    twins = [participant(1, "Anna Li"), participant(2, "Anna Li"), participant(3, "anna li")]
    write_download(tmp_path / "all.zip", twins)
    collect(made, tmp_path / "all.zip", NAME)
    assert list(handed_in(made)) == ["Anna Li", "Anna Li (2)", "anna li (3)"]
    collect(made, tmp_path / "all.zip", NAME)
    assert len(handed_in(made)) == 3


def test_where_moodle_hides_names_the_numbers_tell_students_apart(made, tmp_path):
    hidden = [participant(number, "Participant") for number in (51, 52)]
    write_download(tmp_path / "all.zip", hidden)
    collect(made, tmp_path / "all.zip", NAME)
    assert list(handed_in(made)) == ["Participant 51", "Participant 52"]


def test_names_whose_signs_moodle_leaves_out_are_found_in_the_worksheet_and_in_the_next_assignment(made, tmp_path):
    people = [participant(1, "Bo_Ek"), participant(2, "Zoë O'Hara"), participant(3, "Eve <E> Li")]
    write_download(tmp_path / "all.zip", people)
    write_worksheet(tmp_path / "sheet.csv", people)
    collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    (made / "release" / NAME).rename(made / "release" / "08_next")
    write_download(tmp_path / "next.zip", [replace(person, identifier=person.identifier + 70) for person in people])
    collect(made, tmp_path / "next.zip", "08_next")
    assert {path.parent.name for path in (made / "submitted").glob("*/08_next")} == {p.id_number for p in people}


def test_letters_in_two_pieces_are_the_same_name(made, tmp_path):
    composed, apart = (unicodedata.normalize(form, "Zoë Müller") for form in ("NFC", "NFD"))
    write_download(tmp_path / "mac.zip", [participant(5, apart), participant(6, "Bo")])
    write_worksheet(tmp_path / "sheet.csv", [participant(5, composed), participant(6, "Bo")])
    collect(made, tmp_path / "mac.zip", NAME)
    assert list(handed_in(made)) == ["Bo", composed]
    assert not collect(made, tmp_path / "mac.zip", NAME, tmp_path / "sheet.csv").missing


def test_names_in_a_zip_without_the_mark_for_utf8_are_read_all_the_same(made, tmp_path):
    name = f"Zoë_5_assignsubmission_file/{NOTEBOOK}"
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.writestr("x" * len(name.encode()), notebook())
    packed = (tmp_path / "old.zip").read_bytes().replace(b"x" * len(name.encode()), name.encode())
    (tmp_path / "old.zip").write_bytes(packed)
    collect(made, tmp_path / "old.zip", NAME)
    assert list(handed_in(made)) == ["Zoë"]


def test_what_is_handed_in_again_replaces_what_was_and_that_is_kept_where_nothing_grades_it(made, tmp_path):
    first = participant(1, "Ada")
    later = participant(1, "Ada", files={NOTEBOOK: notebook("x = 2")}, submitted=DUE + datetime.timedelta(hours=1))
    for number, person in enumerate((first, later)):
        write_download(tmp_path / f"{number}.zip", [person, participant(2, "Bo")])
        write_worksheet(tmp_path / f"{number}.csv", [person, participant(2, "Bo")])
    collect(made, tmp_path / "0.zip", NAME, tmp_path / "0.csv")
    again = collect(made, tmp_path / "1.zip", NAME, tmp_path / "1.csv")
    assert {one.name: one.state for one in again.collected} == {"Ada": "replaced", "Bo": "unchanged"}
    folder = made / "submitted" / first.id_number / NAME
    assert (folder / NOTEBOOK).read_bytes() == later.files[NOTEBOOK]
    (kept,) = (made / "submitted" / ".earlier" / first.id_number / NAME).iterdir()
    assert kept.name == f"{first.submitted:%Y-%m-%d %H.%M.%S}"
    assert (kept / NOTEBOOK).read_bytes() == first.files[NOTEBOOK]
    # An older download, collected by mistake, takes nothing away.
    older = collect(made, tmp_path / "0.zip", NAME, tmp_path / "0.csv")
    assert {one.name: one.state for one in older.collected} == {"Ada": "older", "Bo": "unchanged"}
    assert (folder / NOTEBOOK).read_bytes() == later.files[NOTEBOOK]


def packed(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


MINE = notebook("# mine\n" + "def add(a, b):\n    return b + a")
BLANK = notebook("# YOUR CODE HERE\nraise NotImplementedError()")
WRONG_NAMES = {
    "renamed": {"small_sums (1).ipynb": MINE, "photo.png": WEIGHTS},
    "another name": {"Homework final v2.ipynb": MINE},
    "an ending more": {"small_sums.ipynb.txt": MINE},
    "a sub-folder": {"hw/small_sums.ipynb": MINE, "hw/trained/a.weights.h5": WEIGHTS},
    "several notebooks": {"notes.ipynb": other_notebook(), "solution.ipynb": MINE},
    "a blank one with the right name": {NOTEBOOK: BLANK, "small_sums-Copy1.ipynb": MINE},
    "a zip": {"homework.zip": packed({"work/small_sums.ipynb": MINE, "work/trained/a.weights.h5": WEIGHTS})},
    "a zip beside a blank one": {NOTEBOOK: BLANK, "work.zip": packed({"mine.ipynb": MINE})},
}


@pytest.mark.parametrize("case", WRONG_NAMES)
def test_the_doctor_finds_the_notebook_under_any_name_and_says_so(case, made, tmp_path):
    write_download(tmp_path / "all.zip", [participant(1, "Ada", files=WRONG_NAMES[case])])
    found = collect(made, tmp_path / "all.zip", NAME)
    folder = made / "submitted" / "Ada" / NAME
    assert (folder / NOTEBOOK).read_bytes() == MINE
    assert found.collected[0].notes
    if any("weights" in name for name in WRONG_NAMES[case]) or case == "a zip":
        assert (folder / "trained" / "a.weights.h5").read_bytes() == WEIGHTS
    again = collect(made, tmp_path / "all.zip", NAME)
    assert [one.state for one in again.collected] == ["unchanged"]


def test_what_is_no_notebook_is_collected_with_the_reason_for_grading_to_say_so(made, tmp_path):
    write_download(tmp_path / "all.zip", [participant(1, "Ada", files={"report.pdf": b"%PDF-1.7"})])
    (ada,) = collect(made, tmp_path / "all.zip", NAME).collected
    assert "no notebook" in ada.notes[0]
    assert handed_in(made) == {"Ada": ["report.pdf"]}


def test_text_typed_into_moodle_is_told_and_not_graded(made, tmp_path):
    both = participant(1, "Ada", online_text="<p>Hello</p>")
    text_only = participant(2, "Bo", files={}, online_text="<p>My answer</p>")
    write_download(tmp_path / "all.zip", [both, text_only])
    found = {one.name: one for one in collect(made, tmp_path / "all.zip", NAME).collected}
    assert found["Bo"].state == "empty"
    assert "typed" in found["Ada"].notes[0]
    assert handed_in(made) == {"Ada": [NOTEBOOK, "trained/small.weights.h5"]}


def test_a_timestamp_that_a_student_hands_in_is_not_believed(made, tmp_path):
    files = {NOTEBOOK: notebook(), "timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    inside = {"all.zip": packed({NOTEBOOK: notebook(), "timestamp.txt": b"2020-01-01 00:00:00 UTC"})}
    write_download(tmp_path / "all.zip", [participant(1, "Ada", files=files), participant(2, "Bo", files=inside)])
    write_worksheet(tmp_path / "sheet.csv", [participant(1, "Ada"), participant(2, "Bo", submitted=DUE)])
    collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    stamps = list((made / "submitted").glob("*/*/timestamp.txt"))
    assert len(stamps) == 2
    assert all(path.read_text().startswith("2026-11-1") for path in stamps)


def test_times_of_the_zip_count_where_they_are_not_those_of_the_download(made, tmp_path):
    write_download(tmp_path / "old.zip", a_class())
    assert {one.submitted for one in preview(made, tmp_path / "old.zip", NAME).collected} == {
        person.submitted for person in a_class()
    }
    now = [participant(n, f"P{n}", submitted=DUE + datetime.timedelta(seconds=2 * n)) for n in range(5)]
    write_download(tmp_path / "new.zip", now)
    found = preview(made, tmp_path / "new.zip", NAME)
    assert {one.submitted for one in found.collected} == {None}
    assert any("--worksheet" in note for note in found.notes)


def test_the_worksheet_of_another_assignment_is_refused(made, tmp_path):
    write_download(tmp_path / "all.zip", a_class())
    others = [participant(12340 + number, name) for number, name in enumerate(reversed(NAMES[:-1]))]
    write_worksheet(tmp_path / "sheet.csv", others)
    with pytest.raises(CourseError, match="another assignment"):
        collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    assert not handed_in(made)


def test_a_class_of_200_is_collected_in_seconds(made, tmp_path):
    people = [participant(90_000 + number, f"Student {number:03}") for number in range(200)]
    write_download(tmp_path / "all.zip", people)
    write_worksheet(tmp_path / "sheet.csv", people)
    started = time.monotonic()
    found = collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    assert len(found.collected) == len(handed_in(made)) == 200
    assert time.monotonic() - started < 30
