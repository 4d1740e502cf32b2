"""Accuracies with their 95 % interval, number of trials, protocol and split."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

CONFIDENCE = 0.95
RESAMPLES = 2_000


@dataclass(frozen=True)
class Accuracy:
    """A measured accuracy, and what was measured.

    Attributes:
        mean: fraction in [0, 1].
        low, high: the 95 % interval, fractions.
        n: number of independent trials (images, tasks or episodes).
        protocol: how it was measured, such as "full test set" or "20-way 1-shot".
        split: the split of the data that it was measured on.
    """

    mean: float
    low: float
    high: float
    n: int
    protocol: str
    split: str

    @classmethod
    def of(cls, correct: np.ndarray | Sequence[bool], *, protocol: str, split: str) -> Accuracy:
        """The accuracy over independent trials, with Wilson's score interval (Wilson 1927).

        Args:
            correct: bool [n], whether each trial succeeded.
            protocol, split: see the attributes.

        Raises:
            ValueError: if `correct` is empty, not one-dimensional or not bool.

        Example:
            >>> print(Accuracy.of([True, True, True, False], protocol="full test set", split="test"))
            75.0 % [30.1, 95.4] (n = 4, split test, protocol full test set)
        """
        trials: np.ndarray = np.asarray(correct)
        if trials.dtype != np.bool_ or trials.ndim != 1 or not len(trials):
            raise ValueError(
                f"got an array of dtype {trials.dtype} and shape {trials.shape}, expected bool [n] with n > 0; "
                f"pass something like predictions.argmax(-1) == labels"
            )
        low, high = wilson(int(trials.sum()), len(trials))
        return cls(float(trials.mean()), low, high, len(trials), protocol, split)

    @classmethod
    def of_episodes(
        cls,
        means: np.ndarray | Sequence[float],
        *,
        protocol: str,
        split: str,
        rng: np.random.Generator | None = None,
    ) -> Accuracy:
        """The accuracy over episodes, whose queries are not independent: bootstrap over whole episodes (Efron 1979).

        Args:
            means: float [episodes] in [0, 1], each episode's mean accuracy.
            protocol, split: see the attributes.
            rng: draws the resamples; a fresh `np.random.default_rng(0)` by default.

        Raises:
            ValueError: if `means` is empty, not one-dimensional, or has a value outside [0, 1].
        """
        values: np.ndarray = np.asarray(means, dtype=float)
        if values.ndim != 1 or not len(values) or not ((values >= 0) & (values <= 1)).all():
            raise ValueError(
                f"got an array of shape {values.shape}, expected [episodes] of fractions in [0, 1]; "
                f"pass each episode's own mean accuracy"
            )
        low, high = bootstrap(values, rng or np.random.default_rng(0))
        return cls(float(values.mean()), low, high, len(values), protocol, split)

    @classmethod
    def of_strata(cls, strata: Iterable[Accuracy], *, protocol: str, split: str) -> Accuracy:
        """The accuracy over trials of several kinds with fixed shares, such as so many episodes from each alphabet.

        The mean is weighted by the numbers of trials. Its interval is that of a stratified sample (Cochran 1977): only
        the uncertainty within each kind counts, not how much the kinds differ.

        Args:
            strata: the accuracies of the kinds, with trials that are independent of those of the others.
            protocol, split: see the attributes.

        Raises:
            ValueError: if there are none.
        """
        parts = list(strata)
        if not parts:
            raise ValueError("got no accuracies, expected one for each kind of trial")
        n = sum(part.n for part in parts)
        mean = sum(part.n * part.mean for part in parts) / n
        half = math.sqrt(sum((part.n * (part.high - part.low) / 2) ** 2 for part in parts)) / n
        return cls(mean, max(0.0, mean - half), min(1.0, mean + half), n, protocol, split)

    def __str__(self) -> str:
        return (
            f"{100 * self.mean:.1f} % [{100 * self.low:.1f}, {100 * self.high:.1f}] "
            f"(n = {self.n:,}, split {self.split}, protocol {self.protocol})"
        )


def wilson(successes: int, n: int) -> tuple[float, float]:
    r"""The 95 % interval of a proportion p = successes / n (Wilson 1927): those true rates q for which

    $|p - q| \le z \sqrt{q (1 - q) / n}$. Unlike the normal interval it stays in [0, 1] and is sound near 0 and 1.
    """
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    p = successes / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half))


def bootstrap(values: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """The 95 % percentile interval of a mean: between the quantiles of the means of resampled values [n]."""
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(min(low, values.mean())), float(max(high, values.mean()))
