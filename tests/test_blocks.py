"""Training in blocks: the best weights stay, an interruption changes nothing, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from course_utils import training
from course_utils.evaluation import Accuracy


def network(size: int = 3) -> keras.Model:
    return keras.Sequential([keras.Input((size,)), keras.layers.Dense(2)])


class Course:
    """A training whose weights are a sum of random numbers, and whose validation says what it is told to."""

    def __init__(self, accuracies: list[float], interrupted_in: int | None = None, of_mean: float = 0.0) -> None:
        self.model = network()
        self.model.set_weights([np.zeros_like(weight) for weight in self.model.get_weights()])
        self.accuracies, self.interrupted_in = accuracies, interrupted_in
        self.of_mean = of_mean
        self.trained: list[int] = []
        self.validated = 0
        self.after: list[np.ndarray] = []

    def block(self, number: int) -> list[float]:
        if number == self.interrupted_in:
            self.model.set_weights([weight + 100 for weight in self.model.get_weights()])
            raise KeyboardInterrupt
        rng = np.random.default_rng([0, number])
        self.model.set_weights([weight + rng.normal(size=weight.shape) for weight in self.model.get_weights()])
        self.trained.append(number)
        self.after.append(np.array(self.model.get_weights()[0]))
        return [number + 1.0, number + 2.0]

    def validate(self) -> Accuracy:
        self.validated += 1
        mean = self.of_mean if self.validated > len(self.trained) else self.accuracies[self.trained[-1]]
        return Accuracy(mean, 0.0, 1.0, 10, "p", "val")

    def run(self, patience: int = 99, averaged: int = 0) -> tuple[Any, Any]:
        blocks = len(self.accuracies)
        return self.model, training.in_blocks(self.model, self.block, self.validate, blocks, patience, averaged)


def test_the_weights_that_were_best_in_validation_stay() -> None:
    course = Course([0.2, 0.7, 0.5])
    model, history = course.run()
    assert np.array_equal(model.get_weights()[0], course.after[1])
    assert history.history == {"loss": [1.5, 2.5, 3.5], "val_accuracy": [0.2, 0.7, 0.5]}
    assert history.epoch == [0, 1, 2]


def test_it_stops_when_nothing_became_better_for_a_while(capsys: pytest.CaptureFixture) -> None:
    course = Course([0.2, 0.7, 0.7, 0.6, 0.9])
    model, _ = course.run(patience=2)
    assert course.trained == [0, 1, 2, 3]
    assert np.array_equal(model.get_weights()[0], course.after[1])
    said = capsys.readouterr().out
    assert "block 2 of 5: loss 2.5000, validation 70.00 % (best so far)" in said
    assert "Stopped early: no better accuracy in 2 blocks." in said


@pytest.mark.parametrize("interrupted_in", [0, 1, 3])
def test_an_interruption_changes_nothing(interrupted_in: int, tmp_path: Path) -> None:
    accuracies = [0.3, 0.2, 0.6, 0.5]
    whole, expected = Course(accuracies).run()
    broken = Course(accuracies, interrupted_in)
    with pytest.raises(KeyboardInterrupt):
        training.kept("run", run=broken.run, rebuild=lambda weights: network(), folder=tmp_path)
    again = Course(accuracies)
    model, history = training.kept("run", run=again.run, rebuild=lambda weights: network(), folder=tmp_path)
    assert again.trained == list(range(interrupted_in, 4))
    assert history.history == expected.history
    for one, other in zip(model.get_weights(), whole.get_weights(), strict=True):
        assert np.array_equal(one, other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.history.json", "run.weights.h5"]


def test_an_interruption_after_the_last_block_trains_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "run.interrupted"
    token = training._interrupted.set(folder)
    try:
        first = Course([0.5, 0.4])
        first.run()
        assert not folder.exists()
        broken = Course([0.5, 0.4, 0.1], interrupted_in=2)
        with pytest.raises(KeyboardInterrupt):
            broken.run()
        again = Course([0.5, 0.4])
        model, history = again.run()
    finally:
        training._interrupted.reset(token)
    assert again.trained == []
    assert history.history["val_accuracy"] == [0.5, 0.4]
    assert np.array_equal(model.get_weights()[0], first.after[0])


@pytest.mark.parametrize(("of_mean", "stays"), [(0.7, True), (0.8, True), (0.69, False)])
def test_the_mean_of_the_last_blocks_stays_if_it_is_as_good_as_the_best(of_mean: float, stays: bool) -> None:
    course = Course([0.2, 0.7, 0.5, 0.6], of_mean=of_mean)
    model, history = course.run(averaged=3)
    expected = np.mean(course.after[1:], axis=0) if stays else course.after[1]
    np.testing.assert_allclose(model.get_weights()[0], expected, rtol=1e-6)
    assert history.history["val_accuracy"] == [0.2, 0.7, 0.5, 0.6]


@pytest.mark.parametrize("interrupted_in", [1, 2, 3])
def test_an_interruption_leaves_the_mean_as_it_was(interrupted_in: int, tmp_path: Path) -> None:
    accuracies = [0.3, 0.2, 0.6, 0.5]
    whole, _ = Course(accuracies, of_mean=0.9).run(averaged=2)
    broken = Course(accuracies, interrupted_in, of_mean=0.9)
    with pytest.raises(KeyboardInterrupt):
        training.kept("run", lambda: broken.run(averaged=2), lambda weights: network(), tmp_path)
    again = Course(accuracies, of_mean=0.9)
    model, _ = training.kept("run", lambda: again.run(averaged=2), lambda weights: network(), tmp_path)
    assert np.array_equal(model.get_weights()[0], whole.get_weights()[0])


def test_a_training_that_stops_before_the_averaged_blocks_keeps_its_best() -> None:
    course = Course([0.5, 0.4, 0.4, 0.9], of_mean=1.0)
    model, _ = course.run(patience=2, averaged=1)
    assert np.array_equal(model.get_weights()[0], course.after[0])


def test_outside_of_kept_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Course([0.1]).run()
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1 of both"):
        Course([0.1]).run(patience=0)
    with pytest.raises(ValueError, match="expected 0 to 1"):
        Course([0.1]).run(averaged=2)
    with pytest.raises(ValueError, match="call it once"):
        training.in_blocks(keras.Sequential([keras.layers.Dense(2)]), lambda number: [], lambda: None, 1, 1)
    broken = Course([0.1, 0.2], interrupted_in=1)
    with pytest.raises(KeyboardInterrupt):
        training.kept("run", run=broken.run, rebuild=lambda weights: network(), folder=tmp_path)
    other = Course([0.1, 0.2])
    other.model = network(5)
    with pytest.raises(ValueError, match="delete it to start anew"):
        training.kept("run", run=other.run, rebuild=lambda weights: network(5), folder=tmp_path)
