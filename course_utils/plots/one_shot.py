"""Plots of one-shot tasks: a slider through tasks with all scores, and what was mistaken for what."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from course_utils.plots.figures import (
    BLUE,
    CSS_PIXELS_PER_INCH,
    INK,
    LIGHT_GREY,
    VERMILLION,
    as_colours,
    bare,
    new_figure,
    show,
)

Task = tuple[tuple[ArrayLike, ArrayLike], ArrayLike]
COLUMNS = 5


@dataclass(frozen=True, eq=False)
class ScoredTask:
    """One task and what a network says about it.

    Attributes:
        test: (H, W, C) in [0, 1].
        support: (N, H, W, C) in [0, 1].
        scores: (N,), higher is more alike.
        answer: the place of the right support image.
    """

    test: NDArray
    support: NDArray
    scores: NDArray
    answer: int

    @property
    def chosen(self) -> int:
        """The place of the support image with the highest score."""
        return int(self.scores.argmax())

    @property
    def rank(self) -> int:
        """The place of the right one among the scores, 1 for the highest."""
        return 1 + int((self.scores > self.scores[self.answer]).sum())

    def summary(self, number: int, count: int) -> str:
        """One sentence, for those who cannot see the picture."""
        outcome = "right" if self.chosen == self.answer else f"wrong, the right one is in place {self.rank}"
        return f"Task {number} of {count}, {len(self.scores)} support images: the answer is {outcome}."


def plot_oneshot_tasks(tasks: Sequence[Task], scores: Sequence[ArrayLike]) -> None:
    """Shows one-shot tasks with a slider: the test image, and the support images with their scores, best first.

    The right support image has a blue frame; a wrong one that was chosen a red one. Where there is no live notebook,
    the first task that was answered wrongly remains, or the first one.

    Args:
        tasks: what `make_oneshot_task` returned, several times: ((test, support), targets).
        scores: for each task the likeness (N,) or (N, 1) of its pairs.

    Raises:
        ValueError: when there is no task, or the sizes differ.
    """
    scored = _checked(tasks, scores)
    if getattr(get_ipython(), "kernel", None) is not None:
        _show_slider(scored)
    number = next((place for place, task in enumerate(scored) if task.rank > 1), 0)
    show(_task_figure(scored[number]), scored[number].summary(number + 1, len(scored)))


def plot_oneshot_errors(tasks: Sequence[Task], scores: Sequence[ArrayLike], count: int = 6) -> None:
    """Shows tasks that were answered wrongly: the test image, what was chosen for it, and what would have been right.

    Args:
        tasks, scores: as in `plot_oneshot_tasks`.
        count: so many errors at most, the first ones.
    """
    scored = _checked(tasks, scores)
    wrong = [task for task in scored if task.chosen != task.answer]
    if not wrong:
        print(f"No error in {len(scored)} tasks.")
        return
    shown = wrong[:count]
    figure = new_figure(1.6 * len(shown) + 0.6, 5.0)
    grid: Any = figure.subplots(3, len(shown), squeeze=False)
    for column, task in enumerate(shown):
        _picture(grid[0, column], task.test, INK)
        for row, place, colour in ((1, task.chosen, VERMILLION), (2, task.answer, BLUE)):
            _picture(grid[row, column], task.support[place], colour)
            grid[row, column].set_title(f"{task.scores[place]:.2f}", fontsize=10, color=INK)
        grid[2, column].set_xlabel(f"place {task.rank} of {len(task.scores)}", fontsize=9, color=INK)
    for row, name in enumerate(("test image", "chosen", "right")):
        grid[row, 0].set_ylabel(name, fontsize=11, color=INK)
    show(figure, f"{len(shown)} of {len(wrong)} errors in {len(scored)} one-shot tasks: test image, chosen, right")


def _checked(tasks: Sequence[Task], scores: Sequence[ArrayLike]) -> list[ScoredTask]:
    """The tasks with their scores, if they fit together."""
    if not len(tasks) or len(tasks) != len(scores):
        raise ValueError(f"got {len(tasks)} tasks and scores for {len(scores)}, expected at least one, and as many")
    scored = []
    for ((test, support), targets), values in zip(tasks, scores, strict=True):
        found = ScoredTask(
            as_colours(test)[0],
            as_colours(support),
            np.ravel(np.asarray(values, float)),
            int(np.argmax(np.ravel(np.asarray(targets)))),
        )
        if not len(found.support) == len(found.scores) == np.size(np.asarray(targets)):
            raise ValueError(
                f"got {len(found.support)} support images, {len(found.scores)} scores and "
                f"{np.size(np.asarray(targets))} targets in a task, expected one score and target for each"
            )
        scored.append(found)
    return scored


def _task_figure(task: ScoredTask) -> Figure:
    """The test image, and the support images in the order of their scores."""
    rows = -(-len(task.scores) // COLUMNS)
    figure = new_figure(1.3 * COLUMNS + 2.6, 1.55 * rows + 0.2)
    halves: Any = figure.subfigures(1, 2, width_ratios=(2.4, 1.3 * COLUMNS))
    left, right = halves
    axes = left.subplots()
    _picture(axes, task.test, INK)
    axes.set_title("test image", fontsize=11, color=INK)
    grid: Any = right.subplots(rows, COLUMNS, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for axes, place in zip(grid.ravel(), np.argsort(-task.scores, kind="stable"), strict=False):
        is_right, is_chosen = place == task.answer, place == task.chosen
        _picture(axes, task.support[place], BLUE if is_right else VERMILLION if is_chosen else LIGHT_GREY)
        note = " right" if is_right else " chosen" if is_chosen else ""
        axes.set_title(f"{task.scores[place]:.2f}{note}", fontsize=9, color=INK, pad=3)
    return figure


def _picture(axes: Axes, image: NDArray, colour: str) -> None:
    """An image with a frame."""
    axes.set_axis_on()
    axes.imshow(image, interpolation="nearest")
    bare(axes)
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=1 if colour == LIGHT_GREY else 3)


def _show_slider(scored: Sequence[ScoredTask]) -> None:
    """A slider over the tasks; the notebook's file keeps a text in its place."""
    import ipywidgets as widgets

    frames: dict[int, bytes] = {}

    def png(number: int) -> bytes:
        if number not in frames:
            content = io.BytesIO()
            _task_figure(scored[number - 1]).savefig(content, format="png", dpi=110)
            frames[number] = content.getvalue()
        return frames[number]

    slider = widgets.IntSlider(
        min=1, max=len(scored), value=1, description="task", layout=widgets.Layout(width="420px")
    )
    text = widgets.Label(scored[0].summary(1, len(scored)))
    width = round((1.3 * COLUMNS + 2.6) * CSS_PIXELS_PER_INCH)
    picture = widgets.Image(value=png(1), format="png", layout=widgets.Layout(width="98%", max_width=f"{width}px"))

    def draw(change: dict[str, Any]) -> None:
        picture.value = png(change["new"])
        text.value = scored[change["new"] - 1].summary(change["new"], len(scored))

    slider.observe(draw, names="value")
    bundle = widgets.VBox([slider, text, picture])._repr_mimebundle_()
    bundle["text/plain"] = "Run this cell in a notebook to move a slider through the tasks; one is shown below."
    display(bundle, raw=True)
