"""Files that were renamed, packed, put into folders, handed in several at a time, or too large."""

import io
import struct
import zipfile

import pytest
from nbformat.v4 import new_code_cell

from course_utils.grading.doctor import archive, choosing

from .conftest import as_bytes, assert_answered, kinds


def zipped(files: dict[str, bytes], **options) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as archive_file:
        for name, data in files.items():
            archive_file.writestr(name, data)
    return stream.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "small (1).ipynb",
        "small-Kopie.ipynb",
        "small-Copy1.ipynb",
        "Copy_of_small.ipynb",
        "Kopie von small.ipynb",
        "SMALL.ipynb",
        "small.ipynb.txt",
        "small.ipynb.json",
        "small.json",
        "small.txt",
        "small",
        "homework_final2.ipynb",
    ],
)
def test_a_renamed_notebook_is_found(filled, treat, name):
    diagnosis = treat({name: as_bytes(filled)})
    assert kinds(diagnosis) == ["renamed"]
    assert_answered(diagnosis)
    assert diagnosis.companions == {}


def test_a_notebook_in_a_folder_takes_the_files_beside_it_along(filled, treat):
    files = {
        "mine/small.ipynb": as_bytes(filled),
        "mine/trained/px.weights.h5": b"weights",
        "mine/helpers.py": b"x = 1",
        "notes.txt": b"hello",
    }
    diagnosis = treat(files)
    assert kinds(diagnosis) == ["in_folder"]
    assert diagnosis.companions == {"trained/px.weights.h5": b"weights", "helpers.py": b"x = 1", "notes.txt": b"hello"}
    assert_answered(diagnosis)


def test_what_systems_leave_behind_is_ignored(release, filled, treat):
    files = {
        "small.ipynb": as_bytes(filled),
        ".ipynb_checkpoints/small-checkpoint.ipynb": as_bytes(release),
        "__MACOSX/._small.ipynb": b"\0\5",
        ".DS_Store": b"x",
        "__pycache__/helpers.cpython-311.pyc": b"x",
        "picture.png": b"png",
    }
    diagnosis = treat(files)
    assert diagnosis.repairs == ()
    assert diagnosis.companions == {"picture.png": b"png"}


def test_the_backup_copy_is_used_when_there_is_nothing_else(filled, treat):
    diagnosis = treat({".ipynb_checkpoints/small-checkpoint.ipynb": as_bytes(filled), "small.ipynb": b""})
    assert "checkpoint" in kinds(diagnosis)
    assert_answered(diagnosis)


def test_of_several_notebooks_the_one_with_most_answers_counts(release, filled, treat):
    files = {"small.ipynb": as_bytes(release), "small (1).ipynb": as_bytes(filled), "other.ipynb": b'{"cells": []}'}
    diagnosis = treat(files)
    assert kinds(diagnosis) == ["renamed", "several_notebooks"]
    assert_answered(diagnosis)
    assert diagnosis.companions == {}


def test_of_equal_notebooks_the_right_name_counts_then_the_last_run(filled, treat):
    files = {name: as_bytes(filled) for name in ("a.ipynb", "small.ipynb", "z.ipynb")}
    assert "small.ipynb has most answers" in treat(files).repairs[0].message
    later = as_bytes(filled).replace(b'"execution_count": 10', b'"execution_count": 99')
    assert "b.ipynb has most answers" in treat({"a.ipynb": as_bytes(filled), "b.ipynb": later}).repairs[0].message


def test_a_damaged_notebook_gives_way_to_a_script_and_is_named(treat):
    diagnosis = treat(
        {"small.ipynb": b"<html></html>", "small.py": b"def resize_img(image, label):\n    return 1, label\n"}
    )
    assert {"script", "unreadable_file"} <= set(kinds(diagnosis))


def test_own_modules_are_companions_and_no_notebooks(filled, treat):
    diagnosis = treat({"small.ipynb": as_bytes(filled), "small.py": b"def resize_img(image, label): pass"})
    assert diagnosis.repairs == ()
    assert list(diagnosis.companions) == ["small.py"]


def test_a_zip_with_the_notebook_and_its_weights_needs_no_repair(filled, treat):
    diagnosis = treat({"hand-in.zip": zipped({"small.ipynb": as_bytes(filled), "trained/a.weights.h5": b"w"})})
    assert diagnosis.repairs == ()
    assert diagnosis.companions == {"trained/a.weights.h5": b"w"}


def test_a_zip_in_a_zip_is_unpacked(filled, treat):
    inner = zipped({"work/small.ipynb": as_bytes(filled), "work/trained/a.weights.h5": b"w", "__MACOSX/x": b"x"})
    diagnosis = treat({"hand-in.zip": zipped({"inner.zip": inner})})
    assert kinds(diagnosis) == ["archive", "in_folder"]
    assert diagnosis.companions == {"trained/a.weights.h5": b"w"}
    assert_answered(diagnosis)


