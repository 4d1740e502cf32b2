"""One-shot tasks on codes: what is drawn, what guessing gives, and that it agrees with a score for each pair."""

import numpy as np
import pytest

from course_utils import one_shot


def test_tasks_have_distinct_classes_and_another_image_for_the_test() -> None:
    tasks = one_shot.draw_tasks(9, 3, 5, 400, np.random.default_rng(0))
    assert all(len(set(classes)) == 5 for classes in tasks.classes)
    assert (tasks.support[:, 0] != tasks.test).all()
    assert set(tasks.classes.ravel()) == set(range(9))
    assert {*zip(tasks.test.tolist(), tasks.support[:, 0].tolist(), strict=True)} == {
        (a, b) for a in range(3) for b in range(3) if a != b
    }


def test_the_same_generator_state_gives_the_same_tasks() -> None:
    one, other = (one_shot.draw_tasks(9, 3, 5, 50, np.random.default_rng(7)) for _ in range(2))
    for name in ("classes", "support", "test"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_codes_that_tell_the_class_are_always_right() -> None:
    codes = np.repeat(np.eye(7)[:, np.newaxis], 4, axis=1)
    found = one_shot.accuracy(codes, one_shot.closeness, 7, 1_200, np.random.default_rng(0), "made up")
    assert (found.mean, found.n, found.protocol, found.split) == (1.0, 1_200, "7-way 1-shot", "made up")


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_a_constant_likeness_gets_one_in_n(shape: tuple[int, ...]) -> None:
    def constant(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.full(len(left), 0.5).reshape(shape)

    found = one_shot.accuracy(np.zeros((10, 5, 3)), constant, 10, 4_000, np.random.default_rng(1), "x")
    assert found.mean == pytest.approx(0.1, abs=5 * (0.09 / 4_000) ** 0.5)


def test_the_likeness_is_asked_about_the_pairs_of_the_tasks() -> None:
    codes = (100 * np.arange(6)[:, None, None] + np.arange(4)[None, :, None]).astype(float)
    asked: list[np.ndarray] = []

    def likeness(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        asked.append(np.concatenate([left, right], axis=1).reshape(-1, 3, 2))
        return -np.abs(left - right)

    found = one_shot.accuracy(codes, likeness, 3, 700, np.random.default_rng(2), "x")
    tasks = one_shot.draw_tasks(6, 4, 3, 700, np.random.default_rng(2))
    pairs = np.concatenate(asked)
    np.testing.assert_array_equal(pairs[..., 0], np.repeat(100 * tasks.classes[:, :1] + tasks.test[:, None], 3, axis=1))
    np.testing.assert_array_equal(pairs[..., 1], 100 * tasks.classes + tasks.support)
    assert found.mean == 1.0


def test_too_little_data_and_numbers_that_are_none_are_told() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="2 are missing"):
        one_shot.draw_tasks(3, 5, 5, 1, rng)
    with pytest.raises(ValueError, match="1 are missing"):
        one_shot.draw_tasks(5, 1, 5, 1, rng)
    with pytest.raises(ValueError, match="no number"):
        one_shot.accuracy(np.full((5, 3, 2), np.nan), one_shot.closeness, 5, 10, rng, "x")
