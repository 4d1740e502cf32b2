"""Trains the networks of 03_siamese on real CIFAR-100 with the notebook's own solution, and measures them.

    python results/03_siamese/train.py siamese               # seeds 0, 1 and 2
    python results/03_siamese/train.py classifier --seeds 0  # this seed only
    python results/03_siamese/train.py baselines             # what nearest neighbours by pixels and guessing give

The networks are trained on the training images of the first 80 classes; the last ones of a training are measured, as
they are when it ends. What was tried was compared on the last 10 of the 80 classes, by networks trained on the other
70, but for one thing: with 8 epochs the Siamese network reached 18.9 % [18.1, 19.7] on the 20 held-out classes
(seed 0), its loss on training and on new images still falling, and that is why it has 20.

Each training is kept in .cache/results/03_siamese, where an interrupted one goes on. Its figures are put into
results/03_siamese.json; weights and history of seed 0 beside this file, as the notebook's folder `trained` wants them.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["COURSE_DATA_SOURCE"] = "tfds"

import keras
import numpy as np

import course_utils as utils
from course_utils import one_shot, training
from course_utils.evaluation import Accuracy
from course_utils.results import Result, record
from course_utils.solution_cells import solution_of

HERE = Path(__file__).resolve().parent
RUNS = HERE.parents[1] / ".cache" / "results" / "03_siamese"
NOTEBOOK = HERE.parents[1] / "source" / "03_siamese" / "siamese.ipynb"
GIVEN = ("scaled", "pair-stream", "train-classifier")  # cells of the notebook that solutions lean on
WAY, TASKS = 20, 10_000
SEEDS = (0, 1, 2)
HELD_OUT = "500 training images of each of the 20 held-out classes"


@dataclass(frozen=True)
class Data:
    """CIFAR-100 by class: the 80 classes, the other images of these classes, and the 20 held-out classes."""

    train: np.ndarray
    new: np.ndarray
    held_out: np.ndarray


def solution() -> SimpleNamespace:
    """What the notebook's solution cells, and the cells that are given there, define."""
    names = {"keras": keras, "np": np, "utils": utils, "as_floats": utils.episodes.as_floats}
    return solution_of(NOTEBOOK, GIVEN, names)


def cifar(notebook: SimpleNamespace) -> Data:
    """The data, split by the notebook's own function."""
    images = utils.data.load("cifar100")
    train, held_out = notebook.split_by_class(images.train.images, images.train.labels)
    new, _ = notebook.split_by_class(images.test.images, images.test.labels)
    return Data(train, new, held_out)


def codes_by_class(encode: Callable[[np.ndarray], np.ndarray], X: np.ndarray) -> np.ndarray:
    """The codes [classes, images, D] of images [classes, images, H, W, C]."""
    return np.asarray(encode(X.reshape(-1, *X.shape[2:]))).reshape(*X.shape[:2], -1)


def siamese_accuracy(model: keras.Model, notebook: SimpleNamespace, X: np.ndarray) -> Accuracy:
    """One-shot accuracy of the course's own Siamese network, each image encoded once."""
    encoder, head = model.get_layer("encoder"), model.get_layer("likeness")
    codes = codes_by_class(lambda images: encoder.predict(notebook.scaled(images), batch_size=256, verbose=0), X)

    def likeness(left: np.ndarray, right: np.ndarray) -> Any:
        return head(np.abs(left - right))

    return one_shot.accuracy(codes, likeness, WAY, TASKS, np.random.default_rng(0), HELD_OUT)


@dataclass(frozen=True)
class Network:
    """How a network of the notebook is built and trained, and which figures it is measured by."""

    build: str
    train: str
    measure: Callable[[keras.Model, SimpleNamespace, Data], list[tuple[str, Accuracy]]]


def siamese_figures(model: keras.Model, notebook: SimpleNamespace, data: Data) -> list[tuple[str, Accuracy]]:
    """The one-shot accuracy on the held-out classes."""
    return [("Siamese network, 20-way one-shot", siamese_accuracy(model, notebook, data.held_out))]


