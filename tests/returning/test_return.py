"""Marks go back to where they are kept, in the form that it takes, and nobody's work there is lost."""

from __future__ import annotations

import csv
import datetime
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting import collect, moodle_download
from course_utils.grading.collecting.moodle_download import (
    ENGLISH,
    FLAT,
    FOLDERS,
    GERMAN,
    OLD_FOLDERS,
    write_download,
    write_worksheet,
)
from course_utils.grading.collecting.students import Students
from course_utils.grading.returning import Returning, give_back
from course_utils.grading.returning.give_back import Request
from tests.batch import tiny
from tests.collecting.classroom import DUE, NAME, in_gradebook, participant

from .graded import WRITTEN, collected, grade, page

LANGUAGES = ("ENGLISH", "GERMAN", "FRENCH", "SPANISH", "JAPANESE")
ADA, BO, ZOE, EVA = (participant(100 + n, name) for n, name in enumerate(["Ada L", "Bo_Ek", "Zoë O'Hara", "Eva Late"]))
NONE = participant(200, "Nobody Here", files={}, submitted=None)
CLASS = [ADA, BO, ZOE, NONE]
SCORES = {
    "Ada L": (2, 2, 1),
    "Bo Ek": (2, 0.5, 0.125),
    "Bo_Ek": (2, 0.5, 0.125),
    "Zoë O'Hara": (0, 0, 0),
    "Zoë OHara": (0, 0, 0),
}


@pytest.fixture
def graded(made: Path, tmp_path: Path) -> Path:
    """A course whose class was collected from Moodle and graded."""
    ids = collected(made, tmp_path, CLASS)
    grade(made, {student: SCORES[name] for name, student in ids.items()})
    for student in ids.values():
        page(made, student, f"<p>{student}</p>")
    return made


def give(course: Path, worksheet: Path | None = None, **options) -> Returning:
    return give_back(course, Request(NAME, course / "returned", worksheet, **options))


def states(returning: Returning) -> dict[str, str]:
    return {one.name: one.state for one in returning.returned}


def table(path: Path, encoding: str = "utf-8-sig", separator: str = ",") -> list[list[str]]:
    with path.open(newline="", encoding=encoding) as file:
        return list(csv.reader(file, delimiter=separator))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("max_grade", ["5.00", "100.00", "20.0", "10"])
