"""Chooses where a data set comes from and loads it once."""

from __future__ import annotations

import functools
import logging
import os
from pathlib import Path

import numpy as np

from course_utils.data import folder, offline, prepared, sets
from course_utils.data.images import DataSet, Images, Split

SOURCES = ("tfds", "folder", "embedded")

logger = logging.getLogger(__name__)


def load(name: str, source: str | None = None) -> Images:
    """A data set with its training and test split, always in the same order.

    Args:
        name: "mnist"; see `course_utils.data.sets`.
        source: "tfds", "folder" (the one that COURSE_DATA_DIR names) or "embedded". By default COURSE_DATA_SOURCE, if
            it is set; else the folder, if it holds the data; else TFDS, if the data is prepared or can be downloaded;
            else embedded.

    Returns:
        Read-only arrays, kept in memory for the next call; `str()` of it says which source was used.

    Raises:
        ValueError: if the data set or the source is unknown, or the data does not have its shapes.
        FileNotFoundError: if the folder is asked for and lacks the data.
        RuntimeError: if TFDS is asked for and cannot deliver.
    """
    data_set = sets.find(name).DATA_SET
    served = offline.served(name)
    if served is not None:
        return served
    wanted = source or os.environ.get("COURSE_DATA_SOURCE")
    if not wanted:
        return by_default(data_set, os.environ.get("COURSE_DATA_DIR"), prepared.data_dir())
    if wanted == "tfds":
        return from_tfds(data_set, prepared.data_dir())
    if wanted == "folder":
        return from_folder(data_set, os.environ.get("COURSE_DATA_DIR"))
    if wanted == "embedded":
        return embedded(data_set)
    raise ValueError(
        f"got the source {wanted!r}, expected one of: {', '.join(SOURCES)}; see the argument `source` and "
        f"the environment variable COURSE_DATA_SOURCE"
    )


@functools.cache
def by_default(data_set: DataSet, directory: str | None, tfds_directory: Path) -> Images:
    """The first of folder, TFDS and embedded that has the data at hand."""
    if directory and folder.holds(Path(directory), data_set):
        return from_folder(data_set, directory)
    if prepared.is_prepared(data_set):
        return from_tfds(data_set, tfds_directory)
    reason = "TFDS has not prepared it and the network cannot be reached"
    if prepared.can_be_reached(data_set.download):
        try:
            return from_tfds(data_set, tfds_directory)
        except RuntimeError as error:
            reason = str(error)
    logger.warning("%s: using the embedded data, since %s", data_set.name, reason)
    return embedded(data_set, reason)


@functools.cache
def from_folder(data_set: DataSet, directory: str | None) -> Images:
    """The data set from the folder that COURSE_DATA_DIR names."""
    if not directory:
        raise FileNotFoundError("got no COURSE_DATA_DIR, expected the folder with the data; set it")
    return images(data_set, "folder", folder.read(Path(directory), data_set), str(directory))


@functools.cache
def from_tfds(data_set: DataSet, directory: Path) -> Images:
    """The data set from TFDS, whatever goes wrong there told in one line."""
    try:
        splits = prepared.read(data_set)
    except Exception as error:
        raise RuntimeError(
            f"TFDS could not deliver {data_set.name} ({type(error).__name__}: {str(error).strip().splitlines()[:1]}); "
            f"check the network and {directory}, or use the source 'embedded'"
        ) from error
    return images(data_set, "tfds", splits)


@functools.cache
def embedded(data_set: DataSet, note: str = "") -> Images:
    """The data set made from what is installed, or as another process made it, if `read_embedded_from` was told."""
    file = next((file for folder in _made_elsewhere if (file := folder / f"{data_set.name}.npz").is_file()), None)
    if file is None:
        return images(data_set, "embedded", sets.find(data_set.name).embedded(), note)
    with np.load(file, allow_pickle=False) as arrays:
        train, test = (
            data_set.split(arrays[f"{name}_images"], arrays[f"{name}_labels"], f"{file}, {name}")
            for name in ("train", "test")
        )
    return images(data_set, "embedded", (train, test), note)


_made_elsewhere: list[Path] = []


def read_embedded_from(folder: Path) -> None:
    """From now on `load` reads the embedded images that `write_embedded` has put there; those at hand stay."""
    _made_elsewhere[:] = [folder]


def write_embedded(folder: Path, data_set: DataSet) -> None:
    """Writes the embedded images of a data set for other processes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = embedded(data_set)
    np.savez(
        folder / f"{data_set.name}.npz",
        train_images=made.train.images,
        train_labels=made.train.labels,
        test_images=made.test.images,
        test_labels=made.test.labels,
    )


def images(data_set: DataSet, source: str, splits: tuple[Split, Split], note: str = "") -> Images:
    """The two splits, closed against writing, since they are handed out more than once."""
    for split in splits:
        split.images.setflags(write=False)
        split.labels.setflags(write=False)
    return Images(data_set.name, source, *splits, data_set.classes, note)
