"""Episodes: small tasks with classes and images of their own, drawn from a data set without a loop over images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Episodes:
    """Several episodes of one size.

    Attributes:
        images: uint8 [episodes, way, shot + query, height, width].
        classes: int64 [episodes, way], which class of the data set each one is; distinct within an episode.
        drawings: int64 [episodes, way, shot + query], which image of its class; distinct within a class.
        shot: so many images of each class are its support, the others are queries.
    """

    images: np.ndarray
    classes: np.ndarray
    drawings: np.ndarray
    shot: int

    @property
    def support(self) -> np.ndarray:
        """float32 [episodes, way, shot, height, width] in [0, 1]."""
        return as_floats(self.images[:, :, : self.shot])

    @property
    def query(self) -> np.ndarray:
        """float32 [episodes, way, query, height, width] in [0, 1]."""
        return as_floats(self.images[:, :, self.shot :])


def sample_episodes(
    images: np.ndarray, way: int, shot: int, query: int, count: int, rng: np.random.Generator
) -> Episodes:
    """Draws episodes: distinct classes, and of each class distinct images for support and query (Vinyals et al. 2016).

    Every set of classes, and of images, is equally likely, in every order. The same generator state gives the same
    episodes on every machine; no global random state is touched, and `images` stays as it is.

    Args:
        images: uint8 [classes, images of a class, height, width].
        way: classes of an episode.
        shot, query: images of each class in the support and to be classified; 0 is allowed for one of them.
        count: number of episodes.
        rng: draws all that is random.

    Raises:
        ValueError: if there are too few classes or images for such an episode; says which, and how many are missing.

    Example:
        >>> episodes = sample_episodes(omniglot.images, way=5, shot=1, query=1, count=16, rng=np.random.default_rng(0))
        >>> episodes.support.shape
        (16, 5, 1, 28, 28)
    """
    if images.ndim != 4 or images.dtype != np.uint8:
        raise ValueError(
            f"got images of dtype {images.dtype} and shape {images.shape}, expected uint8 [classes, images of a class, "
            f"height, width]"
        )
    check_size(images.shape[0], images.shape[1], way, shot + query)
    classes = distinct_numbers(images.shape[0], way, (count,), rng)
    drawings = distinct_numbers(images.shape[1], shot + query, (count, way), rng)
    flat = images.reshape(-1, *images.shape[2:])
    return Episodes(flat.take(classes[..., np.newaxis] * images.shape[1] + drawings, axis=0), classes, drawings, shot)


def check_size(classes: int, images_of_a_class: int, way: int, images_wanted: int) -> None:
    """Raises ValueError where a data set is too small for episodes of `way` classes with so many images each."""
    if way < 1 or images_wanted < 1:
        raise ValueError(f"got {way} classes with {images_wanted} images each, expected at least 1 of both")
    if way > classes:
        raise ValueError(
            f"got {classes} classes for {way}-way episodes, expected at least {way}: {way - classes} are missing; "
            f"lower the way, or take a larger split"
        )
    if images_wanted > images_of_a_class:
        missing = images_wanted - images_of_a_class
        raise ValueError(
            f"got {images_of_a_class} images of each class for {images_wanted} in an episode (support and query), "
            f"expected at least {images_wanted}: {missing} are missing; lower the shot or the number of queries"
        )


def distinct_numbers(total: int, size: int, shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """int64 [*shape, size], distinct numbers in [0, total) along the last axis, every choice and order equally likely.

    The k-th number is drawn among those that are left, as its rank among them; counting past the numbers that were
    taken before turns ranks into numbers. The loop is over `size`, never over `shape`.
    """
    numbers = rng.integers(0, total - np.arange(size), size=(*shape, size))
    for position in range(1, size):
        taken = np.sort(numbers[..., :position], axis=-1)
        for rank in range(position):
            numbers[..., position] += numbers[..., position] >= taken[..., rank]
    return numbers


def as_floats(images: np.ndarray) -> np.ndarray:
    """uint8 [0, 255] -> float32 [0, 1]; the last thing to do, since a quarter of the bytes is moved until then."""
    scaled: np.ndarray = images.astype(np.float32)
    scaled *= np.float32(1 / 255)
    return scaled
