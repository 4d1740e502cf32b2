"""Writes a data set in TFDS's own layout, folder/NAME/VERSION: one file a split, and their description."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.data import sets
from course_utils.data.images import Images

DESCRIBED = "1.0.0"  # the version of a data set of which there are no files


def columns(images: Images, name: str) -> dict[str, np.ndarray]:
    """What TFDS gives of the split "train" or "test", by the names that it has there: an array [n, ...] of each."""
    split = images.splits[name]
    data_set = sets.find(images.name).DATA_SET
    found = {"image": split.images, "label": split.labels}
    if data_set.superclasses:
        found["coarse_label"] = np.array(data_set.superclass_of, np.int64)[split.labels]
        found["id"] = np.array([f"{name}_{number:05d}".encode() for number in range(len(split))])
    return found


def version_folder(folder: Path, name: str) -> Path | None:
    """Where a data set lies below `folder`, in whatever version; None where it is not there."""
    return next((file.parent for file in (folder / name).glob("*/dataset_info.json")), None)


def write(folder: Path, images: Images) -> None:
    """Writes a data set whole, in the order of the arrays, at once or not at all; in the version that TFDS expects."""
    import tensorflow_datasets as tfds

    with _new_version(folder, images, str(tfds.builder_cls(images.name).VERSION)) as part:
        sizes = {name: _write_split(_file(part, images, name), columns(images, name)) for name in images.splits}
        _write_description(part, images, sizes)


def describe(folder: Path, images: Images) -> None:
    """Writes what `write` does without the files of the splits, for a builder that takes their content elsewhere.

    It does not ask TFDS's own builder for its version, since TFDS would import all of its data sets to find it.
    """
    with _new_version(folder, images, DESCRIBED) as part:
        files = [_file(part, images, name) for name in images.splits]
        for file in files:
            file.touch()  # TFDS describes files that are there
        _write_description(part, images, {name: split.images.nbytes for name, split in images.splits.items()})
        for file in files:
            file.unlink()


@contextlib.contextmanager
def _new_version(folder: Path, images: Images, version: str) -> Iterator[Path]:
    """A scratch folder that takes the place of the data set's at the end."""
    final = folder / images.name / version
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix="incomplete_") as scratch:
        part = Path(scratch) / final.name
        part.mkdir()
        yield part
        part.rename(final)


def _file(part: Path, images: Images, name: str) -> Path:
    return part / f"{images.name}-{name}.tfrecord-00000-of-00001"


def _write_split(file: Path, content: dict[str, np.ndarray]) -> int:
    """Writes the images as PNG with what belongs to them; returns the number of bytes."""
    import tensorflow as tf

    pictures = tf.io.encode_png(content["image"], compression=1).numpy()
    names = content.keys()
    rows = zip(*({**content, "image": pictures}[name] for name in names), strict=True)
    examples = [_serialised(dict(zip(names, row, strict=True))) for row in rows]
    with tf.io.TFRecordWriter(str(file)) as writer:
        for example in examples:
            writer.write(example)
    return sum(map(len, examples))


def _write_description(part: Path, images: Images, sizes: Mapping[str, int]) -> None:
    """Writes the features and the splits, of so many bytes each."""
    import tensorflow_datasets as tfds

    data_set = sets.find(images.name).DATA_SET
    features = {
        "image": tfds.features.Image(shape=images.train.images.shape[1:]),
        "label": tfds.features.ClassLabel(names=list(images.classes)),
    }
    if data_set.superclasses:
        coarse = tfds.features.ClassLabel(names=list(data_set.superclasses))
        features |= {"coarse_label": coarse, "id": tfds.features.Text()}
    tfds.folder_dataset.write_metadata(
        data_dir=str(part),
        features=tfds.features.FeaturesDict(features),
        split_infos=[
            tfds.core.SplitInfo(
                name=name,
                shard_lengths=[len(split)],
                num_bytes=sizes[name],
                filename_template=tfds.core.ShardedFileTemplate(
                    data_dir=part, dataset_name=images.name, split=name, filetype_suffix="tfrecord"
                ),
            )
            for name, split in images.splits.items()
        ],
        version=part.name,
        supervised_keys=("image", "label"),
        description=str(images),
        check_data=False,
    )


def _serialised(row: Mapping[str, Any]) -> bytes:
    """One example as TFDS stores it."""
    import tensorflow as tf

    return tf.train.Example(
        features=tf.train.Features(feature={name: _feature(value) for name, value in row.items()})
    ).SerializeToString()


def _feature(value: Any) -> Any:
    """Bytes or a whole number as part of an example."""
    import tensorflow as tf

    if isinstance(value, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(value)]))
