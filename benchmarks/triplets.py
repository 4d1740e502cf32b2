"""Hard triplets: mined in a batch against calling the encoder for every triplet, and against random ones, in one run.

python -m benchmarks.triplets

A step draws 64 triplets of 28x28 images of embedded characters and trains on them, with the solution of 04_triplet.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.results_file import keep
from course_utils.data import background_split, load_omniglot
from course_utils.solution_cells import solution_of

NOTEBOOK = Path(__file__).resolve().parents[1] / "source" / "04_triplet" / "triplet.ipynb"
BATCH = 64
REPETITIONS, NAIVE_REPETITIONS = 25, 3

Batches = Iterator[tuple[np.ndarray, np.ndarray]]


def triplet_by_triplet(X: np.ndarray, encoder: keras.Model, rng: np.random.Generator) -> Batches:
    """Hard triplets that call the encoder for each: once for the anchor, once for another character's drawings."""
    scaled = (X / np.float32(255)).astype("float32")[..., np.newaxis]
    while True:
        triplets = []
        for _ in range(BATCH):
            own, other = rng.choice(len(X), 2, replace=False)
            anchor, positive = rng.choice(X.shape[1], 2, replace=False)
            code = encoder.predict(scaled[own, anchor][np.newaxis], verbose=0)
            candidates = encoder.predict(scaled[other], verbose=0)
            nearest = np.square(candidates - code).sum(axis=1).argmin()
            triplets.append(np.stack([scaled[own, anchor], scaled[own, positive], scaled[other, nearest]]))
        yield np.stack(triplets), np.zeros(BATCH, "float32")


def step(network: keras.Model, batches: Batches) -> tuple[float, float]:
    """Milliseconds of a whole step, and of drawing its batch alone."""
    started = time.perf_counter()
    images, zeros = next(batches)
    drawn = time.perf_counter()
    network.train_on_batch(images, zeros)
    return 1000 * (time.perf_counter() - started), 1000 * (drawn - started)


def main() -> list[dict]:
    """Measure all three in turns and print a table; the rows are returned."""
    notebook = solution_of(NOTEBOOK, ("as-input",), {"keras": keras, "np": np, "tf": tf})
    rng = np.random.default_rng(0)
    X = background_split(load_omniglot("embedded"))["background"].images
    encoder = notebook.build_embedding_network((28, 28, 1))
    network = notebook.build_triplet_network(encoder)
    network.compile(optimizer=keras.optimizers.Adam(1e-3), loss=notebook.triplet_loss)
    ways: dict[str, Batches] = {
        "random": notebook.get_batch(X, BATCH, rng=rng),
        "mined in the batch": notebook.get_batch(X, BATCH, True, encoder, rng),
        "triplet by triplet": triplet_by_triplet(X, encoder, rng),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(REPETITIONS + 1):
        for name, batches in ways.items():
            if name != "triplet by triplet" or number <= NAIVE_REPETITIONS:
                times[name].append(step(network, batches))
    steps = {name: statistics.median(whole for whole, _ in measured[1:]) for name, measured in times.items()}
    for name, measured in times.items():
        drawing = statistics.median(part for _, part in measured[1:])
        print(f"{name:20} {steps[name]:8.1f} ms a step, of which {drawing:8.1f} ms to draw the batch", flush=True)
    mined, mining = steps["mined in the batch"], "a step with hard triplets mined in the batch, against"
    rows = [
        row(f"{mining} the encoder called for every triplet", mined, steps["triplet by triplet"]),
        row(f"{mining} one with random triplets", mined, steps["random"]),
    ]
    print(f"{rows[0]['ratio']} times faster than triplet by triplet; {1 / rows[1]['ratio']:.2f} times a random step")
    return rows


def row(name: str, ours: float, other: float) -> dict:
    """One result; `ratio` is how many times faster ours is."""
    return {
        "name": name,
        "ours": round(ours, 1),
        "other": round(other, 1),
        "unit": "ms",
        "ratio": round(other / ours, 3),
    }


if __name__ == "__main__":
    keep(main())
