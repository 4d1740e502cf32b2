"""Plots of episodes: one of them, what a network knows at each step, accuracies over training, what a memory does."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike, NDArray

from course_utils.plots.figures import (
    BLUE,
    CSS_PIXELS_PER_INCH,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILLION,
    as_picture,
    bare,
    new_figure,
    show,
    tidy,
)

COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY_BLUE)
LINES = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (5, 1)))


def plot_episode(images: ArrayLike, labels: ArrayLike) -> None:
    """Shows an episode as the network reads it: the support rows with their labels, then the query row without.

    Args:
        images: (K+1, N, 784) or (K+1, N, H, W), the last row the query.
        labels: one-hot (K+1, N, N).
    """
    pictures, classes = _checked_episode(images, labels)
    rows, columns = classes.shape
    figure = new_figure(1.35 * columns + 1.1, 1.6 * rows + 0.3)
    grid: Any = figure.subplots(rows, columns, squeeze=False)
    for row in range(rows):
        is_query = row == rows - 1
        for column in range(columns):
            axes = grid[row, column]
            axes.imshow(1 - pictures[row, column], cmap="gray", vmin=0, vmax=1)
            bare(axes)
            for spine in axes.spines.values():
                spine.set(color=VERMILLION if is_query else GREY, linewidth=2 if is_query else 1)
            text = "?" if is_query else str(classes[row, column])
            axes.set_title(f"label {text}", fontsize=10, color=INK)
        name = "query" if is_query else f"support {row + 1}" if rows > 2 else "support"
        grid[row, 0].set_ylabel(name, fontsize=11, color=VERMILLION if is_query else INK)
    answers = ", ".join(map(str, classes[-1]))
    size = f"{columns} classes with {rows - 1} support images each"
    show(figure, f"An episode of {size}; the query's labels are {answers}")


def plot_episode_steps(images: ArrayLike, labels: ArrayLike, predictions: ArrayLike) -> None:
    """Shows what the network knows after each step of one episode, with a slider over the steps.

    On the left is what was read so far, with the labels that the network was told; on the right what it believes at
    this step about the image that it reads. Below is a strip of the query's steps, which is also what remains where
    there is no live notebook.

    Args:
        images: (K+1, N, 784) or (K+1, N, H, W), the last row the query.
        labels: one-hot (K+1, N, N).
        predictions: (K+1, N, N), the logits or probabilities of each step.

    Raises:
        ValueError: when the shapes do not fit.
    """
    pictures, classes = _checked_episode(images, labels)
    probabilities = _as_probabilities(predictions)
    if probabilities.shape != (*classes.shape, classes.shape[1]):
        raise ValueError(
            f"got predictions of shape {probabilities.shape} for an episode of {classes.shape} images, expected "
            f"{(*classes.shape, classes.shape[1])}; of a batch, pass predictions[0]"
        )
    if getattr(get_ipython(), "kernel", None) is not None:
        _show_slider(pictures, classes, probabilities)
    show(_query_strip(pictures, classes, probabilities), _summary(classes, probabilities, classes.size))


def plot_accuracy_curves(curves: Mapping[str, Sequence[tuple[ArrayLike, ArrayLike]]]) -> None:
    """Plots accuracies over training steps: the mean of several runs, with a band from the lowest to the highest.

    Args:
        curves: for each name its runs, each a pair (steps, accuracies in [0, 1]); runs of a name have the same steps.
            Names that end in "N = 4", or another number, get a dotted line at what guessing gives, 1 / N.

    Raises:
        ValueError: when there is nothing to plot, or the runs of a name differ in length.
    """
    if not curves:
        raise ValueError("got no curve, expected at least one")
    figure = new_figure(7.4, 4.0)
    axes = figure.subplots()
    for (name, runs), colour, line in zip(curves.items(), COLOURS * 3, LINES * 3, strict=False):
        if len({len(np.asarray(steps)) for steps, _ in runs}) != 1:
            raise ValueError(f"{name}: got runs of different lengths, expected the same steps in each")
        steps = np.asarray(runs[0][0], float)
        values = np.array([np.asarray(accuracies, float) for _, accuracies in runs])
        label = f"{name}, {len(runs)} runs" if len(runs) > 1 else name
        axes.fill_between(steps, values.min(0), values.max(0), color=colour, alpha=0.18, linewidth=0)
        axes.plot(steps, values.mean(0), color=colour, linestyle=line, linewidth=1.8, label=label)
        number = name.rpartition("N =")[2].strip()
        if number.isdigit():
            axes.axhline(1 / int(number), color=colour, linestyle=(0, (1, 3)), linewidth=1)
    axes.set(ylim=(0, 1.02), xlabel="training steps", ylabel="accuracy on test episodes")
    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    axes.legend(fontsize=9, frameon=False, loc="lower right")
    tidy(axes)
    show(figure, "Accuracy over training steps: " + "; ".join(curves))


def plot_memory(write_weights: ArrayLike, read_weights: ArrayLike, labels: Sequence[int]) -> None:
    """Shows where an external memory was written to and read from at each step of one sequence.

    Args:
        write_weights, read_weights: (T, slots) each, between 0 and 1.
        labels: the class of the image at each of the T steps.

    Raises:
        ValueError: when the shapes do not fit.
    """
    written, read = (np.asarray(weights, float) for weights in (write_weights, read_weights))
    if written.shape != read.shape or written.ndim != 2 or len(labels) != len(written):
        raise ValueError(
            f"got write weights {written.shape}, read weights {read.shape} and {len(labels)} labels, expected "
            f"(T, slots) twice and T labels; of a batch, pass one sequence"
        )
    used = np.flatnonzero(np.maximum(written, read).max(0) > 0.1)
    used = used if len(used) else np.arange(written.shape[1])
    figure = new_figure(0.32 * len(written) + 2.4, 0.11 * len(used) + 2.6)
    above, below = figure.subplots(2, 1, sharex=True)
    for axes, weights, name in ((above, written, "written to"), (below, read, "read from")):
        shown = weights[:, used].T
        picture = axes.imshow(shown, cmap="viridis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        axes.set_ylabel(f"{name}: slot", fontsize=10)
        axes.set_yticks([])
    below.set_xticks(range(len(labels)), labels=[str(label) for label in labels], fontsize=9)
    below.set_xlabel("class of the image at each step", fontsize=10)
    figure.colorbar(picture, ax=[above, below], label="weight", fraction=0.04)
    show(figure, f"Where a memory was written to and read from in {len(labels)} steps; {len(used)} slots were used")


def _checked_episode(images: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The pictures [K+1, N, H, W] in [0, 1] and the classes [K+1, N]."""
    pixels, one_hot = np.asarray(images), np.asarray(labels)
    if one_hot.ndim != 3 or pixels.ndim not in (3, 4) or pixels.shape[:2] != one_hot.shape[:2]:
        raise ValueError(
            f"got images of shape {pixels.shape} and labels of shape {one_hot.shape}, expected (K+1, N, 784) and "
            f"(K+1, N, N); of a batch, pass images[0] and labels[0]"
        )
    pictures = np.stack([np.stack([as_picture(image) for image in row]) for row in pixels])
    return pictures, one_hot.argmax(-1)


