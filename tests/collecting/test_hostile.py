"""Downloads that would do harm are refused with the reason, and nothing is written."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from course_utils.grading.assignment import CourseError
from course_utils.grading.collecting import archive, collect
from course_utils.grading.collecting.archive import Refused
from course_utils.grading.collecting.moodle_download import write_download

from .classroom import NAME, NOTEBOOK, handed_in, notebook, participant, written

FOLDER = "Ada_1_assignsubmission_file"


def with_entry(name: str, content: bytes = b"x", mode: int = 0) -> Callable[[zipfile.ZipFile], None]:
    def add(file: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = entry.orig_filename = name
        entry.external_attr = mode << 16
        file.writestr(entry, content)

    return add


def bomb(file: zipfile.ZipFile) -> None:
    with file.open(f"{FOLDER}/zeros.weights.h5", "w") as stream:
        for _ in range(150):
            stream.write(bytes(1024 * 1024))


def many(file: zipfile.ZipFile) -> None:
    for number in range(3000):
        file.writestr(f"{FOLDER}/{number}.txt", b"")


def twice(file: zipfile.ZipFile) -> None:
    file.writestr(f"{FOLDER}/a.txt", b"1")
    file.writestr(f"{FOLDER}/a.txt", b"2")


def file_and_folder(file: zipfile.ZipFile) -> None:
    file.writestr(f"{FOLDER}/a", b"1")
    file.writestr(f"{FOLDER}/a/b.txt", b"2")


HOSTILE = {
    "absolute": (with_entry("/etc/cron.d/x"), "absolute"),
    "home of a drive": (with_entry("C:/x.ipynb"), "absolute"),
    "a drive's folder": (with_entry("c:x.ipynb"), "absolute"),
    "up": (with_entry(f"{FOLDER}/../../../x.ipynb"), "outside"),
    "up at the end": (with_entry("a/.."), "outside"),
    "backslashes": (with_entry("..\\..\\x.ipynb"), "backslash"),
    "control characters": (with_entry(f"{FOLDER}/a\x1b[2Jb.ipynb"), "control"),
    "a line's end": (with_entry(f"{FOLDER}/a\nb.ipynb"), "control"),
    "a link": (with_entry(f"{FOLDER}/link.ipynb", b"/etc/passwd", stat.S_IFLNK | 0o777), "link"),
    "a device": (with_entry(f"{FOLDER}/null", b"", stat.S_IFCHR | 0o666), "device"),
    "a pipe": (with_entry(f"{FOLDER}/pipe", b"", stat.S_IFIFO | 0o666), "pipe"),
    "a bomb": (bomb, "times its size"),
    "thousands of files": (many, "3001 files"),
    "one path twice": (twice, "twice"),
    "a file that is a folder": (file_and_folder, "twice"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_zip_is_refused_with_the_reason_and_nothing_is_written(case: str, made: Path, tmp_path: Path) -> None:
    write, reason = HOSTILE[case]
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{FOLDER}/{NOTEBOOK}", notebook())
        write(file)
    refused_untouched(path, made, tmp_path, reason)


def refused_untouched(path: Path, made: Path, tmp_path: Path, reason: str) -> None:
    before = written(tmp_path)
    with pytest.raises(Refused, match=reason):
        collect(made, path, NAME)
    changed = {name for name, state in written(tmp_path).items() if before.get(name) != state}
    assert changed <= {"course/.course", "course/.course/lock", "course", "course/submitted"}
    assert not list((made / "submitted").glob("*"))


def changed_directory(path: Path, offset: int, value: bytes) -> None:
    """Change a field of the last entry in the list at the end of a zip."""
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02") + offset
    data[at : at + len(value)] = value
    path.write_bytes(data)


def one_notebook(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{FOLDER}/{NOTEBOOK}", notebook())


def test_a_zip_with_a_password_is_refused(made: Path, tmp_path: Path) -> None:
    one_notebook(tmp_path / "all.zip")
    changed_directory(tmp_path / "all.zip", 8, struct.pack("<H", 1))
    refused_untouched(tmp_path / "all.zip", made, tmp_path, "password")


def test_files_that_share_their_bytes_are_refused(made: Path, tmp_path: Path) -> None:
    one_notebook(tmp_path / "all.zip")
    changed_directory(tmp_path / "all.zip", 20, struct.pack("<L", 10**6))
    refused_untouched(tmp_path / "all.zip", made, tmp_path, "overlap")


def test_a_size_that_is_a_lie_is_found_while_unpacking(made: Path, tmp_path: Path) -> None:
    one_notebook(tmp_path / "all.zip")
    changed_directory(tmp_path / "all.zip", 24, struct.pack("<L", 100))
    refused_untouched(tmp_path / "all.zip", made, tmp_path, "cannot be read")


def test_a_zip_that_is_cut_off_is_refused(made: Path, tmp_path: Path) -> None:
    one_notebook(tmp_path / "all.zip")
    data = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "all.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(CourseError, match="no zip"):
        collect(made, tmp_path / "all.zip", NAME)


def test_a_list_of_millions_of_files_is_not_even_read(made: Path, tmp_path: Path, monkeypatch) -> None:
    one_notebook(tmp_path / "all.zip")
    monkeypatch.setattr(archive, "MAX_MEMBERS", 0)
    refused_untouched(tmp_path / "all.zip", made, tmp_path, "list of files")


def test_a_failure_half_way_leaves_everything_as_it_was(made: Path, tmp_path: Path) -> None:
    people = [participant(number, f"P{number}") for number in range(4)]
    write_download(tmp_path / "all.zip", people[:2])
    collect(made, tmp_path / "all.zip", NAME)
    changed = [participant(n, f"P{n}", files={NOTEBOOK: notebook(f"y = {n}")}) for n in range(4)]
    write_download(tmp_path / "new.zip", changed)
    changed_directory(tmp_path / "new.zip", 16, b"\0\0\0\0")  # the last file's checksum
    before = written(made / "submitted")
    with pytest.raises(Refused, match="CRC"):
        collect(made, tmp_path / "new.zip", NAME)
    after = written(made / "submitted")
    assert {path: state[0] for path, state in after.items()} == {path: state[0] for path, state in before.items()}


def test_a_name_that_a_disk_may_not_take_costs_that_file_and_no_other(made: Path, tmp_path: Path) -> None:
    names = ["con.txt", "LPT1", "ä" * 120 + ".txt", "a.txt", "A.txt"]
    files = {NOTEBOOK: notebook(), **dict.fromkeys(names, b"1")}
    write_download(tmp_path / "all.zip", [participant(1, "Ada", files=files), participant(2, "Bo")])
    found = collect(made, tmp_path / "all.zip", NAME)
    assert handed_in(made)["Ada"] == ["a.txt", NOTEBOOK]
    assert len(handed_in(made)) == 2
    assert len(found.left_out) == 4
    assert all(reason for _, reason in found.left_out)


def test_one_students_bomb_among_a_class_costs_that_file_only(made: Path, tmp_path: Path) -> None:
    files = {NOTEBOOK: notebook(), "zeros.bin": bytes(20 * 1024 * 1024)}
    write_download(tmp_path / "all.zip", [participant(1, "Ada", files=files), participant(2, "Bo")])
    found = collect(made, tmp_path / "all.zip", NAME)
    assert handed_in(made)["Ada"] == [NOTEBOOK]
    assert "times its size" in found.left_out[0][1]


def test_links_in_a_folder_are_not_followed(made: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("secret")
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / NOTEBOOK).write_bytes(notebook())
    (tmp_path / "class" / "ada" / "key.txt").symlink_to(secret / "key.txt")
    (tmp_path / "class" / "bo").symlink_to(secret)
    collect(made, tmp_path / "class", NAME)
    assert handed_in(made) == {"ada": [NOTEBOOK]}


def test_a_students_folder_that_is_a_link_is_not_written_through(made: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (made / "submitted").mkdir(exist_ok=True)
    (made / "submitted" / "Ada").symlink_to(tmp_path / "elsewhere")
    write_download(tmp_path / "all.zip", [participant(1, "Ada")])
    with pytest.raises(CourseError, match="is a link"):
        collect(made, tmp_path / "all.zip", NAME)
    assert not list((tmp_path / "elsewhere").iterdir())
