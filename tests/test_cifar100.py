"""CIFAR-100: its embedded stand-in, and every way by which notebooks ask for it, without a network."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils import data, one_shot
from course_utils.data import offline, prepared, sources
from course_utils.data.sets import cifar100

IMAGES = np.random.default_rng(5).integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
LABELS: np.ndarray = np.arange(60) % 20 * 5


@pytest.fixture(autouse=True)
def ordinary_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No source chosen from outside, nothing prepared, nothing remembered, no network; put back afterwards."""
    for variable in ("COURSE_DATA_SOURCE", "COURSE_DATA_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tensorflow_datasets"))
    monkeypatch.setattr(prepared, "can_be_reached", lambda address: False)
    monkeypatch.setattr(offline, "_installed", {})
    monkeypatch.setattr(offline, "_served", {})
    yield
    for source in (sources.by_default, sources.from_folder, sources.from_tfds):
        source.cache_clear()


def by_class(split: data.Split) -> np.ndarray:
    """The images [100, images of a class, 32, 32, 3]."""
    return split.images[np.argsort(split.labels, kind="stable")].reshape(100, -1, 32, 32, 3)


# The embedded data


def test_the_embedded_data_is_the_same_everywhere() -> None:
    images = data.load("cifar100", "embedded")
    checksum = hashlib.sha256()
    for split in (images.train, images.test):
        checksum.update(split.images.tobytes())
        checksum.update(split.labels.astype("<i8").tobytes())
    assert checksum.hexdigest() == "6ed0593ed300db7da5d3f21363cca60e76bb52fb70af39d537ba452d6b15d64a"


def test_the_embedded_data_has_the_form_of_cifar_100() -> None:
    images = data.load("cifar100", "embedded")
    for split, of_a_class in ((images.train, 60), (images.test, 20)):
        assert split.images.shape == (100 * of_a_class, 32, 32, 3)
        assert split.images.dtype == np.uint8
        assert np.bincount(split.labels).tolist() == [of_a_class] * 100
        assert len(set(split.labels[:100])) > 50  # in a mixed order
    assert len(images.classes) == len(set(images.classes)) == 100
    assert images.classes[:2] == ("apple", "aquarium_fish")
    assert sorted(images.classes) == list(images.classes)


def test_all_embedded_images_differ() -> None:
    images = data.load("cifar100", "embedded")
    rows = np.concatenate([images.train.images, images.test.images]).reshape(8_000, -1)
    assert len({row.tobytes() for row in rows}) == 8_000


def test_every_class_is_another_pair_of_shape_and_colour() -> None:
    labels = np.arange(100)
    pairs = {*zip(cifar100.shape_of(labels).tolist(), cifar100.colour_of(labels).tolist(), strict=True)}
    assert len(pairs) == 100
    held_out = np.arange(80, 100)
    assert np.bincount(cifar100.shape_of(held_out)).tolist() == [2] * 10


def test_pixels_do_not_solve_one_shot_tasks_and_colours_alone_do_not_either() -> None:
    held_out = by_class(data.load("cifar100", "embedded").train)[80:] / np.float32(255)
    pixels = held_out.reshape(20, 60, -1)
    rng = np.random.default_rng(0)
    assert one_shot.accuracy(pixels, one_shot.closeness, 20, 2_000, rng, "embedded").high < 0.2
    means = held_out.mean(axis=(2, 3))
    assert one_shot.accuracy(means, one_shot.closeness, 20, 2_000, rng, "embedded").high < 0.25


def test_shapes_and_colours_can_be_found() -> None:
    """By one who knows them: the middle of the picture has the figure's colour more often than not."""
    images = data.load("cifar100", "embedded")
    discs = cifar100.shape_of(images.train.labels) == 0
    middle = images.train.images[discs][:, 14:18, 14:18].reshape(discs.sum(), -1, 3).mean(1)
    colours = cifar100.colour_of(images.train.labels[discs])
    of_colour = np.array([middle[colours == colour].mean(0) for colour in range(10)])
    found = np.argmin(((middle[:, np.newaxis] - of_colour) ** 2).sum(-1), axis=1)
    assert (found == colours).mean() > 0.4


