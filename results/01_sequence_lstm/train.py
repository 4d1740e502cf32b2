"""Trains the classifiers of 01_sequence_lstm on real MNIST under the assignment's contract and measures them.

    python results/01_sequence_lstm/train.py px_classification
    python results/01_sequence_lstm/train.py row_classification

Weights and history are kept beside this file, the figures in results/01_sequence_lstm.json. An interrupted training
goes on when it is started again; what is finished is not trained again but measured again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from course_utils import data, training
from course_utils.data import Images, Split
from course_utils.evaluation import Accuracy
from course_utils.results import Result, record

HERE = Path(__file__).resolve().parent
FULL_TEST_SET = "full test set, not augmented"


@dataclass(frozen=True)
class Run:
    """What one training is made of.

    Attributes:
        shape: (timesteps, features) of a 14x14 image.
        hidden_size: of each of the three LSTM layers.
        patience: epochs without a better validation loss before the learning rate is halved; four times as many before
            the training ends.
        epochs: at most.
        early: the number of epochs of the assignment's second figure.
    """

    shape: tuple[int, int]
    hidden_size: int
    patience: int
    epochs: int
    early: int = 10
    seed: int = 1


# Named as the notebook names them, so that its folder `trained` takes the files over as they are.
RUNS = {
    "px_classification": Run(shape=(196, 1), hidden_size=24, patience=3, epochs=32),
    "row_classification": Run(shape=(14, 14), hidden_size=48, patience=1, epochs=30),
}


def sequences(split: Split, shape: tuple[int, int]) -> tf.data.Dataset:
    """(float32 14x14x1 in [0, 1], label), reshaped to `shape` a batch of 512 at a time."""
    small = split.dataset().map(lambda image, label: (tf.image.resize(image, (14, 14)) / 255.0, label))
    return small.batch(512).map(lambda images, labels: (tf.reshape(images, (-1, *shape)), labels))


def augmented_sequences(split: Split, shape: tuple[int, int], seed: int) -> tf.data.Dataset:
    """The same, shuffled, shifted by up to 20 % and turned by up to 36 degrees anew in each epoch."""
    augmentation = keras.Sequential([
        keras.layers.RandomTranslation(0.2, 0.2, fill_mode="constant", fill_value=0.0, seed=seed),
        keras.layers.RandomRotation(0.1, fill_mode="constant", fill_value=0.0, seed=seed + 1),
    ])
    small = split.dataset().map(lambda image, label: (tf.image.resize(image, (14, 14)) / 255.0, label)).cache()
    batches = small.shuffle(len(split), seed=seed).batch(512)
    batches = batches.map(lambda images, labels: (augmentation(images, training=True), labels))
    return batches.map(lambda images, labels: (tf.reshape(images, (-1, *shape)), labels)).prefetch(2)


def long_memory(steps: int, seed: int) -> Callable[..., tf.Tensor]:
    """Biases with which an LSTM remembers for up to `steps` steps from the start (Tallec and Ollivier 2018).

    The forget gate's bias is log(u) with u uniform in [1, steps - 1], the input gate's is minus that, the others are 0.
    Without them the classifier by pixels stays near 20 % for its first epochs.
    """

    def biases(shape: tuple[int, ...], dtype: str = "float32") -> tf.Tensor:
        units = shape[0] // 4
        forget = np.log(np.random.default_rng(seed).uniform(1, steps - 1, units))
        return tf.constant(np.concatenate([-forget, forget, np.zeros(2 * units)]), dtype)

    return biases


def classifier(shape: tuple[int, int], hidden_size: int, seed: int) -> keras.Model:
    """Three LSTM layers of `hidden_size` and a softmax over the ten digits; memory for half the sequence."""
    memory = [
        {"bias_initializer": long_memory(shape[0] // 2, seed + layer), "unit_forget_bias": False} for layer in range(3)
    ]
    return keras.Sequential([
        keras.Input(shape),
        keras.layers.LSTM(hidden_size, return_sequences=True, **memory[0]),
        keras.layers.LSTM(hidden_size, return_sequences=True, **memory[1]),
        keras.layers.LSTM(hidden_size, **memory[2]),
        keras.layers.Dense(10, activation="softmax"),
    ])


class KeepWeights(keras.callbacks.Callback):
    """Saves the weights as they are after one epoch, for the figure 'within so many epochs'."""

    def __init__(self, epochs: int, path: Path) -> None:
        super().__init__()
        self.epochs, self.path = epochs, path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if epoch + 1 == self.epochs:
            self.model.save_weights(self.path)


class KeepMinutes(keras.callbacks.Callback):
    """Adds up the time of all epochs, those before an interruption too, in a file that also names the machine."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        earlier = json.loads(self.path.read_text(encoding="utf-8"))["minutes"] if epoch else 0
        about = {"minutes": round(earlier + (time.monotonic() - self.started) / 60, 2), "machine": machine()}
        self.path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def train(name: str, run: Run, images: Images) -> tuple[keras.Model, keras.callbacks.History]:
    """Trains on the first 55,000 training images, validates on the other 5,000, ends with the best weights."""
    keras.utils.set_random_seed(run.seed)
    train_split = Split(images.train.images[:55_000], images.train.labels[:55_000])
    validation_split = Split(images.train.images[55_000:], images.train.labels[55_000:])
    model = classifier(run.shape, run.hidden_size, run.seed)
    model.compile(keras.optimizers.RMSprop(1e-2, clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        augmented_sequences(train_split, run.shape, run.seed),
        validation_data=sequences(validation_split, run.shape),
        epochs=run.epochs,
        callbacks=[
            training.resumable(),
            keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=run.patience, min_lr=1e-4),
            keras.callbacks.EarlyStopping(patience=4 * run.patience, restore_best_weights=True),
            KeepWeights(run.early, early_file(name, run)),
            KeepMinutes(about_file(name)),
        ],
    )
    return model, history


