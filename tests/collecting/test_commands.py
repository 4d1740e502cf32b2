"""`course collect` and `course return` in a terminal: what is said, and the exit status."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from course_utils.grading import cli
from course_utils.grading.collecting.moodle_download import write_worksheet
from tests.returning.graded import download, grade

from .classroom import NAME, NOTEBOOK, handed_in, notebook, participant

ADA, BO = participant(1, "Ada Lovelace"), participant(2, "Bo Ek", files={}, submitted=None)


@pytest.fixture
def course(made: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command in a course's folder; returns its exit status."""
    monkeypatch.setenv("COURSE_DIR", str(made))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["course", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return run


def test_from_a_zip_to_a_worksheet_in_two_commands(course, made, tmp_path, capsys):
    archive, sheet = download(tmp_path, [ADA, BO])
    collect = ["collect", archive, "--assignment", NAME, "--worksheet", sheet]
    assert course(*collect, "--dry-run") == 0
    assert "Nothing was written" in capsys.readouterr().out
    assert not handed_in(made)
    assert course(*collect) == 0
    said = capsys.readouterr().out
    assert "handed in nothing: Bo Ek" in said
    assert "1 students (1 new); 1 handed in nothing" in said
    grade(made, {ADA.id_number: (2, 1, 0.5)})
    assert course("return", "--assignment", NAME, "--worksheet", sheet) == 0
    assert "3.50 / 5" in capsys.readouterr().out
    assert "70.00" in (made / "returned" / NAME / "sheet.csv").read_text("utf-8-sig")


def test_a_hostile_zip_ends_with_an_error_and_a_sentence(course, made, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(f"Ada_1_assignsubmission_file/{NOTEBOOK}", notebook())
        archive.writestr("../escaped.ipynb", b"{}")
    assert course("collect", tmp_path / "all.zip", "--assignment", NAME) == 2
    assert "leads outside" in " ".join(capsys.readouterr().err.split())
    assert not handed_in(made)
    assert not (tmp_path / "escaped.ipynb").exists()


def test_an_unknown_assignment_is_named_with_those_that_there_are(course, tmp_path, capsys):
    archive, _ = download(tmp_path, [ADA])
    assert course("collect", archive, "--assignment", "99_unknown") == 2
    assert NAME in capsys.readouterr().err


def test_returning_before_grading_says_what_to_do(course, tmp_path, capsys):
    write_worksheet(tmp_path / "sheet.csv", [ADA])
    assert course("return", "--assignment", NAME, "--worksheet", tmp_path / "sheet.csv") == 2
    assert "course grade" in " ".join(capsys.readouterr().err.split())
