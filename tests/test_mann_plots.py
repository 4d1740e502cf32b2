"""The plots of 02_mann: they show every episode that fits, and say what does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.plots import episodes


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """The figures that were shown, with their descriptions."""
    figures: list[tuple[Any, str]] = []
    monkeypatch.setattr(episodes, "show", lambda figure, description: figures.append((figure, description)))
    return figures


def an_episode(samples: int, way: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    order = rng.permuted(np.tile(np.arange(way), (samples, 1)), axis=1)
    return rng.random((samples, way, 784)).astype("float32"), np.eye(way)[order]


@pytest.mark.parametrize(("samples", "way"), [(2, 2), (3, 5), (6, 4)])
def test_an_episode_hides_the_labels_of_its_query(shown: list, samples: int, way: int) -> None:
    images, labels = an_episode(samples, way)
    episodes.plot_episode(images, labels)
    (figure, description), = shown  # fmt: skip
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[-way:] == ["label ?"] * way
    assert titles[:-way] == [f"label {label}" for label in labels[:-1].argmax(-1).ravel()]
    assert ", ".join(map(str, labels[-1].argmax(-1))) in description


def test_the_strip_shows_what_is_believed_of_each_query(shown: list) -> None:
    images, labels = an_episode(2, 3)
    episodes.plot_episode_steps(images, labels, 5.0 * labels)
    (figure, description), = shown  # fmt: skip
    assert len(figure.axes) == 6
    assert f"it says label {labels[-1, -1].argmax()} with 99 %" in description


def test_logits_and_probabilities_show_the_same(shown: list) -> None:
    images, labels = an_episode(2, 3)
    logits = np.random.default_rng(1).normal(size=labels.shape)
    exponentials = np.exp(logits)
    episodes.plot_episode_steps(images, labels, logits)
    episodes.plot_episode_steps(images, labels, exponentials / exponentials.sum(-1, keepdims=True))
    assert shown[0][1] == shown[1][1]


def test_every_step_of_the_slider_can_be_drawn() -> None:
    pictures, classes = episodes._checked_episode(*an_episode(2, 3))
    probabilities = np.full((2, 3, 3), 1 / 3)
    for step in range(1, 7):
        figure = episodes._step_figure(pictures, classes, probabilities, step)
        assert len([axes for axes in figure.axes if axes.images]) == step


def test_curves_come_with_a_band_over_runs(shown: list) -> None:
    steps = [100, 200, 300]
    episodes.plot_accuracy_curves({"N = 2": [(steps, [0.5, 0.6, 0.9]), (steps, [0.5, 0.7, 0.8])]})
    axes = shown[0][0].axes[0]
    assert np.allclose(axes.lines[0].get_ydata(), [0.5, 0.65, 0.85])
    assert len(axes.collections) == 1
    assert axes.lines[1].get_ydata()[0] == 0.5


def test_a_memory_shows_only_slots_that_were_used(shown: list) -> None:
    weights = np.zeros((4, 20))
    weights[np.arange(4), [3, 7, 3, 9]] = 1
    episodes.plot_memory(weights, weights, [0, 1, 0, 2])
    assert shown[0][0].axes[0].images[0].get_array().shape == (3, 4)


def test_what_does_not_fit_is_told() -> None:
    images, labels = an_episode(2, 3)
    with pytest.raises(ValueError, match=r"pass images\[0\]"):
        episodes.plot_episode(images[None], labels[None])
    with pytest.raises(ValueError, match=r"pass predictions\[0\]"):
        episodes.plot_episode_steps(images, labels, labels[None])
    with pytest.raises(ValueError, match="no curve"):
        episodes.plot_accuracy_curves({})
    with pytest.raises(ValueError, match="different lengths"):
        episodes.plot_accuracy_curves({"a": [([1], [0.5]), ([1, 2], [0.5, 0.6])]})
    with pytest.raises(ValueError, match="one sequence"):
        episodes.plot_memory(np.zeros((2, 4, 5)), np.zeros((2, 4, 5)), [0])
