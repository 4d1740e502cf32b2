"""Stand-ins on the student's side for 02_mann: episodes that tell what they are, and networks that do as they are told.

They keep a check to one function. None is an answer to a task: the networks read the class off an image's brightness.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

# What each split's query images show: their own label, the label of half of them, or always another one.
RIGHT_PART = {"train": 1.0, "test": 0.5, "val": 0.0}


def brightness(label: Any, num_classes: int) -> Any:
    """The grey value in [0, 1] of an image that shows a label."""
    return (label + 1) / (num_classes + 1)


class ToldEpisodes:
    """Stands in for DataGenerator: blank images whose brightness shows a label, and a note of every call.

    Of 'train' each query image shows its own label; of 'test' half of each episode's do (num_classes is even and above
    2), of 'val' none does. So the accuracy of a told network says on which split it was measured.
    """

    made: ClassVar[list[ToldEpisodes]] = []

    def __init__(self, num_classes: int, num_samples_per_class: int, config: Any = None) -> None:
        self.num_classes, self.num_samples_per_class = int(num_classes), int(num_samples_per_class)
        self.calls: list[tuple[str, int]] = []
        self.rng = np.random.default_rng((config or {}).get("seed", 0))
        ToldEpisodes.made.append(self)

    def sample_batch(self, batch_type: str, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
        """(images, labels) as DataGenerator gives them."""
        self.calls.append((str(batch_type), int(batch_size)))
        N, samples = self.num_classes, self.num_samples_per_class
        labels = self.rng.permuted(np.tile(np.arange(N), (batch_size, samples, 1)), axis=2)
        shown = labels.copy()
        wrong = round(N * (1 - RIGHT_PART[batch_type]))
        shown[:, -1, :wrong] = np.roll(labels[:, -1, :wrong], 1, axis=1) if wrong else shown[:, -1, :wrong]
        images = np.repeat(brightness(shown, N)[..., None], 784, axis=-1).astype(np.float32)
        return images, np.eye(N, dtype=np.float32)[labels]


def start_recording() -> None:
    """Forget the generators made so far."""
    ToldEpisodes.made.clear()


def recorded() -> list[tuple[int, int, list[tuple[str, int]]]]:
    """(num_classes, num_samples_per_class, calls) of each generator that was made."""
    return [(made.num_classes, made.num_samples_per_class, list(made.calls)) for made in ToldEpisodes.made]


def told_network() -> type:
    """A class that stands in for MANN: it says the label that an image's brightness shows, whatever it learns."""
    import keras

    class Told(keras.Model):
        def __init__(self, num_classes: int, samples_per_class: int) -> None:
            super().__init__()
            self.num_classes, self.samples_per_class = num_classes, samples_per_class
            self.learned = self.add_weight(shape=(num_classes,), initializer="glorot_uniform", name="learned")
            self.built = True

        def call(self, input_images: Any, input_labels: Any) -> Any:
            middle = keras.ops.cast(input_images, "float32")[..., 14 * 28 + 14]
            label = keras.ops.round(middle * (self.num_classes + 1)) - 1
            said = keras.ops.one_hot(keras.ops.cast(label, "int32"), self.num_classes)
            return 4.0 * said + 0.1 * keras.ops.tanh(self.learned)

        def loss_function(self, preds: Any, labels: Any) -> Any:
            losses = keras.losses.categorical_crossentropy(labels[:, -1], preds[:, -1], from_logits=True)
            return keras.ops.mean(losses) + 0.05 * keras.ops.sum(self.learned)

    return Told


def scaled_network(num_classes: int, seed: int) -> Any:
    """A small network with a batch normalisation, whose loss is a product of its own: for `train_step`."""
    import keras

    class Scaled(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.normalisation = keras.layers.BatchNormalization()
            start = keras.initializers.RandomNormal(seed=seed)
            self.dense = keras.layers.Dense(num_classes, kernel_initializer=start)

        def call(self, input_images: Any, input_labels: Any, training: Any = None) -> Any:
            return self.dense(self.normalisation(input_images, training=training))

        def loss_function(self, preds: Any, labels: Any) -> Any:
            return 0.7 * keras.ops.mean(keras.ops.square(preds[:, -1] - 2.0 * labels[:, -1]))

    return Scaled()


def gradient(model: Any, images: Any, labels: Any, training: bool) -> tuple[list[np.ndarray], np.ndarray, float]:
    """(gradients of the trainable weights, predictions, loss) of one batch; changes nothing but moving statistics."""
    import tensorflow as tf

    images, labels = tf.constant(images), tf.constant(labels)
    before = [np.array(weight) for weight in model.get_weights()]
    with tf.GradientTape() as tape:
        predictions = model(images, labels, training=training)
        loss = model.loss_function(predictions, labels)
    gradients = [np.array(part) for part in tape.gradient(loss, model.trainable_variables)]
    if before:
        model.set_weights(before)
    return gradients, np.array(predictions), float(loss)


def plain_step(images: Any, labels: Any, model: Any, optim: Any, eval: bool = False) -> tuple[Any, Any]:
    """Stands in for train_step: a step along the sign of nothing but the loss's own gradient."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        predictions = model(images, labels)
        loss = model.loss_function(predictions, labels)
    if not eval:
        variables = model.trainable_variables
        optim.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
    return predictions, loss


def sensitivity(model: Any, images: Any, labels: Any, training: bool) -> np.ndarray:
    """float64 [K+1, N]: how much the logits of all samples change with the labels of each, by their gradient."""
    import tensorflow as tf

    images, labels = tf.constant(images), tf.constant(labels)
    weights = np.random.default_rng(1).normal(size=labels.shape).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(labels)
        total = tf.reduce_sum(tf.cast(model(images, labels, training=training), tf.float32) * weights)
    found = tape.gradient(total, labels)
    return np.zeros(labels.shape[1:3]) if found is None else np.abs(np.array(found, float)).sum(axis=(0, 3))


def flags() -> tuple[float, float, float]:
    """The next number from each of the global generators of Python, NumPy and TensorFlow."""
    import tensorflow as tf

    return random.random(), float(np.random.random()), float(tf.random.uniform(()))  # noqa: NPY002


def seed_globally(seed: int) -> None:
    """Seed the global generators of Python, NumPy and TensorFlow."""
    import tensorflow as tf

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    tf.random.set_seed(seed)


def write_characters(folder: str, images: np.ndarray) -> str:
    """Writes uint8 [characters, drawings, H, W], ink high, as alphabet/character/drawing.png with dark ink on white."""
    from PIL import Image

    root = Path(folder).absolute()
    for number, drawings in enumerate(images):
        place = root / f"Alphabet_{number // 10}" / f"character{number % 10 + 1:02d}"
        place.mkdir(parents=True, exist_ok=True)
        for index, drawing in enumerate(drawings, start=1):
            Image.fromarray(255 - drawing).save(place / f"{number:04d}_{index:02d}.png")
    return str(root)