def classifier_figures(model: keras.Model, notebook: SimpleNamespace, data: Data) -> list[tuple[str, Accuracy]]:
    """The accuracy on other images of the 80 classes, and the one-shot accuracy of the codes on the held-out ones."""
    images, labels = notebook.labelled(data.new)
    answers = model.predict(images, batch_size=256, verbose=0).argmax(-1)
    named = Accuracy.of(answers == labels, protocol="80-way classification", split="test images of the 80 classes")
    codes = codes_by_class(lambda images: notebook.neural_codes(model, images), data.held_out)
    found = one_shot.accuracy(codes, one_shot.closeness, WAY, TASKS, np.random.default_rng(0), HELD_OUT)
    return [("classifier of 80 classes", named), ("neural codes, 20-way one-shot", found)]


NETWORKS = {
    "siamese": Network("build_siamese_network", "train_siamese", siamese_figures),
    "classifier": Network("build_classifier", "train_classifier", classifier_figures),
}


def train(name: str, seed: int, notebook: SimpleNamespace, data: Data) -> None:
    """Trains one network, unless that is done, and records its figures."""
    network = NETWORKS[name]
    keras.utils.set_random_seed(seed)
    arguments = {"siamese": ((32, 32, 3),), "classifier": (len(data.train),)}[name]
    pairs_seed = {"siamese": {"seed": seed}, "classifier": {}}[name]
    kept_name = f"{name}_seed{seed}"
    done = all(path.is_file() for path in training.files(kept_name, RUNS))
    started = time.monotonic()
    try:
        model, _ = training.kept(
            kept_name,
            run=lambda: getattr(notebook, network.train)(data.train, data.new, **pairs_seed),
            rebuild=lambda weights: getattr(notebook, network.build)(*arguments),
            folder=RUNS,
        )
    finally:
        minutes = add_minutes(RUNS / f"{kept_name}.minutes", 0.0 if done else (time.monotonic() - started) / 60)
    rows = [
        row(f"{figure}, seed {seed}", accuracy, name, seed, minutes)
        for figure, accuracy in network.measure(model, notebook, data)
    ]
    record(HERE.with_suffix(".json"), rows)
    if seed == SEEDS[0]:
        weights_file, history_file = training.files(name, HERE)
        slim = getattr(notebook, network.build)(*arguments)  # not compiled: the optimizer's state stays behind
        slim.set_weights(model.get_weights())
        slim.save_weights(weights_file)
        shutil.copyfile(training.files(kept_name, RUNS)[1], history_file)


def add_minutes(path: Path, minutes: float) -> float:
    """The minutes of a training that may have been interrupted, with those of this time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    total = minutes + (float(path.read_text(encoding="utf-8")) if path.is_file() else 0.0)
    path.write_text(f"{total:.2f}", encoding="utf-8")
    return round(total, 2)


def baselines(data: Data) -> None:
    """What nearest neighbours by pixels give, and what a constant likeness gives."""
    pixels = data.held_out.reshape(*data.held_out.shape[:2], -1) / np.float32(255)
    likenesses: dict[str, one_shot.Likeness] = {
        "nearest neighbour by pixels": one_shot.closeness,
        "a constant likeness": lambda left, right: np.zeros(len(left)),
    }
    for name, likeness in likenesses.items():
        accuracy = one_shot.accuracy(pixels, likeness, WAY, TASKS, np.random.default_rng(0), HELD_OUT)
        record(HERE.with_suffix(".json"), [row(f"{name}, 20-way one-shot", accuracy, "baselines", 0, 0.0)])


def row(name: str, accuracy: Accuracy, command: str, seed: int, minutes: float) -> Result:
    """The figure of one measurement."""
    print(f"{name}: {accuracy}, {minutes:.1f} minutes", flush=True)
    return Result.of(
        accuracy,
        assignment="03_siamese",
        name=name,
        seed=seed,
        command=f"python results/03_siamese/train.py {command}",
        minutes=minutes,
        machine=f"{os.cpu_count()} cores shared with other work, no GPU, {platform.machine()}",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*NETWORKS, "baselines"])
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS, help="train these only")
    options = parser.parse_args(arguments)
    notebook = solution()
    data = cifar(notebook)
    if options.what == "baselines":
        baselines(data)
        return
    for seed in options.seeds:
        train(options.what, seed, notebook, data)


if __name__ == "__main__":
    main()
