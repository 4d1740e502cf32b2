"""Stand-ins on the student's side: data and models that take the place of a function which another one calls.

They keep a check to one function. None is an answer to a task: the models learn nothing worth knowing, and the
images are noise that can be told apart, so that a check sees which of them were trained on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

CLASSES = 10
VERSIONS = 2
BATCH = 512


def on_image(function: Callable[[Any], Any]) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Makes of a function of an image one of (image, label), which leaves the label alone."""
    return lambda image, label: (function(image), label)


def partial(function: Callable[..., Any], **arguments: Any) -> Callable[..., Any]:
    """`function` with some of its arguments given already."""
    return functools.partial(function, **arguments)


def in_training(model: Callable[..., Any]) -> Callable[[Any], Any]:
    """Calls `model` as training does: with training=True, if it takes that."""

    def call(images: Any) -> Any:
        try:
            return model(images, training=True)
        except TypeError:
            return model(images)

    return call


class Answering:
    """A function that gives the same answer whatever it is asked, and remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[tuple, dict]] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.calls.append((arguments, named))
        return self.answer


class Remembering:
    """A function that does what another one does, and remembers what it returned."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.returned: list[Any] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.returned.append(self.function(*arguments, **named))
        return self.returned[-1]


@dataclass(frozen=True)
class Numbered:
    """Noise images uint8 [count, versions, pixels] and labels int64 [count], all different.

    The first ten pixels say the label (255 in its place, else 0), so that it can be learned. Versions of an image stand
    for what a random augmentation makes of it.
    """

    images: np.ndarray
    labels: np.ndarray

    @staticmethod
    def drawn(seed: int, count: int, versions: int, pixels: int) -> Numbered:
        """The same images for the same seed, on both sides of a check."""
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, CLASSES, count)
        images = rng.integers(0, 256, (count, versions, pixels), dtype=np.uint8)
        images[..., :CLASSES] = 255 * (np.arange(CLASSES) == labels[:, None, None])
        return Numbered(images, labels)

    def digests(self, version: int = 0) -> np.ndarray:
        """The fingerprints of one version of the images, as `digests` has them for their values divided by 255."""
        return _fingerprints(self.images[:, version])


def digests(images: np.ndarray) -> np.ndarray:
    """int64 [n]: a fingerprint of each image with values in [0, 1], the same whatever its shape and float type."""
    if len(images) == 0:
        return np.zeros(0, np.int64)
    flat = np.asarray(images).reshape(len(images), -1)
    # Values from 0 to 255 fit in as well: of images that nobody has divided by 255.
    return _fingerprints(np.rint(flat * flat.dtype.type(255)).astype(np.int64).astype(np.uint16))


