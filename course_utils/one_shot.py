"""One-shot tasks on codes: every image is encoded once, and all tasks are answered by looking codes up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.episodes import check_size, distinct_numbers
from course_utils.evaluation import Accuracy

CHUNK = 500  # tasks that are scored together

Likeness = Callable[[np.ndarray, np.ndarray], Any]


@dataclass(frozen=True, eq=False)
class Tasks:
    """N-way one-shot tasks, by the numbers of their images (Koch et al. 2015).

    Attributes:
        classes: int64 [tasks, way], distinct within a task; the test image is of the first one.
        support: int64 [tasks, way], which image of its class each support image is.
        test: int64 [tasks], which image of the first class the test image is; never its support image.
    """

    classes: np.ndarray
    support: np.ndarray
    test: np.ndarray


def draw_tasks(classes: int, images: int, way: int, tasks: int, rng: np.random.Generator) -> Tasks:
    """Draws tasks from so many classes with so many images each; all choices are equally likely.

    Raises:
        ValueError: if there are too few classes, or fewer than two images of each.
    """
    check_size(classes, images, way, 2)
    pair = distinct_numbers(images, 2, (tasks,), rng)
    support = rng.integers(images, size=(tasks, way))
    support[:, 0] = pair[:, 1]
    return Tasks(distinct_numbers(classes, way, (tasks,), rng), support, pair[:, 0])


def accuracy(
    codes: np.ndarray, likeness: Likeness, way: int, tasks: int, rng: np.random.Generator, split: str
) -> Accuracy:
    """How often the support image that is most alike to the test image is of its class.

    Args:
        codes: [classes, images of a class, D], such as a network's features of each image.
        likeness: of (left, right), [pairs, D] each, to [pairs] or [pairs, 1]; higher is more alike.
        way: number of classes of a task.
        tasks: number of tasks.
        rng: draws the tasks, and one of several support images that are equally alike.
        split: the split that the images are of, for the result.

    Raises:
        ValueError: if there are too few classes or images, or a likeness is not a number.

    Example:
        >>> print(accuracy(codes, closeness, way=20, tasks=10_000, rng=np.random.default_rng(0), split="held out"))
        31.2 % [30.3, 32.1] (n = 10,000, split held out, protocol 20-way 1-shot)
    """
    drawn = draw_tasks(codes.shape[0], codes.shape[1], way, tasks, rng)
    correct = [
        first_is_best(scores(codes, drawn, slice(start, start + CHUNK), likeness), rng)
        for start in range(0, tasks, CHUNK)
    ]
    return Accuracy.of(np.concatenate(correct), protocol=f"{way}-way 1-shot", split=split)


def scores(codes: np.ndarray, drawn: Tasks, chunk: slice, likeness: Likeness) -> np.ndarray:
    """The likeness [tasks of the chunk, way] of each test image and its support images."""
    classes = drawn.classes[chunk]
    support = codes[classes, drawn.support[chunk]]
    test = codes[classes[:, :1], drawn.test[chunk, np.newaxis]]
    left = np.broadcast_to(test, support.shape).reshape(-1, codes.shape[-1])
    return np.asarray(likeness(left, support.reshape(left.shape))).reshape(classes.shape)


def first_is_best(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """bool [tasks], whether the first of the values [tasks, way] is the highest; ties are broken at random."""
    if np.isnan(values).any():
        raise ValueError("got a likeness that is no number, expected numbers; look at the codes and their training")
    best = values == values.max(axis=1, keepdims=True)
    return (best * rng.random(best.shape)).argmax(axis=1) == 0


def closeness(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """[pairs], higher for codes [pairs, D] that are closer in L2: the negative squared distance."""
    difference = left - right
    return -np.einsum("pd,pd->p", difference, difference)
