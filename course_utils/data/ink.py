"""Scanned drawings of any size as 28x28 pixels of ink."""

from __future__ import annotations

import math

import numpy as np

PIXELS = 28
BLOCK = 500


def shrunk(drawings: np.ndarray) -> np.ndarray:
    """Each pixel the mean over the area that it covers; exact, so that every machine gets the same bytes.

    Args:
        drawings: uint8 [n, height, width], of any height and width.

    Returns:
        uint8 [n, 28, 28], rounded down.

    Raises:
        ValueError: for another dtype or shape.
    """
    if drawings.dtype != np.uint8 or drawings.ndim != 3 or 0 in drawings.shape[1:]:
        raise ValueError(
            f"got drawings of dtype {drawings.dtype} and shape {drawings.shape}, expected uint8 [n, height, width]; "
            f"give grey values from 0 to 255 without a colour axis"
        )
    if drawings.shape[1:] == (PIXELS, PIXELS):
        return drawings.copy()
    rows, columns = (covered(size) for size in drawings.shape[1:])
    whole = int(rows[0].sum()) * int(columns[0].sum())
    result: np.ndarray = np.empty((len(drawings), PIXELS, PIXELS), np.uint8)
    for start in range(0, len(drawings), BLOCK):
        block: np.ndarray = drawings[start : start + BLOCK].astype(
            np.float64
        )  # sums of whole numbers below 2^53: exact
        sums = rows @ block @ columns.T
        result[start : start + BLOCK] = sums.astype(np.int64) // whole
    return result


def covered(size: int) -> np.ndarray:
    """float64 [28, size] of whole numbers: how much of each of `size` lines each of 28 pixels covers."""
    parts = math.lcm(PIXELS, size)
    part: np.ndarray = np.arange(parts)
    amounts: np.ndarray = np.zeros((PIXELS, size))
    np.add.at(amounts, (part * PIXELS // parts, part * size // parts), 1)
    return amounts


def with_ink_high(drawings: np.ndarray) -> np.ndarray:
    """uint8 drawings with ink 255 and paper 0, whichever was which: there is less ink than paper."""
    return 255 - drawings if drawings.size and drawings.mean() > 127 else drawings