def _as_probabilities(predictions: ArrayLike) -> NDArray[np.float64]:
    """Probabilities, from logits where they are none."""
    values = np.asarray(predictions, float)
    if values.size and values.min() >= 0 and np.allclose(values.sum(-1), 1, atol=1e-3):
        return values
    exponentials = np.exp(values - values.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def _step_figure(
    pictures: NDArray[np.float32], classes: NDArray[np.int64], probabilities: NDArray, step: int
) -> Figure:
    """The figure after `step` of (K+1) N steps."""
    rows, columns = classes.shape
    figure = new_figure(1.0 * columns + 4.6, max(2.4, 1.15 * rows))
    halves: Any = figure.subfigures(1, 2, width_ratios=(1.0 * columns + 0.6, 3.6))
    left, right = halves
    grid: Any = left.subplots(rows, columns, squeeze=False)
    for number, axes in enumerate(grid.ravel()):
        row, column = divmod(number, columns)
        bare(axes)
        if number >= step:
            axes.set_facecolor("#DDDDDD")
            axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
            continue
        axes.imshow(1 - pictures[row, column], cmap="gray", vmin=0, vmax=1)
        axes.set_title("?" if row == rows - 1 else str(classes[row, column]), fontsize=9, color=INK, pad=2)
        if number == step - 1:
            for spine in axes.spines.values():
                spine.set(color=VERMILLION, linewidth=2.5)
    row, column = divmod(step - 1, columns)
    _draw_belief(right.subplots(), probabilities[row, column], classes[row, column], row == rows - 1)
    return figure


def _draw_belief(axes: Axes, probabilities: NDArray, answer: int, is_query: bool) -> None:
    """Bars of the probability of each label; the right one in colour."""
    colours = [VERMILLION if label == answer else BLUE for label in range(len(probabilities))]
    axes.barh(range(len(probabilities)), probabilities, color=colours)
    axes.set(xlim=(0, 1.15), ylim=(len(probabilities) - 0.4, -0.6), yticks=range(len(probabilities)))
    axes.set_xticks([0, 0.5, 1], labels=["0", "50 %", "100 %"])
    axes.set_title("what it says about this image" + ("" if is_query else "\n(it was told the label)"), fontsize=10)
    axes.set_ylabel("label", fontsize=9)
    for label, probability in enumerate(probabilities):
        axes.text(probability + 0.02, label, f"{100 * probability:.0f}", va="center", fontsize=9, color=INK)
    tidy(axes)


def _query_strip(pictures: NDArray[np.float32], classes: NDArray[np.int64], probabilities: NDArray) -> Figure:
    """The query images, and below each what the network says about it."""
    columns = classes.shape[1]
    figure = new_figure(1.9 * columns + 0.4, 3.3)
    grid: Any = figure.subplots(2, columns, squeeze=False, height_ratios=(1.3, 1))
    for column in range(columns):
        answer = classes[-1, column]
        grid[0, column].imshow(1 - pictures[-1, column], cmap="gray", vmin=0, vmax=1)
        bare(grid[0, column])
        grid[0, column].set_title(f"query, really {answer}", fontsize=10, color=INK)
        colours = [VERMILLION if label == answer else BLUE for label in range(columns)]
        grid[1, column].bar(range(columns), probabilities[-1, column], color=colours)
        grid[1, column].set(ylim=(0, 1), xticks=range(columns))
        grid[1, column].set_yticks([0, 1], labels=["0", "100 %"])
        tidy(grid[1, column])
    return figure


def _show_slider(pictures: NDArray[np.float32], classes: NDArray[np.int64], probabilities: NDArray) -> None:
    """A play button and a slider over the steps; the notebook's file keeps a text in their place."""
    import ipywidgets as widgets

    steps = classes.size
    frames: dict[int, bytes] = {}

    def png(step: int) -> bytes:
        if step not in frames:
            content = io.BytesIO()
            _step_figure(pictures, classes, probabilities, step).savefig(content, format="png", dpi=110)
            frames[step] = content.getvalue()
        return frames[step]

    play = widgets.Play(min=1, max=steps, value=1, interval=900, description="Play")
    slider = widgets.IntSlider(min=1, max=steps, value=1, description="step", layout=widgets.Layout(width="420px"))
    text = widgets.Label(_summary(classes, probabilities, 1))
    width = round((classes.shape[1] + 4.6) * CSS_PIXELS_PER_INCH)
    picture = widgets.Image(value=png(1), format="png", layout=widgets.Layout(width="98%", max_width=f"{width}px"))

    def draw(change: dict[str, Any]) -> None:
        picture.value = png(change["new"])
        text.value = _summary(classes, probabilities, change["new"])

    slider.observe(draw, names="value")
    # Linked in the browser: a slow connection to the kernel must not hold up the slider.
    link = widgets.jslink((play, "value"), (slider, "value"))
    box = widgets.VBox([widgets.HBox([play, slider]), text, picture])
    box.link = link
    bundle = box._repr_mimebundle_()
    bundle["text/plain"] = "Run this cell in a notebook to move a slider over the steps; the query's are shown below."
    display(bundle, raw=True)


def _summary(classes: NDArray[np.int64], probabilities: NDArray, step: int) -> str:
    """One sentence on a step, for those who cannot see the picture."""
    row, column = divmod(step - 1, classes.shape[1])
    belief = probabilities[row, column]
    kind = "query, label hidden" if row == len(classes) - 1 else "support, label told"
    return (
        f"Step {step} of {classes.size} ({kind}): it says label {belief.argmax()} with {100 * belief.max():.0f} %, "
        f"the image has label {classes[row, column]}."
    )
