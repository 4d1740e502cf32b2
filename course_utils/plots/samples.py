"""Samples of a data set, as they are and augmented."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.plots.figures import INK, as_picture, bare, new_figure, show

NUM_AUGMENTED_IMAGES = 5
NUM_AUGMENTATIONS = 7
GAP = 0.08  # between images, as a part of their side


def get_dataset_sample(dataset: Iterable[Any], index: int) -> tuple[NDArray[Any], Any]:
    """The image number `index` of a data set, counted from 0 through all batches, and its label.

    Args:
        dataset: pairs of an image and its label, e.g. a `tf.data.Dataset`, or batches of such pairs.
        index: which image, from 0.

    Returns:
        The image as a NumPy array of the shape that it has in the data set (without the batch axis), and its
        label as a NumPy scalar.

    Raises:
        IndexError: when the data set has no such image.

    Example:
        >>> image, label = get_dataset_sample(test, 42)
        >>> image.shape
        (14, 14, 1)
    """
    if index < 0:
        raise IndexError(f"got index {index}; images are counted from 0 on")
    passed = 0
    for images, labels in _batches(dataset):
        if index < passed + len(labels):
            return np.asarray(images[index - passed]), np.asarray(labels[index - passed])[()]
        passed += len(labels)
    raise IndexError(f"got index {index}, but the data set has {passed} images; the last one has index {passed - 1}")


def show_dataset_sample(dataset: Iterable[Any]) -> None:
    """Shows the first image of a data set as a picture again, with its label, shape and range of values.

    Args:
        dataset: pairs of an image and its label, or batches of them. An image is (H, W, 1), or a square picture's
            pixels in row-major order, (H * W, 1); its values are in [0, 255] or in [0, 1].
    """
    image, label = get_dataset_sample(dataset, 0)
    figure = new_figure(2.8, 3.1)
    axes = figure.add_subplot()
    axes.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1)
    axes.set_title(f"label {label}", fontsize=13, color=INK)
    axes.set_xlabel(f"{image.shape} · {image.dtype} · {image.min():.3g} … {image.max():.3g}", fontsize=9)
    bare(axes)
    show(figure, f"An image of the data set with label {label}, shape {image.shape}")


def plot_augmentation_images(dataset: Iterable[Any], augmentation_model: Callable[..., Any]) -> None:
    """Shows a few images in the first column, and beside each some augmentations of it.

    Args:
        dataset: pairs of an image (H, W, 1) and its label, or batches of them.
        augmentation_model: a Keras model or layer, or any callable, that takes a batch (B, H, W, 1) and returns
            one of the same shape.
    """
    originals = np.stack(list(islice(_images(dataset), NUM_AUGMENTED_IMAGES)))
    columns = [originals, *(_augmented(augmentation_model, originals) for _ in range(NUM_AUGMENTATIONS))]
    figure = new_figure(9.2, 6.0)
    axes = figure.add_subplot()  # one for all: forty of them take ten times as long to draw
    height, width = originals.shape[1:3]
    for row in range(len(originals)):
        for column, images in enumerate(columns):
            left, top = column * (1 + GAP) * width, row * (1 + GAP) * height
            place = (left, left + width, top + height, top)
            axes.imshow(as_picture(images[row]), cmap="gray", vmin=0, vmax=1, extent=place)
    axes.set(xlim=(0, left + width), ylim=(top + height, 0))
    for column, text in ((0, "original"), (1 + NUM_AUGMENTATIONS // 2, "augmented, drawn anew each time")):
        middle = column * (1 + GAP) * width + width / 2
        axes.text(middle, -GAP * height, text, ha="center", va="bottom", fontsize=11, color=INK)
    axes.axis("off")
    show(figure, f"{len(originals)} images, each beside {NUM_AUGMENTATIONS} augmentations of it")


def _batches(dataset: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """The batches of a data set; of an unbatched one, batches of one."""
    for images, labels in dataset:
        if np.ndim(labels) == 0:
            yield [images], [labels]
        else:
            yield images, labels


def _images(dataset: Iterable[Any]) -> Iterator[NDArray[Any]]:
    """The images of a data set, batched or not, one by one."""
    for images, _ in _batches(dataset):
        yield from map(np.asarray, images)


def _augmented(augmentation_model: Callable[..., Any], images: NDArray[Any]) -> NDArray[Any]:
    """One augmentation of each image, with the model in training mode if it is Keras's."""
    import keras

    batch = keras.ops.convert_to_tensor(images)
    if isinstance(augmentation_model, keras.Layer):
        return keras.ops.convert_to_numpy(augmentation_model(batch, training=True))
    return np.asarray(augmentation_model(batch))
