"""Trains the notebook's external memory on real Omniglot under the protocol of Santoro et al. 2016, and measures it.

    python results/02_mann/santoro.py [--seed 0]

A sequence has 5 new characters with random labels and 10 drawings of each, 50 steps in random order. At each step the
network sees a drawing and the label of the step *before*, and answers with the label of the drawing: so it can only
guess when a character comes up for the first time, and has to know it from the second time on. Accuracies are given by
instance.

Unlike in the paper, the network does not see pixels: the convolutions of the notebook's BetterMANN, trained on the same
1,100 characters (`python results/02_mann/train.py better_mann`), have turned each drawing into a code before, and stay
as they are. The state is kept as it goes; an interrupted training goes on when it is started again.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from train import HERE, RUNS, solution

from course_utils.episodes import as_floats, distinct_numbers
from course_utils.evaluation import Accuracy
from course_utils.results import Result, record

WAY, TIMES = 5, 10
LENGTH = WAY * TIMES
CODE, SCALE = 128, 4.0  # codes of length 4, beside labels of length 1
BATCH, STEPS, BLOCK = 32, 10_000, 500
LEARNING_RATE = 2e-3
INSTANCES = (1, 2, 3, 4, 5, 10)
SEQUENCES = 2_000


def codes(notebook: SimpleNamespace, images: np.ndarray) -> np.ndarray:
    """From uint8 [characters, drawings, 28, 28] to float32 [characters, drawings, 128]."""
    better = notebook.BetterMANN(WAY, 2)
    better(np.zeros((1, 2, WAY, 784), "float32"), np.zeros((1, 2, WAY, WAY), "float32"))
    better.load_weights(HERE / "better_mann.weights.h5")
    flat = images.reshape(-1, 28, 28, 1)
    embed = tf.function(
        lambda batch: SCALE * keras.ops.normalize(better.features(batch), axis=-1), reduce_retracing=True
    )
    parts = [np.asarray(embed(as_floats(flat[start : start + 1_000]))) for start in range(0, len(flat), 1_000)]
    return np.concatenate(parts).reshape(*images.shape[:2], CODE)


def sequences(coded: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(codes float32 [count, 50, 128], labels int64 [count, 50])."""
    classes = distinct_numbers(len(coded), WAY, (count,), rng)
    drawings = distinct_numbers(coded.shape[1], TIMES, (count, WAY), rng)
    order = rng.permuted(np.tile(np.arange(LENGTH), (count, 1)), axis=1)
    labels, times = order // TIMES, order % TIMES
    row = np.arange(count)[:, None]
    return coded[classes[row, labels], drawings[row, labels, times]], labels


