"""Trains the encoders of 05_protonet on real Omniglot with the notebook's own solution, and measures them.

    python results/05_protonet/train.py encoder        # 6,000 episodes, 60-way 1-shot: the notebook's section 7
    python results/05_protonet/train.py encoder-unmirrored  # the same without mirror images
    python results/05_protonet/train.py encoder-unshifted   # and without shifts
    python results/05_protonet/train.py short          # 900 episodes, 20-way 1-shot: what a few minutes give
    python results/05_protonet/train.py short-60-way   # and others, to see what helps: see RUNS
    python results/05_protonet/train.py way_and_shot   # section 8
    python results/05_protonet/train.py measure --runs all_runs.zip   # the figures of all that is trained

Each training is kept in its own folder in .cache/results/05_protonet and goes on at its last whole block where it was
stopped; with --minutes it stops itself. Figures are put into results/05_protonet.json, and weights and history of
what the notebook shows beside this file, as the notebook's folder `trained` wants them. Where weights are averaged
those of the last block alone are measured, too. In place of the shifts, images that were turned, shifted and scaled
with interpolation were tried: after 14 of 40 blocks that run was so far behind in validation that it was stopped. And
3,000 episodes more, the rate falling again from 5e-4, were no better than the first 6,000 in validation (96.86 % both).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["COURSE_DATA_SOURCE"] = "tfds"

import keras
import nbformat
import numpy as np
import tensorflow as tf

import course_utils as utils
from course_utils import training
from course_utils.data import Characters, OneShotRun, load_omniglot, one_shot_runs, vinyals_split
from course_utils.episodes import as_floats, check_size, distinct_numbers
from course_utils.evaluation import Accuracy
from course_utils.results import Result, record
from course_utils.solution_cells import solution_of

HERE = Path(__file__).resolve().parent
KEPT = HERE.parents[1] / ".cache" / "results" / "05_protonet"
NOTEBOOK = HERE.parents[1] / "source" / "05_protonet" / "protonet.ipynb"
SIZES = ((5, 1), (5, 5), (20, 1), (20, 5))
MACHINE = f"{os.cpu_count()} cores, no GPU, {platform.machine()}"
LAST_BLOCK = "last_block.weights.h5"
TEST = "test characters of the Vinyals split"


@dataclass(frozen=True)
class Run:
    """One training of the encoder, in blocks, the learning rate of each along a cosine from `rate`.

    Attributes:
        falls: whether the rate follows the cosine; else it stays as it is.
        shifted: whether the images are shifted before each block, as in the notebook.
        mirrored: whether every character's mirror image is one more character.
        averaged: the blocks at the end over whose weights the mean is taken; 0 for none.
    """

    name: str
    blocks: int = 6
    episodes: int = 150
    way: int = 20
    shot: int = 1
    query: int = 5
    rate: float = 1e-3
    falls: bool = True
    shifted: bool = False
    mirrored: bool = False
    averaged: int = 0
    seed: int = 0

    @property
    def folder(self) -> Path:
        """Where the training is kept."""
        return KEPT / self.name

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to train."""
        return (self.folder / "about.json").is_file()

    def rate_of(self, block: int) -> float:
        """The learning rate of a block."""
        if not self.falls:
            return self.rate
        return float(self.rate * 0.5 * (1 + np.cos(np.pi * block / self.blocks)))

    def __str__(self) -> str:
        """What figures are said to come from."""
        extras = ", images shifted by up to 2 pixels before each block" if self.shifted else ""
        extras += ", mirror images as further characters" if self.mirrored else ""
        mean = f", or their mean over the last {self.averaged} blocks," if self.averaged else ""
        extras += f"; weights of the best block{mean} by validation"
        steps = f"{self.blocks * self.episodes:,} episodes of {self.way}-way {self.shot}-shot"
        schedule = f"{'cosine from' if self.falls else 'a constant rate of'} {self.rate:g}"
        return f"{steps}, {schedule}{extras}"


RUNS = {
    run.name: run
    for run in (
        Run("encoder", blocks=40, episodes=150, way=60, shifted=True, mirrored=True, averaged=10),
        Run("encoder-unmirrored", blocks=40, episodes=150, way=60, shifted=True, averaged=10),
        Run("encoder-unshifted", blocks=40, episodes=150, way=60, averaged=10),
        Run("short"),
        Run("short-shifted", shifted=True),
        Run("short-constant", falls=False),
        Run("short-60-way", way=60, episodes=50),  # as many images
    )
}
SHOWN = ("encoder", "short")  # the notebook has the weights of the first of these that is done


