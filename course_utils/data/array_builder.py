"""A builder of TFDS's that gives arrays which are in memory already: the elements of its files, without reading them.

A file of 12,000 digits takes half a second to parse and decode, in each notebook that loads them anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.data import tfds_files
from course_utils.data.images import Images


def make(folder: Path, images: Images, whole: Callable[[], Path]) -> Any:
    """A `tfds.core.DatasetBuilder` whose `as_dataset` takes what it gives from `images`.

    Args:
        folder: in TFDS's layout, with at least what `tfds_files.describe` writes.
        whole: gives a folder with the files as well, for what only TFDS can do: decoders and reading of one's own.
    """
    builder = _builder_of_files(folder, images.name)
    builder.as_dataset = _Reader(builder, images, whole).as_dataset
    return builder


def _builder_of_files(folder: Path, name: str) -> Any:
    import tensorflow_datasets as tfds

    return tfds.builder_from_directory(str(tfds_files.version_folder(folder, name)))


@dataclass(frozen=True)
class _Reader:
    builder: Any
    images: Images
    whole: Callable[[], Path]

    def as_dataset(
        self,
        split: Any = None,
        *,
        batch_size: int | None = None,
        shuffle_files: bool = False,
        decoders: Any = None,
        read_config: Any = None,
        as_supervised: bool = False,
    ) -> Any:
        """As TFDS's own. A split lies in one file: to shuffle the order of files changes nothing."""
        import tensorflow as tf

        as_asked: dict[str, Any] = {"batch_size": batch_size, "as_supervised": as_supervised}
        only_in_files: dict[str, Any] = {"decoders": decoders, "read_config": read_config}
        if any(argument is not None for argument in only_in_files.values()):
            return self._files().as_dataset(split=split, shuffle_files=shuffle_files, **as_asked, **only_in_files)
        if split is None:
            split = {name: name for name in self.builder.info.splits}
        return tf.nest.map_structure(functools.partial(self._of_split, **as_asked), split)

    def _of_split(self, split: Any, batch_size: int | None, as_supervised: bool) -> Any:
        import tensorflow as tf

        elements: Any = self._columns(split)
        if elements is None:
            return self._files().as_dataset(split=split, batch_size=batch_size, as_supervised=as_supervised)
        if as_supervised:
            elements = tuple(elements[name] for name in self.builder.info.supervised_keys)
        if batch_size == -1:
            return tf.nest.map_structure(tf.constant, elements)
        dataset = tf.data.Dataset.from_tensor_slices(elements)
        return dataset.batch(batch_size) if batch_size else dataset

    def _columns(self, split: Any) -> dict[str, np.ndarray] | None:
        """The part of the arrays that a split names, such as "train[:90%]"; None where it names no or several parts.

        Of several TFDS reads some from each in turn.
        """
        splits = self.builder.info.splits
        parts = splits[split].file_instructions
        if len(parts) != 1:
            return None
        name = next(name for name, info in splits.items() if Path(parts[0].filename).name in info.filenames)
        rows = slice(parts[0].skip, None if parts[0].take == -1 else parts[0].skip + parts[0].take)
        return {column: values[rows] for column, values in tfds_files.columns(self.images, name).items()}

    def _files(self) -> Any:
        return _builder_of_files(self.whole(), self.images.name)