def _fingerprints(flat: np.ndarray) -> np.ndarray:
    """int64 [n] of whole numbers [n, pixels] below 2^16."""
    whole_words = np.zeros((len(flat), -(-flat.shape[1] // 4) * 4), np.uint16)
    whole_words[:, : flat.shape[1]] = flat
    words = whole_words.view(np.int64)
    # A sum modulo 2^64 with odd random factors: among 30,000 images of noise two have the same fingerprint in less than
    # 1 of 10^10 checks.
    factors = np.random.default_rng(5).integers(2**62, size=words.shape[1]) * 2 + 1
    return words @ factors


class NumberedData:
    """A loader of numbered images: (augment=True) -> (train, test) in batches of 512 of `shape`."""

    def __init__(self, seed: int, shape: tuple[int, ...], train: int, test: int) -> None:
        pixels = int(np.prod(shape))
        self.shape = tuple(shape)
        self.train = Numbered.drawn(seed, train, VERSIONS + 1, pixels)
        self.test = Numbered.drawn(seed + 1, test, 1, pixels)
        self.calls = 0

    def __call__(self, augment: bool = True) -> tuple[Any, Any]:
        self.calls += 1
        plain, changed = self.train.images[:, :1], self.train.images[:, 1:]
        train = Numbered(changed if augment else plain, self.train.labels)
        return self._dataset(train), self._dataset(self.test)

    def _dataset(self, numbered: Numbered) -> Any:
        import tensorflow as tf

        if numbered.images.shape[1] == 1:  # nothing to choose: a step of the pipeline less
            images = (numbered.images / np.float32(255)).reshape(-1, *self.shape)
            return tf.data.Dataset.from_tensor_slices((images, numbered.labels)).batch(BATCH)

        @tf.autograph.experimental.do_not_convert
        def one_version(images: Any, labels: Any) -> tuple[Any, Any]:
            version = tf.random.uniform(tf.shape(labels), maxval=VERSIONS, dtype=tf.int32)
            chosen = tf.gather(images, version, batch_dims=1)
            return tf.reshape(tf.cast(chosen, tf.float32) / 255, (-1, *self.shape)), labels

        data = tf.data.Dataset.from_tensor_slices((numbered.images, numbered.labels))
        return data.batch(BATCH).map(one_version)


@dataclass
class Log:
    """What passed through a watched model: (training, digests) in order, and its biases after the first step."""

    seen: list[tuple[bool, np.ndarray]] = field(default_factory=list)
    steps: int = 0
    after_first_step: np.ndarray | None = None

    def note(self, training: bool, images: np.ndarray, biases: np.ndarray) -> None:
        """Write down one batch."""
        if training:
            if self.steps == 1:
                self.after_first_step = np.array(biases)
            self.steps += 1
        self.seen.append((training, digests(images)))


class WatchedModels:
    """Builds watched models: (input_timesteps, input_features_size, hidden_size, num_classes, summary) -> model.

    In training mode a watched model is one dense layer with softmax, its weights 0 at first. In inference mode it says
    the label that the first ten pixels tell, with a probability of one half, so that its loss never changes, whatever
    was learned; but each training step lowers a penalty in the loss by `gain`.

    Of a training it takes the first step as Keras does, by the loss and the optimizer that it was compiled with. In the
    others it only looks at the images and says that its loss has fallen: they would show nothing more, and cost most.
    So it does with the validation between its epochs. Nothing is traced for so few steps.
    """

    def __init__(self, gain: float = 0.0, steps_per_epoch: int | None = None, whole_epochs: int = 0) -> None:
        """steps_per_epoch: after so many steps a watched model behaves as if the epoch's data had come to their end,
        but for the first `whole_epochs` epochs; and it looks at the validation images once.
        """
        self.gain, self.steps_per_epoch, self.whole_epochs = gain, steps_per_epoch, whole_epochs
        self.sizes: list[tuple[int, int, int, int]] = []
        self.logs: list[Log] = []

    def __call__(
        self,
        input_timesteps: int,
        input_features_size: int,
        hidden_size: int,
        num_classes: int,
        summary: bool = True,
    ) -> Any:
        self.sizes.append((int(input_timesteps), int(input_features_size), int(hidden_size), int(num_classes)))
        self.logs.append(Log())
        pixels = input_timesteps * input_features_size
        return _watched(pixels, num_classes, self, self.logs[-1])

    def seen(self) -> list[tuple[bool, np.ndarray]]:
        """What passed through the model that saw most, in order; consecutive batches of one kind put together."""
        log = self._busiest()
        runs: list[tuple[bool, list[np.ndarray]]] = []
        for training, batch in log.seen:
            if not runs or runs[-1][0] != training:
                runs.append((training, []))
            runs[-1][1].append(batch)
        return [(training, np.concatenate(batches)) for training, batches in runs]

    def after_first_step(self) -> np.ndarray | None:
        """The biases after the first training step; None if there were not two steps."""
        return self._busiest().after_first_step

    def _busiest(self) -> Log:
        return max(self.logs, key=lambda log: log.steps, default=Log())


def _watched(pixels: int, classes: int, asked: WatchedModels, log: Log) -> Any:
    """A watched model; see WatchedModels."""
    import keras
    import tensorflow as tf

    gain, steps_per_epoch = asked.gain, asked.steps_per_epoch

    def note(training: Any, images: Any, biases: Any) -> np.float32:
        log.note(bool(training), images, biases)
        return np.float32(gain * max(0, 10_000 - log.steps))

    kept: dict[str, list[np.ndarray]] = {}
    first_results: dict[str, float] = {}
    epoch: dict[str, Any] = {"number": 0, "steps": 0, "loss": None, "looks": False}
    first_validation: dict[str, float] = {}

    def step(model: Any, iterator: Any) -> dict[str, Any]:
        """A step of training: Keras's own, outside of a graph, or a look at the images."""
        if epoch["steps"] == steps_per_epoch and epoch["number"] > asked.whole_epochs:
            raise StopIteration
        epoch["number"] += epoch["steps"] == 0
        epoch["steps"] += 1
        data = next(iterator)
        if log.steps == 0:
            results = model.train_step(data)
            first_results.update({name: float(value) for name, value in results.items()})
            return results
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        log.note(True, keras.ops.convert_to_numpy(images), model.dense.bias.numpy())
        epoch["loss"] = first_results["loss"] / (1 + log.steps / 16)
        return first_results

    def step_of_test(model: Any, iterator: Any) -> dict[str, Any]:
        """A step of an evaluation: Keras's own, outside of a graph, or a look at the images."""
        data = next(iterator)
        if not epoch["looks"]:
            return model.test_step(data)
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        log.note(False, keras.ops.convert_to_numpy(images), model.dense.bias.numpy())
        return first_validation

    class Watched(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(classes, activation="softmax", kernel_initializer="zeros")
            self.supports_jit = False
            self.build((None, pixels))

        def make_train_function(self, force: bool = False) -> None:
            if self.steps_per_execution == 1:
                self.train_function = functools.partial(step, self)
            else:
                super().make_train_function(force)

        def make_test_function(self, force: bool = False) -> None:
            if self.steps_per_execution == 1:
                self.test_function = functools.partial(step_of_test, self)
            else:
                super().make_test_function(force)

        def _symbolic_build(self, *arguments: Any, **named: Any) -> None:
            """Nothing: the first step builds what is needed, without a graph."""

        def evaluate(self, *arguments: Any, **named: Any) -> Any:
            if not named.get("_use_cached_eval_dataset"):  # Keras's word within `fit`
                return super().evaluate(*arguments, **named)
            if not first_validation:
                found = super().evaluate(*arguments, **named)
                first_validation.update(found, loss=found["loss"] + gain * log.steps)
            elif steps_per_epoch is None:
                epoch["looks"] = True
                super().evaluate(*arguments, **named)
                epoch["looks"] = False
            return {**first_validation, "loss": first_validation["loss"] - gain * log.steps}

        def reset_metrics(self) -> None:
            epoch.update(steps=0, loss=None)
            super().reset_metrics()

        def get_metrics_result(self) -> dict[str, Any]:
            found = super().get_metrics_result()
            return found if epoch["loss"] is None else {**found, "loss": epoch["loss"]}

        def build(self, input_shape: Any) -> None:
            if not self.dense.built:
                self.dense.build((None, pixels))
            self.built = True

        def compute_output_shape(self, input_shape: Any) -> tuple:
            return (input_shape[0], classes)

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            flat = keras.ops.reshape(inputs, (-1, pixels))
            learned = self.dense(flat)
            training = bool(training)
            penalty = tf.reshape(tf.numpy_function(note, [training, flat, self.dense.bias.value], tf.float32), ())
            if gain:
                self.add_loss(penalty)
            told = tf.one_hot(tf.argmax(flat[:, :CLASSES], axis=1), classes)
            said = told / 2 + (1 - told) / 2 / (classes - 1)
            return learned if training else said + 0 * learned

        def save_weights(self, path: Any, *arguments: Any, **named: Any) -> None:
            """Keeps them in memory, so that what was trained at home is not overwritten."""
            kept[str(path)] = self.get_weights()

        def load_weights(self, path: Any, *arguments: Any, **named: Any) -> None:
            self.set_weights(kept[str(path)])

        def save(self, path: Any, *arguments: Any, **named: Any) -> None:
            self.save_weights(path)

    return Watched()
