"""Canvas's zip, folders of any kind, nbgrader's own tree and its exchange."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting import collect
from course_utils.grading.collecting.moodle_download import write_download, write_worksheet

from .classroom import NAME, NOTEBOOK, WEIGHTS, handed_in, known, notebook, participant, written


def canvas(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_canvas_gives_each_student_the_newest_version_of_each_file(made, tmp_path):
    old, new = notebook("# old"), notebook("# new")
    files = {
        "lovelaceada_4711_90001_small_sums.ipynb": old,
        "lovelaceada_4711_90007_small_sums-1.ipynb": new,
        "lovelaceada_4711_90003_a.weights.h5": WEIGHTS,
        "müllerzoë_LATE_4712_90004_homework.ipynb": new,
    }
    found = collect(made, canvas(tmp_path / "submissions.zip", files), NAME)
    assert handed_in(made) == {"lovelaceada": [NOTEBOOK, "trained/a.weights.h5"], "müllerzoë": [NOTEBOOK]}
    assert (made / "submitted" / "lovelaceada" / NAME / NOTEBOOK).read_bytes() == new
    assert [reason for _, reason in found.left_out] == ["was handed in again"]
    assert known(made)["müllerzoë"]["identifiers"] == {NAME: "4712"}
    assert {one.state for one in collect(made, tmp_path / "submissions.zip", NAME).collected} == {"unchanged"}


def test_canvas_names_are_found_in_a_worksheet(made, tmp_path):
    canvas(tmp_path / "all.zip", {"lovelaceada_4711_1_small_sums.ipynb": notebook(),
                                  "bo_4712_2_small_sums.ipynb": notebook()})  # fmt: skip
    ada = participant(1, "Ada Lovelace")
    write_worksheet(tmp_path / "sheet.csv", [ada, participant(2, "Somebody Else")])
    found = collect(made, tmp_path / "all.zip", NAME, tmp_path / "sheet.csv")
    assert set(handed_in(made)) == {ada.id_number, "bo"}
    assert found.missing == ("Somebody Else (handed in something that is not in the download)",)


def test_a_folder_of_notebooks_and_one_of_students_folders(made, tmp_path):
    for name in ("ada", "bela.ipynb", "chen"):
        (tmp_path / "flat").mkdir(exist_ok=True)
        (tmp_path / "flat" / f"{name.removesuffix('.ipynb')}.ipynb").write_bytes(notebook(f"# {name}"))
        (tmp_path / "deep" / name / "trained").mkdir(parents=True)
        (tmp_path / "deep" / name / NOTEBOOK).write_bytes(notebook(f"# {name}"))
        (tmp_path / "deep" / name / "trained" / "w.weights.h5").write_bytes(WEIGHTS)
        (tmp_path / "deep" / name / ".ipynb_checkpoints").mkdir()
        (tmp_path / "deep" / name / ".ipynb_checkpoints" / NOTEBOOK).write_bytes(b"{}")
    (tmp_path / "flat" / "readme.txt").write_text("for the instructor")
    found = collect(made, tmp_path / "flat", NAME)
    assert handed_in(made) == {name: [NOTEBOOK] for name in ("ada", "bela", "chen")}
    assert found.left_out == (("readme.txt", "is in nobody's folder, and no notebook"),)
    collect(made, tmp_path / "deep", NAME)
    assert handed_in(made)["ada"] == [NOTEBOOK, "trained/w.weights.h5"]


def test_folders_are_known_by_address_or_number_in_a_worksheet(made, tmp_path):
    people = [participant(1, "Ada Lovelace", email="ada@x.org"), participant(2, "Bo Ek"), participant(3, "Chen Yu")]
    for folder in ("ada@x.org", people[1].id_number, "Yu Chen"):
        (tmp_path / "class" / folder).mkdir(parents=True)
        (tmp_path / "class" / folder / NOTEBOOK).write_bytes(notebook(f"# {folder}"))
    write_worksheet(tmp_path / "sheet.csv", people)
    found = collect(made, tmp_path / "class", NAME, tmp_path / "sheet.csv")
    assert not found.missing
    assert {one.name for one in found.collected} == {person.name for person in people}


@pytest.mark.parametrize("around", ["", "submitted/", "course/submitted/"])
def test_nbgraders_tree_keeps_ids_and_times(around, made, tmp_path):
    for student in ("ada", "bo@x.org"):
        for assignment in (NAME, "01_other"):
            folder = tmp_path / "tree" / around / student / assignment
            folder.mkdir(parents=True)
            (folder / NOTEBOOK).write_bytes(notebook(f"# {student}"))
            (folder / "timestamp.txt").write_text("2026-11-18 20:15:00.123456 UTC")
    collect(made, tmp_path / "tree", NAME)
    assert handed_in(made) == {"ada": [NOTEBOOK], "bo@x.org": [NOTEBOOK]}
    stamp = (made / "submitted" / "ada" / NAME / "timestamp.txt").read_text()
    assert stamp.strip() == "2026-11-18 20:15:00.123456 UTC"


def test_of_nbgraders_exchange_the_last_submission_is_taken(made, tmp_path):
    for time in ("2026-11-18 20:15:00.1 UTC", "2026-11-18 21:15:00.1 UTC", "2026-11-17 09:00:00.1 UTC"):
        folder = tmp_path / "inbound" / f"ada+{NAME}+{time}+YWJj"
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_bytes(notebook(f"# {time}"))
    other = tmp_path / "inbound" / "bo+01_other+2026-11-18 20:15:00.1 UTC"
    other.mkdir()
    (other / NOTEBOOK).write_bytes(notebook())
    collect(made, tmp_path / "inbound", NAME)
    assert handed_in(made) == {"ada": [NOTEBOOK]}
    assert b"21:15" in (made / "submitted" / "ada" / NAME / NOTEBOOK).read_bytes()


def test_the_courses_own_folder_collected_into_itself_changes_nothing(made, tmp_path):
    write_download(tmp_path / "all.zip", [participant(1, "Ada"), participant(2, "Bo")])
    collect(made, tmp_path / "all.zip", NAME)
    before = written(made / "submitted")
    collect(made, made / "submitted", NAME)
    assert written(made / "submitted") == before


def test_a_download_that_was_unpacked_by_hand_is_the_same(made, tmp_path):
    write_download(tmp_path / "all.zip", [participant(1, "Ada"), participant(2, "Zoë B")])
    shutil.unpack_archive(tmp_path / "all.zip", tmp_path / "unpacked" / "CS101-Sums-1234")
    collect(made, tmp_path / "all.zip", NAME)
    again = collect(made, tmp_path / "unpacked", NAME)
    assert {one.state for one in again.collected} == {"unchanged"}


@pytest.mark.parametrize("name", ["missing.zip", "empty", "notes.txt"])
def test_what_is_no_download_is_said_in_a_sentence(name, made, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(CourseError, match="expected"):
        collect(made, tmp_path / name, NAME)
