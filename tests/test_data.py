"""Tests of course_utils.data: three sources behind one interface, and loaders that work without a network."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils import data
from course_utils.data import offline, prepared, sets, sources
from course_utils.data.sets import mnist

IMAGES = np.random.default_rng(5).integers(0, 256, (40, 28, 28), dtype=np.uint8)
LABELS = np.arange(40) % 10


@pytest.fixture(autouse=True)
def ordinary_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No source chosen from outside, nothing prepared, nothing remembered, no network; put back afterwards."""
    for variable in ("COURSE_DATA_SOURCE", "COURSE_DATA_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tensorflow_datasets"))
    monkeypatch.setattr(prepared, "can_be_reached", lambda address: False)
    monkeypatch.setattr(offline, "_installed", {})
    monkeypatch.setattr(offline, "_served", {})
    monkeypatch.setattr(offline, "_served_last", {})
    yield
    sources.by_default.cache_clear()
    sources.from_folder.cache_clear()
    sources.from_tfds.cache_clear()


@pytest.fixture(scope="module")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the embedded data in TFDS's layout."""
    folder = tmp_path_factory.mktemp("prepared")
    offline.prepare(folder)
    return folder


@pytest.fixture
def npz_folder(tmp_path: Path) -> Path:
    """A folder with an mnist.npz in Keras's form."""
    write_npz(tmp_path / "mnist.npz")
    return tmp_path


def write_npz(path: Path, **other: np.ndarray) -> None:
    arrays = {"x_train": IMAGES[:30], "y_train": LABELS[:30], "x_test": IMAGES[30:], "y_test": LABELS[30:]}
    np.savez(path, **(arrays | other))  # type: ignore[arg-type]


def write_pngs(root: Path) -> None:
    for number, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True)):
        path = root / ("train" if number < 30 else "test") / str(label) / f"{number:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


# The embedded data


def test_the_embedded_data_is_the_same_everywhere() -> None:
    images = data.load("mnist", "embedded")
    checksum = hashlib.sha256()
    for split in (images.train, images.test):
        checksum.update(split.images.tobytes())
        checksum.update(split.labels.astype("<i8").tobytes())
    assert checksum.hexdigest() == "f57cefba01c49d80a14aa04a70b3ba1c9a96abd823b5e8bbd75b3c6c6924836e"
    assert np.bincount(images.train.labels).tolist() == [1215, 1229, 1130, 1230, 1177, 1239, 1234, 1234, 1172, 1140]
    assert np.bincount(images.test.labels).tolist() == [86, 91, 135, 95, 115, 87, 80, 82, 86, 143]


def test_the_embedded_data_has_the_form_of_mnist() -> None:
    images = data.load("mnist", "embedded")
    assert images.train.images.shape == (12_000, 28, 28, 1)
    assert images.test.images.shape == (1_000, 28, 28, 1)
    assert images.train.images.dtype == np.uint8
    assert images.train.labels.dtype == np.int64
    assert images.classes == tuple("0123456789")
    # MNIST: mean 33.3, ink on 19.1 % of the pixels (counted on its 60,000 training images)
    assert images.train.images.mean() == pytest.approx(33.3, abs=8)
    assert (images.train.images > 0).mean() == pytest.approx(0.191, abs=0.03)
    assert images.train.images.max() == 255


def test_the_embedded_digits_lie_in_the_middle() -> None:
    ink = data.load("mnist", "embedded").test.images[..., 0].astype(float)
    position = np.arange(28) - 13.5
    rows = (ink.sum(2) * position).sum(1) / ink.sum((1, 2))
    columns = (ink.sum(1) * position).sum(1) / ink.sum((1, 2))
    assert np.abs([rows, columns]).max() < 2
    assert np.abs([rows.mean(), columns.mean()]).max() < 0.2


def test_no_digit_of_the_embedded_data_is_drawn_in_both_splits() -> None:
    order = mnist.hashed_order("drawings", 1797)
    assert sorted(order) == list(range(1797))
    block_images = mnist.TRAIN_IMAGES // mnist.BLOCKS
    train = np.split(order[mnist.TEST_DRAWINGS :], mnist.BLOCKS)
    drawn = [
        set(mnist.redrawn_order(f"block {number}", block, block_images)) for number, block in enumerate(train)
    ]
    drawn.append(set(mnist.redrawn_order("test", order[: mnist.TEST_DRAWINGS], mnist.TEST_IMAGES)))
    assert sum(map(len, drawn)) == len(set.union(*drawn)) == 1797


