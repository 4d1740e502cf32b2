"""Episodes: distinct classes and images, honest errors, the same seed the same episodes, no global randomness."""

from __future__ import annotations

import random

import numpy as np
import pytest

from course_utils.episodes import check_size, distinct_numbers, sample_episodes


def numbered_images(classes: int = 30, drawings: int = 6) -> np.ndarray:
    """uint8 [classes, drawings, 4, 4] whose first two pixels are the numbers of class and drawing."""
    images = np.zeros((classes, drawings, 4, 4), np.uint8)
    images[:, :, 0, 0] = np.arange(classes)[:, None]
    images[:, :, 0, 1] = np.arange(drawings)
    return images


def test_classes_of_an_episode_and_images_of_a_class_are_distinct() -> None:
    episodes = sample_episodes(numbered_images(), 7, 2, 3, 200, np.random.default_rng(0))
    assert all(len(set(classes)) == 7 for classes in episodes.classes)
    assert all(len(set(drawings)) == 5 for drawings in episodes.drawings.reshape(-1, 5))


def test_images_are_those_of_their_class_and_drawing() -> None:
    episodes = sample_episodes(numbered_images(), 7, 2, 3, 20, np.random.default_rng(0))
    assert episodes.images.shape == (20, 7, 5, 4, 4)
    assert np.array_equal(episodes.images[..., 0, 0], np.broadcast_to(episodes.classes[..., None], (20, 7, 5)))
    assert np.array_equal(episodes.images[..., 0, 1], episodes.drawings)


def test_support_and_query_are_float32_between_0_and_1_and_share_no_image() -> None:
    episodes = sample_episodes(numbered_images(255, 6), 7, 2, 3, 20, np.random.default_rng(0))
    assert episodes.support.shape == (20, 7, 2, 4, 4)
    assert episodes.query.shape == (20, 7, 3, 4, 4)
    for part, drawings in (
        (episodes.support, episodes.drawings[:, :, :2]),
        (episodes.query, episodes.drawings[:, :, 2:]),
    ):
        assert part.dtype == np.float32
        assert part.min() >= 0
        assert part.max() <= 1
        assert np.allclose(part[..., 0, 1] * 255, drawings)


def test_the_same_seed_gives_the_same_episodes_and_another_seed_others() -> None:
    images = numbered_images()
    first, again, other = (sample_episodes(images, 5, 1, 1, 8, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.classes, other.classes)


def test_no_global_generator_is_touched_and_the_images_stay() -> None:
    images = numbered_images()
    before = images.copy()
    images.setflags(write=False)
    states = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    sample_episodes(images, 5, 1, 1, 8, np.random.default_rng(0))
    assert random.getstate() == states[0]
    assert np.array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002
    assert np.array_equal(images, before)


def test_every_choice_in_every_order_is_equally_likely() -> None:
    drawn = distinct_numbers(5, 3, (60_000,), np.random.default_rng(0))
    outcomes, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(outcomes) == 5 * 4 * 3
    # 1,000 expected each with a standard deviation of 31: beyond 6 of them in less than 1 of 10^6 seeds.
    assert np.abs(counts - 1_000).max() < 190


def test_all_classes_can_be_in_an_episode() -> None:
    episodes = sample_episodes(numbered_images(4, 3), 4, 2, 1, 50, np.random.default_rng(0))
    assert np.array_equal(np.sort(episodes.classes), np.broadcast_to(np.arange(4), (50, 4)))
    assert np.array_equal(np.sort(episodes.drawings), np.broadcast_to(np.arange(3), (50, 4, 3)))


def test_errors_name_what_is_missing() -> None:
    with pytest.raises(ValueError, match=r"30 classes for 32-way episodes.*2 are missing"):
        sample_episodes(numbered_images(), 32, 1, 1, 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"6 images of each class for 8.*2 are missing"):
        sample_episodes(numbered_images(), 5, 5, 3, 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="0 classes"):
        check_size(10, 10, 0, 1)
    with pytest.raises(ValueError, match="float64"):
        sample_episodes(numbered_images().astype(float), 5, 1, 1, 1, np.random.default_rng(0))
