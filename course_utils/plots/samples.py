"""Samples of a data set, as they are and augmented."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.plots.figures import INK, as_picture, bare, new_figure, show

NUM_AUGMENTED_IMAGES = 5
NUM_AUGMENTATIONS = 7


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
    grid: Any = figure.subplots(len(originals), len(columns), squeeze=False)
    for row, axes_of_row in enumerate(grid):
        for column, axes in enumerate(axes_of_row):
            axes.imshow(as_picture(columns[column][row]), cmap="gray", vmin=0, vmax=1)
            bare(axes)
    grid[0, 0].set_title("original", fontsize=11, color=INK)
    grid[0, 1 + NUM_AUGMENTATIONS // 2].set_title("augmented, drawn anew each time", fontsize=11, color=INK)
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
