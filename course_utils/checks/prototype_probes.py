"""Stand-ins on the student's side for 05_protonet: encoders that do as they are told, and neighbours that work.

They keep a check to one function: what is graded is held against these, where the student's own do not work yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def told_encoder(table: np.ndarray, kernel: np.ndarray) -> Any:
    """An encoder that reads an image's number off its corner, and embeds it as table[number] @ kernel.

    The kernel is trained, the table is not. It counts how often it was shown each image, and how often in training
    mode. The corner of an image is (1, number // 256 / 255, number % 256 / 255), in images scaled to [0, 1].

    Args:
        table: float32 [images, D].
        kernel: float32 [D, E].
    """
    import keras

    class Told(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            total = len(table)
            self.kernel = self._told("kernel", kernel, trainable=True)
            self.table = self._told("table", table, trainable=False)
            self.shown = self._told("shown", np.zeros(total), trainable=False)
            self.shown_in_training = self._told("shown_in_training", np.zeros(total), trainable=False)
            self.built = True

        def _told(self, name: str, values: np.ndarray, trainable: bool) -> Any:
            weight = self.add_weight(shape=values.shape, initializer="zeros", trainable=trainable, name=name)
            weight.assign(values.astype("float32"))
            return weight

        def call(self, images: Any, training: Any = False) -> Any:
            corner = keras.ops.cast(images, "float32")[:, 0, :3, 0]
            bytes_read = keras.ops.round(255.0 * corner)
            numbers = keras.ops.cast(256.0 * bytes_read[:, 1] + bytes_read[:, 2], "int32")
            numbers = keras.ops.clip(numbers, 0, len(table) - 1)
            known = keras.ops.cast(bytes_read[:, :1] == 255.0, "float32")  # not those that a model is built with
            seen = keras.ops.sum(known * keras.ops.one_hot(numbers, len(table)), axis=0)
            self.shown.assign(self.shown + seen)
            if training:
                self.shown_in_training.assign(self.shown_in_training + seen)
            return keras.ops.matmul(keras.ops.take(self.table, numbers, axis=0), self.kernel)

    return Told()


def state(encoder: Any) -> dict[str, np.ndarray]:
    """The kernel, the table and the counts of a told encoder."""
    return {name: np.array(getattr(encoder, name)) for name in ("kernel", "table", "shown", "shown_in_training")}


def run(
    function: Callable, arguments: Sequence[Any], images: np.ndarray, size: Sequence[int], seed: int, **how: Any
) -> tuple[Any, np.ndarray]:
    """What function(*arguments, images, *size, rng) gives, and the images afterwards; they could be written to."""
    writable = np.array(images)
    how |= {"rng": np.random.default_rng(seed)}
    return function(*arguments, writable, *size, **how), writable


class NotedEpisodes:
    """Stands in for sample_episode, and notes which images, by their numbers, each episode has."""

    def __init__(self) -> None:
        self.numbers: list[np.ndarray] = []

    def __call__(self, images: np.ndarray, way: int, shot: int, query: int, rng: Any) -> tuple[np.ndarray, np.ndarray]:
        from course_utils.episodes import sample_episodes

        drawn = sample_episodes(images, way, shot, query, 1, rng)
        self.numbers.append(drawn.classes[0, :, None] * images.shape[1] + drawn.drawings[0])
        return drawn.support[0][..., None], drawn.query[0][..., None]

    def noted(self) -> list[np.ndarray]:
        """int64 [way, shot + query] for each call."""
        return self.numbers


def mean_of_support(support_embeddings: Any) -> Any:
    """Stands in for prototypes."""
    import keras

    return keras.ops.einsum("wsd->wd", support_embeddings) / support_embeddings.shape[1]


def multiplied_out(queries: Any, prototypes: Any) -> Any:
    """Stands in for squared_distances."""
    import keras

    squares = [keras.ops.sum(part * part, axis=1) for part in (queries, prototypes)]
    return squares[0][:, None] - 2 * keras.ops.einsum("qd,wd->qw", queries, prototypes) + squares[1]


def loss_and_accuracy(query_embeddings: Any, prototypes: Any) -> tuple[Any, Any]:
    """Stands in for prototypical_loss."""
    import keras

    way, query, size = query_embeddings.shape
    distances = multiplied_out(keras.ops.reshape(query_embeddings, (-1, size)), prototypes)
    distances = keras.ops.reshape(distances, (way, query, way))
    own = keras.ops.einsum("wqw->wq", distances)
    loss = keras.ops.mean(own + keras.ops.logsumexp(-distances, axis=-1))
    labels = keras.ops.arange(way, dtype="int64")[:, None]
    right = keras.ops.cast(keras.ops.argmin(distances, axis=-1), "int64") == labels
    return loss, keras.ops.mean(keras.ops.cast(right, "float32"))


def slopes(function: Callable, arguments: Sequence[np.ndarray], weights: np.ndarray) -> list[Any]:
    """The gradients of sum(weights * result) along each argument; None where there is none.

    Of a result that is a pair the first part is taken.
    """
    import tensorflow as tf

    tensors = [tf.constant(argument) for argument in arguments]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = function(*tensors)
        result = result[0] if isinstance(result, (tuple, list)) else result
        total = tf.reduce_sum(result * tf.constant(weights))
    return [None if part is None else np.array(part) for part in tape.gradient(total, tensors)]
