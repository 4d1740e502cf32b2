"""MNIST (LeCun et al. 1998) and its embedded stand-in: scikit-learn's handwritten digits in MNIST's format.

The stand-in is real handwriting: 1,797 digits of 13 people, counted down to 8x8 with 17 grey levels (Alpaydin and
Kaynak 1998, the test part of UCI's "Optical Recognition of Handwritten Digits"). Each one is drawn several times
at MNIST's scale (20x20 ink in 28x28, centred by mass), a little shifted, turned and thickened.

All arithmetic is on integers and all choices come from a hash, so that every machine gets the same bytes.
"""

from __future__ import annotations

import hashlib
import math
import random
from typing import Any

import numpy as np

from course_utils.data.images import DataSet, Split

DATA_SET = DataSet(
    name="mnist",
    image_shape=(28, 28, 1),
    classes=tuple("0123456789"),
    download="https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
)

TRAIN_IMAGES, TEST_IMAGES = 12_000, 1_000
TEST_DRAWINGS = 197
BLOCKS = 10
FINE = 64  # the drawings are sampled from enlargements of this height and width
ONE = 1 << 10  # 1.0 in the fixed-point numbers below
INK_EDGE = ONE // 2  # the ink that lies on a stroke's edge, where the enlargement has its contrast raised


