"""Tests of course_utils.evaluation."""

import dataclasses

import numpy as np
import pytest

from course_utils.evaluation import Accuracy, bootstrap, wilson


def correct(successes: int, n: int) -> np.ndarray:
    return np.arange(n) < successes


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81/263, 15/148, 0/20, 1/29
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (successes, n), interval in published.items():
        assert wilson(successes, n) == pytest.approx(interval, abs=6e-5)


def test_wilson_stays_within_zero_and_one_and_around_the_mean() -> None:
    for n in (1, 3, 50, 10_000):
        for successes in {0, 1, n // 2, n}:
            low, high = wilson(successes, n)
            assert 0 <= low <= successes / n <= high <= 1
            assert low < high


def test_an_accuracy_says_all_that_is_needed_to_read_it() -> None:
    accuracy = Accuracy.of(correct(9_120, 10_000), protocol="full test set", split="test")
    assert str(accuracy) == "91.2 % [90.6, 91.7] (n = 10,000, split test, protocol full test set)"
    assert (accuracy.mean, accuracy.n, accuracy.split) == (0.912, 10_000, "test")


def test_an_accuracy_cannot_be_changed() -> None:
    accuracy = Accuracy.of(correct(1, 2), protocol="any", split="test")
    with pytest.raises(dataclasses.FrozenInstanceError):
        accuracy.mean = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("wrong", [np.zeros(3), np.zeros((2, 2), bool), np.zeros(0, bool), [1, 0]])
def test_anything_but_a_list_of_truths_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected bool \[n\]"):
        Accuracy.of(wrong, protocol="any", split="test")


def test_the_bootstrap_agrees_with_the_normal_interval_for_many_episodes() -> None:
    means = np.random.default_rng(3).uniform(0.2, 0.8, 2_000)
    accuracy = Accuracy.of_episodes(means, protocol="5-way 1-shot", split="test")
    half = 1.96 * means.std() / np.sqrt(len(means))
    assert accuracy.mean == pytest.approx(means.mean())
    assert (accuracy.low, accuracy.high) == pytest.approx((means.mean() - half, means.mean() + half), abs=half / 5)


def test_the_bootstrap_repeats_itself_and_leaves_global_randomness_alone() -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]  # noqa: NPY002
    means = np.linspace(0, 1, 30)
    first = Accuracy.of_episodes(means, protocol="any", split="test")
    assert first == Accuracy.of_episodes(means, protocol="any", split="test")
    assert (np.random.get_state()[1] == before).all()  # type: ignore[index]  # noqa: NPY002
    assert bootstrap(means, np.random.default_rng(1)) != bootstrap(means, np.random.default_rng(2))


def test_equal_episodes_have_an_interval_without_width() -> None:
    accuracy = Accuracy.of_episodes([0.1] * 7, protocol="any", split="test")
    assert accuracy.low <= accuracy.mean <= accuracy.high
    assert accuracy.high - accuracy.low < 1e-9


@pytest.mark.parametrize("wrong", [[], [[0.5]], [1.2], [float("nan")], [-0.1]])
def test_episodes_that_are_no_fractions_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected \[episodes\] of fractions"):
        Accuracy.of_episodes(wrong, protocol="any", split="test")


def test_a_stratified_interval_holds_the_true_mean_as_often_as_it_says() -> None:
    rng, truths, shares = np.random.default_rng(5), np.array([0.2, 0.5, 0.9]), np.array([40, 100, 60])
    truth, hits = shares @ truths / shares.sum(), 0
    for _ in range(400):
        strata = [
            Accuracy.of(rng.random(n) < p, protocol="any", split="test") for p, n in zip(truths, shares, strict=True)
        ]
        whole = Accuracy.of_strata(strata, protocol="20-way 1-shot", split="test")
        hits += whole.low <= truth <= whole.high
    assert whole.n == 200
    # 380 of 400 are expected; four standard deviations are 17.
    assert 363 <= hits <= 397


def test_a_stratified_interval_of_one_kind_is_that_kinds() -> None:
    alone = Accuracy.of(correct(60, 100), protocol="any", split="test")
    whole = Accuracy.of_strata([alone], protocol="any", split="test")
    assert whole.mean == pytest.approx(alone.mean)
    assert whole.high - whole.low == pytest.approx(alone.high - alone.low)
    with pytest.raises(ValueError, match="got no accuracies"):
        Accuracy.of_strata([], protocol="any", split="test")
