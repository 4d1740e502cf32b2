"""One-shot evaluation: every image encoded once against a `predict` for each task, in one run.

python -m benchmarks.one_shot
"""

from __future__ import annotations

import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from benchmarks.results_file import keep
from course_utils import one_shot
from course_utils.data import load
from course_utils.episodes import as_floats

WAY, TASKS = 20, 10_000
PREDICTED = 40  # tasks that are scored by a predict each; the time of all is their median times TASKS
HELD_OUT = 20  # classes


def siamese_network() -> tuple[keras.Model, keras.Model, keras.Model]:
    """(whole, encoder, head): a Siamese network of the size that students build, untrained."""
    layers = keras.layers
    encoder = keras.Sequential([keras.Input((32, 32, 3))])
    for filters in (32, 64, 128, 256):
        encoder.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        encoder.add(layers.MaxPooling2D(2))
        encoder.add(layers.BatchNormalization())
        encoder.add(layers.ReLU())
    encoder.add(layers.GlobalAveragePooling2D())
    encoder.add(layers.Dense(128))
    head = keras.Sequential([keras.Input((128,)), layers.Dense(1, activation="sigmoid")])
    left, right = keras.Input((32, 32, 3)), keras.Input((32, 32, 3))
    return keras.Model([left, right], head(keras.ops.abs(encoder(left) - encoder(right)))), encoder, head


def held_out_images() -> np.ndarray:
    """uint8 [20, images, 32, 32, 3]: all images of the last classes of the embedded data."""
    data = load("cifar100", "embedded")
    images = np.concatenate([data.train.images, data.test.images])
    labels = np.concatenate([data.train.labels, data.test.labels])
    by_class = images[np.argsort(labels, kind="stable")].reshape(len(data.classes), -1, *images.shape[1:])
    return by_class[-HELD_OUT:]


def encoded_once(images: np.ndarray, encoder: keras.Model, head: keras.Model) -> float:
    """Seconds for all tasks, encoding the images included."""
    started = time.perf_counter()
    flat = as_floats(images.reshape(-1, *images.shape[2:]))
    codes = encoder.predict(flat, batch_size=256, verbose=0).reshape(*images.shape[:2], -1)
    one_shot.accuracy(
        codes, lambda left, right: head(np.abs(left - right)), WAY, TASKS, np.random.default_rng(0), "embedded"
    )
    return time.perf_counter() - started


def predicted_task_by_task(images: np.ndarray, whole: keras.Model) -> float:
    """Seconds for all tasks, at the median of some; the first one, which compiles, is not counted."""
    drawn = one_shot.draw_tasks(images.shape[0], images.shape[1], WAY, PREDICTED + 1, np.random.default_rng(0))
    times = []
    for classes, support, test in zip(drawn.classes, drawn.support, drawn.test, strict=True):
        started = time.perf_counter()
        left = np.repeat(as_floats(images[classes[0], test])[np.newaxis], WAY, axis=0)
        whole.predict((left, as_floats(images[classes, support])), verbose=0)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:]) * TASKS


def main() -> list[dict]:
    """Measure both ways and print a line; the row is returned."""
    whole, encoder, head = siamese_network()
    images = held_out_images()
    encoder.predict(as_floats(images[0, :1]), verbose=0)
    fast = encoded_once(images, encoder, head)
    slow = predicted_task_by_task(images, whole)
    ratio = round(slow / fast, 1)
    print(
        f"{TASKS:,} {WAY}-way one-shot tasks: encoded once {fast:.1f} s   a predict each {slow:.0f} s   {ratio} times"
    )
    name = f"one-shot evaluation, {TASKS:,} {WAY}-way tasks: a predict for each"
    return [{"name": name, "ours": fast, "other": slow, "unit": "s", "ratio": ratio}]


if __name__ == "__main__":
    keep(main())
