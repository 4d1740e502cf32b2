"""Twenty people draw the embedded characters: each drawing has its own slant, size, place, wobble and stroke width.

All arithmetic is on whole numbers and all choices come from a hash, so that every machine gets the same bytes.
"""

from __future__ import annotations

import hashlib

import numpy as np

from course_utils.data.glyphs import SIDE, UNIT

DRAWERS = 20
PIXELS = 28
ONE = 1 << 10  # 1.0 in the fixed-point numbers below
CELLS = SIDE // PIXELS  # cells of a distance field along the side of a pixel
KNOTS = 5  # along the side of the grid whose random shifts make the wobble
BLOCK = 100  # characters that are drawn together

# The largest jitter, both ways. A person keeps half of it in all of his or her drawings. With it the nearest neighbour
# by pixels is right in 51 % of 5-way one-shot tasks; on Omniglot in 44 %.
SLANT = ONE // 3  # of the verticals, and half as much of the horizontals
TURN = ONE // 4  # the tangent: 14 degrees
SIZE = ONE // 4  # of height and of width
SHIFT = 3 * CELLS * ONE  # 3 pixels
WOBBLE = 4 * CELLS * ONE  # of a knot: 4 pixels
WIDTH = 2 * UNIT  # of the edge of a stroke: half a pixel


def drawn(fields: np.ndarray) -> np.ndarray:
    """uint8 [characters, 20, 28, 28], ink high, from distance fields int16 [characters, SIDE, SIDE]."""
    drawings: np.ndarray = np.empty((len(fields), DRAWERS, PIXELS, PIXELS), np.uint8)
    habits = hashed("habits", (DRAWERS, 8 + 2 * KNOTS**2))
    moods = hashed("moods", (len(fields), DRAWERS, 8 + 2 * KNOTS**2))
    jitter = (habits + moods) // 2
    for start in range(0, len(fields), BLOCK):
        block = slice(start, start + BLOCK)
        drawings[block] = drawn_block(fields[block], jitter[block])
    return drawings


def hashed(purpose: str, shape: tuple[int, ...]) -> np.ndarray:
    """int64 of this shape, uniform in [-ONE, ONE], from a hash: the same with every version of NumPy."""
    stream = hashlib.shake_256(f"course_utils drawings {purpose}".encode()).digest(4 * int(np.prod(shape)))
    return np.frombuffer(stream, "<u4").astype(np.int64).reshape(shape) % (2 * ONE + 1) - ONE


def drawn_block(fields: np.ndarray, jitter: np.ndarray) -> np.ndarray:
    """uint8 [characters, drawers, 28, 28] of one block; `jitter` is [characters, drawers, 8 + 2 KNOTS^2]."""
    row, column = sampled_places(jitter)
    outside = (row < 0) | (row >= SIDE) | (column < 0) | (column >= SIDE)
    place = np.clip(row, 0, SIDE - 1) * SIDE + np.clip(column, 0, SIDE - 1)
    distance = np.take_along_axis(fields.reshape(len(fields), -1), place.reshape(len(fields), -1), axis=1)
    width: np.ndarray = WIDTH * jitter[..., 7, np.newaxis, np.newaxis] // ONE
    inside = distance.reshape(place.shape).astype(np.int32) + width.astype(np.int32)
    ink = 128 + inside * 256 // (CELLS * UNIT)  # from paper to ink within a pixel
    return np.where(outside, 0, np.clip(ink, 0, 255)).astype(np.uint8)


def sampled_places(jitter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell that lies under each pixel: (row, column), int32 [characters, drawers, 28, 28] each."""
    turn, slant, lean, tall, wide, down, right = np.moveaxis(jitter[..., :7, np.newaxis, np.newaxis], 2, 0).astype(
        np.int32
    )
    from_middle: np.ndarray = ((2 * np.arange(PIXELS) - PIXELS + 1) * CELLS * ONE // 2).astype(np.int32)
    vertical, horizontal = from_middle[:, np.newaxis], from_middle
    row = (ONE + SIZE * tall // ONE) * vertical + ((TURN * turn + SLANT * lean // 2) // ONE) * horizontal
    column = (ONE + SIZE * wide // ONE) * horizontal + ((SLANT * slant - TURN * turn) // ONE) * vertical
    wobbles = wobble(jitter[..., 8:].reshape(*jitter.shape[:2], 2, KNOTS, KNOTS))
    middle = SIDE * ONE // 2
    row = row // ONE + wobbles[:, :, 0] + (SHIFT // ONE) * down + middle
    column = column // ONE + wobbles[:, :, 1] + (SHIFT // ONE) * right + middle
    return row // ONE, column // ONE


def wobble(knots: np.ndarray) -> np.ndarray:
    """int32 [..., 28, 28], smooth shifts from those of the knots, [..., KNOTS, KNOTS] in [-ONE, ONE]."""
    weights = spline_weights()
    shifts: np.ndarray = (WOBBLE // ONE * knots).astype(np.int32)
    shifts = np.einsum("...ij,yi->...yj", shifts, weights) // ONE
    return np.einsum("...yj,xj->...yx", shifts, weights) // ONE


def spline_weights() -> np.ndarray:
    """int32 [28, KNOTS], fixed-point: how much each knot counts at each pixel (uniform cubic B-spline)."""
    unit = PIXELS  # the pixels span KNOTS - 3 intervals between knots, each of 2 * unit steps below
    place: np.ndarray = (2 * np.arange(PIXELS) + 1)[:, np.newaxis] * (KNOTS - 3)
    distance = np.abs(place + 2 * unit - 2 * unit * np.arange(KNOTS))
    length = 2 * unit
    near = 4 * length**3 - 6 * length * distance**2 + 3 * distance**3
    far = np.clip(2 * length - distance, 0, None) ** 3
    return (np.where(distance < length, near, far) * ONE // (6 * length**3)).astype(np.int32)
