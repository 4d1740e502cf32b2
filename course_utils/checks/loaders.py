"""What `load_row_class_data` makes of images that are served to it, observed once for all criteria that ask."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils.checks.expectation import expect
from course_utils.checks.neighbours import or_trouble, untroubled
from course_utils.checks.student import Student

# Few training images at first. A loader to which they do not do, such as one that holds the first 5,000 out, is served
# more of them.
FEW, TRAIN, TEST = 3_000, 8_000, 1_300
PLENTY = 2_000
# The brightness of an image tells its label.
LEVELS: np.ndarray = 75 + 20 * np.arange(10)
MANY = 40  # batches: more than there are

Rng = np.random.Generator
Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Loaded:
    """What one call of the loader gave: batches as they came, or the exception that they raised.

    next_epoch, of which there is one batch, and test_again are empty without augmentation.
    """

    epoch: list | Exception
    next_epoch: list | Exception
    test: list | Exception
    test_again: list | Exception

    def batches(self, name: str) -> list:
        """The batches of that name. Raises what asking for them raised."""
        return untroubled(getattr(self, name))


def pair(value: Any) -> tuple[Any, Any]:
    """(images, labels) or (train, test), if that is what came back."""
    if not (isinstance(value, (tuple, list)) and len(value) == 2):
        expect(value, "what comes back").is_true("a pair", hint="Return both parts, also if only one has changed.")
    return value[0], value[1]


def coded_images(rng: Rng, count: int) -> Arrays:
    """uint8 [count, 28, 28, 1] and labels: random 4 x 4 blocks, all different, whose brightness tells the label."""
    labels = rng.integers(0, 10, count)
    blocks = rng.random((count, 7, 7)) < 0.5
    blocks[:, 2:5, 2:5] |= rng.random((count, 3, 3)) < 0.5
    blocks[:, 3, 3] = True
    dark_and_bright = (blocks * LEVELS[labels, None, None]).astype(np.uint8)
    return dark_and_bright.repeat(4, axis=1).repeat(4, axis=2)[..., None], labels


def served(student: Student, rng: Rng, count: int) -> tuple[Arrays, Arrays]:
    """The images and labels, `count` for training and some for testing, that a submission's loadings are served."""
    return student.once(("rows served", count), lambda: (coded_images(rng, count), coded_images(rng, TEST)))


@contextlib.contextmanager
def serving(student: Student, rng: Rng, count: int = TRAIN) -> Iterator[None]:
    """The student's side has these images in the place of MNIST meanwhile; globals that were replaced come back."""
    data = student.module("course_utils.data")
    try:
        data.serving("mnist", *served(student, rng, count))
        if student.has("mnist"):
            student.replace("mnist", data.load("mnist"))
        yield
    finally:
        data.stop_serving("mnist")
        student.restore()


@dataclass(frozen=True)
class Loading:
    """A way to see a loader at work: with `count` training images, and stand-ins for what it calls, if asked for."""

    student: Student
    rng: Rng
    count: int
    stand_ins: Callable[[], dict[str, Any]] | None

    def __call__(self, augment: bool) -> Loaded:
        """What the loader gives."""
        return _loaded(self.student, self.rng, augment, self.count, self.stand_ins)

    @property
    def served(self) -> tuple[Arrays, Arrays]:
        """The images and labels, for training and for testing, that it is given."""
        return served(self.student, self.rng, self.count)

    @property
    def gives_plenty(self) -> bool:
        """Whether so many training images come that more to choose from would change nothing."""
        count = or_trouble(lambda: sum(len(pair(batch)[1]) for batch in self(False).batches("epoch")))
        return isinstance(count, int) and count >= PLENTY


def loadings(student: Student, rng: Rng, stand_ins: Callable[[], dict[str, Any]]) -> Iterator[Loading]:
    """The ways to see a loader at work, in the order in which to try them."""
    of_few = [Loading(student, rng, FEW, instead) for instead in (None, stand_ins)]
    yield from of_few
    yield from (Loading(student, rng, TRAIN, few.stand_ins) for few in of_few if not few.gives_plenty)


def _loaded(
    student: Student, rng: Rng, augment: bool, count: int, stand_ins: Callable[[], dict[str, Any]] | None
) -> Loaded:
    def observe() -> Loaded:
        with serving(student, rng, count):
            for name, stand_in in (stand_ins() if stand_ins else {}).items():
                student.replace(name, stand_in)
            given = student.load_row_class_data() if augment else student.load_row_class_data(augment=False)
            return Loaded(
                epoch=_batches(given, 0),
                next_epoch=_batches(given, 0, 1) if augment else [],
                test=_batches(given, 1),
                test_again=_batches(given, 1) if augment else [],
            )

    return student.once(("rows", augment, count, stand_ins is not None), observe)


def _batches(given: Any, part: int, count: int = MANY) -> list | Exception:
    return or_trouble(lambda: pair(given)[part].take(count))
