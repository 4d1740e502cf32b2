"""Stand-ins and observers on the student's side for 04_triplet: told embeddings, told tasks, gradients, batches.

They keep a check to one function. None is an answer to a task: the networks have the weights that they are given, and
the tasks were drawn by whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def linear_embedding(shape: tuple[int, ...], kernel: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> Any:
    """A Keras model from (B, *shape) to unit vectors (B, D): x times the kernel, normalised by mean and variance.

    It predicts for an array without building a pipeline first, which takes Keras 30 ms for each task that is asked.
    """
    import keras

    layers = keras.layers

    class Direct(keras.Sequential):
        def predict(self, x: Any, *arguments: Any, **named: Any) -> Any:
            if not hasattr(x, "shape"):
                return super().predict(x, *arguments, **named)
            return keras.ops.convert_to_numpy(self(keras.ops.convert_to_tensor(x), training=False))

    normalisation = layers.BatchNormalization(center=False, scale=False, epsilon=1e-3)
    network = [layers.Flatten(), layers.Dense(kernel.shape[1], use_bias=False), normalisation]
    model = Direct([keras.Input(tuple(shape)), *network, layers.UnitNormalization()])
    model.set_weights([kernel, mean, variance])
    return model


def outputs(model: Any, images: Any, training: bool = False) -> np.ndarray:
    """What a model says about images, in the mode that is asked for where it takes one."""
    return np.asarray(_said(model, images, training))


def outputs_without_a_flag(model: Any, images: Any) -> np.ndarray:
    """What a model says about images, called as it is."""
    return np.asarray(model(_tensor(images)))


def slopes(model: Any, images: Any, training: bool, seed: int) -> list[float]:
    """The largest size of the gradient along each trainable weight, of a random mixture of the outputs."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        said = tf.cast(_said(model, images, training), tf.float32)
        mixture = np.random.default_rng(seed).normal(size=said.shape).astype(np.float32)
        total = tf.reduce_sum(said * mixture)
    found = tape.gradient(total, model.trainable_variables)
    return [0.0 if slope is None else float(np.max(np.abs(np.asarray(_dense(slope))))) for slope in found]


def slope_of_loss(loss: Any, outputs: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The gradient of a loss (truth, outputs) along the outputs; zeros where there is none."""
    import tensorflow as tf

    said = _tensor(outputs)
    with tf.GradientTape() as tape:
        tape.watch(said)
        value = loss(tf.constant(truth), said)
    found = tape.gradient(value, said)
    return np.zeros(outputs.shape) if found is None else np.asarray(found)


def taught(model: Any, images: Any, steps: int, rate: float) -> list[float]:
    """Train an embedding on pairs, images [pairs, 2, H, W, 1]: how well it tells them apart before each step and after.

    That is the mean over all pairs of 1 - cos of the angle between its two, less that of different pairs: at most 0 for
    an embedding that puts pairs together, and 0 for one that puts all images together.
    """
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(rate)
    flat = np.asarray(images, np.float32)
    pairs = len(flat)
    flat = flat.reshape(-1, *flat.shape[2:])
    values: list[float] = []
    for step in range(steps + 1):
        with tf.GradientTape() as tape:
            said = tf.reshape(tf.cast(_said(model, flat, True), tf.float32), (pairs, 2, -1))
            cosines = tf.einsum("id,jd->ij", said[:, 0], said[:, 1])
            same, others = tf.linalg.diag_part(cosines), (1 - tf.eye(pairs)) * cosines
            value = tf.reduce_sum(others) / (pairs * (pairs - 1)) - tf.reduce_mean(same)
        values.append(float(value))
        if step < steps:
            variables = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(value, variables), variables, strict=True))
    return values


class Batches:
    """Draws from a generator one batch at a time, never ahead: from whatever Keras's `fit` takes as a generator."""

    def __init__(self, generator: Any) -> None:
        self.iterator = generator if hasattr(generator, "__next__") else _started(generator)

    def draw(self) -> Any:
        """The next batch. Raises ValueError where there is none."""
        try:
            return next(self.iterator)
        except StopIteration:
            raise ValueError("the generator has come to its end; it should go on for ever") from None


def fitted(generator: Any, shape: tuple[int, ...], steps: int) -> tuple[list[float], int]:
    """Train a small network on what a generator draws: (the loss of each epoch, how many images it saw)."""
    import keras

    layers = keras.layers
    model = keras.Sequential([keras.Input((3, *shape)), layers.Flatten(), layers.Dense(2), layers.Dense(1)])
    seen: list[int] = []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(batch)

    model.compile(optimizer=keras.optimizers.SGD(1e-4), loss=lambda truth, said: keras.ops.mean(keras.ops.square(said)))
    history = model.fit(generator, epochs=2, steps_per_epoch=steps, callbacks=[Count()], verbose=0)
    return [float(loss) for loss in history.history["loss"]], len(seen)


class ToldTasks:
    """Stands in for make_oneshot_task: gives tasks that were drawn before, one after the other, whatever X it gets.

    Args:
        tests: [tasks, H, W, 1]; supports: [tasks, N, H, W, 1]; places: [tasks], where the right answer stands.
    """

    def __init__(self, tests: np.ndarray, supports: np.ndarray, places: np.ndarray) -> None:
        self.tests, self.supports, self.places = tests, supports, places
        self.given = 0

    def __call__(self, N: int, *others: Any, **named: Any) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        way = self.supports.shape[1]
        if way != N:
            raise ValueError(f"got N = {N} for told tasks of {way} classes, expected the N of the call")
        number = self.given % len(self.tests)
        self.given += 1
        test = np.repeat(self.tests[number : number + 1], way, axis=0)
        return (test, self.supports[number]), np.eye(way, dtype=np.float32)[self.places[number]]


def percentages(test: Any, model: Any, X: Any, N: int, k: int, c: Any, repetitions: int) -> list[float]:
    """What test_oneshot says, again and again."""
    return [float(test(model, X, N, k, c)) for _ in range(repetitions)]


def weights(model: Any) -> list[np.ndarray]:
    """All weights of a model."""
    return [np.asarray(weight) for weight in model.get_weights()]


def trainable_count(model: Any) -> int:
    """The number of a model's trainable numbers."""
    return int(sum(np.prod(weight.shape) for weight in model.trainable_variables))


def _said(model: Any, images: Any, training: bool) -> Any:
    try:
        return model(_tensor(images), training=training)
    except TypeError:
        return model(_tensor(images))


def _tensor(images: Any) -> Any:
    import tensorflow as tf

    return tf.constant(np.asarray(images, np.float32))


def _dense(slope: Any) -> Any:
    return slope.values if hasattr(slope, "values") and hasattr(slope, "indices") else slope


def _started(generator: Any) -> Iterator[Any]:
    """An iterator over the batches. A data set draws a batch when it is asked for, and not, as by default, before."""
    import tensorflow as tf

    if isinstance(generator, tf.data.Dataset):
        options = tf.data.Options()
        options.autotune.enabled = False
        options.experimental_optimization.inject_prefetch = False
        return iter(generator.with_options(options))
    if hasattr(generator, "__getitem__") and hasattr(generator, "__len__") and not hasattr(generator, "__iter__"):
        return _items(generator)
    return iter(generator)


def _items(dataset: Any) -> Iterator[Any]:
    """The batches of a PyDataset, epoch after epoch."""
    while True:
        for number in range(len(dataset)):
            yield dataset[number]
        dataset.on_epoch_end()
