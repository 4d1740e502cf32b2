"""`expect(value, what)`: what a check demands of a value, with a message that teaches when it is not met.

Every demand treats NaN, a wrong type and a malformed value as not met: nothing passes by accident.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from course_utils.checks.student import Handle

_counter: contextvars.ContextVar[list[int] | None] = contextvars.ContextVar("expectations", default=None)


class Unmet(Exception):
    """A demand that was not met: what was got, what was expected, why it matters and where to look."""

    def __init__(self, got: str, expected: str, why: str = "", hint: str = "") -> None:
        super().__init__(f"got {got}, expected {expected}")
        self.got, self.expected, self.why, self.hint = got, expected, why, hint


@contextmanager
def counted() -> Iterator[list[int]]:
    """Counts the demands made inside, so that a check which demands nothing can be told from one that passes."""
    count = [0]
    token = _counter.set(count)
    try:
        yield count
    finally:
        _counter.reset(token)


def expect(value: Any, what: str) -> Expectation:
    """Begin a demand on `value`, which messages call `what`.

    >>> expect(np.zeros((14, 14, 1)), "the image").has_shape((14, 14, 1)).between(0, 1)
    the image: met
    """
    return Expectation(value, what)


class Expectation:
    """Demands on one value. Each returns self, or raises Unmet with `why` it matters and a `hint` where to look."""

    def __init__(self, value: Any, what: str) -> None:
        self._value, self._what = value, what

    def __repr__(self) -> str:
        return f"{self._what}: met"

    def equals(self, expected: Any, why: str = "", hint: str = "") -> Expectation:
        """Equal in value, part by part; arrays also in shape; True is not 1, and NaN equals nothing."""
        return self._demand(_equal(self._value, expected), describe(expected), why, hint)

    def differs_from(self, other: Any, why: str = "", hint: str = "") -> Expectation:
        """Not equal to `other`, though of a kind that could be."""
        met = _comparable(self._value, other) and not _equal(self._value, other)
        return self._demand(met, f"something other than {describe(other)}", why, hint)

    def close_to(
        self, expected: Any, atol: float = 1e-6, rtol: float = 1e-5, why: str = "", hint: str = ""
    ) -> Expectation:
        """Numbers of the same shape within `atol + rtol * |expected|`."""
        array, target = _numbers(self._value), np.asarray(expected)
        met = (
            array is not None
            and array.shape == target.shape
            and bool(np.all(np.isfinite(array)))
            and bool(np.allclose(array, target, rtol=rtol, atol=atol))
        )
        return self._demand(met, f"{describe(expected)}, to within {atol:g}", why, hint)

    def has_shape(self, shape: Sequence[int | None], why: str = "", hint: str = "") -> Expectation:
        """An array (or tensor) of this shape; None stands for any length."""
        actual = self._shape()
        met = (
            actual is not None
            and len(actual) == len(shape)
            and all(e is None or a == e for a, e in zip(actual, shape, strict=True))
        )
        return self._demand(met, f"an array of shape {_shape_text(shape)}", why, hint)

    def has_dtype(self, dtype: str, why: str = "", hint: str = "") -> Expectation:
        """An array of this dtype, by its NumPy name."""
        actual = getattr(self._value, "dtype", None)
        met = isinstance(self._value, (np.ndarray, np.generic)) and str(actual) == dtype
        return self._demand(met, f"dtype {dtype}", why, hint)

    def has_length(self, length: int, why: str = "", hint: str = "") -> Expectation:
        """A list, tuple, text or array of so many elements."""
        met = (isinstance(self._value, (list, tuple, str, np.ndarray)) and np.ndim(self._value) != 0) or (
            isinstance(self._value, str)
        )
        return self._demand(bool(met) and len(self._value) == length, f"{length} elements", why, hint)

    def is_array(self, why: str = "", hint: str = "") -> Expectation:
        """An array or tensor of numbers."""
        met = isinstance(self._value, (np.ndarray, np.generic))
        return self._demand(met, "an array or tensor of numbers", why, hint)

    def is_finite(self, why: str = "", hint: str = "") -> Expectation:
        """A number or array of numbers without NaN or infinity."""
        array = _numbers(self._value)
        met = array is not None and bool(np.all(np.isfinite(array)))
        return self._demand(met, "finite numbers only", why, hint)

    def between(self, low: float, high: float, why: str = "", hint: str = "") -> Expectation:
        """Every number from `low` to `high`, both included."""
        return self._demand(self._all(lambda x: (x >= low) & (x <= high)), f"from {low:g} to {high:g}", why, hint)

    def at_least(self, low: float, why: str = "", hint: str = "") -> Expectation:
        """Every number at least `low`."""
        return self._demand(self._all(lambda x: x >= low), f"at least {low:g}", why, hint)

    def at_most(self, high: float, why: str = "", hint: str = "") -> Expectation:
        """Every number at most `high`."""
        return self._demand(self._all(lambda x: x <= high), f"at most {high:g}", why, hint)

    def is_true(self, expected: str, why: str = "", hint: str = "", got: str | None = None) -> Expectation:
        """The value is True itself; `expected` says in words what that means, and `got` what there is instead."""
        met = isinstance(self._value, (bool, np.bool_)) and bool(self._value)
        if not met and got is not None:
            self._count()
            raise Unmet(got, expected, why, hint)
        return self._demand(met, expected, why, hint)

    def _demand(self, met: bool, expected: str, why: str, hint: str) -> Expectation:
        self._count()
        if met is not True:
            raise Unmet(f"{self._what}: {describe(self._value)}", expected, why, hint)
        return self

    @staticmethod
    def _count() -> None:
        count = _counter.get()
        if count is not None:
            count[0] += 1

    def _shape(self) -> tuple[int, ...] | None:
        return self._value.shape if isinstance(self._value, (np.ndarray, np.generic)) else None

    def _all(self, condition: Any) -> bool:
        array = _numbers(self._value)
        return array is not None and array.size > 0 and not np.isnan(array).any() and bool(np.all(condition(array)))


def _numbers(value: Any) -> np.ndarray | None:
    """`value` as an array of real numbers, or None where it is nothing of the kind."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.generic, np.ndarray, list, tuple)):
        return None
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return array if array.dtype.kind in "iuf" else None


