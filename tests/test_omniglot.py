"""Characters: where they come from, how they are split, and that every machine gets the same."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils.data import (
    Characters,
    background_split,
    load_omniglot,
    one_shot_runs,
    read_characters,
    split_characters,
    vinyals_split,
)
from course_utils.data import glyphs as glyphs_module
from course_utils.data import omniglot as omniglot_module
from course_utils.data.ink import shrunk, with_ink_high
from course_utils.data.vinyals import VINYALS_SPLIT

FINGERPRINT_OF_FONTS = "da74c2e805c94d33"
HASH_OF_DRAWINGS = "d24e42476a037ddd"


@pytest.fixture(scope="module")
def characters() -> Characters:
    return load_omniglot("embedded")


def made_up(alphabets: dict[str, int], drawings: int = 3) -> Characters:
    """Characters of alphabets of these sizes, named as Omniglot names them, of noise."""
    keys = [(alphabet, number) for alphabet, size in alphabets.items() for number in range(1, size + 1)]
    images = np.random.default_rng(0).integers(0, 256, (len(keys), drawings, 28, 28), dtype=np.uint8)
    return Characters(
        images,
        tuple(alphabet for alphabet, _ in keys),
        tuple(f"character{number:02d}" for _, number in keys),
        np.zeros(len(keys), bool),
        "folder",
    )


def omniglot_named() -> Characters:
    return made_up({alphabet: len(letters) for alphabet, letters in VINYALS_SPLIT.items()}, drawings=1)


# The embedded characters --------------------------------------------------------------------------------------------


def test_embedded_characters_are_of_30_alphabets_with_20_drawings_each(characters: Characters) -> None:
    assert len(characters) >= 1_400
    assert characters.images.shape == (len(characters), 20, 28, 28)
    assert characters.images.dtype == np.uint8
    assert len(set(characters.alphabets)) >= 30
    assert len(set(characters.keys)) == len(characters)
    assert min(end - first for first, end in characters.alphabet_ranges().values()) >= 10


def test_embedded_drawings_have_high_ink_on_blank_paper(characters: Characters) -> None:
    ink = (characters.images > 127).mean((2, 3))
    assert ink.min() > 0.005
    assert ink.max() < 0.5
    assert characters.images.max() == 255
    assert characters.images[:, :, [0, -1]].mean() < 10


def test_no_two_drawings_are_the_same(characters: Characters) -> None:
    flat = characters.images.reshape(-1, 784)
    assert len({hashlib.blake2b(drawing.tobytes()).digest() for drawing in flat}) == len(flat)


def test_a_drawing_is_closer_to_its_own_character_than_to_most_others(characters: Characters) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.permutation(len(characters))[:400].reshape(20, 20)
    right = []
    for task in numbers:
        support, query = (characters.images[task, drawing].reshape(20, 784).astype(float) for drawing in (3, 12))
        distances = ((query[:, None] - support[None]) ** 2).sum(-1)
        right.append((distances.argmin(1) == np.arange(20)).mean())
    assert 0.15 < np.mean(right) < 0.5, "20-way one-shot by pixels, where guessing gives 0.05; 0.22 on Omniglot"


def test_the_same_fonts_give_the_same_bytes(characters: Characters) -> None:
    if glyphs_module.fingerprint_of_fonts() != FINGERPRINT_OF_FONTS:
        pytest.skip("matplotlib's fonts are others than those whose drawings were hashed")
    assert hashlib.sha256(characters.images.tobytes()).hexdigest()[:16] == HASH_OF_DRAWINGS


def test_embedded_characters_are_kept_on_disk(characters: Characters, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "kept.npz"
    omniglot_module.write(file, characters)

    def make() -> Characters:
        raise AssertionError("made again")

    again = omniglot_module.kept(file, make, "embedded")
    assert np.array_equal(again.images, characters.images)
    assert again.keys == characters.keys
    assert not again.images.flags.writeable
    assert [path.name for path in file.parent.iterdir()] == ["kept.npz"]


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "kept.npz"
    small = made_up({"Latin": 3})
    for content in (b"", b"no archive", b"PK\x03\x04 cut off"):
        file.write_bytes(content)
        assert omniglot_module.kept(file, lambda: small, "embedded").keys == small.keys
        assert omniglot_module.read(file, "embedded", "").keys == small.keys


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    small = made_up({"Latin": 3})
    assert omniglot_module.kept(tmp_path / "file" / "kept.npz", lambda: small, "embedded").keys == small.keys


def test_an_unknown_source_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"'ftp'.*tfds, folder, embedded"):
        load_omniglot("ftp")
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    with pytest.raises(FileNotFoundError, match="COURSE_DATA_DIR"):
        load_omniglot("folder")


# Folders ------------------------------------------------------------------------------------------------------------


def write_folder(root: Path, characters: Characters, paper_high: bool, side: int = 28) -> None:
    """alphabet/character/drawing.png, sparse ink."""
    for key, drawings in zip(characters.keys, characters.images, strict=True):
        (root / key).mkdir(parents=True)
        for number, drawing in enumerate(drawings):
            ink = np.where(drawing > 200, 255, 0).astype(np.uint8)
            scanned = Image.fromarray(255 - ink if paper_high else ink).resize((side, side), Image.Resampling.NEAREST)
            scanned.save(root / key / f"{number:04d}.png")


@pytest.mark.parametrize("paper_high", [True, False])
def test_a_folder_is_read_with_ink_high(tmp_path: Path, paper_high: bool) -> None:
    small = made_up({"Greek": 3, "Latin": 2})
    write_folder(tmp_path, small, paper_high)
    read = read_characters(tmp_path)
    assert read.keys == small.keys
    assert np.array_equal(read.images, np.where(small.images > 200, 255, 0))


def test_a_folder_of_larger_images_is_shrunk(tmp_path: Path) -> None:
    small = made_up({"Greek": 2})
    write_folder(tmp_path, small, True, side=84)
    assert np.array_equal(read_characters(tmp_path).images, np.where(small.images > 200, 255, 0))


def test_the_published_folders_say_what_is_background(tmp_path: Path) -> None:
    write_folder(tmp_path / "images_background", made_up({"Zulu": 2}), True)
    write_folder(tmp_path / "images_evaluation", made_up({"Abkhaz": 3}), True)
    read = read_characters(tmp_path)
    assert {part: set(chosen.alphabets) for part, chosen in background_split(read).items()} == {
        "background": {"Zulu"},
        "evaluation": {"Abkhaz"},
    }


def test_a_folder_in_another_form_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="character01"):
        read_characters(tmp_path)
    small = made_up({"Greek": 2})
    write_folder(tmp_path, small, True)
    extra = tmp_path / small.keys[1] / "more.png"
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(extra)
    with pytest.raises(ValueError, match="4 drawings, expected 3"):
        read_characters(tmp_path)
    extra.unlink()
    Image.fromarray(np.zeros((30, 28), np.uint8)).save(tmp_path / small.keys[1] / "0001.png")
    with pytest.raises(ValueError, match=r"\(30, 28\).*expected \(28, 28\)"):
        read_characters(tmp_path)


def test_shrinking_takes_the_mean_of_what_a_pixel_covers() -> None:
    image = np.random.default_rng(0).integers(0, 256, (2, 105, 105), dtype=np.uint8)
    fine = image.repeat(4, 1).repeat(4, 2).astype(float)  # 105 * 4 = 28 * 15
    expected = fine.reshape(2, 28, 15, 28, 15).mean((2, 4))
    assert np.abs(shrunk(image) - np.floor(expected)).max() == 0
    assert shrunk(np.full((1, 105, 90), 255, np.uint8)).min() == 255
    with pytest.raises(ValueError, match="float64"):
        shrunk(np.zeros((1, 105, 105)))


def test_ink_is_what_there_is_less_of() -> None:
    paper = np.full((2, 28, 28), 255, np.uint8)
    paper[:, 3:9, 4] = 0
    assert np.array_equal(with_ink_high(paper), 255 - paper)
    assert np.array_equal(with_ink_high(255 - paper), 255 - paper)


# Splits -------------------------------------------------------------------------------------------------------------


def test_the_assignments_split_has_1100_100_and_the_rest() -> None:
    split = split_characters(omniglot_named())
    assert {name: len(part) for name, part in split.items()} == {"train": 1_100, "val": 100, "test": 423}


def test_fewer_characters_are_split_in_the_same_proportions() -> None:
    split = split_characters(made_up({"Latin": 30, "Greek": 70}))
    assert {name: len(part) for name, part in split.items()} == {"train": 70, "val": 10, "test": 20}


@pytest.mark.parametrize("split", [split_characters, vinyals_split, background_split])
def test_splits_share_no_character_and_leave_none_out(split, characters: Characters) -> None:
    parts = split(characters)
    keys = [{key.replace(" turned by ", "/").split("/")[0] + "/" + key.rpartition("/")[2] for key in part.keys}
            for part in parts.values()]  # fmt: skip
    assert set().union(*keys) == set(characters.keys)
    assert sum(map(len, keys)) == len(characters)


def test_images_follow_their_characters_into_the_splits() -> None:
    whole = made_up({"Latin": 30, "Greek": 70})
    of_key = dict(zip(whole.keys, whole.images, strict=True))
    for part in split_characters(whole).values():
        for key, images in zip(part.keys, part.images, strict=True):
            assert np.array_equal(images, of_key[key])


def test_splits_are_the_same_in_every_process() -> None:
    code = (
        "import tests.test_omniglot as t, hashlib; from course_utils.data import split_characters as s;"
        "print(hashlib.sha256(repr({k: v.keys for k, v in s(t.omniglot_named()).items()}).encode()).hexdigest())"
    )
    root = Path(__file__).resolve().parent.parent
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {"f78743410f81a0f671ec5d3e04e424b01ef89df202c3dc7c8e62a2bd5eecc1ef\n"}


def test_vinyals_split_keeps_all_rotations_of_a_character_on_one_side() -> None:
    parts = vinyals_split(omniglot_named())
    assert {name: len(part) for name, part in parts.items()} == {"train": 4 * 1_028, "val": 4 * 172, "test": 4 * 423}
    sides: dict[str, set[str]] = {}
    for side, part in parts.items():
        for alphabet, name in zip(part.alphabets, part.names, strict=True):
            sides.setdefault(f"{alphabet.partition(' turned')[0]}/{name}", set()).add(side)
    assert len(sides) == 1_623
    assert all(len(side) == 1 for side in sides.values())


def test_rotated_characters_are_turned() -> None:
    small = made_up({"Latin": 2})
    turned = small.rotated()
    assert len(turned) == 8
    for angle in range(4):
        assert np.array_equal(turned.images[2 * angle + 1, 2], np.rot90(small.images[1, 2], angle))


def test_characters_check_what_they_are_made_of() -> None:
    with pytest.raises(ValueError, match="float64"):
        Characters(np.zeros((1, 2, 28, 28)), ("a",), ("b",), np.zeros(1, bool), "folder")
    with pytest.raises(ValueError, match="2 alphabets"):
        Characters(np.zeros((1, 2, 28, 28), np.uint8), ("a", "c"), ("b",), np.zeros(1, bool), "folder")


# The official one-shot runs -----------------------------------------------------------------------------------------


def write_runs(root: Path, runs: int = 2) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Runs of three characters as Omniglot's archive has them; returns training, test and answers of each."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(1, runs + 1):
        images = np.where(rng.random((6, 28, 28)) < 0.1, 0, 255).astype(np.uint8)
        answers = rng.permutation(3)
        run = root / f"run{number:02d}"
        for part, name, three in (("training", "class", images[:3]), ("test", "item", images[3:])):
            (run / part).mkdir(parents=True)
            for index, image in enumerate(three, start=1):
                Image.fromarray(image).save(run / part / f"{name}{index:02d}.png")
        lines = [
            f"{run.name}/test/item{test:02d}.png {run.name}/training/class{answer + 1:02d}.png"
            for test, answer in enumerate(answers, start=1)
        ]
        (run / "class_labels.txt").write_text("\n".join(lines) + "\n")
        made.append((255 - images[:3], 255 - images[3:], answers))
    return made


def test_one_shot_runs_are_read_from_a_folder_and_from_the_archive(tmp_path: Path) -> None:
    made = write_runs(tmp_path / "all_runs")
    with zipfile.ZipFile(tmp_path / "all_runs.zip", "w") as archive:
        for path in (tmp_path / "all_runs").rglob("*"):
            archive.write(path, path.relative_to(tmp_path / "all_runs"))
    for place in (tmp_path / "all_runs", tmp_path, tmp_path / "all_runs.zip"):
        read = one_shot_runs(place)
        assert len(read) == 2
        for run, (training, test, answers) in zip(read, made, strict=True):
            assert np.array_equal(run.training, training)
            assert np.array_equal(run.test, test)
            assert np.array_equal(run.answers, answers)


def test_runs_that_are_missing_or_incomplete_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"all_runs\.zip"):
        one_shot_runs(tmp_path)
    write_runs(tmp_path, 1)
    (tmp_path / "run01" / "test" / "item02.png").unlink()
    with pytest.raises(ValueError, match=r"item02\.png"):
        one_shot_runs(tmp_path)
    (tmp_path / "no.zip").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="zip archive"):
        one_shot_runs(tmp_path / "no.zip")


def test_a_prepared_folder_serves_others_without_drawing(
    characters: Characters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    omniglot_module.prepare_embedded(tmp_path)

    def make() -> Characters:
        raise AssertionError("drawn again")

    monkeypatch.setattr(omniglot_module, "make_embedded", make)
    again = omniglot_module.embedded(tmp_path)
    assert np.array_equal(again.images, characters.images)
    assert again.source == "embedded"
