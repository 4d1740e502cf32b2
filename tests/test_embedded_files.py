"""What was made of an embedded data set is made once on a machine; files that are not whole are made again."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import embedded_files, offline, omniglot, sets, whole_files
from course_utils.data.characters import Characters


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path]:
    """A folder as TFDS lays out a data set, and one with its arrays."""
    tfds, arrays = tmp_path / "made" / "tfds", tmp_path / "made" / "arrays"
    (tfds / "mnist" / "3.0.1").mkdir(parents=True)
    (tfds / "mnist" / "3.0.1" / "dataset_info.json").write_text("{}")
    (tfds / "mnist" / "3.0.1" / "mnist-train.tfrecord-00000-of-00001").write_bytes(bytes(range(256)) * 300)
    arrays.mkdir()
    np.savez(arrays / "mnist.npz", train_images=np.arange(1000))
    return tfds, arrays


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_kept_is_put_where_it_belongs(made: tuple[Path, Path], tmp_path: Path) -> None:
    kept = tmp_path / "deep" / "mnist.zip"
    embedded_files.keep(kept, "mnist", *made)
    there = tmp_path / "there" / "tfds", tmp_path / "there" / "arrays"
    there[0].mkdir(parents=True)
    assert embedded_files.take(kept, *there)
    assert [files_below(folder) for folder in there] == [files_below(folder) for folder in made]
    assert [path.name for path in kept.parent.iterdir()] == ["mnist.zip"]


def test_what_another_version_kept_goes_when_there_is_a_new_one(made: tuple[Path, Path], tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (kept / "cifar100_old.zip").parent.mkdir()
    (kept / "cifar100_old.zip").touch()
    for file in ("mnist_old.zip", "mnist_new.zip"):
        embedded_files.keep(kept / file, "mnist", *made)
    assert sorted(path.name for path in kept.iterdir()) == ["cifar100_old.zip", "mnist_new.zip"]


@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "changed"])
def test_what_is_not_whole_is_not_taken(damage: str, made: tuple[Path, Path], tmp_path: Path) -> None:
    kept = tmp_path / "mnist.zip"
    embedded_files.keep(kept, "mnist", *made)
    whole = kept.read_bytes()
    middle = len(whole) // 2
    damaged = {"empty": b"", "cut off": whole[:middle], "changed": whole[:middle] + b"?" * 9 + whole[middle + 9 :]}
    if damage == "missing":
        kept.unlink()
    else:
        kept.write_bytes(damaged[damage])
    there = tmp_path / "there"
    (there / "tfds").mkdir(parents=True)
    assert not embedded_files.take(kept, there / "tfds", there / "arrays")
    assert files_below(there) == {}


def give_away(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the file another user's."""
    if os.getuid() == 0:
        os.chown(file, 12345, 12345)
    else:
        monkeypatch.setattr(whole_files.os, "getuid", lambda: 12345)


def test_what_another_user_put_there_is_not_taken(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "mnist.zip"
    embedded_files.keep(kept, "mnist", *made)
    give_away(kept, monkeypatch)
    there = tmp_path / "there"
    (there / "tfds").mkdir(parents=True)
    assert not embedded_files.take(kept, there / "tfds", there / "arrays")


def test_another_users_characters_are_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = (
        Characters(np.full((2, 20, 28, 28), ink, np.uint8), ("a", "a"), ("1", "2"), np.array([True, False]), "embedded")
        for ink in (0, 9)
    )
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "shared"))
    monkeypatch.setattr(omniglot, "make_embedded", lambda: right)
    shared = omniglot.embedded_file(tmp_path / "shared")
    omniglot.write(shared, wrong)
    give_away(shared, monkeypatch)
    own = tmp_path / "own"
    assert not omniglot.take_embedded(own, tmp_path / "shared")
    omniglot.prepare_embedded(own)
    assert np.array_equal(omniglot.read(omniglot.embedded_file(own), "embedded", "").images, right.images)


def test_a_folder_that_cannot_be_written_is_no_error(made: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    embedded_files.keep(tmp_path / "file" / "mnist.zip", "mnist", *made)


def test_another_version_of_a_package_makes_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = embedded_files.kept_file(Path(), "mnist")
    monkeypatch.setattr(embedded_files.importlib.metadata, "version", lambda package: "another")
    assert embedded_files.kept_file(Path(), "mnist") != before
    assert embedded_files.kept_file(Path(), "cifar100") != embedded_files.kept_file(Path(), "mnist")


def test_a_second_starter_makes_nothing_and_has_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Characters(np.zeros((2, 20, 28, 28), np.uint8), ("a", "a"), ("1", "2"), np.array([True, False]), "embedded")
    monkeypatch.setattr(sets, "names", lambda: ("mnist",))
    monkeypatch.setattr(omniglot, "embedded", lambda directory: drawn)
    kept = tmp_path / "kept"
    omniglot.write(omniglot.embedded_file(kept), drawn)
    places = []
    for name in ("first", "second"):
        place = tmp_path / name
        (place / "data").mkdir(parents=True)
        parts = offline.preparations(place / "data", place / "arrays", kept)
        assert len(parts) == (name == "first"), "the data set is made once, the characters were there"
        for part in parts:
            part()
        places.append(files_below(place))
    assert places[0] == places[1]
    assert "arrays/mnist.npz" in places[0]
    assert any(name.startswith("data/course_utils_characters/") for name in places[0])