def embedded() -> tuple[Split, Split]:
    """12,000 training and 1,000 test images; no digit of scikit-learn's is drawn on both sides.

    The training images come in ten blocks of 1,200 with digits of their own, so that slices at whole tenths, such as
    [:90%] and [90%:], share no digit either.
    """
    digits = scikit_learn_digits()
    drawings = enlarged(digits.images.astype(np.int64))
    labels = digits.target.astype(np.int64)
    order = hashed_order("drawings", len(labels))
    test, train = order[:TEST_DRAWINGS], order[TEST_DRAWINGS:]

    blocks = [
        redrawn_order(f"block {number}", block, TRAIN_IMAGES // BLOCKS)
        for number, block in enumerate(np.split(train, BLOCKS))
    ]
    return (
        redrawn("train", drawings, labels, np.concatenate(blocks)),
        redrawn("test", drawings, labels, redrawn_order("test", test, TEST_IMAGES)),
    )


def scikit_learn_digits() -> Any:
    """scikit-learn's digits; importing it draws from Python's global generator, which is put back."""
    state = random.getstate()
    from sklearn.datasets import load_digits

    random.setstate(state)
    return load_digits()


def hashed_numbers(purpose: str, count: int) -> np.ndarray:
    """int64 [count], uniform in [0, 2^32), from a hash of their purpose: the same with every version of NumPy."""
    stream = hashlib.shake_256(f"course_utils mnist {purpose}".encode()).digest(4 * count)
    return np.frombuffer(stream, dtype="<u4").astype(np.int64)


def hashed_order(purpose: str, count: int) -> np.ndarray:
    """A permutation of range(count)."""
    return np.argsort(hashed_numbers(purpose, count), kind="stable")


def redrawn_order(purpose: str, drawings: np.ndarray, count: int) -> np.ndarray:
    """Which drawing is drawn as each of `count` images: all equally often (give or take one), shuffled."""
    return np.resize(drawings, count)[hashed_order(purpose, count)]


def enlarged(drawings: np.ndarray) -> np.ndarray:
    """[n, 8, 8] of 0 to 16 -> fixed-point ink [n, FINE, FINE] in [0, ONE], by a smooth cubic spline."""
    spread = spline_weights()
    fine = np.einsum("yi,nij->nyj", spread, drawings)
    fine = np.einsum("xj,nyj->nyx", spread, fine)
    return np.clip(fine * ONE // (16 * int(spread[FINE // 2].sum()) ** 2), 0, ONE).astype(np.int32)


def spline_weights() -> np.ndarray:
    """int64 [FINE, 8]: how much each of 8 samples counts at each of FINE places (Catmull and Rom 1974)."""
    step = FINE // 8
    unit = 2 * step  # places and samples lie on a lattice of half steps
    place: np.ndarray = 2 * np.arange(FINE)[:, np.newaxis] + 1
    sample: np.ndarray = unit * np.arange(8) + step
    distance = np.abs(place - sample)
    near = 3 * distance**3 - 5 * unit * distance**2 + 2 * unit**3
    far = -(distance**3) + 5 * unit * distance**2 - 8 * unit**2 * distance + 4 * unit**3
    return np.where(distance < unit, near, np.where(distance < 2 * unit, far, 0))


def redrawn(purpose: str, drawings: np.ndarray, labels: np.ndarray, order: np.ndarray) -> Split:
    """The drawings named by `order`, each with its own jitter, in MNIST's format."""
    jitter = hashed_numbers(f"jitter {purpose}", 4 * len(order)).reshape(4, -1)
    quarter_degrees: np.ndarray = jitter[0] % 81 - 40  # turned by up to 10 degrees
    shift: np.ndarray = jitter[1:3] % (2 * ONE + 1) - ONE  # by up to one pixel of 28
    thickness: np.ndarray = jitter[3] % 129 - 64  # moves a stroke's edge by up to 1/16 of full ink

    images: np.ndarray = np.empty((len(order), 28, 28, 1), np.uint8)
    for part in np.array_split(np.arange(len(order)), math.ceil(len(order) / 1000)):
        ink = drawings[order[part]]
        places = sampled_places(ink, quarter_degrees[part], shift[:, part])
        images[part, ..., 0] = contrasted(interpolated(ink, places), thickness[part])
    return Split(images, labels[order])


def sampled_places(ink: np.ndarray, quarter_degrees: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Where the pixels of 28x28 lie on the enlargements: fixed-point (row, column) [2, n, 28, 28].

    The ink's centre of mass lies in the middle, moved by `shift`; the enlargement's FINE places span 20 pixels.
    """
    position: np.ndarray = np.arange(FINE, dtype=np.int64) * ONE
    mass = ink.sum((1, 2))
    centre_row = (ink.sum(2) * position).sum(1) // mass
    centre_column = (ink.sum(1) * position).sum(1) // mass

    cosine, sine = turns()[:, quarter_degrees + 40, np.newaxis, np.newaxis]
    from_middle: np.ndarray = np.arange(28) * ONE - 27 * ONE // 2
    row = from_middle[:, np.newaxis] - shift[0, :, np.newaxis, np.newaxis]
    column = from_middle - shift[1, :, np.newaxis, np.newaxis]
    scale = 20 * ONE
    return np.stack([
        centre_row[:, np.newaxis, np.newaxis] + (cosine * row - sine * column) * FINE // scale,
        centre_column[:, np.newaxis, np.newaxis] + (sine * row + cosine * column) * FINE // scale,
    ])


def turns() -> np.ndarray:
    """Fixed-point cosines and sines [2, 81] of -10 to 10 degrees in quarters of a degree."""
    angles = [math.radians(quarter / 4) for quarter in range(-40, 41)]
    return np.array([
        [round(ONE * math.cos(angle)) for angle in angles],
        [round(ONE * math.sin(angle)) for angle in angles],
    ])


def interpolated(ink: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The ink [n, 28, 28] at fixed-point places, bilinear; no ink outside."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    places = np.clip(places + ONE, 0, (FINE + 1) * ONE - 1).astype(np.int32)
    (row, column), (down, right) = places // ONE, places % ONE
    first: np.ndarray = np.arange(len(ink), dtype=np.int32)[:, np.newaxis, np.newaxis]
    corner = (first * (FINE + 2) + row) * (FINE + 2) + column
    flat = padded.ravel()
    above = flat[corner] * (ONE - right) + flat[corner + 1] * right
    below = flat[corner + FINE + 2] * (ONE - right) + flat[corner + FINE + 3] * right
    return (above * (ONE - down) + below * down) // (ONE * ONE)


def contrasted(ink: np.ndarray, thickness: np.ndarray) -> np.ndarray:
    """Fixed-point ink -> grey levels 0 to 255 with MNIST's steep edges: white strokes on black."""
    edge: np.ndarray = INK_EDGE - thickness[:, np.newaxis, np.newaxis]
    return np.clip(128 + (ink - edge) * 5 * 128 // ONE, 0, 255).astype(np.uint8)
