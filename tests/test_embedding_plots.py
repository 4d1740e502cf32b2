"""The plots of 04_triplet: they show every triplet, task and embedding that fits, and say what does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.plots import embeddings

RNG = np.random.default_rng(0)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """The figures that were shown, with their descriptions."""
    figures: list[tuple[Any, str]] = []
    monkeypatch.setattr(embeddings, "show", lambda figure, description: figures.append((figure, description)))
    return figures


def pixels(images: np.ndarray) -> np.ndarray:
    """An embedding: the images themselves."""
    return images.reshape(len(images), -1)


def titles(figure: Any) -> list[str]:
    """The titles of all pictures that have one."""
    return [axes.get_title() for axes in figure.axes if axes.get_title()]


def test_triplets_show_their_distances_from_the_anchor(shown: list) -> None:
    triplets = np.zeros((2, 3, 4, 4, 1), np.float32)
    triplets[0, 1, 0, 0], triplets[0, 2] = 1, 0.5
    triplets[1, 1] = 1
    embeddings.plot_triplets({"random": triplets, "hard": triplets[:1]}, pixels)
    (figure, description), = shown  # fmt: skip
    assert titles(figure) == ["1.00", "16.00", "4.00", "0.00", "1.00", "4.00"]
    assert description.endswith("2 random triplets, of which 1 in order; 1 hard triplets, of which 1 in order")


def test_triplets_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"hard: got triplets of shape \(2, 2, 4, 4, 1\), expected \(B, 3, H, W, 1\)"):
        embeddings.plot_triplets({"hard": np.zeros((2, 2, 4, 4, 1))})
    with pytest.raises(ValueError, match="no triplets"):
        embeddings.plot_triplets({})


def test_a_batch_shows_each_character_in_a_column(shown: list) -> None:
    labels = np.array([7, 3, 7, 3, 5, 5, 7])
    embeddings.plot_class_batch(RNG.random((7, 4, 4, 1)), labels, classes=2)
    (figure, description), = shown  # fmt: skip
    assert sum(bool(axes.images) for axes in figure.axes) == 5
    assert description == "2 characters of a batch, one in each column, with up to 3 drawings"
    with pytest.raises(ValueError, match="3 labels"):
        embeddings.plot_class_batch(RNG.random((7, 4, 4, 1)), labels[:3], classes=2)


def test_support_images_come_in_the_order_of_their_distance(shown: list) -> None:
    support = np.zeros((12, 4, 4, 1), np.float32)
    support[:, 0, 0, 0] = np.arange(12, 0, -1) / 16
    targets = np.eye(12)[9]
    embeddings.plot_oneshot_distances(np.zeros((4, 4, 1)), support, targets, pixels)
    (figure, description), = shown  # fmt: skip
    assert titles(figure)[0] == "test image"
    distances = [float(title) for title in titles(figure)[1:]]
    assert len(distances) == 12
    assert distances == sorted(distances)
    assert description == "A 12-way task: the right image is number 3 in order of distance"
    with pytest.raises(ValueError, match="11 targets"):
        embeddings.plot_oneshot_distances(np.zeros((4, 4, 1)), support, targets[1:], pixels)


@pytest.mark.parametrize(
    ("same", "different", "part"),
    [([0.1, 0.2], [0.8, 1.2], 0.0), ([1.0, 2.0], [0.1, 0.2], 0.5), ([0.1, 0.9], [0.5, 1.0], 0.25)],
)
def test_the_overlap_is_what_the_best_threshold_gets_wrong(same: list, different: list, part: float) -> None:
    assert embeddings.overlap(same, different) == pytest.approx(part)


def test_histograms_say_how_much_overlaps(shown: list) -> None:
    groups = {"good": ([0.1, 0.2], [1.0, 2.0]), "collapsed": ([0.0, 0.0], [0.0, 0.0])}
    embeddings.plot_distance_histograms(groups)
    (figure, description), = shown  # fmt: skip
    assert len(figure.axes) == 2
    assert "good: 0 %" in description
    assert "collapsed: 50 %" in description
    with pytest.raises(ValueError, match="no distances"):
        embeddings.plot_distance_histograms({})


def looks(count: int, images: int) -> np.ndarray:
    """Embeddings that drift apart from look to look."""
    centres = RNG.normal(size=(3, 8))[np.arange(images) % 3]
    noise = RNG.normal(size=(images, 8))
    return np.stack([part * centres + 0.3 * noise for part in np.linspace(0, 1, count)])


def test_the_plane_of_the_main_directions_stays(shown: list) -> None:
    arrays = looks(4, 12)
    points = embeddings.by_pca(arrays)
    assert points.shape == (4, 12, 2)
    middle = (arrays[0] + arrays[-1]) / 2
    halfway = embeddings.by_pca(np.stack([middle, arrays[-1]]))[0]
    assert np.allclose(halfway, (points[0] + points[-1]) / 2, atol=1e-5)
    with pytest.raises(ValueError, match=r"shape \(12, 8\)"):
        embeddings.by_pca(arrays[0])


def test_neighbours_stay_together_when_flattened_by_tsne() -> None:
    arrays = looks(2, 30)
    points = embeddings.by_tsne(arrays)
    assert points.shape == (2, 30, 2)
    groups = np.arange(30) % 3
    last = points[-1]
    within = np.mean([np.linalg.norm(last[groups == g] - last[groups == g].mean(0), axis=1).mean() for g in range(3)])
    assert within < 0.6 * np.linalg.norm(last - last.mean(0), axis=1).mean()


def test_an_embedding_shows_its_first_and_its_last_look(shown: list) -> None:
    points = embeddings.by_pca(looks(3, 12))
    embeddings.plot_embedding(points, np.arange(12) % 3, RNG.random((3, 6, 6)))
    (figure, description), = shown  # fmt: skip
    assert titles(figure) == ["before training", "after epoch 2"]
    assert description == "12 images of 3 characters, before training and after epoch 2"
    for look in range(3):
        drawn = embeddings._look_figure(points, np.arange(12) % 3, RNG.random((3, 6, 6)), look)
        assert sum(len(part.get_offsets()) for part in drawn.axes[0].collections) == 12


def test_an_embedding_says_what_does_not_fit() -> None:
    points = np.zeros((2, 6, 2))
    with pytest.raises(ValueError, match=r"expected \(looks, n, 2\)"):
        embeddings.plot_embedding(points, np.zeros(5, int), np.zeros((1, 4, 4)))
    with pytest.raises(ValueError, match="a name for each look"):
        embeddings.plot_embedding(points, np.zeros(6, int), np.zeros((1, 4, 4)), names=["one"])
    with pytest.raises(ValueError, match="got 1 pictures"):
        embeddings.plot_embedding(points, np.arange(6) % 2, np.zeros((1, 4, 4)))


def test_lucky_evaluations_are_shown_beside_single_ones(shown: list) -> None:
    single = RNG.binomial(50, 0.8, 400) / 50
    embeddings.plot_best_of(single, single.reshape(40, 10).max(1), truth=0.8, what="50 tasks")
    (_, description), = shown  # fmt: skip
    assert description.startswith(
        f"Accuracies on 50 tasks: {100 * single.mean():.1f} % on average, the best of several"
    )
    embeddings.plot_best_of(np.full(5, 0.5), np.full(5, 0.5), truth=0.5, what="2 tasks")
