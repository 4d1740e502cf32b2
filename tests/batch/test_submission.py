"""Names and files as people and their systems make them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from course_utils.grading.submission import MAX_ID_BYTES, find_submissions, handed_in, student_id

LONG = "ö" * 100


@pytest.mark.parametrize(
    "name",
    ["Zoë", "李雷", "O'Hara; DROP TABLE grade", "..", "-rf", "a" * 200, "👩‍🎓" * 40, "{0}", "*", "\n", "~", "$HOME"],
)
def test_any_name_becomes_one_that_is_a_single_folder(name: str, tmp_path: Path) -> None:
    student = student_id(name)
    assert student
    assert len(student.encode()) <= MAX_ID_BYTES
    (tmp_path / student).mkdir()
    assert [path.name for path in tmp_path.iterdir()] == [student]
    assert not set(student) & set("/\\+*?[]{}\n\0")


def test_long_names_that_begin_alike_stay_apart_and_the_same_in_every_run() -> None:
    assert student_id("x" * 200) != student_id("x" * 201)
    assert student_id("x" * 200) == student_id("x" * 200)


def test_composed_and_decomposed_letters_are_one_name() -> None:
    assert student_id(unicodedata.normalize("NFD", "Zoë")) == student_id("Zoë")


def test_files_that_map_to_one_student_are_all_graded_under_distinct_names(tmp_path: Path) -> None:
    for name in ("ada.ipynb", "ada.zip", "ada (2).ipynb"):
        (tmp_path / name).write_text(name)
    (tmp_path / "ada").mkdir()
    found = find_submissions(tmp_path, "07")
    assert len({submission.student for submission in found}) == len(found) == 4
    assert {name for submission in found for name in submission.files} == {"ada.ipynb", "ada.zip", "ada (2).ipynb"}


def test_a_name_of_any_bytes_is_read(tmp_path: Path) -> None:
    place = os.fsencode(tmp_path) + b"/\xff\xfe"
    os.mkdir(place)
    with open(place + b"/\xe4.ipynb", "wb") as file:
        file.write(b"{}")
    (submission,) = find_submissions(tmp_path, "07")
    assert submission.digest
    assert list(submission.files) == ["\ufffd.ipynb"]


def test_links_lead_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    folder = tmp_path / "class" / "eve"
    folder.mkdir(parents=True)
    (folder / "all").symlink_to(secret)
    (folder / "key").symlink_to(secret / "key")
    (folder / "loop").symlink_to(folder)
    (tmp_path / "class" / "mallory").symlink_to(secret)
    (tmp_path / "class" / "trudy.ipynb").symlink_to(secret / "key")
    os.mkfifo(folder / "pipe")
    (submission,) = find_submissions(tmp_path / "class", "07")
    assert (submission.student, submission.files) == ("eve", {})


def test_a_huge_file_does_not_cost_the_notebook(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "small_sums.ipynb").write_text("{}")
    with (folder / "film.mp4").open("wb") as file:
        file.truncate(10**10)
    with (tmp_path / "ben.ipynb").open("wb") as file:
        file.truncate(10**10)
    found = find_submissions(tmp_path, "07")
    assert [list(submission.files) for submission in found] == [["small_sums.ipynb"], []]


def test_a_folder_for_each_assignment_is_looked_into(tmp_path: Path) -> None:
    for place in ("ada/07", "ada/08", "ben/08"):
        (tmp_path / "submitted" / place).mkdir(parents=True)
        (tmp_path / "submitted" / place / "n.ipynb").write_text(place)
    (one,) = handed_in(tmp_path, "07")
    assert (one.student, one.files) == ("ada", {"n.ipynb": b"ada/07"})


def test_a_folder_that_is_not_there_is_an_error_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"submitted.*07"):
        handed_in(tmp_path, "07")
    with pytest.raises(FileNotFoundError, match="one notebook or one folder"):
        find_submissions(tmp_path / "nowhere", "07")
