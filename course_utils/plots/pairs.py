"""Plots of comparisons: what a Siamese network is, pairs with their likeness, and nearest neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from course_utils.plots.figures import BLUE, INK, VERMILLION, as_colours, bare, new_figure, show

PAIRS_IN_A_ROW = 6


BOXES = {
    "left image a": (0.0, 1.0),
    "right image b": (0.0, 0.0),
    "encoder f": (2.6, 1.0),
    "encoder f ": (2.6, 0.0),
    "|f(a) − f(b)|": (5.3, 0.5),
    "weigh, add up, σ": (7.9, 0.5),
    "likeness": (10.2, 0.5),
}
ARROWS = (
    ("left image a", "encoder f"),
    ("right image b", "encoder f "),
    ("encoder f", "|f(a) − f(b)|"),
    ("encoder f ", "|f(a) − f(b)|"),
    ("|f(a) − f(b)|", "weigh, add up, σ"),
    ("weigh, add up, σ", "likeness"),
)


def draw_siamese_network() -> None:
    """Draws a Siamese network: both images go through one encoder, and their features are compared one by one."""
    figure = new_figure(9.2, 2.1)
    axes = figure.subplots()
    boxes = {
        name: axes.text(
            *place,
            name.strip(),
            ha="center",
            va="center",
            fontsize=10,
            color=INK,
            bbox={"boxstyle": "round,pad=0.45", "facecolor": "#E8F1F8", "edgecolor": BLUE},
        )
        for name, place in BOXES.items()
    }
    for start, end in ARROWS:
        arrow = {"arrowstyle": "->", "color": INK, "patchA": boxes[start].get_bbox_patch()}
        arrow["patchB"] = boxes[end].get_bbox_patch()
        axes.annotate("", BOXES[end], BOXES[start], arrowprops=arrow)
    axes.annotate("", (2.6, 0.25), (2.6, 0.75), arrowprops={"arrowstyle": "<->", "color": VERMILLION})
    axes.text(2.75, 0.5, "one and the same", fontsize=9, color=VERMILLION, va="center")
    axes.set(xlim=(-1.1, 11.0), ylim=(-0.35, 1.35))
    axes.set_axis_off()
    show(figure, "Two images go through the same encoder; the absolute differences of their features give the likeness")


def plot_pairs(pairs: tuple[ArrayLike, ArrayLike], targets: ArrayLike, likeness: ArrayLike | None = None) -> None:
    """Shows pairs of images, each with whether it is of one class, and how alike a network finds it.

    Args:
        pairs: (left, right), (B, H, W, C) each, in [0, 1] or uint8.
        targets: (B,), 1 for pairs of one class, 0 for pairs of two.
        likeness: (B,) or (B, 1), in [0, 1].

    Raises:
        ValueError: when there are no pairs, or the sizes differ.
    """
    left, right, same, values = _checked_pairs(pairs, targets, likeness)
    columns = min(PAIRS_IN_A_ROW, len(same))
    rows = -(-len(same) // columns)
    figure = new_figure(1.6 * columns + 0.2, (2.7 if values is None else 2.95) * rows)
    grid: Any = figure.subplots(2 * rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for number in range(len(same)):
        row, column = 2 * (number // columns), number % columns
        colour = BLUE if same[number] else VERMILLION
        for axes, image in ((grid[row, column], left[number]), (grid[row + 1, column], right[number])):
            _picture(axes, image, colour)
        title = "one class" if same[number] else "two classes"
        if values is not None:
            title += f"\nlikeness {100 * values[number]:.0f} %"
        grid[row, column].set_title(title, fontsize=10, color=INK)
    show(figure, f"{len(same)} pairs of images, {int(same.sum())} of them of one class")


def plot_hardest_pairs(
    pairs: tuple[ArrayLike, ArrayLike], targets: ArrayLike, likeness: ArrayLike, count: int = 12
) -> None:
    """Shows the pairs that a network is most mistaken about, the worst one first.

    Args:
        pairs, targets, likeness: as in `plot_pairs`.
        count: so many pairs.
    """
    left, right, same, values = _checked_pairs(pairs, targets, likeness)
    if values is None:
        raise ValueError("got no likeness, expected (B,) numbers in [0, 1]; pass what the network says about the pairs")
    worst = np.argsort(-np.abs(values - same), kind="stable")[:count]
    plot_pairs((left[worst], right[worst]), same[worst], values[worst])


def plot_neighbours(
    queries: ArrayLike,
    support: ArrayLike,
    nearest: ArrayLike,
    query_classes: ArrayLike,
    support_classes: ArrayLike,
) -> None:
    """Shows images, and to the right of each the images whose codes are closest to its code.

    Args:
        queries: (Q, H, W, C).
        support: (S, H, W, C), the images among which neighbours were sought.
        nearest: (Q, n), the indices of each query's neighbours in `support`, the closest one first.
        query_classes: (Q,) numbers or names.
        support_classes: (S,) likewise; neighbours of the query's class get a blue frame.

    Raises:
        ValueError: when the sizes do not fit.
    """
    left, right, indices = as_colours(queries), as_colours(support), np.asarray(nearest)
    names, others = np.asarray(query_classes), np.asarray(support_classes)
    if indices.ndim != 2 or not len(left) == len(indices) == len(names) or len(right) != len(others):
        raise ValueError(
            f"got {len(left)} queries with {len(names)} classes, {len(right)} support images with {len(others)} "
            f"classes and neighbours of shape {indices.shape}, expected a class for each image and neighbours (Q, n)"
        )
    rows, columns = indices.shape
    figure = new_figure(1.25 * (columns + 1) + 0.3, 1.5 * rows)
    grid: Any = figure.subplots(rows, columns + 1, squeeze=False)
    right_ones = 0
    for row in range(rows):
        _picture(grid[row, 0], left[row], INK)
        grid[row, 0].set_title(_name(names[row]), fontsize=10, color=INK)
        for column, index in enumerate(indices[row], start=1):
            is_right = bool(others[index] == names[row])
            right_ones += is_right
            _picture(grid[row, column], right[index], BLUE if is_right else VERMILLION)
            grid[row, column].set_title(_name(others[index]), fontsize=9, color=INK)
    show(figure, f"{rows} images and their {columns} nearest neighbours; {right_ones} of these are of the same class")


def _picture(axes: Axes, image: NDArray, colour: str) -> None:
    """An image with a frame."""
    axes.set_axis_on()
    axes.imshow(image, interpolation="nearest")
    bare(axes)
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=2.5)


def _name(name: Any) -> str:
    """A class as a title."""
    return str(name).replace("_", " ")


def _checked_pairs(
    pairs: tuple[ArrayLike, ArrayLike], targets: ArrayLike, likeness: ArrayLike | None
) -> tuple[NDArray, NDArray, NDArray[np.bool_], NDArray | None]:
    """Left and right images in [0, 1], whether each pair is of one class, and its likeness."""
    left, right = (as_colours(images) for images in pairs)
    same = np.ravel(np.asarray(targets)) > 0.5
    values = None if likeness is None else np.ravel(np.asarray(likeness, float))
    if not len(left) or left.shape != right.shape or len(same) != len(left):
        raise ValueError(
            f"got left images {left.shape}, right images {right.shape} and {len(same)} targets, expected equally many "
            f"of each; pass what get_batch returned"
        )
    if values is not None and len(values) != len(left):
        raise ValueError(f"got {len(values)} likenesses for {len(left)} pairs, expected one for each pair")
    return left, right, same, values
