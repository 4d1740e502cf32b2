"""What `tfds.load` gives of arrays in memory is what TFDS reads from files of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow_datasets as tfds

from course_utils import data
from course_utils.data import array_builder, offline, tfds_files
from course_utils.data.images import Images
from course_utils.data.sets import find

SHAPES = {"mnist": (28, 28, 1), "cifar100": (32, 32, 3)}


def made_up(name: str) -> Images:
    """30 training and 10 test images of noise."""
    rng = np.random.default_rng(3)
    data_set = find(name).DATA_SET
    train, test = (
        data_set.split(
            rng.integers(0, 256, (count, *SHAPES[name]), dtype=np.uint8),
            rng.integers(0, len(data_set.classes), count),
            "made up",
        )
        for count in (30, 10)
    )
    return Images(name, "served", train, test, data_set.classes)


@pytest.fixture(scope="module", params=SHAPES)
def builders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A builder of arrays whose files were never written, and TFDS's own of files."""
    images = made_up(request.param)
    described, whole = tmp_path_factory.mktemp("described"), tmp_path_factory.mktemp("whole")
    tfds_files.describe(described, images)
    tfds_files.write(whole, images)
    files = tfds.builder_from_directory(str(next(whole.glob(f"{images.name}/*"))))
    return array_builder.make(described, images, lambda: whole), files


def flat(given: Any) -> list[Any]:
    """Data sets as lists of their elements, whatever they are in."""
    if isinstance(given, dict):
        return {name: flat(part) for name, part in given.items()}
    if isinstance(given, (np.ndarray, np.generic, bytes)):
        return given
    return [flat(part) for part in given]


def same(these: Any, those: Any) -> bool:
    """Whether two structures of arrays are equal, dtypes as well."""
    if isinstance(these, dict):
        return these.keys() == those.keys() and all(same(these[name], those[name]) for name in these)
    if isinstance(these, (list, tuple)):
        return len(these) == len(those) and all(same(a, b) for a, b in zip(these, those, strict=True))
    if isinstance(these, (str, bytes)):
        return these == those
    return np.asarray(these).dtype == np.asarray(those).dtype and np.array_equal(these, those)


@pytest.mark.parametrize("as_supervised", [False, True])
@pytest.mark.parametrize(
    "split",
    [
        None,
        "train",
        "test[:4]",
        "train[-10%:]",
        "train[20%:50%]+test",
        "all",
        ["train[:90%]", "train[90%:]"],
        {"a": "test", "b": ("train[:3]", "train[3:7]")},
        tfds.core.ReadInstruction("train", from_=5, to=9, unit="abs"),
        tfds.even_splits("train", 4),
    ],
    ids=str,
)
def test_every_split_has_the_elements_of_the_files(builders: tuple[Any, Any], split: Any, as_supervised: bool) -> None:
    arrays, files = (builder.as_dataset(split=split, as_supervised=as_supervised) for builder in builders)
    assert same(flat(tfds.as_numpy(arrays)), flat(tfds.as_numpy(files)))


@pytest.mark.parametrize("batch_size", [-1, 4, 30])
def test_batches_are_those_of_the_files(builders: tuple[Any, Any], batch_size: int) -> None:
    for named in ({"as_supervised": True}, {"shuffle_files": True}):
        arrays, files = (builder.as_dataset(split="train", batch_size=batch_size, **named) for builder in builders)
        assert same(flat(tfds.as_numpy(arrays)), flat(tfds.as_numpy(files)))


def test_data_sets_say_the_same_of_themselves(builders: tuple[Any, Any]) -> None:
    arrays, files = builders
    for named in ({}, {"as_supervised": True}, {"batch_size": 7}):
        these, those = (builder.as_dataset(split="train[:17]", **named) for builder in (arrays, files))
        assert these.element_spec == those.element_spec
        assert len(these) == len(those)
    assert arrays.info.features.keys() == files.info.features.keys()
    assert arrays.info.features["label"].names == files.info.features["label"].names
    assert arrays.info.splits["train"].num_examples == files.info.splits["train"].num_examples
    assert arrays.info.supervised_keys == files.info.supervised_keys


def test_what_only_files_can_give_is_read_from_files(builders: tuple[Any, Any]) -> None:
    for named in (
        {"decoders": {"image": tfds.decode.SkipDecoding()}},
        {"read_config": tfds.ReadConfig(add_tfds_id=True)},
    ):
        arrays, files = (builder.as_dataset(split="test", **named) for builder in builders)
        assert same(flat(tfds.as_numpy(arrays)), flat(tfds.as_numpy(files)))


@pytest.mark.parametrize("split", ["validation", "train[:0]", "train[90%", "test[40:50]"])
def test_a_split_that_is_not_there_is_refused_as_by_files(builders: tuple[Any, Any], split: str) -> None:
    refusals = []
    for builder in builders:
        with pytest.raises((ValueError, KeyError, AssertionError)) as refusal:
            builder.as_dataset(split=split)
        refusals.append(refusal.type)
    assert issubclass(refusals[0], refusals[1])


@pytest.fixture
def served() -> Iterator[Images]:
    """Images that `tfds.load("mnist")` gives meanwhile."""
    images = made_up("mnist")
    pairs = ((split.images, split.labels) for split in (images.train, images.test))
    data.serving("mnist", *pairs)
    yield images
    data.stop_serving("mnist")


def test_tfds_gives_served_images_without_a_file_of_them(served: Images) -> None:
    (train, test), info = tfds.load(
        "mnist", split=["train", "test"], as_supervised=True, with_info=True, download=True, data_dir="/elsewhere"
    )
    assert np.array_equal([image for image, _ in tfds.as_numpy(train)], served.train.images)
    assert np.array_equal([label for _, label in tfds.as_numpy(test)], served.test.labels)
    assert info.splits["test"].num_examples == 10
    builder = tfds.builder("mnist")
    builder.download_and_prepare()
    assert not list(Path(builder.data_dir).glob("*tfrecord*"))


def test_an_explicit_version_of_served_images_is_read_from_files(served: Images) -> None:
    assert np.array_equal(tfds.load("mnist:3.*.*", split="test", batch_size=-1)["image"], served.test.images)
    folder = offline.tfds_folder("mnist")
    assert folder is not None
    assert len(list(folder.rglob("*tfrecord*"))) == 2


def test_loading_served_images_does_not_import_all_data_sets_of_tfds() -> None:
    code = (
        "import sys, numpy as np, tensorflow_datasets as tfds\n"
        "from course_utils import data\n"
        "images, labels = np.zeros((10, 28, 28, 1), np.uint8), np.arange(10)\n"
        "data.serving('mnist', (images, labels), (images, labels))\n"
        "assert len(tfds.load('mnist', split='train')) == 10\n"
        "print('tensorflow_datasets.image_classification.mnist' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_what_is_written_into_given_images_is_not_in_those_given_next(served: Images) -> None:
    def given(as_numpy: bool, batch_size: int | None) -> Any:
        loaded = tfds.load("mnist", split="train", as_supervised=True, batch_size=batch_size)
        return tfds.as_numpy(loaded) if as_numpy else loaded

    given(True, -1)[0][:] = 0
    given(False, -1)[0].numpy()[:] = 0
    for as_numpy in (True, False):
        for batch_size in (None, 30):
            for images, _ in given(as_numpy, batch_size):
                (images if as_numpy else images.numpy())[:] = 0
    assert np.array_equal(given(True, -1)[0], served.train.images)
    assert np.array_equal([image for image, _ in tfds.as_numpy(given(False, None))], served.train.images)
    assert served.train.images.any()
