"""Training steps of prototypical networks: compiled and on episodes from memory, and written naively, in one run.

    python -m benchmarks.prototypical    # about a minute; puts its rows into benchmarks/results.json

The naive step reads each image of an episode from its file, builds prototypes, distances and loss in Python loops,
query by query, and runs operation by operation. Both embed support and queries in one batch, with the same network,
loss and optimizer; the first steps are not counted.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.classes import ROOT
from benchmarks.episodes import read, written
from benchmarks.results_file import keep
from course_utils.data import load_omniglot
from course_utils.episodes import as_floats, check_size, distinct_numbers
from course_utils.evaluation import Accuracy
from course_utils.solution_cells import solution_of

NOTEBOOK = ROOT / "source" / "05_protonet" / "protonet.ipynb"
QUERY = 5
SECONDS = 4.0  # of steps that are measured, for each way and size
AT_LEAST = 3  # steps


@dataclass(frozen=True)
class Size:
    """The size of the episodes."""

    way: int
    shot: int

    def __str__(self) -> str:
        return f"{self.way}-way {self.shot}-shot, {QUERY} queries a class"


SIZES = (Size(5, 1), Size(20, 1), Size(60, 1))


def solution() -> SimpleNamespace:
    """What the notebook's solution cells define."""
    names = {"keras": keras, "np": np, "tf": tf, "Accuracy": Accuracy}
    helpers = {"as_floats": as_floats, "check_size": check_size, "distinct_numbers": distinct_numbers}
    return solution_of(NOTEBOOK, (), names | helpers)


def fresh_encoder(notebook: SimpleNamespace) -> keras.Model:
    """The notebook's encoder, with the same first weights each time."""
    keras.utils.set_random_seed(0)
    return notebook.build_encoder()


def compiled_step(notebook: SimpleNamespace, images: np.ndarray, size: Size) -> Callable[[np.random.Generator], None]:
    """The notebook's step: episodes from an array in memory, in one batch, one compiled function."""
    model, optimizer = fresh_encoder(notebook), keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(support: Any, queries: Any) -> None:
        together = tf.concat([support, queries], 1)
        with tf.GradientTape() as tape:
            embedded = model(tf.reshape(together, (-1, 28, 28, 1)), training=True)
            embedded = tf.reshape(embedded, (size.way, size.shot + QUERY, -1))
            prototypes = notebook.prototypes(embedded[:, : size.shot])
            loss, _ = notebook.prototypical_loss(embedded[:, size.shot :], prototypes)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )

    def take(rng: np.random.Generator) -> None:
        step(*notebook.sample_episode(images, size.way, size.shot, QUERY, rng))

    return take


def naive_step(notebook: SimpleNamespace, files: list[list[Path]], size: Size) -> Callable[[np.random.Generator], None]:
    """Files from disk, loops in Python over images, classes and prototypes, operation by operation."""
    model, optimizer = fresh_encoder(notebook), keras.optimizers.Adam()

    def take(rng: np.random.Generator) -> None:
        paths = []
        for number in rng.choice(len(files), size.way, replace=False):
            paths += [files[number][d] for d in rng.choice(len(files[number]), size.shot + QUERY, replace=False)]
        batch = np.stack([read(path) for path in paths])[..., None]
        with tf.GradientTape() as tape:
            embedded = iter(tf.unstack(model(batch, training=True)))
            support, queries = [], []
            for _ in range(size.way):
                support.append([next(embedded) for _ in range(size.shot)])
                queries.append([next(embedded) for _ in range(QUERY)])
            prototypes = [sum(shots) / len(shots) for shots in support]
            losses = []
            for label, asked in enumerate(queries):
                for query in asked:
                    distances = tf.stack([tf.reduce_sum((query - prototype) ** 2) for prototype in prototypes])
                    losses.append(distances[label] + tf.reduce_logsumexp(-distances))
            loss = sum(losses) / len(losses)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )

    return take


def seconds(take: Callable[[np.random.Generator], None]) -> float:
    """The median time of a step."""
    rng, times = np.random.default_rng(0), list[float]()
    take(rng)
    take(rng)
    while sum(times) < SECONDS or len(times) < AT_LEAST:
        started = time.perf_counter()
        take(rng)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> list[dict]:
    """Measure all sizes and print a table; the rows are returned."""
    notebook, characters = solution(), load_omniglot("embedded")
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        files = written(characters, Path(folder))
        images = characters.images[: len(files)]
        for size in SIZES:
            ours, naive = seconds(compiled_step(notebook, images, size)), seconds(naive_step(notebook, files, size))
            ratio = round(naive / ours, 1)
            name = f"a compiled training step, {size}, against files from disk, Python loops and no graph"
            times = {"ours": round(1000 * ours, 1), "other": round(1000 * naive, 1)}
            rows.append({"name": name, **times, "unit": "ms", "ratio": ratio})
            print(
                f"{size!s:36} ours {1 / ours:7.2f} episodes/s   naive {1 / naive:7.3f} episodes/s   {ratio:6.1f} times",
                flush=True,
            )
    return rows


if __name__ == "__main__":
    keep(main())
