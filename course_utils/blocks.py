"""Trains block by block: validates after each, keeps the best or mean weights, stops early, goes on where it was."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

    from course_utils.evaluation import Accuracy

Weights = list[np.ndarray]
_KINDS = ("best", "current", "total")


@dataclass
class State:
    """How far a training has come.

    Attributes:
        losses, accuracies: the mean training loss and the validation accuracy of each whole block.
        best: the model's weights after the block with the best validation accuracy.
        current: its weights after the last whole block.
        total: the sum of its weights after those blocks that are averaged.
        summed: the number of those blocks.
    """

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    best: Weights = field(default_factory=list)
    current: Weights = field(default_factory=list)
    total: Weights = field(default_factory=list)
    summed: int = 0

    @property
    def done(self) -> int:
        """The number of whole blocks."""
        return len(self.accuracies)

    @property
    def without_progress(self) -> int:
        """The number of blocks since the best one."""
        return self.done - 1 - int(np.argmax(self.accuracies)) if self.accuracies else 0

    def add(self, losses: Sequence[float], accuracy: float, weights: Weights) -> None:
        """Takes one more whole block in."""
        self.losses.append(float(np.mean(losses)))
        self.accuracies.append(float(accuracy))
        self.current = weights
        if not self.without_progress:
            self.best = weights

    def sum_up(self) -> None:
        """Takes the current weights into the sum."""
        self.total = [a + b for a, b in zip(self.total, self.current, strict=True)] if self.summed else self.current
        self.summed += 1

    @property
    def mean(self) -> Weights:
        """The mean of the weights that were summed up."""
        return [weight / self.summed for weight in self.total]

    def write(self, file: Path) -> None:
        """Writes everything into one file, at once or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        arrays = {f"{kind}_{n}": a for kind in _KINDS for n, a in enumerate(getattr(self, kind))}
        figures = {"losses": self.losses, "accuracies": self.accuracies, "summed": self.summed}
        unfinished = file.with_name(f"unfinished.{file.name}")
        np.savez(unfinished, **figures, **arrays)  # type: ignore[arg-type]
        os.replace(unfinished, file)

    @classmethod
    def read(cls, file: Path) -> State:
        """What `write` has written; pickled arrays are refused."""
        with np.load(file, allow_pickle=False) as arrays:
            counts = {kind: sum(name.startswith(f"{kind}_") for name in arrays) for kind in _KINDS}
            weights = {kind: [arrays[f"{kind}_{n}"] for n in range(counts[kind])] for kind in _KINDS}
            figures = {"losses": arrays["losses"].tolist(), "accuracies": arrays["accuracies"].tolist()}
            return cls(**figures, **weights, summed=int(arrays["summed"]))


def in_blocks(
    model: keras.Model,
    train_block: Callable[[int], Sequence[float]],
    validate: Callable[[], Accuracy],
    blocks: int,
    patience: int,
    averaged: int = 0,
) -> keras.callbacks.History:
    """Trains a model in blocks and leaves it with the weights that were best in validation.

    Inside of `training.kept` an interrupted training goes on after its last whole block, with the result that it would
    have had without the interruption, if each block draws what is random from a generator made of its number. Outside
    it keeps nothing.

    Args:
        model: a built Keras model.
        train_block: trains the model for the block with this number, from 0; returns the losses of its steps.
        validate: measures the model on validation data, whose accuracy decides which weights are kept. Never give
            test data: the best of many figures is too high.
        blocks: how many to train at most.
        patience: stop after so many blocks without a better accuracy.
        averaged: of the weights after the last so many blocks the mean is taken (Izmailov et al., 2018), running
            statistics of batch normalisation included; it stays if it is at least as good as the best block in
            validation. A training that stops before them has no mean.

    Returns:
        A History with "loss" (the mean of each block) and "val_accuracy", an entry a block; the mean has none.

    Raises:
        ValueError: if there is nothing to train, more blocks are to be averaged than trained, the model is not built,
            or what was kept belongs to another model.

    Example:
        >>> def block(number):
        ...     return train(encoder, images, 60, 1, 5, episodes=150, rng=np.random.default_rng([0, number]))
        >>> history = in_blocks(encoder, block, lambda: evaluate(encoder, others, 20, 1, rng), blocks=40, patience=10)
    """
    from course_utils import training  # not above, since that module offers this function as its own

    if blocks < 1 or patience < 1:
        raise ValueError(f"got {blocks} blocks and a patience of {patience}, expected at least 1 of both")
    if not 0 <= averaged <= blocks:
        raise ValueError(f"got {averaged} blocks to average, expected 0 to {blocks}, the number of blocks")
    if not model.built or not model.get_weights():
        raise ValueError(
            "got a model without weights, expected a built one; call it once, or begin it with keras.Input"
        )
    folder = training._interrupted.get()
    file = None if folder is None else folder / "blocks.npz"
    state = _begun(model, file)
    started, earlier = time.monotonic(), state.done
    while state.done < blocks and state.without_progress < patience:
        losses = train_block(state.done)
        state.add(losses, validate().mean, [np.array(weight) for weight in model.get_weights()])
        if state.done > blocks - averaged:
            state.sum_up()
        if file is not None:
            state.write(file)
        print(_line(state, blocks, (time.monotonic() - started) / (state.done - earlier)), flush=True)
    if state.done < blocks:
        print(f"Stopped early: no better accuracy in {patience} blocks.")
    _finish(model, state, validate)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    return _history(model, state)


def _begun(model: keras.Model, file: Path | None) -> State:
    """The state in which an interrupted training was left, the model with the weights of then; else a new one."""
    if file is None or not file.is_file():
        return State()
    try:
        state = State.read(file)
        model.set_weights(state.current)
    except (ValueError, KeyError, OSError, EOFError) as error:
        raise ValueError(
            f"{file}: got the state of another training, or a damaged one ({str(error).splitlines()[0]}); delete it to "
            f"start anew"
        ) from error
    print(f"Going on after block {state.done}.")
    return state


def _finish(model: keras.Model, state: State, validate: Callable[[], Accuracy]) -> None:
    """Gives the model the mean of weights if there is one and it is good enough, else the best ones."""
    if state.summed:
        model.set_weights(state.mean)
        accuracy = validate().mean
        print(f"mean of the last {state.summed} blocks: validation {100 * accuracy:.2f} %", flush=True)
        if accuracy >= max(state.accuracies):
            return
    model.set_weights(state.best)


def _line(state: State, blocks: int, seconds: float) -> str:
    """One line on the last block; `seconds` are those of a block."""
    minutes = (blocks - state.done) * seconds / 60
    note = "best so far" if not state.without_progress else f"best was {100 * max(state.accuracies):.2f} %"
    return (
        f"block {state.done} of {blocks}: loss {state.losses[-1]:.4f}, validation {100 * state.accuracies[-1]:.2f} % "
        f"({note}), at most {minutes:.0f} min left"
    )


def _history(model: Any, state: State) -> keras.callbacks.History:
    """The blocks as a Keras History."""
    import keras

    history = keras.callbacks.History()
    history.epoch = list(range(state.done))
    history.history = {"loss": list(state.losses), "val_accuracy": list(state.accuracies)}
    history.set_model(model)
    return history