def test_a_validation_slice_of_the_embedded_data_has_digits_of_its_own() -> None:
    images = data.load("mnist", "embedded").train.images[..., 0].reshape(12_000, -1).astype(np.float32)
    images /= np.linalg.norm(images, axis=1, keepdims=True)
    within = (images[:1_200] @ images[:1_200].T - 2 * np.eye(1_200)).max(1)
    across = (images[:1_200] @ images[1_200:].T).max(1)
    assert np.median(within) > np.median(across)  # a digit's other drawings are the ones most like it


def test_all_embedded_images_differ() -> None:
    images = data.load("mnist", "embedded")
    rows = np.concatenate([images.train.images, images.test.images]).reshape(13_000, -1)
    assert len({row.tobytes() for row in rows}) == 13_000


def test_the_embedded_data_is_quick_and_kept() -> None:
    started = time.process_time()
    mnist.embedded()
    assert time.process_time() - started < 5  # about 1 second; the rest is for a busy machine
    assert data.load("mnist", "embedded") is data.load("mnist", "embedded")


def test_the_embedded_data_needs_no_tensorflow_and_no_global_randomness() -> None:
    program = (
        "import random, sys, numpy as np\n"
        "before = (random.getstate(), np.random.get_state()[1].tolist())\n"
        "from course_utils import data\n"
        "data.load('mnist', 'embedded')\n"
        "assert before == (random.getstate(), np.random.get_state()[1].tolist())\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_loaded_arrays_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        data.load("mnist", "embedded").train.images[0] = 0


# The choice of a source


def test_it_says_which_source_it_used(npz_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA_DIR", str(npz_folder))
    assert str(data.load("mnist")) == (
        f"mnist: 30 training and 10 test images of 28x28x1, 10 classes, source: folder ({npz_folder})"
    )
    assert "source: embedded" in repr(data.load("mnist", "embedded"))


def test_the_source_can_be_chosen_from_outside(npz_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA_DIR", str(npz_folder))
    monkeypatch.setenv("COURSE_DATA_SOURCE", "embedded")
    assert data.load("mnist").source == "embedded"
    assert data.load("mnist", "folder").source == "folder"


def test_tfds_comes_next_if_it_is_prepared(
    prepared_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))  # holds no data
    monkeypatch.setenv("TFDS_DATA_DIR", str(prepared_folder))
    images, embedded = data.load("mnist"), data.load("mnist", "embedded")
    assert images.source == "tfds"
    np.testing.assert_array_equal(images.test.images, embedded.test.images)
    np.testing.assert_array_equal(images.train.labels, embedded.train.labels)


def test_without_a_network_the_embedded_data_is_used_and_one_line_says_so(caplog: pytest.LogCaptureFixture) -> None:
    images = data.load("mnist")
    assert images.source == "embedded"
    assert "network cannot be reached" in str(images)
    assert len(caplog.records) == 1
    assert data.load("mnist") is images
    assert len(caplog.records) == 1


def test_a_failing_download_falls_back(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(data_set: object) -> None:
        raise ConnectionError("the server is on holiday")

    monkeypatch.setattr(prepared, "can_be_reached", lambda address: True)
    monkeypatch.setattr(prepared, "read", fail)
    images = data.load("mnist")
    assert images.source == "embedded"
    assert "the server is on holiday" in str(images)
    with pytest.raises(RuntimeError, match="use the source 'embedded'"):
        data.load("mnist", "tfds")


def test_an_address_without_an_answer_costs_few_seconds() -> None:
    started = time.monotonic()
    assert not ordinary_can_be_reached("http://127.0.0.1:9/nothing-listens-here")
    assert not ordinary_can_be_reached("http://no-such-host.invalid/")
    assert time.monotonic() - started < 2 * (prepared.PATIENCE + 2)


ordinary_can_be_reached = prepared.can_be_reached


@pytest.mark.parametrize("arguments", [("minst",), ("../mnist",), ("mnist", "web")])
def test_unknown_names_and_sources_are_told(arguments: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected one of: .*(mnist|embedded)"):
        data.load(*arguments)


# A folder


def test_an_npz_is_read_in_its_order(npz_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA_DIR", str(npz_folder))
    images = data.load("mnist")
    np.testing.assert_array_equal(images.train.images[..., 0], IMAGES[:30])
    np.testing.assert_array_equal(images.test.labels, LABELS[30:])


@pytest.mark.parametrize("below", ["", "mnist"])
def test_png_files_are_read_shuffled_with_their_labels(
    below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pngs(tmp_path / below)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    images = data.load("mnist", "folder")
    label_of = {image.tobytes(): label for image, label in zip(IMAGES[:30], LABELS[:30], strict=True)}
    assert [label_of[image.tobytes()] for image in images.train.images] == images.train.labels.tolist()
    assert sorted(images.train.labels) == sorted(LABELS[:30])
    assert images.train.labels.tolist() != sorted(LABELS[:30])


def test_a_folder_without_the_data_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"expected mnist.npz .* set COURSE_DATA_DIR"):
        data.load("mnist", "folder")
    monkeypatch.delenv("COURSE_DATA_DIR")
    with pytest.raises(FileNotFoundError, match="got no COURSE_DATA_DIR"):
        data.load("mnist", "folder")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"x_train": IMAGES[:30] / 255}, "got images of dtype float64"),
        ({"x_train": IMAGES[:30, :14]}, r"shape \(30, 14, 28, 1\), expected uint8 and \('n', 28, 28, 1\)"),
        ({"y_train": LABELS[:29]}, "for 30 images"),
        ({"y_train": np.eye(10)[LABELS[:30]]}, "not one-hot"),
        ({"y_test": LABELS[30:] + 1}, "got labels from 1 to 10, expected 0 to 9"),
        ({"x_test": IMAGES[:0], "y_test": LABELS[:0]}, "got no image"),
        ({"x_test": np.array([{}], dtype=object)}, "allow_pickle=False"),
    ],
)
def test_wrong_arrays_are_told(
    other: dict[str, np.ndarray], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_npz(tmp_path / "mnist.npz", **other)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    with pytest.raises(ValueError, match=message):
        data.load("mnist")


def test_a_damaged_npz_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    (tmp_path / "mnist.npz").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(ValueError, match="damaged file"):
        data.load("mnist")
    np.savez(tmp_path / "mnist.npz", images=IMAGES)
    with pytest.raises(ValueError, match=r"got the arrays \['images'\]"):
        data.load("mnist")


def test_a_png_of_another_size_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pngs(tmp_path)
    Image.fromarray(IMAGES[0, :20]).save(tmp_path / "train" / "3" / "00003.png")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    with pytest.raises(ValueError, match="got an image of 20x28, expected 28x28"):
        data.load("mnist")


# tf.data, TFDS and keras.datasets without a network


def test_a_split_becomes_a_dataset_in_its_order() -> None:
    test = data.load("mnist", "embedded").test
    dataset = test.dataset()
    assert len(dataset) == 1_000
    for number, (image, label) in enumerate(dataset.take(5).as_numpy_iterator()):
        assert image.shape == (28, 28, 1)
        assert image.dtype == np.uint8
        assert label.dtype == np.int64
        assert label == test.labels[number]
        np.testing.assert_array_equal(image, test.images[number])


def test_tfds_loads_the_embedded_data_from_a_prepared_folder(prepared_folder: Path) -> None:
    import tensorflow_datasets as tfds

    offline.install(prepared_folder)
    embedded = data.load("mnist", "embedded")
    (train, test), info = tfds.load(
        "mnist", split=["train[:8000]", "test[:1000]"], as_supervised=True, with_info=True, data_dir="~/elsewhere"
    )
    assert (len(train), len(test)) == (8_000, 1_000)
    assert info.features["label"].num_classes == 10
    assert info.splits["train"].num_examples == 12_000
    for number, (image, label) in enumerate(test.take(20).as_numpy_iterator()):
        np.testing.assert_array_equal(image, embedded.test.images[number])
        assert label == embedded.test.labels[number]


def test_embedded_images_are_taken_from_where_another_process_wrote_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set = sources.sets.find("mnist").DATA_SET
    made = sources.embedded(data_set)
    sources.write_embedded(tmp_path, data_set)
    monkeypatch.setattr(sources, "_made_elsewhere", [])
    monkeypatch.setattr(sources.sets.find("mnist"), "embedded", lambda: pytest.fail("made again"))
    sources.embedded.cache_clear()
    try:
        sources.read_embedded_from(tmp_path)
        read = sources.embedded(data_set)
    finally:
        sources.embedded.cache_clear()
    for before, after in ((made.train, read.train), (made.test, read.test)):
        assert np.array_equal(before.images, after.images)
        assert np.array_equal(before.labels, after.labels)
        assert not after.images.flags.writeable


def test_tfds_slices_and_options_work_on_a_prepared_folder(prepared_folder: Path) -> None:
    import tensorflow_datasets as tfds

    offline.install(prepared_folder)
    first, rest = tfds.load("mnist", split=["train[:90%]", "train[90%:]"], shuffle_files=True, as_supervised=True)
    assert (len(first), len(rest)) == (10_800, 1_200)
    assert set(tfds.load("mnist")) == {"train", "test"}
    assert len(tfds.load("mnist:3.*.*", split="test[-10%:]")) == 100
    assert [len(part) for part in tfds.load("mnist", split=tfds.even_splits("train", 3))] == [4_000] * 3
    whole = tfds.load("mnist", split="test", batch_size=-1, as_supervised=True)
    assert whole[0].shape == (1_000, 28, 28, 1)
    assert next(iter(tfds.builder("mnist").as_dataset(split="train")))["image"].shape == (28, 28, 1)


def test_keras_loads_the_embedded_data_when_it_is_installed(prepared_folder: Path) -> None:
    import keras
    import tensorflow as tf
    from keras.datasets import mnist as keras_mnist

    offline.install(prepared_folder)
    embedded = data.load("mnist")
    assert embedded.source == "embedded"
    for loader in (keras.datasets.mnist.load_data, keras_mnist.load_data, tf.keras.datasets.mnist.load_data):
        (x_train, y_train), (x_test, y_test) = loader()
        assert (x_train.shape, x_test.shape) == ((12_000, 28, 28), (1_000, 28, 28))
        assert x_train.dtype == y_train.dtype == np.uint8
        np.testing.assert_array_equal(y_test, embedded.test.labels)
        x_train[0] = 0  # as from Keras, the arrays are the caller's own


def test_a_folder_that_is_not_prepared_cannot_be_installed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"run offline.prepare"):
        offline.install(tmp_path)


def test_preparing_again_leaves_a_prepared_folder_alone(prepared_folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in prepared_folder.rglob("*")}
    offline.prepare(prepared_folder)
    assert {path: path.stat().st_mtime_ns for path in prepared_folder.rglob("*")} == before


def test_served_arrays_are_what_every_loader_gives_until_it_is_stopped(prepared_folder: Path) -> None:
    import keras
    import tensorflow_datasets as tfds

    offline.install(prepared_folder)
    data.serving("mnist", train=(IMAGES[:30], LABELS[:30]), test=(IMAGES[30:], LABELS[30:]))
    assert data.load("mnist").source == "served"
    np.testing.assert_array_equal(data.load("mnist", "embedded").train.images[..., 0], IMAGES[:30])
    images, labels = tfds.load("mnist", split="train[:20]", batch_size=-1, as_supervised=True)
    np.testing.assert_array_equal(images[..., 0], IMAGES[:20])
    np.testing.assert_array_equal(labels, LABELS[:20])
    np.testing.assert_array_equal(keras.datasets.mnist.load_data()[1][0], IMAGES[30:])

    data.serving("mnist", train=(IMAGES[5:], LABELS[5:]), test=(IMAGES[:5], LABELS[:5]))
    assert len(tfds.load("mnist", split="train")) == 35

    data.stop_serving("mnist")
    assert data.load("mnist").source == "embedded"
    assert len(tfds.load("mnist", split="train")) == 12_000
    assert len(keras.datasets.mnist.load_data()[0][0]) == 12_000


def test_the_same_arrays_served_again_are_not_written_again() -> None:
    def folder(images: np.ndarray) -> Path | None:
        data.serving("mnist", train=(images[:30], LABELS[:30]), test=(images[30:], LABELS[30:]))
        written = offline.tfds_folder("mnist")
        data.stop_serving("mnist")
        return written

    others = IMAGES.copy()
    others[-1, 0, 0] ^= 1
    assert folder(IMAGES) == folder(IMAGES.copy()) != folder(others)


def test_wrong_arrays_are_not_served() -> None:
    with pytest.raises(ValueError, match="mnist to serve, training split: got images of dtype float64"):
        data.serving("mnist", train=(IMAGES / 255, LABELS), test=(IMAGES, LABELS))
    with pytest.raises(ValueError, match="expected one of"):
        data.serving("svhn", train=(IMAGES, LABELS), test=(IMAGES, LABELS))
    assert offline.served("mnist") is None


@pytest.mark.parametrize("name", sets.names())
def test_every_known_data_set_can_be_embedded(name: str) -> None:
    images = data.load(name, "embedded")
    data_set = sets.find(name).DATA_SET
    assert data_set.name == name
    for split in (images.train, images.test):
        assert split.images.shape[1:] == data_set.image_shape
        assert set(split.labels) == set(range(len(images.classes)))