class Paused(Exception):
    """The time that a command was given is over; the next one goes on."""


def solution() -> SimpleNamespace:
    """What the notebook's solution cells, and the cells that shift images and test within alphabets, define."""
    names = {"keras": keras, "np": np, "tf": tf, "utils": utils, "Accuracy": Accuracy}
    helpers = {"as_floats": as_floats, "check_size": check_size, "distinct_numbers": distinct_numbers}
    return solution_of(NOTEBOOK, ("shifted", "within-alphabets"), names | helpers)


def train(run: Run, notebook: SimpleNamespace, characters: dict[str, Characters], minutes: float) -> None:
    """Trains one encoder, or goes on with it, and keeps weights, history and time."""
    clock = Clock(run.folder / "seconds", minutes)
    _, history = training.kept(
        run.name,
        run=lambda: train_blocks(run, notebook, characters, clock),
        rebuild=lambda weights: notebook.build_encoder(),
        folder=run.folder,
    )
    about = {"minutes": round(clock.seconds / 60, 2), "machine": MACHINE, "blocks": len(history.epoch)}
    (run.folder / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def train_blocks(run: Run, notebook: SimpleNamespace, characters: dict[str, Characters], clock: Clock) -> tuple:
    """(encoder, history) after all blocks; raises Paused when the time is over."""
    keras.utils.set_random_seed(run.seed)
    encoder = notebook.build_encoder()

    def block(number: int) -> list[float]:
        clock.stop_in_time()
        rng = np.random.default_rng([run.seed, number])
        images = characters["train"].images
        if run.mirrored:
            images = np.concatenate([images, images[..., ::-1]])
        if run.shifted:
            images = notebook.shifted(images, seed=number)
        size = (run.way, run.shot, run.query, run.episodes)
        losses: list[float] = notebook.train(encoder, images, *size, rng, run.rate_of(number))
        if number == run.blocks - 1:
            run.folder.mkdir(parents=True, exist_ok=True)
            encoder.save_weights(run.folder / LAST_BLOCK)
        return losses

    def validate() -> Accuracy:
        accuracy = notebook.evaluate(encoder, characters["val"].images, 20, 1, np.random.default_rng(1), episodes=300)
        clock.keep()
        return accuracy

    return encoder, training.in_blocks(encoder, block, validate, run.blocks, 20, run.averaged)


@dataclass
class Clock:
    """The time that a training has taken, over all its commands; `file` keeps it."""

    file: Path
    minutes: float

    def __post_init__(self) -> None:
        self.started = time.monotonic()
        self.earlier = float(self.file.read_text()) if self.file.is_file() else 0.0

    @property
    def seconds(self) -> float:
        """Of wall time, up to now."""
        return self.earlier + time.monotonic() - self.started

    def keep(self) -> None:
        """Notes the time after a block."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(str(self.seconds), encoding="utf-8")

    def stop_in_time(self) -> None:
        """Raises Paused when this command's time is over."""
        if time.monotonic() - self.started > 60 * self.minutes:
            raise Paused(f"{self.minutes} minutes are over; run the command again to go on")


def train_way_and_shot(notebook: SimpleNamespace, characters: dict[str, Characters]) -> None:
    """Runs the cell of the notebook's section 8, and keeps what it keeps beside this file."""
    (cell,) = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.id == "way-and-shot"]
    defined = vars(notebook) | {"training": characters["train"], "test": characters["test"]}
    KEPT.mkdir(parents=True, exist_ok=True)
    os.chdir(KEPT)
    exec(compile(cell.source, "<way-and-shot>", "exec"), defined)
    for file in training.files("way_and_shot", KEPT / "trained"):
        shutil.copyfile(file, HERE / file.name)


def network(weights: Path, notebook: SimpleNamespace) -> keras.Model:
    """The encoder with the weights that a run kept."""
    encoder = notebook.build_encoder()
    encoder.load_weights(weights)
    return encoder