def test_the_embedded_data_is_quick_and_kept() -> None:
    started = time.process_time()
    cifar100.embedded()
    assert time.process_time() - started < 3  # below 1 second; the rest is for a busy machine
    assert data.load("cifar100", "embedded") is data.load("cifar100", "embedded")


def test_the_embedded_data_needs_no_tensorflow_and_no_global_randomness() -> None:
    program = (
        "import random, sys, numpy as np\n"
        "before = (random.getstate(), np.random.get_state()[1].tolist())\n"
        "from course_utils import data\n"
        "data.load('cifar100', 'embedded')\n"
        "assert before == (random.getstate(), np.random.get_state()[1].tolist())\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# A folder


def test_an_npz_in_kerass_form_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"x_train": IMAGES[:40], "y_train": LABELS[:40, None], "x_test": IMAGES[40:], "y_test": LABELS[40:, None]}
    np.savez(tmp_path / "cifar100.npz", **arrays)  # type: ignore[arg-type]
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    images = data.load("cifar100")
    assert images.source == "folder"
    np.testing.assert_array_equal(images.train.images, IMAGES[:40])
    np.testing.assert_array_equal(images.test.labels, LABELS[40:])


def test_png_files_are_read_by_the_names_of_their_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True)):
        path = tmp_path / "cifar100" / ("train" if number < 40 else "test") / cifar100.CLASSES[label]
        path.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path / f"{number:05d}.png")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    images = data.load("cifar100", "folder")
    label_of = {image.tobytes(): label for image, label in zip(IMAGES[:40], LABELS[:40], strict=True)}
    assert [label_of[image.tobytes()] for image in images.train.images] == images.train.labels.tolist()


@pytest.mark.parametrize(
    ("images", "message"),
    [(IMAGES[..., :1], r"expected uint8 and \('n', 32, 32, 3\)"), (IMAGES / 255, "got images of dtype float64")],
)
def test_wrong_images_are_told(images: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.serving("cifar100", train=(images, LABELS), test=(images, LABELS))


# TFDS and keras.datasets without a network


@pytest.fixture(scope="module")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the embedded data in TFDS's layout."""
    folder = tmp_path_factory.mktemp("prepared")
    offline.prepare(folder)
    return folder


def test_loaders_read_the_embedded_data_from_a_prepared_folder(prepared_folder: Path) -> None:
    import keras
    import tensorflow_datasets as tfds

    offline.install(prepared_folder)
    embedded = data.load("cifar100", "embedded")
    test, info = tfds.load("cifar100", split="test", as_supervised=True, with_info=True)
    assert len(test) == 2_000
    assert info.features["label"].names == list(cifar100.CLASSES)
    for number, (image, label) in enumerate(test.take(20).as_numpy_iterator()):
        np.testing.assert_array_equal(image, embedded.test.images[number])
        assert label == embedded.test.labels[number]
    (x_train, y_train), (x_test, y_test) = keras.datasets.cifar100.load_data()
    np.testing.assert_array_equal(x_train, embedded.train.images)
    assert y_train.shape == (6_000, 1)
    assert (x_test.shape, y_test.shape) == ((2_000, 32, 32, 3), (2_000, 1))
    np.testing.assert_array_equal(y_test[:, 0], embedded.test.labels)
    coarse = keras.datasets.cifar100.load_data(label_mode="coarse")[1][1]
    whole = next(iter(tfds.load("cifar100", split="test").as_numpy_iterator()))
    assert (whole["id"], whole["coarse_label"]) == (b"test_00000", coarse[0, 0])
    assert cifar100.SUPERCLASSES[cifar100.SUPERCLASS_OF[cifar100.CLASSES.index("orchid")]] == "flowers"


def test_arrays_of_ones_own_can_be_served() -> None:
    import keras
    import tensorflow_datasets as tfds

    data.serving("cifar100", train=(IMAGES[:40], LABELS[:40]), test=(IMAGES[40:], LABELS[40:, None]))
    assert data.load("cifar100").source == "served"
    np.testing.assert_array_equal(keras.datasets.cifar100.load_data()[1][0], IMAGES[40:])
    image, label = next(iter(tfds.load("cifar100", split="train", as_supervised=True).as_numpy_iterator()))
    np.testing.assert_array_equal(image, IMAGES[0])
    assert label == LABELS[0]
    data.stop_serving("cifar100")
    assert data.load("cifar100").source == "embedded"
