"""Diagrams that explain: how a picture becomes a sequence, and what happens inside an LSTM cell."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch
from numpy.typing import ArrayLike

from course_utils.plots.figures import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    VERMILLION,
    as_picture,
    bare,
    new_figure,
    show,
    tidy,
)

Point = tuple[float, float]


def draw_reading_order(image: ArrayLike) -> None:
    """Draws how a square picture is read: as a sequence of rows, and as a sequence of single pixels.

    Args:
        image: (H, H, 1), (H, H) or (H * H, 1), in [0, 255] or in [0, 1].
    """
    picture = as_picture(image)
    side = len(picture)
    middle = side // 2
    figure = new_figure(10, 3.4)
    whole, rows, pixels = figure.subplots(1, 3, width_ratios=(1, 1.15, 1.9))

    whole.imshow(picture, cmap="gray", vmin=0, vmax=1)
    whole.axhline(middle - 0.5, color=ORANGE, linewidth=1.5)
    whole.axhline(middle + 0.5, color=ORANGE, linewidth=1.5)
    bare(whole)
    whole.set_title(f"the picture, {side} × {side}", fontsize=11, color=INK)

    gap = 0.45
    for step, row in enumerate(picture):
        top = step * (1 + gap)
        rows.imshow(row[None], cmap="gray", vmin=0, vmax=1, extent=(0, side, top + 1, top), aspect="auto")
        if step in (0, middle, side - 1):
            rows.text(-0.4, top + 0.5, f"$x_{{{step + 1}}}$", ha="right", va="center", fontsize=11, color=INK)
    rows.set(xlim=(-2.5, side + 0.3), ylim=(side * (1 + gap), -gap))
    rows.axis("off")
    rows.set_title(f"by rows: {side} steps of {side} features", fontsize=11, color=INK)

    steps = np.arange(1, picture.size + 1)
    pixels.fill_between(steps, picture.ravel(), step="mid", color=BLUE, alpha=0.85, linewidth=0)
    pixels.axvspan(middle * side + 0.5, (middle + 1) * side + 0.5, color=ORANGE, alpha=0.35, linewidth=0)
    pixels.set(xlim=(0, picture.size + 1), ylim=(0, 1.05), xlabel="step", ylabel="value of the pixel")
    pixels.set_title(f"by pixels: {picture.size} steps of 1 feature", fontsize=11, color=INK)
    tidy(pixels)
    show(figure, f"A picture of {side} by {side} pixels, as {side} rows and as a sequence of {picture.size} values")


def draw_lstm_cell() -> None:
    """Draws one step of an LSTM: the gates, the candidate, and the way from the old to the new states."""
    figure = new_figure(9.0, 4.6)
    axes = figure.add_subplot()
    axes.set(xlim=(0, 12), ylim=(0, 6.2), aspect="equal")
    axes.axis("off")
    axes.add_patch(
        FancyBboxPatch((1.5, 0.65), 9.0, 4.95, boxstyle="round,pad=0.1", facecolor="#F4F6F8", edgecolor=GREY)
    )

    forget, keep, candidate, output = 2.7, 4.6, 6.2, 8.1
    memory, joint, gates = 5.0, 1.15, 2.1
    _path(axes, (0.4, memory), (11.6, memory), colour=VERMILLION, width=2.6)
    _path(axes, (0.4, joint), (output, joint), (output, gates - 0.35), colour=INK)
    for x in (forget, keep, candidate):
        _path(axes, (x, joint), (x, gates - 0.35), colour=INK)
    _path(axes, (2.0, 0.0), (2.0, joint), colour=INK, arrow=False)

    for x, name, function, colour in (
        (forget, "f_t", "σ", PURPLE),
        (keep, "i_t", "σ", BLUE),
        (candidate, "\\tilde{c}_t", "tanh", GREEN),
        (output, "o_t", "σ", ORANGE),
    ):
        _box(axes, (x, gates), function, colour)
        axes.text(x - 0.12, gates + 0.5, f"${name}$", fontsize=13, color=INK, ha="right")

    meeting = (candidate, 3.65)
    _path(axes, (forget, gates + 0.35), (forget, memory - 0.28), colour=PURPLE)
    _path(axes, (keep, gates + 0.35), (keep, meeting[1]), (meeting[0] - 0.28, meeting[1]), colour=BLUE)
    _path(axes, (candidate, gates + 0.35), (candidate, meeting[1] - 0.28), colour=GREEN)
    _path(axes, (candidate, meeting[1] + 0.28), (candidate, memory - 0.28), colour=GREEN)
    _operation(axes, (forget, memory), "×")
    _operation(axes, meeting, "×")
    _operation(axes, (candidate, memory), "+")

    squashed, gated = (9.5, 3.9), (9.5, 2.85)
    _path(axes, (9.5, memory), (9.5, squashed[1] + 0.3), colour=VERMILLION)
    _box(axes, squashed, "tanh", VERMILLION)
    _path(axes, (9.5, squashed[1] - 0.35), (9.5, gated[1] + 0.28), colour=VERMILLION)
    _path(axes, (output, gates + 0.35), (output, gated[1]), (gated[0] - 0.28, gated[1]), colour=ORANGE)
    _operation(axes, gated, "×")
    _path(axes, (9.5, gated[1] - 0.28), (9.5, joint), (11.6, joint), colour=INK)

    for x, y, text in (
        (0.1, memory + 0.22, "$c_{t-1}$"),
        (11.1, memory + 0.22, "$c_t$"),
        (0.1, joint + 0.22, "$h_{t-1}$"),
        (11.1, joint + 0.22, "$h_t$"),
        (2.15, 0.05, "$x_t$"),
    ):
        axes.text(x, y, text, fontsize=15, color=INK)
    for x, y, text in (
        (forget + 0.4, memory + 0.16, "forget"),
        (candidate + 0.4, memory + 0.16, "write"),
        (9.72, 3.2, "read"),
    ):
        axes.text(x, y, text, fontsize=10, color=INK, style="italic")
    show(figure, "An LSTM cell: forget, input and output gate, candidate, and the way of the cell state through it")


def _path(axes: Axes, *points: Point, colour: str, width: float = 1.6, arrow: bool = True) -> None:
    """A line through the points, with an arrow head at its end."""
    xs, ys = np.transpose(points)
    axes.plot(xs, ys, color=colour, linewidth=width, solid_capstyle="round", solid_joinstyle="round", zorder=2)
    if arrow:
        style = {"arrowstyle": "-|>,head_width=0.22,head_length=0.45", "color": colour, "linewidth": width}
        axes.annotate("", xy=points[-1], xytext=_shortly_before(points), arrowprops=style, zorder=2)


def _shortly_before(points: Sequence[Point]) -> Point:
    """A point just before the end of the path, which gives its arrow head the direction."""
    (x0, y0), (x1, y1) = points[-2:]
    length = float(np.hypot(x1 - x0, y1 - y0))
    return x1 - 0.3 * (x1 - x0) / length, y1 - 0.3 * (y1 - y0) / length


def _box(axes: Axes, centre: Point, text: str, colour: str) -> None:
    """A layer with weights or, if it says tanh on the way out, a function: a box with its name."""
    x, y = centre
    box = FancyBboxPatch(
        (x - 0.5, y - 0.27), 1.0, 0.54, boxstyle="round,pad=0.06", facecolor="white", edgecolor=colour, linewidth=2
    )
    axes.add_patch(box).set_zorder(3)
    axes.text(x, y, text, ha="center", va="center", fontsize=12, color=INK, zorder=4)


def _operation(axes: Axes, centre: Point, symbol: str) -> None:
    """An element-wise operation: its symbol in a circle."""
    axes.add_patch(Circle(centre, 0.28, facecolor="white", edgecolor=INK, linewidth=1.5, zorder=3))
    axes.text(*centre, symbol, ha="center", va="center", fontsize=14, color=INK, zorder=4)
