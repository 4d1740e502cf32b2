"""The plots of 03_siamese: they show what was compared, and say what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.plots import one_shot, pairs
from course_utils.plots.figures import BLUE, INK, VERMILLION, as_colours


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """The figures that were shown, with their descriptions."""
    figures: list[tuple[Any, str]] = []
    for module in (pairs, one_shot):
        monkeypatch.setattr(module, "show", lambda figure, description: figures.append((figure, description)))
    return figures


def images(count: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 8, 8, channels), dtype=np.uint8)


def task(way: int, answer: int) -> one_shot.Task:
    return (np.repeat(images(1), way, axis=0), images(way)), np.eye(way)[answer]


def titles(figure: Any) -> list[str]:
    return [axes.get_title() for axes in figure.axes if axes.axison]


def test_the_diagram_of_a_siamese_network_has_one_encoder_twice(shown: list) -> None:
    pairs.draw_siamese_network()
    texts = [text.get_text() for text in shown[0][0].axes[0].texts]
    assert texts.count("encoder f") == 2
    assert "the same encoder" in shown[0][1]


def test_pairs_come_with_their_likeness(shown: list) -> None:
    pairs.plot_pairs((images(8), images(8)), np.array([1, 0] * 4), np.full((8, 1), 0.25))
    figure, description = shown[0]
    assert sum(bool(axes.images) for axes in figure.axes) == 16
    assert "one class\nlikeness 25 %" in titles(figure)
    assert description == "8 pairs of images, 4 of them of one class"


def test_pairs_may_be_grey(shown: list) -> None:
    pairs.plot_pairs((images(3, 1), images(3, 1)), [1, 0, 1])
    assert titles(shown[0][0]).count("two classes") == 1


def test_the_hardest_pairs_are_those_with_the_largest_error(shown: list) -> None:
    pairs.plot_hardest_pairs((images(4), images(4)), [1, 1, 0, 0], [0.9, 0.1, 0.2, 0.7], count=2)
    assert [title for title in titles(shown[0][0]) if title] == [
        "one class\nlikeness 10 %",
        "two classes\nlikeness 70 %",
    ]


def test_neighbours_of_the_same_class_are_framed_in_blue(shown: list) -> None:
    pairs.plot_neighbours(images(2), images(5), [[0, 4], [2, 1]], ["cat", "sea"], ["cat", "cow", "sea", "sea", "cow"])
    figure, description = shown[0]
    colours = [axes.spines["left"].get_edgecolor() for axes in figure.axes]
    assert len({colours[0], colours[1], colours[2]}) == 3
    assert "2 of these are of the same class" in description


def test_every_task_of_the_slider_can_be_drawn() -> None:
    for way in (2, 5, 20):
        scored = one_shot._checked([task(way, 1)], [np.arange(way)])[0]
        figure = one_shot._task_figure(scored)
        assert sum(bool(axes.images) for axes in figure.axes) == way + 1
        assert any(title.endswith("right") for title in titles(figure))


def test_the_task_that_remains_is_one_with_an_error(shown: list) -> None:
    tasks = [task(4, 0), task(4, 3), task(4, 1)]
    one_shot.plot_oneshot_tasks(tasks, [[3, 2, 1, 0], [3, 2, 1, 0], [1, 2, 0, 0]])
    assert shown[0][1] == "Task 2 of 3, 4 support images: the answer is wrong, the right one is in place 4."


def test_errors_show_what_was_chosen_and_what_was_right(shown: list, capsys: pytest.CaptureFixture) -> None:
    tasks = [task(3, 0), task(3, 2), task(3, 1)]
    one_shot.plot_oneshot_errors(tasks, [[3, 2, 1], [3, 2, 1], [[3], [2], [1]]])
    figure, description = shown[0]
    assert sum(bool(axes.images) for axes in figure.axes) == 6
    assert description.startswith("2 of 2 errors in 3")
    one_shot.plot_oneshot_errors(tasks[:1], [[3, 2, 1]])
    assert capsys.readouterr().out == "No error in 1 tasks.\n"


def test_colours_are_made_of_grey_and_of_bytes() -> None:
    assert as_colours(np.full((2, 4, 4, 1), 51, np.uint8)).shape == (2, 4, 4, 3)
    assert as_colours(np.full((2, 4, 4, 1), 51, np.uint8)).max() == np.float32(0.2)
    assert as_colours(np.full((1, 4, 4, 3), 0.25)).max() == 0.25
    assert len({BLUE, INK, VERMILLION}) == 3


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ValueError, match="pass what get_batch returned"):
        pairs.plot_pairs((images(3), images(2)), [1, 0, 1])
    with pytest.raises(ValueError, match="one for each pair"):
        pairs.plot_pairs((images(3), images(3)), [1, 0, 1], [0.5])
    with pytest.raises(ValueError, match=r"neighbours \(Q, n\)"):
        pairs.plot_neighbours(images(2), images(5), [0, 4], [1, 2], [1, 2, 3, 4, 5])
    with pytest.raises(ValueError, match="expected at least one"):
        one_shot.plot_oneshot_tasks([], [])
    with pytest.raises(ValueError, match="one score and target for each"):
        one_shot.plot_oneshot_tasks([task(3, 0)], [[1, 2]])
    with pytest.raises(ValueError, match="one or three channels"):
        as_colours(np.zeros((3, 8, 8)))