def _comparable(value: Any, other: Any) -> bool:
    ours, theirs = _numbers(value), _numbers(other)
    if ours is not None and theirs is not None:
        return not bool(np.isnan(ours).any())
    return isinstance(value, type(other))


def _equal(value: Any, expected: Any) -> bool:
    if isinstance(expected, (bool, np.bool_)):
        return isinstance(value, (bool, np.bool_)) and bool(value) == bool(expected)
    if isinstance(expected, (list, tuple)) and not isinstance(value, np.ndarray):
        return (
            isinstance(value, (list, tuple))
            and len(value) == len(expected)
            and all(_equal(v, e) for v, e in zip(value, expected, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(value, dict)
            and value.keys() == expected.keys()
            and all(_equal(value[key], expected[key]) for key in expected)
        )
    if expected is None or isinstance(expected, (str, bytes)):
        return type(value) is type(expected) and value == expected
    ours, theirs = np.asarray(value) if isinstance(value, np.ndarray) else _numbers(value), np.asarray(expected)
    if ours is None or ours.dtype.kind not in "biufc":
        return False
    return ours.shape == theirs.shape and bool(np.array_equal(ours, theirs))


def describe(value: Any) -> str:
    """A short description of a value for a message: small things themselves, large ones by kind and range."""
    if isinstance(value, np.generic):
        return f"{_clip(repr(value.item()))} ({value.dtype.name})"
    if isinstance(value, np.ndarray):
        return _describe_array(value)
    if isinstance(value, Handle):
        return f"an object of class {value.types[0].rpartition('.')[2] if value.types else '?'}"
    if isinstance(value, (list, tuple)) and len(value) > 0:
        kind = "a tuple" if isinstance(value, tuple) else "a list"
        parts = ", ".join(describe(part) for part in value[:3])
        return _clip(f"{kind} of {len(value)}: {parts}{', …' if len(value) > 3 else ''}", 300)
    if isinstance(value, dict):
        return _clip(f"a dictionary with the keys {', '.join(map(str, list(value)[:8]))}", 300)
    return _clip(repr(value))


def outline(value: Any) -> str:
    """What `describe` tells without a single number of the content: for inputs that stay hidden."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {_shape_text(value.shape)} and dtype {value.dtype.name}"
    return f"a value of type {type(value).__name__}"


def _describe_array(array: np.ndarray) -> str:
    text = f"an array of shape {_shape_text(array.shape)} and dtype {array.dtype.name}"
    if array.size == 0 or array.dtype.kind not in "iuf":
        return text
    if array.size <= 6:
        return f"{text}: {np.array2string(array.ravel(), precision=4, separator=', ')}"
    finite = array[np.isfinite(array)]
    if finite.size == 0:
        return f"{text} without a finite number"
    note = f", {array.size - finite.size} of them not finite" if finite.size < array.size else ""
    return f"{text}, values from {finite.min():.4g} to {finite.max():.4g}{note}"


def _shape_text(shape: Sequence[int | None]) -> str:
    return "(" + ", ".join("any" if s is None else str(s) for s in shape) + ("," if len(shape) == 1 else "") + ")"


def _clip(text: str, length: int = 160) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