def test_the_worksheet_comes_back_with_the_grades_and_otherwise_as_it_was(language, max_grade, graded, tmp_path):
    words = getattr(moodle_download, language)
    write_worksheet(tmp_path / "sheet.csv", CLASS, words, max_grade)
    returning = give(graded, tmp_path / "sheet.csv")
    scale = float(max_grade) / 5
    expected = [5 * scale, 2.625 * scale, 0.0, None]
    before, after = table(tmp_path / "sheet.csv"), table(graded / "returned" / "sheet.csv")
    for points, old, new in zip(expected, before[1:], after[1:], strict=True):
        assert [*old[:5], *old[6:]] == [*new[:5], *new[6:]]
        if points is None:
            assert new[5] == ""
            continue
        assert ("," in new[5]) == (words.decimal_comma and "." in max_grade)
        assert float(new[5].replace(",", ".")) == pytest.approx(points, abs=0.0501 if max_grade == "20.0" else 0.00501)
    assert before[0] == after[0]
    assert set(states(returning).values()) == {"filled in"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_a_sheet_that_a_spreadsheet_program_saved_is_written_in_the_same_way(encoding, separator, graded, tmp_path):
    path = tmp_path / "sheet.csv"
    comment = replace(NONE, comment='two\nlines, "quoted"; and €' if encoding != "latin-1" else 'a "b"\nc')
    write_worksheet(path, [ADA, BO, ZOE, comment], GERMAN, separator=separator, encoding=encoding)
    path.write_bytes(path.read_bytes().decode(encoding).replace("\n", "\r\n").encode(encoding))
    give(graded, path)
    after = table(graded / "returned" / "sheet.csv", encoding, separator)
    assert [row[5] for row in after] == ["Bewertung", "100,00", "52,50", "0,00", ""]
    written = (graded / "returned" / "sheet.csv").read_bytes().decode(encoding)
    cells = [
        separator + (f'"{grade}"' if separator == "," else grade) + separator for grade in ("100,00", "52,50", "0,00")
    ]
    highest = '"100,00"' if separator == "," else "100,00"
    for cell in cells:
        written = written.replace(cell + highest, separator * 2 + highest, 1)
    assert written == path.read_bytes().decode(encoding), "only the grades were changed"


@pytest.mark.parametrize(
    "form", [FOLDERS, OLD_FOLDERS, FLAT, "unpacked", "folders by name", "files by address", "nbgrader"]
)
def test_every_form_of_handing_in_goes_there_and_back(form, made, tmp_path):
    people = [ADA, BO, ZOE, NONE]
    source = tmp_path / "all.zip"
    write_download(source, people, form if form in {FOLDERS, OLD_FOLDERS, FLAT} else FOLDERS)
    if form == "unpacked":
        source = tmp_path / "unpacked"
        shutil.unpack_archive(tmp_path / "all.zip", source)
    elif form in {"folders by name", "files by address", "nbgrader"}:
        source = tmp_path / "folder"
        for person in people[:-1]:
            place = {"folders by name": f"{person.name}/", "files by address": f"{person.email}.",
                     "nbgrader": f"{person.id_number}/{NAME}/"}.get(form, "")  # fmt: skip
            path = source / (f"{place}ipynb" if place.endswith(".") else f"{place}{tiny.NOTEBOOK}.ipynb")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(person.files[f"{tiny.NOTEBOOK}.ipynb"])
    write_worksheet(tmp_path / "sheet.csv", people)
    collect(made, source, NAME, tmp_path / "sheet.csv" if form != "unpacked" else None)
    grade(made, {student.id: SCORES[student.name] for student in Students(made)})
    assert set(states(give(made, tmp_path / "sheet.csv")).values()) == {"filled in"}
    assert [row[5] for row in table(made / "returned" / "sheet.csv")][1:] == ["100.00", "52.50", "0.00", ""]


def with_columns(path: Path, columns: dict[int, list[str]], without: tuple[int, ...] = ()) -> None:
    """Put columns before those of these numbers, and take some away."""
    rows = [
        [cell for index, old in enumerate(row) if index not in without for cell in [*put(columns, index, number), old]]
        for number, row in enumerate(table(path))
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def put(columns: dict[int, list[str]], index: int, number: int) -> list[str]:
    return [columns[index][number]] if index in columns else []


def test_columns_of_markers_workflow_and_departments_are_told_from_the_grade(graded, tmp_path):
    path = tmp_path / "sheet.csv"
    marker = ["Marker", "Grace Hopper", "Grace Hopper", "", ""]
    workflow = ["Marking workflow state", "Not marked", "Released", "Not marked", "Not marked"]
    department = ["Department", "10", "10", "10", "10"]
    with_columns(path, {4: department, 5: marker, 7: workflow})
    people = table(path)
    people[1][10] = "No"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(people)
    returning = give(graded, path)
    assert people[0][10] == "Grade can be changed"
    assert states(returning) == {"Ada L": "locked", "Bo_Ek": "filled in", "Zoë O'Hara": "filled in"}
    assert [row[7] for row in table(graded / "returned" / "sheet.csv")] == ["Grade", "", "52.50", "0.00", ""]


def test_a_sheet_without_names_is_filled_in_by_number(graded, tmp_path):
    with_columns(tmp_path / "sheet.csv", {}, without=(1, 2, 3))
    give(graded, tmp_path / "sheet.csv")
    assert [row[2] for row in table(graded / "returned" / "sheet.csv")] == ["Grade", "100.00", "52.50", "0.00", ""]


def test_what_moodle_has_locked_and_what_somebody_changed_there_stays(graded, tmp_path):
    give(graded, tmp_path / "sheet.csv")
    by_hand = datetime.datetime(2026, 11, 20, 9, 0)
    people = [
        replace(ADA, grade="90.00", graded=by_hand),
        replace(BO, grade="52.50", graded=by_hand),
        replace(ZOE, locked=True),
    ]
    write_worksheet(tmp_path / "later.csv", people)
    returning = give(graded, tmp_path / "later.csv")
    assert states(returning) == {"Ada L": "changed in the sheet", "Bo_Ek": "unchanged", "Zoë O'Hara": "locked"}
    assert (graded / "returned" / "later.csv").read_bytes() == (tmp_path / "later.csv").read_bytes()
    assert states(give(graded, tmp_path / "later.csv", overwrite=True)) == {
        "Ada L": "filled in", "Bo_Ek": "unchanged", "Zoë O'Hara": "locked",
    }  # fmt: skip
    assert [row[5] for row in table(graded / "returned" / "later.csv")][1:] == ["100.00", "52.50", ""]


def test_a_grade_that_we_returned_is_replaced_when_grading_changes_it(graded, tmp_path):
    give(graded, tmp_path / "sheet.csv")
    uploaded = [replace(ADA, grade="100.00", graded=DUE), replace(BO, grade="52.50", graded=DUE), ZOE]
    write_worksheet(tmp_path / "later.csv", uploaded)
    grade(graded, {ADA.id_number: (1, 1, 0.5)})
    assert states(give(graded, tmp_path / "later.csv"))["Ada L"] == "filled in"
    assert table(graded / "returned" / "later.csv")[1][5] == "50.00"


def test_returning_twice_writes_the_same_bytes(graded, tmp_path):
    give(graded, tmp_path / "sheet.csv")
    first = {path.name: path.read_bytes() for path in (graded / "returned").iterdir()}
    give(graded, tmp_path / "sheet.csv")
    assert {path.name: path.read_bytes() for path in (graded / "returned").iterdir()} == first
    assert set(first) == {"sheet.csv", "marks.csv", "nbgrader.csv", "feedback.zip"}


def test_the_feedback_zip_is_one_that_moodle_takes(graded, tmp_path):
    """As mod/assign/feedback/file/importziplib.php reads it: the folder's name in parts at the underscores."""
    give(graded, tmp_path / "sheet.csv")
    numbers = {}
    with zipfile.ZipFile(graded / "returned" / "feedback.zip") as archive:
        for entry in archive.infolist():
            folder, file = entry.filename.split("/")
            name, number, kind, plugin, rest = folder.split("_", 4)
            assert (kind, plugin, rest, file) == ("assignfeedback", "file", "", "feedback.html")
            assert name
            numbers[int(number)] = archive.read(entry).decode()
    assert numbers == {person.identifier: f"<p>{person.id_number}</p>" for person in (ADA, BO, ZOE)}


def test_who_waits_for_manual_grading_is_told_and_not_returned_unless_asked_for(graded, tmp_path):
    grade(graded, {ADA.id_number: (2, 2, None)})
    returning = give(graded, tmp_path / "sheet.csv")
    assert states(returning)["Ada L"] == "waits for manual grading"
    (ada,) = [one for one in returning.returned if one.name == "Ada L"]
    assert ada.mark.waiting == (WRITTEN,)
    assert table(graded / "returned" / "sheet.csv")[1][5] == ""
    with zipfile.ZipFile(graded / "returned" / "feedback.zip") as archive:
        assert len(archive.namelist()) == 2
    give(graded, tmp_path / "sheet.csv", incomplete=True)
    assert table(graded / "returned" / "sheet.csv")[1][5] == "80.00"


def test_what_a_person_graded_in_the_formgrader_is_in_the_returned_sheet(graded, tmp_path):
    grade(graded, {ADA.id_number: (2, 1, None)})

    def as_the_formgrader_does(gradebook):
        written = gradebook.find_grade(WRITTEN, tiny.NOTEBOOK, NAME, ADA.id_number)
        written.manual_score, written.needs_manual_grade = 0.75, False
        gradebook.db.commit()

    in_gradebook(graded, as_the_formgrader_does)
    assert states(give(graded, tmp_path / "sheet.csv"))["Ada L"] == "filled in"
    assert table(graded / "returned" / "sheet.csv")[1][5] == "75.00"


def test_the_tables_have_everybody_with_name_number_and_points(graded, tmp_path):
    give(graded)
    rows = list(csv.DictReader((graded / "returned" / "marks.csv").open(encoding="utf-8")))
    bo = next(row for row in rows if row["name"] == "Bo_Ek")
    assert (bo["student"], bo["email"], bo["identifier"]) == (BO.id_number, BO.email, "101")
    assert (float(bo["score"]), bo["max_score"], float(bo["penalty"])) == (2.625, "5", 0)
    exported = list(csv.DictReader((graded / "returned" / "nbgrader.csv").open(encoding="utf-8")))
    ada = next(row for row in exported if row["student_id"] == ADA.id_number)
    assert (ada["first_name"], ada["last_name"], ada["email"], ada["score"]) == ("Ada", "L", ADA.email, "5.0")


def test_marks_of_work_from_folders_and_canvas_come_back_as_tables(made, tmp_path):
    with zipfile.ZipFile(tmp_path / "canvas.zip", "w") as archive:
        archive.writestr("lovelaceada_4711_90001_small_sums.ipynb", tiny.answer())
    collect(made, tmp_path / "canvas.zip", NAME)
    grade(made, {"lovelaceada": (2, 2, 0)})
    returning = give(made)
    assert states(returning) == {"lovelaceada": "in the tables"}
    (row,) = csv.DictReader((made / "returned" / "marks.csv").open(encoding="utf-8"))
    assert (row["identifier"], float(row["score"])) == ("4711", 4)


def test_students_who_were_never_collected_are_found_by_address_number_or_name(made, tmp_path):
    grade(made, {ADA.email: (2, 2, 1), BO.id_number: (2, 0.5, 0.125), "zoë o'hara": (0, 0, 0), "stranger": (1, 1, 1)})
    write_worksheet(tmp_path / "sheet.csv", CLASS, ENGLISH, "5.00")
    returning = give(made, tmp_path / "sheet.csv")
    assert [row[5] for row in table(made / "returned" / "sheet.csv")][1:] == ["5.00", "2.63", "0.00", ""]
    assert {one.mark.student: one.state for one in returning.returned}["stranger"] == "not in the sheet"


def test_a_sheet_of_another_kind_is_refused_in_a_sentence(graded, tmp_path):
    (tmp_path / "other.csv").write_text("name,points\nAda,3\nBo,4\n")
    with pytest.raises(CourseError, match="no grading worksheet"):
        give(graded, tmp_path / "other.csv")
    scale = (tmp_path / "sheet.csv").read_text("utf-8-sig").replace("100.00", '"Not yet\nPass\nMerit"')
    (tmp_path / "scale.csv").write_text(scale, encoding="utf-8")
    with pytest.raises(CourseError, match="points"):
        give(graded, tmp_path / "scale.csv")


def test_without_any_grade_it_says_what_to_do(made):
    with pytest.raises(CourseError, match="course grade"):
        give(made)


def test_the_sheet_that_is_given_is_never_written_to(graded, tmp_path):
    with pytest.raises(CourseError, match="--output"):
        give_back(graded, Request(NAME, tmp_path, tmp_path / "sheet.csv"))
