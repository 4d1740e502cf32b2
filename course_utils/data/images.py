"""What every data set looks like here: two splits of images with their labels, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True, eq=False)
class Split:
    """Images with their labels, in a fixed order.

    Attributes:
        images: uint8 [n, height, width, channels].
        labels: int64 [n].
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def dataset(self) -> tf.data.Dataset:
        """A tf.data.Dataset of (image uint8 [height, width, channels], label int64 scalar), in this order."""
        import tensorflow as tf

        return tf.data.Dataset.from_tensor_slices((self.images, self.labels))


@dataclass(frozen=True, eq=False)
class Images:
    """A data set of labelled images; `str()` says which source it came from.

    Attributes:
        name: name of the data set, as TFDS calls it.
        source: "tfds", "folder", "embedded", or "served" for arrays given to `serving`.
        train: the training split.
        test: the test split, which shares no image with the training split.
        classes: the name of each label.
        note: why this source was used, where that is not obvious.
    """

    name: str
    source: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    note: str = ""

    @property
    def splits(self) -> dict[str, Split]:
        """The two splits by their names in TFDS."""
        return {"train": self.train, "test": self.test}

    def __str__(self) -> str:
        shape = "x".join(str(size) for size in self.train.images.shape[1:])
        reason = f" ({self.note})" if self.note else ""
        return (
            f"{self.name}: {len(self.train):,} training and {len(self.test):,} test images of {shape}, "
            f"{len(self.classes)} classes, source: {self.source}{reason}"
        )

    __repr__ = __str__


@dataclass(frozen=True)
class DataSet:
    """What this package must know about a data set to find it anywhere; one of them in each module of `sets`.

    Attributes:
        name: name in TFDS, in `keras.datasets` and of the files in a data folder.
        image_shape: (height, width, channels).
        classes: the name of each label.
        download: an address of what TFDS would download, to see whether it can be reached.
        superclasses: the names of groups of classes, where TFDS has a `coarse_label` and an `id` beside the label.
        superclass_of: the group of each class.
    """

    name: str
    image_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    download: str
    superclasses: tuple[str, ...] = ()
    superclass_of: tuple[int, ...] = ()

    def split(self, images: np.ndarray, labels: np.ndarray, origin: str) -> Split:
        """Checks what a source delivered and brings it into this package's form.

        Args:
            images: uint8 [n, height, width, channels], or [n, height, width] where there is one channel.
            labels: integers [n] or [n, 1] in [0, number of classes).
            origin: where they come from, for the error messages.

        Raises:
            ValueError: if shapes, dtype or labels are not those of this data set.
        """
        images, labels = np.asarray(images), np.asarray(labels)
        if images.ndim == 3 and self.image_shape[-1] == 1:
            images = images[..., np.newaxis]
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if images.dtype != np.uint8 or images.shape[1:] != self.image_shape:
            raise ValueError(
                f"{origin}: got images of dtype {images.dtype} and shape {images.shape}, expected uint8 and "
                f"{('n', *self.image_shape)}; give {self.name}'s images unscaled and unresized"
            )
        if labels.ndim != 1 or len(labels) != len(images) or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"{origin}: got labels of dtype {labels.dtype} and shape {labels.shape} for {len(images):,} images, "
                f"expected integers of shape ({len(images)},): one label an image, not one-hot"
            )
        if not len(labels):
            raise ValueError(f"{origin}: got no image at all, expected at least one in each split")
        if labels.min() < 0 or labels.max() >= len(self.classes):
            raise ValueError(
                f"{origin}: got labels from {labels.min()} to {labels.max()}, "
                f"expected 0 to {len(self.classes) - 1}; number the classes of {self.name} from 0"
            )
        return Split(images, labels.astype(np.int64))