def early_file(name: str, run: Run) -> Path:
    """Where the weights of the early epoch are kept."""
    return HERE / f"{name}.epoch{run.early}.weights.h5"


def about_file(name: str) -> Path:
    """Where it is kept how long the training took, and where it ran."""
    return HERE / f"{name}.about.json"


def machine() -> str:
    """The machine in a few words."""
    gpus = len(tf.config.list_physical_devices("GPU"))
    return f"{os.cpu_count()} cores, {gpus or 'no'} GPU, {platform.machine()}"


def accuracy(model: keras.Model, split: Split, shape: tuple[int, int], protocol: str) -> Accuracy:
    """The accuracy over a whole split."""
    predictions = model.predict(sequences(split, shape), verbose=0).argmax(-1)
    return Accuracy.of(predictions == split.labels, protocol=protocol, split="test")


def results(name: str, run: Run, images: Images) -> list[Result]:
    """The figures of one run: its best epoch's, the early epoch's, and its best epoch's on the embedded digits."""
    about = json.loads(about_file(name).read_text(encoding="utf-8"))
    common = {
        "assignment": "01_sequence_lstm",
        "seed": run.seed,
        "command": f"python results/01_sequence_lstm/train.py {name}",
        "minutes": about["minutes"],
        "machine": about["machine"],
    }
    model = classifier(run.shape, run.hidden_size, run.seed)
    model.load_weights(training.files(name, HERE)[0])
    epochs = len(training.read_history(training.files(name, HERE)[1])["epoch"])
    best = f"best validation loss of {epochs} epochs, hidden size {run.hidden_size}"
    embedded = data.load("mnist", "embedded")
    rows = [
        Result.of(
            accuracy(model, images.test, run.shape, f"{FULL_TEST_SET}; {best}"), name=f"{name}, MNIST", **common
        ),
        Result.of(
            accuracy(model, embedded.test, run.shape, f"embedded digits, never trained on; {best}"),
            name=f"{name}, embedded digits",
            **common,
        ),
    ]
    model.load_weights(early_file(name, run))
    early = f"weights after {run.early} epochs, hidden size {run.hidden_size}"
    rows.append(
        Result.of(
            accuracy(model, images.test, run.shape, f"{FULL_TEST_SET}; {early}"),
            name=f"{name}, MNIST within {run.early} epochs",
            **common,
        )
    )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", choices=RUNS, help="what one step of the sequence is: a pixel or a row")
    name = parser.parse_args().run
    run, images = RUNS[name], data.load("mnist", "tfds")
    training.kept(
        name,
        run=lambda: train(name, run, images),
        rebuild=lambda weights: classifier(run.shape, training.hidden_size(weights), run.seed),
        folder=HERE,
    )
    rows = results(name, run, images)
    record(HERE.with_suffix(".json"), rows)
    for row in rows:
        print(f"{row.name}: {100 * row.value:.2f} % [{100 * row.low:.2f}, {100 * row.high:.2f}] (n = {row.n:,})")


if __name__ == "__main__":
    main()
