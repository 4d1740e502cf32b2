"""Stand-ins and observers on the student's side for networks that compare: told tasks, told scores, focused weights.

They keep a check to one function. None is an answer to a task: told tasks were drawn by whoever asks, told scores read
the class off a picture that shows it, and the stand-in networks never learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# Told pictures show their class in the first channel of each pixel, in the second which image of the class they are.


def generator(seed: int) -> np.random.Generator:
    """A generator that stays on this side, to be handed to several calls."""
    return np.random.default_rng(seed)


class ToldTasks:
    """Stands in for make_oneshot_task: gives tasks that were drawn before, one after the other.

    Args:
        test: [tasks, H, W, C], support: [tasks, N, H, W, C], places: [tasks], where the right answer stands.
        size: (classes, images of a class) of the X that it has to be called with.
    """

    def __init__(self, test: np.ndarray, support: np.ndarray, places: np.ndarray, size: tuple[int, int]) -> None:
        self.test, self.support, self.places, self.size = test, support, places, tuple(size)
        self.given = 0

    def __call__(self, N: int, X: Any, rng: Any = None, **how: Any) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        way = self.support.shape[1]
        if way != N:
            raise ValueError(f"got N = {N} for told tasks of {way} classes, expected the N of the call")
        if np.shape(X)[:2] != self.size:
            raise ValueError(f"got X of shape {np.shape(X)}, expected the X that oneshot_accuracy was given")
        number = self.given % len(self.test)
        self.given += 1
        test = np.repeat(self.test[number : number + 1], way, axis=0)
        return (test, self.support[number]), np.eye(way, dtype=np.float32)[self.places[number]]


class ToldDraws:
    """Stands in for make_oneshot_task where tasks have to depend on the generator: blank pictures that show classes."""

    def __call__(self, N: int, X: Any, rng: np.random.Generator) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        support: np.ndarray = np.zeros((N, 4, 4, 3), np.float32)
        support[..., 0] = (np.arange(N) / 255)[:, np.newaxis, np.newaxis]
        support[..., 1] = rng.integers(8, size=(N, 1, 1)) / 255
        test = support[:1] + np.float32([0, 9 / 255, 0])
        return (np.repeat(test, N, axis=0), support), np.eye(N, dtype=np.float32)[0]


class ToldScore:
    """A score (left, right) -> likeness that reads class and number off told pictures, and counts what it is asked.

    Args:
        kind: "constant"; "right", which is high for images of one class; "wrong", which is low for them; "even", which
            is very high for them where the right image has an even number, and lowest where it has an odd one; "same
            picture", which is high for a picture and itself alone.
        shape: "flat" (P,), "column" (P, 1) or "tensor", a tensor of (P, 1).
    """

    def __init__(self, kind: str, shape: str = "flat") -> None:
        self.kind, self.shape = kind, shape
        self.calls: list[int] = []

    def __call__(self, left: Any, right: Any) -> Any:
        (one, first), (other, second) = told(left), told(right)
        self.calls.append(len(one))
        same = (one == other).astype(float)
        if self.kind == "constant":
            values = np.full(len(one), 0.25)
        elif self.kind == "same picture":
            values = same * (first == second)
        elif self.kind == "even":
            values = same * np.where(second % 2 == 0, 3.0, -1.0)
        else:
            # Others differ from one another, so that there are no ties.
            values = (same + 0.001 * (other + 1)) * (1 if self.kind == "right" else -1)
        if self.shape == "flat":
            return values
        column: np.ndarray = values.astype(np.float32)[:, np.newaxis]
        if self.shape == "column":
            return column
        import tensorflow as tf

        return tf.constant(column)


def told(images: Any) -> tuple[np.ndarray, np.ndarray]:
    """(class, number) of each told picture."""
    pixels = np.asarray(images)
    middle = np.round(pixels[:, pixels.shape[1] // 2, pixels.shape[2] // 2, :2].astype(float) * 255).astype(int)
    return middle[:, 0], middle[:, 1]


def state(rng: np.random.Generator) -> str:
    """Where a generator stands."""
    return str(rng.bit_generator.state)


# Networks that compare two images -------------------------------------------------------------------------------------


def likeness(model: Any, left: Any, right: Any) -> np.ndarray:
    """What a model says about pairs, called without a training flag."""
    return np.asarray(model([tensor(left), tensor(right)]))


def likeness_in_inference(model: Any, left: Any, right: Any) -> np.ndarray:
    """The same, with training=False where the model takes it."""
    try:
        return np.asarray(model([tensor(left), tensor(right)], training=False))
    except TypeError:
        return likeness(model, left, right)


def likeness_in_training(model: Any, left: Any, right: Any) -> Any:
    """The same, as in training, as a tensor."""
    try:
        return model([tensor(left), tensor(right)], training=True)
    except TypeError:
        return model([tensor(left), tensor(right)])


def tensor(images: Any) -> Any:
    """A float32 tensor."""
    import tensorflow as tf

    return tf.constant(np.asarray(images, np.float32))


def shaken(model: Any, seed: int, scale: float = 0.05) -> None:
    """Give a built model other weights near those that it has, so that nothing hides behind zeros that it starts with.

    Those that are all 1 stay positive: they may be the variances of a normalisation.
    """
    rng = np.random.default_rng(seed)
    weights = []
    for weight in model.get_weights():
        if weight.dtype.kind != "f":
            weights.append(weight)
        elif np.all(weight == 1):
            weights.append(np.exp(0.2 * rng.normal(size=weight.shape)).astype(weight.dtype))
        else:
            weights.append((weight + scale * rng.normal(size=weight.shape)).astype(weight.dtype))
    model.set_weights(weights)


def focused(model: Any, seed: int, channels: int = 3) -> None:
    """Give a built model weights that let only the first few channels of each layer through, each by itself.

    So few features are left that a sum of their differences can be told from a root of squares. Nothing is negative,
    so that no rectifier is silent: what is all 0 (biases, means) stays, what is all 1 (scales, variances) is kept for
    the first channels, and the others become positive random numbers that lead channel i to channel i.
    """
    rng = np.random.default_rng(seed)
    before, weights = 1, []
    for weight in model.get_weights():
        new = weight
        if weight.dtype.kind == "f" and weight.ndim and np.any(weight != 0):
            new = np.ones_like(weight) if np.all(weight == 1) else rng.uniform(0.5, 1.5, weight.shape)
            if weight.ndim >= 2 and weight.shape[-1] > 1:
                source: np.ndarray = np.arange(weight.shape[-2])[:, np.newaxis] % (
                    before if weight.ndim == 2 else weight.shape[-2]
                )
                new = new * (source == np.arange(weight.shape[-1]))
                new = new / max(1.0, new.sum(axis=tuple(range(weight.ndim - 1))).max())
            if weight.shape[-1] > channels:
                new = new * (np.arange(weight.shape[-1]) < channels)
            if weight.ndim >= 2:
                before = weight.shape[-1]
        weights.append(np.asarray(new, weight.dtype))
    model.set_weights(weights)


def taught(model: Any, left: Any, right: Any, targets: Any, steps: int, rate: float) -> tuple[list[float], np.ndarray]:
    """Train on one batch of pairs: (the loss before each step and after the last, likeness of each pair afterwards).

    Both as in training, since the statistics of a batch normalisation lag behind.
    """
    import keras
    import tensorflow as tf

    same = tf.constant(np.asarray(targets, np.float32).reshape(-1, 1))
    pairs = tensor(left), tensor(right)

    def say() -> Any:
        return tf.reshape(tf.cast(likeness_in_training(model, *pairs), tf.float32), (-1, 1))

    losses = trained(model, lambda: tf.reduce_mean(keras.losses.binary_crossentropy(same, say())), steps, rate)
    return losses, np.asarray(say())


def trained(model: Any, loss: Any, steps: int, rate: float) -> list[float]:
    """Train a model with Adam, as a graph where that is possible: the loss before each step and after the last."""
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(rate)
    losses = [float(loss())]  # builds what is not built yet
    optimizer.build(model.trainable_variables)

    def step() -> Any:
        with tf.GradientTape() as tape:
            value = loss()
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(value, variables), variables, strict=True))
        return value

    run = tf.function(step, autograph=False)
    try:
        losses.append(float(run()))
    except Exception:  # a network that asks for numbers while it computes cannot become a graph
        run = step
        losses.append(float(run()))
    losses += [float(run()) for _ in range(steps - 1)]
    return [*losses[1:], float(loss())]


# Classifiers ----------------------------------------------------------------------------------------------------------


def taught_classifier(model: Any, images: Any, labels: Any, steps: int, rate: float) -> list[float]:
    """Train on one batch of images: the loss before each step and after the last, as in training."""
    import keras
    import tensorflow as tf

    truth, inputs = tf.constant(np.asarray(labels, np.int64)), tensor(images)

    def say() -> Any:
        try:
            return model(inputs, training=True)
        except TypeError:
            return model(inputs)

    def loss() -> Any:
        return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(truth, say()))

    return trained(model, loss, steps, rate)


def frozen_classifier(seed: int, classes: int) -> Any:
    """A small network with the form of a classifier, that cannot learn: colours, a hidden layer, probabilities."""
    import keras

    layers = keras.layers
    start = keras.initializers.RandomNormal(stddev=1.0, seed=seed)
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.AveragePooling2D(8),
            layers.Conv2D(11, 1, kernel_initializer=start),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(13, activation="tanh", kernel_initializer=start, name="hidden"),
            layers.Dropout(0.5),
            layers.Dense(classes, activation="softmax", kernel_initializer=start),
        ]
    )
    model.trainable = False
    return model


def scale_weight(model: Any, index: int, factor: float) -> None:
    """Multiply one of a model's arrays of weights by a factor."""
    weights = model.get_weights()
    weights[index] = weights[index] * np.asarray(factor, weights[index].dtype)
    model.set_weights(weights)


def kernels(model: Any) -> list[int]:
    """Which of a model's arrays of weights have two or more axes."""
    return [index for index, weight in enumerate(model.get_weights()) if np.ndim(weight) >= 2]


def outputs(model: Any, images: Any) -> np.ndarray:
    """What a model says about images, in inference mode where it takes a flag."""
    try:
        return np.asarray(model(tensor(images), training=False))
    except TypeError:
        return np.asarray(model(tensor(images)))