def test_a_zip_called_ipynb_is_unpacked(filled, treat):
    assert_answered(treat({"small.ipynb": zipped({"small.ipynb": as_bytes(filled)})}))


def test_weights_that_are_zip_files_inside_stay_as_they_are(filled, treat):
    weights = zipped({"config.json": b"{}"})
    diagnosis = treat({"small.ipynb": as_bytes(filled), "model.keras": weights, "data.npz": weights})
    assert diagnosis.repairs == ()
    assert diagnosis.companions == {"model.keras": weights, "data.npz": weights}


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "..\\evil.py", "C:\\evil.py", "a\nb.py", ""]
)
def test_no_path_leads_outside(filled, treat, name):
    diagnosis = treat({"small.ipynb": as_bytes(filled), name: b"x"})
    assert kinds(diagnosis) == ["unsafe_path"]
    assert diagnosis.companions == {}


def test_no_path_in_an_archive_leads_outside_and_no_link_is_followed(filled, treat):
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    data = zipped({"small.ipynb": as_bytes(filled), "../../evil.py": b"x", "/abs.py": b"x", link: b"/etc/passwd"})
    diagnosis = treat({"in.zip": data})
    assert {"refused_entry", "unsafe_path"} <= set(kinds(diagnosis))
    assert diagnosis.companions == {}
    assert_answered(diagnosis)


def test_a_zip_bomb_is_refused(filled, treat):
    bomb = zipped({"zeros.bin": b"\0" * 50_000_000})
    diagnosis = treat({"small.ipynb": as_bytes(filled), "bomb.zip": bomb})
    assert kinds(diagnosis) == ["refused_entry"]
    assert diagnosis.companions == {}


def test_an_entry_that_lies_about_its_size_is_refused(filled, treat):
    data = bytearray(zipped({"zeros.bin": b"\0" * 50_000_000}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 1_000)
    diagnosis = treat({"small.ipynb": as_bytes(filled), "bomb.zip": bytes(data)})
    assert "broken_archive" in kinds(diagnosis)
    assert sum(map(len, diagnosis.companions.values())) < 10_000


def test_too_many_files_and_too_deep_archives_are_refused(filled, treat):
    many = zipped({f"{n}.txt": b"" for n in range(archive.MAX_ENTRIES + 1)})
    deep = as_bytes(filled)
    for _ in range(6):
        deep = zipped({"in.zip": deep})
    diagnosis = treat({"small.ipynb": as_bytes(filled), "many.zip": many, "deep.zip": deep})
    assert "refused_archive" in kinds(diagnosis)
    assert diagnosis.companions == {}


def test_files_over_all_archives_together_are_limited(filled, treat, monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED", 2_500)
    part = zipped({"x.bin": bytes(range(256)) * 4})
    diagnosis = treat({"small.ipynb": as_bytes(filled), **{f"{n}/part.zip": part for n in range(4)}})
    assert len(diagnosis.companions) == 2
    assert "refused_entry" in kinds(diagnosis)


@pytest.mark.parametrize("cut", [10, 100, -30])
def test_a_broken_archive_is_survived(filled, treat, cut):
    data = zipped({"small.ipynb": as_bytes(filled)})[:cut]
    diagnosis = treat({"in.zip": data})
    assert not diagnosis.readable
    assert "archive" in diagnosis.reason


def test_a_file_that_is_too_large_is_left_out(filled, treat, monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILE", 100_000)
    diagnosis = treat({"small.ipynb": as_bytes(filled), "big.h5": b"\0" * 100_001})
    assert kinds(diagnosis) == ["too_large"]
    assert diagnosis.companions == {}


def test_companions_together_are_limited_and_small_ones_go_first(filled, treat, monkeypatch):
    monkeypatch.setattr(choosing, "MAX_COMPANIONS", 100)
    diagnosis = treat({"small.ipynb": as_bytes(filled), "a.bin": b"\0" * 90, "b.bin": b"\0" * 80})
    assert kinds(diagnosis) == ["too_large"]
    assert list(diagnosis.companions) == ["b.bin"]


def test_companions_never_take_each_others_place(filled, treat):
    files = {"work/small.ipynb": as_bytes(filled), "work/a": b"1", "a": b"22", "a/b": b"333"}
    diagnosis = treat(files)
    assert all(f"{name}/b" not in diagnosis.companions for name in diagnosis.companions)
    assert "name_clash" in kinds(diagnosis)


def test_nothing_handed_in_gets_a_reason(treat):
    assert "No file" in treat({}).reason
    assert "no notebook" in treat({"notes.txt": b"hello"}).reason
    assert "No file" in treat({".DS_Store": b"x"}).reason


def test_another_assignments_notebook_is_named_as_such(filled, treat):
    filled.cells = [new_code_cell("x = 1")]
    assert "unrecognised" in kinds(treat({"other.ipynb": as_bytes(filled)}))