def measure(run: Run, notebook: SimpleNamespace, characters: dict[str, Characters], runs: list[OneShotRun]) -> None:
    """The figures of one trained encoder."""
    encoder = network(run.folder / f"{run.name}.weights.h5", notebook)
    found = {(name, str(run)): value for name, value in at_all_sizes(encoder, notebook, characters["test"]).items()}
    if run.averaged:
        alone = network(run.folder / LAST_BLOCK, notebook)
        of_last = at_all_sizes(alone, notebook, characters["test"])
        described = f"{run}: those of the last block instead"
        found |= {(f"{name}, last block alone", described): value for name, value in of_last.items()}
    if run.name in SHOWN:
        found["20-way 1-shot within an alphabet", str(run)] = within_alphabets(encoder, notebook, characters["test"])
    if run.name in SHOWN and runs:
        found["official one-shot runs", str(run)] = official(encoder, runs)
    record(HERE.with_suffix(".json"), [row(run, *key, accuracy) for key, accuracy in found.items()])


def at_all_sizes(encoder: keras.Model, notebook: SimpleNamespace, test: Characters) -> dict[str, Accuracy]:
    """The accuracies over 1,000 episodes of each size."""
    found = {}
    for way, shot in SIZES:
        rng = np.random.default_rng(2)
        found[f"{way}-way {shot}-shot"] = notebook.evaluate(encoder, test.images, way, shot, rng, episodes=1000)
    return found


def row(run: Run, name: str, described: str, accuracy: Accuracy) -> Result:
    """One figure with where it comes from."""
    about = json.loads((run.folder / "about.json").read_text(encoding="utf-8"))
    print(f"{run.name}, {name}: {accuracy}", flush=True)
    split = accuracy.split if "official" in name else TEST
    return Result.of(
        dataclasses.replace(accuracy, protocol=f"{accuracy.protocol}; after {described}", split=split),
        assignment="05_protonet",
        name=f"{name}, {run.name}",
        seed=run.seed,
        command=f"python results/05_protonet/train.py {run.name}",
        minutes=about["minutes"],
        machine=about["machine"],
    )


def within_alphabets(encoder: keras.Model, notebook: SimpleNamespace, test: Characters) -> Accuracy:
    """The accuracy over some 1,000 episodes from one alphabet each, alphabets in proportion to their characters."""
    unturned = test.select(np.arange(len(test) // 4))
    strata = notebook.within_alphabets(encoder, unturned, 20, 1, np.random.default_rng(4))
    protocol = "20-way 1-shot, within an alphabet, without turned characters, not transductive"
    return Accuracy.of_strata(strata.values(), protocol=protocol, split=TEST)


def official(encoder: keras.Model, runs: list[OneShotRun]) -> Accuracy:
    """The accuracy over the official runs, some of whose alphabets are in the Vinyals split's training characters."""

    def embed(images: np.ndarray) -> np.ndarray:
        return np.asarray(encoder(as_floats(images)[..., None], training=False))

    means = []
    for run in runs:
        distances = ((embed(run.test)[:, None] - embed(run.training)[None]) ** 2).sum(-1)
        means.append(float((distances.argmin(1) == run.answers).mean()))
    protocol = f"20-way 1-shot, {len(runs)} official runs of 20 trials within an alphabet"
    return Accuracy.of_episodes(means, protocol=protocol, split="evaluation set, many of whose characters were trained")


def put_beside() -> None:
    """Copies weights and history of the encoder that the notebook shows."""
    for run in (RUNS[name] for name in SHOWN):
        if run.is_done:
            for file, shown in zip(training.files(run.name, run.folder), training.files("encoder", HERE), strict=True):
                shutil.copyfile(file, shown)
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=(*RUNS, "way_and_shot", "measure"))
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many; run again to go on")
    parser.add_argument("--runs", type=Path, help="Omniglot's all_runs.zip or the folder that it unpacks to")
    options = parser.parse_args()
    notebook, characters = solution(), vinyals_split(load_omniglot())
    runs = one_shot_runs(options.runs) if options.runs else []
    keras.utils.disable_interactive_logging()
    tf.get_logger().setLevel("ERROR")  # code of a notebook has no file that AutoGraph could read; it needs none
    if options.name == "way_and_shot":
        train_way_and_shot(notebook, characters)
        return
    chosen = [run for run in RUNS.values() if options.name in (run.name, "measure")]
    for run in chosen:
        if not run.is_done and options.name != "measure":
            train(run, notebook, characters, options.minutes)
        if run.is_done:
            measure(run, notebook, characters, runs)
    put_beside()


if __name__ == "__main__":
    main()
