"""The plots of 05_protonet: they show what was embedded, find what is confused, and say what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.data import Characters
from course_utils.plots import prototypes


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """The figures that were shown, with their descriptions."""
    figures: list[tuple[Any, str]] = []
    monkeypatch.setattr(prototypes, "show", lambda figure, description: figures.append((figure, description)))
    return figures


def look(seed: int, way: int = 4, query: int = 5, dimensions: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = 4 * rng.normal(size=(way, dimensions))
    return centres, centres[:, None] + rng.normal(size=(way, query, dimensions))


def characters(alphabets: tuple[str, ...], drawings: int = 4) -> Characters:
    count = len(alphabets)
    images = np.random.default_rng(0).integers(0, 256, (count, drawings, 28, 28), dtype=np.uint8)
    names = tuple(f"character{number:02d}" for number in range(count))
    return Characters(images, alphabets, names, np.ones(count, bool), "given")


def test_an_episode_is_shown_class_by_class(shown: list) -> None:
    rng = np.random.default_rng(0)
    prototypes.plot_support_and_query(rng.random((3, 2, 28, 28, 1)), rng.random((3, 4, 28, 28, 1)))
    figure, description = shown[0]
    assert len([axes for axes in figure.axes if axes.images]) == 18
    assert description == "An episode of 3 classes with 2 support and 4 query images each"


def test_queries_at_another_prototype_are_counted_in_all_dimensions() -> None:
    centres, queries = look(0)
    queries[1, 2] = centres[3]
    queries[0, 0] = centres[2]
    (moment,) = prototypes.in_two_dimensions({"before": (centres, queries)})
    assert not moment.right[1, 2]
    assert not moment.right[0, 0]
    assert str(moment) == "before: 90 % of the queries are nearest to their own prototype"
    assert moment.prototypes.shape == (4, 2)
    assert moment.queries.shape == (4, 5, 2)


def test_mirrored_embeddings_are_drawn_in_the_same_way() -> None:
    centres, queries = look(1)
    first, mirrored = prototypes.in_two_dimensions({"a": (centres, queries), "b": (-centres, -queries)})
    assert np.allclose(first.prototypes, mirrored.prototypes)
    assert np.allclose(first.queries, mirrored.queries)


def test_distances_in_the_picture_are_those_of_the_main_plane() -> None:
    centres, queries = look(2, dimensions=2)
    (moment,) = prototypes.in_two_dimensions({"a": (centres, queries)})
    drawn = np.linalg.norm(moment.queries - moment.prototypes[:, None], axis=-1)
    assert np.allclose(drawn, np.linalg.norm(queries - centres[:, None], axis=-1))


@pytest.mark.parametrize("moments", [1, 3, 7])
def test_a_strip_of_moments_stays(moments: int, shown: list) -> None:
    prototypes.plot_embedded_episode({f"{number} episodes": look(number, way=8) for number in range(moments)})
    figure, description = shown[0]
    assert len(figure.axes) == min(moments, 4)
    assert description.startswith("0 episodes: ")
    assert f"{moments - 1} episodes: " in description


def test_the_best_of_each_column_is_told(shown: list) -> None:
    prototypes.plot_accuracy_table({"5-way": [0.9, 0.5], "60-way": [0.95, 0.4]}, ["5-way", "20-way"])
    figure, description = shown[0]
    bold = [text.get_text() for text in figure.axes[0].texts if text.get_weight() == "bold"]
    assert bold == ["50.0 %", "95.0 %"]
    assert description == "Accuracies; the best of each column: 5-way: 60-way; 20-way: 5-way"


def test_the_rate_of_confusion_is_that_of_all_triples() -> None:
    rng = np.random.default_rng(3)
    given = characters(("A", "A", "A", "B", "B"))
    embedded = rng.normal(size=(5, 4, 3))
    found = {(one, other): rate for rate, one, other in prototypes.confused_pairs(embedded, given)}
    assert set(found) == {(0, 1), (0, 2), (1, 2), (3, 4)}
    for (one, other), rate in found.items():
        wrong = []
        for mine, yours in ((one, other), (other, one)):
            for drawing in range(4):
                for own in set(range(4)) - {drawing}:
                    for strange in range(4):
                        near = np.linalg.norm(embedded[mine, drawing] - embedded[yours, strange])
                        wrong.append(near < np.linalg.norm(embedded[mine, drawing] - embedded[mine, own]))
        assert rate == pytest.approx(np.mean(wrong))


def test_the_most_confused_pairs_come_first(shown: list) -> None:
    given = characters(("A", "A", "A", "B", "B"))

    def encoder(images: np.ndarray, training: bool) -> np.ndarray:
        assert not training
        return np.asarray(images).reshape(len(images), -1)[:, :3]

    prototypes.plot_confused_characters(encoder, given, pairs=2)
    figure, description = shown[0]
    assert len([axes for axes in figure.axes if axes.images]) == 12
    rates = [rate for rate, _, _ in prototypes.confused_pairs(prototypes.embeddings(encoder, given.images), given)]
    assert rates == sorted(rates, reverse=True)
    assert description.count(" and ") == 2


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ValueError, match=r"\(way, query, H, W, 1\)"):
        prototypes.plot_support_and_query(np.zeros((3, 1, 8, 8, 1)), np.zeros((2, 1, 8, 8, 1)))
    with pytest.raises(ValueError, match="at least one"):
        prototypes.plot_embedded_episode({})
    with pytest.raises(ValueError, match=r"\(way, query, D\)"):
        prototypes.plot_embedded_episode({"a": (np.zeros((3, 5)), np.zeros((3, 4)))})
    with pytest.raises(ValueError, match="2 values in each"):
        prototypes.plot_accuracy_table({"a": [0.1]}, ["x", "y"])
    with pytest.raises(ValueError, match="two characters"):
        prototypes.plot_confused_characters(lambda images, training: images[..., 0, 0], characters(("A", "B")))