def steps_of(coded: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """float32 [count, 50, 128 + 5]: each code with the label of the step before."""
    shifted = np.zeros((*labels.shape, WAY), np.float32)
    shifted[:, 1:] = np.eye(WAY)[labels[:, :-1]]
    return np.concatenate([coded, shifted], axis=-1)


def instances(labels: np.ndarray) -> np.ndarray:
    """int64 [count, 50]: for the how manyth time the class of each step comes up, from 1 on."""
    return np.einsum("ctn,ctn->ct", np.eye(WAY, dtype=int)[labels].cumsum(1), np.eye(WAY, dtype=int)[labels])


class Training:
    """A network on its way, with all that is needed to go on."""

    def __init__(self, notebook: SimpleNamespace, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        self.seed, self.rng = seed, np.random.default_rng(seed)
        self.network = notebook.MemoryMANN(WAY, TIMES)
        self.network.read_steps(np.zeros((BATCH, LENGTH, CODE + WAY), "float32"))
        schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, STEPS, 0.01)
        self.optimizer = keras.optimizers.Adam(schedule, clipnorm=5.0)
        self.optimizer.build(self.network.trainable_variables)
        self.done, self.seconds = 0, 0.0
        self.file = RUNS / f"santoro_seed{seed}.npz"
        self.step = tf.function(self._step)
        self.answer = tf.function(lambda steps: self.network.read_steps(steps)[0])

    def _step(self, steps: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            logits, _, _ = self.network.read_steps(steps)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        variables = self.network.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    def variables(self) -> list[Any]:
        """What changes while it trains."""
        return [*self.network.variables, *self.optimizer.variables]

    def keep(self) -> None:
        """Writes the state at once or not at all."""
        RUNS.mkdir(parents=True, exist_ok=True)
        arrays = {f"variable{number}": variable.numpy() for number, variable in enumerate(self.variables())}
        about = {"done": self.done, "seconds": self.seconds, "dice": self.rng.bit_generator.state}
        unfinished = self.file.with_suffix(".unfinished.npz")
        np.savez(unfinished, about=json.dumps(about), **arrays)
        os.replace(unfinished, self.file)

    def go_on(self) -> None:
        """Takes up what was kept, if there is anything."""
        if self.file.is_file():
            with np.load(self.file, allow_pickle=False) as kept:
                about = json.loads(str(kept["about"]))
                for number, variable in enumerate(self.variables()):
                    variable.assign(kept[f"variable{number}"])
            self.done, self.seconds = about["done"], about["seconds"]
            self.rng.bit_generator.state = about["dice"]

    def train(self, coded: np.ndarray) -> None:
        """Trains to the end, keeping the state after every block of steps."""
        while self.done < STEPS:
            started, losses = time.monotonic(), []
            for _ in range(BLOCK):
                drawn, labels = sequences(coded, BATCH, self.rng)
                losses.append(self.step(steps_of(drawn, labels), labels))
            self.done += BLOCK
            self.seconds += time.monotonic() - started
            self.keep()
            print(f"{self.done:6} steps, {self.seconds / 60:5.1f} minutes, loss {np.mean(losses):.3f}", flush=True)

    def measure(self, coded: np.ndarray, split: str) -> dict[int, Accuracy]:
        """The accuracy at each instance, on sequences of other characters."""
        rng = np.random.default_rng(1_000 + self.seed)
        right, times = [], []
        for _ in range(SEQUENCES // 100):
            drawn, labels = sequences(coded, 100, rng)
            right.append(np.argmax(self.answer(steps_of(drawn, labels)), axis=-1) == labels)
            times.append(instances(labels))
        correct, counted = np.concatenate(right), np.concatenate(times)
        return {
            instance: Accuracy.of_episodes(
                np.array([row[at == instance].mean() for row, at in zip(correct, counted, strict=True)]),
                protocol=f"5-way, sequences of 50, instance {instance}, label of the step before, codes of "
                f"BetterMANN's convolutions for pixels; not transductive; {STEPS:,} steps of {BATCH} sequences",
                split=f"{split} characters of the 1,100/100/423 split",
            )
            for instance in INSTANCES
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    notebook = solution()
    splits = notebook.utils.data.split_characters(notebook.utils.data.load_omniglot())
    training = Training(notebook, seed)
    training.go_on()
    training.train(codes(notebook, splits["train"].rotated().images))
    for instance, accuracy in training.measure(codes(notebook, splits["val"].images), "validation").items():
        print(f"validation, instance {instance}: {accuracy}")
    rows = []
    for instance, accuracy in training.measure(codes(notebook, splits["test"].images), "test").items():
        print(f"instance {instance}: {accuracy}")
        rows.append(
            Result.of(
                accuracy,
                assignment="02_mann",
                name=f"MemoryMANN, protocol of Santoro et al. 2016, instance {instance:2}, seed {seed}",
                seed=seed,
                command=f"python results/02_mann/santoro.py --seed {seed}",
                minutes=round(training.seconds / 60, 2),
                machine=f"{os.cpu_count()} cores shared with other work, no GPU",
            )
        )
    record(HERE.with_suffix(".json"), rows)


if __name__ == "__main__":
    main()
