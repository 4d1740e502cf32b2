"""The slider plot: what a recurrent network has seen so far, beside what it makes of it."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray
from PIL import Image as PillowImage

from course_utils.plots.figures import (
    BLUE,
    CSS_PIXELS_PER_INCH,
    GREEN,
    GREY,
    INK,
    LIGHT_GREY,
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

# The classes that get the highest probabilities have a colour and a line style each, the others are grey.
STYLES = (
    (BLUE, "-"),
    (VERMILLION, (0, (5, 1.5))),
    (GREEN, (0, (5, 1.5, 1, 1.5))),
    (PURPLE, (0, (1, 1))),
    (ORANGE, (0, (3, 1))),
    (SKY_BLUE, (0, (5, 1, 1, 1, 1, 1))),
)
SECONDS_TO_PLAY = 14
NUM_STRIP_STEPS = 6
STEP_DPI = 130


def plot_continuous_classification(image: ArrayLike, predictions: ArrayLike) -> None:
    """Plots the class probabilities after each step of the sequence, with a slider over the steps.

    On the left is what the network has seen so far (the rest is greyed out), on the right are the probabilities
    after this step and how they came about. The play button runs through the steps. Below is a strip of a few
    steps, which is also what remains where there is no live notebook, as on a printed page.

    Args:
        image: the picture that was read in row-major order: (H, W, 1), (H, W) or (H * W, 1).
        predictions: [T, num_classes], the class probabilities after each of the T steps; T divides H * W, so that
            T = H reads row by row and T = H * W pixel by pixel.

    Raises:
        ValueError: when the shapes do not fit.

    Example:
        >>> image, label = get_dataset_sample(test, 42)
        >>> predictions = continuous_model.predict(image[None])
        >>> plot_continuous_classification(image, predictions[0])
    """
    picture = as_picture(image)
    probabilities = _checked_probabilities(picture, predictions)
    if getattr(get_ipython(), "kernel", None) is not None:
        _show_slider(StepFigure(picture, probabilities))
    show(_strip(picture, probabilities), _summary(picture, probabilities, len(probabilities)))


class StepFigure:
    """The figure of one step; drawing another step redraws only what changes, so that it keeps up with a slider."""

    def __init__(self, picture: NDArray[np.float32], probabilities: NDArray[np.float64]) -> None:
        self.picture = picture
        self.probabilities = probabilities
        self.num_steps, self.num_classes = probabilities.shape
        self.styles = _styles_of_classes(probabilities)
        self.figure = new_figure(10, 3.7)
        self.figure.set_dpi(STEP_DPI)
        seen, bars, curves = self.figure.subplots(1, 3, width_ratios=(1.05, 1.0, 1.75))
        self.changing: list[tuple[Axes, Artist]] = []
        self._prepare_picture(seen)
        self._prepare_bars(bars)
        self._prepare_curves(curves)
        self.figure.canvas.draw()
        self.figure.set_layout_engine("none")
        self.background = self.figure.canvas.copy_from_bbox(self.figure.bbox)  # type: ignore[attr-defined]

    def png(self, step: int) -> bytes:
        """The figure after `step` steps, 1 to T, as a PNG picture."""
        self._update(step)
        canvas: Any = self.figure.canvas
        canvas.restore_region(self.background)
        for axes, artist in self.changing:
            axes.draw_artist(artist)
        png = io.BytesIO()
        PillowImage.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(png, "png", compress_level=1)
        return png.getvalue()

    def _prepare_picture(self, axes: Axes) -> None:
        bare(axes)
        axes.set_title("seen so far", fontsize=12, color=INK)
        self.seen = axes.imshow(_seen(self.picture, 0, self.num_steps), animated=True)
        self.position = Rectangle((0, 0), 1, 1, fill=False, edgecolor=VERMILLION, linewidth=2, animated=True)
        axes.add_patch(self.position)
        self.changing += [(axes, self.seen), (axes, self.position)]

    def _prepare_bars(self, axes: Axes) -> None:
        colours = [colour for colour, _ in self.styles]
        self.bars = axes.barh(range(self.num_classes), np.zeros(self.num_classes), color=colours, animated=True)
        axes.set(xlim=(0, 1.19), ylim=(self.num_classes - 0.4, -0.6), yticks=range(self.num_classes))
        axes.set_xticks([0, 0.5, 1], labels=["0", "50 %", "100 %"])
        axes.set_title("class probabilities now", fontsize=12, color=INK)
        tidy(axes)
        axes.tick_params(axis="y", length=0, labelsize=10)
        self.bar_labels = [
            axes.text(0, number, "", va="center", fontsize=9, color=INK, animated=True)
            for number in range(self.num_classes)
        ]
        self.changing += [(axes, artist) for artist in (*self.bars, *self.bar_labels)]

    def _prepare_curves(self, axes: Axes) -> None:
        axes.set(xlim=(0.5, self.num_steps * 1.06 + 0.5), ylim=(-0.02, 1.04))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_yticks([0, 0.5, 1], labels=["0", "50 %", "100 %"])
        axes.set_xlabel(f"{_unit(self.picture, self.num_steps)} seen", fontsize=10)
        axes.set_title("how they came about", fontsize=12, color=INK)
        axes.axhline(1 / self.num_classes, color=GREY, linewidth=0.9, linestyle=(0, (1, 3)))
        end = self.num_steps * 1.06
        axes.text(end, 1 / self.num_classes, "chance", ha="right", va="bottom", fontsize=8, color=GREY)
        tidy(axes)
        self.curves, self.curve_labels = [], []
        for number, (colour, line) in enumerate(self.styles):
            (curve,) = axes.plot([], [], color=colour, linestyle=line, linewidth=1, animated=True)
            if colour != LIGHT_GREY:
                curve.set(linewidth=2, marker="o", markevery=[-1])
            label = axes.text(0, 0, f"  {number}", color=colour, fontsize=12, weight="bold", va="center", animated=True)
            self.curves.append(curve)
            self.curve_labels.append(label)
        self.cursor = axes.axvline(1, color=INK, linewidth=0.8, animated=True)
        self.changing += [(axes, artist) for artist in (self.cursor, *self.curves, *self.curve_labels)]

    def _update(self, step: int) -> None:
        """Gives each changing artist its state after `step` steps."""
        self.seen.set_data(_seen(self.picture, step, self.num_steps))
        self.position.set_bounds(*_last_read(self.picture, step, self.num_steps))
        self.cursor.set_xdata([step, step])
        steps = np.arange(1, step + 1)
        for number, probability in enumerate(self.probabilities[step - 1]):
            self.bars[number].set_width(probability)
            self.bar_labels[number].set_x(probability + 0.02)
            self.bar_labels[number].set_text(f"{100 * probability:.0f}" if probability >= 0.005 else "")
            self.curves[number].set_data(steps, self.probabilities[:step, number])
            self.curve_labels[number].set_position((step, probability))
            self.curve_labels[number].set_visible(self.styles[number][0] != LIGHT_GREY and probability > 0.05)


def _checked_probabilities(picture: NDArray[np.float32], predictions: ArrayLike) -> NDArray[np.float64]:
    """The predictions as an array [T, num_classes] of which T fits the picture."""
    probabilities = np.asarray(predictions, dtype=np.float64)
    if probabilities.ndim != 2:
        raise ValueError(
            f"got predictions of shape {probabilities.shape}; expected [T, num_classes], the class probabilities after "
            "each step for one image. Of a batch of one, [1, T, num_classes], pass predictions[0]."
        )
    if not len(probabilities) or picture.size % len(probabilities):
        raise ValueError(
            f"got predictions for {len(probabilities)} steps of a picture with {picture.size} pixels; expected a "
            f"number of steps that divides it, such as {len(picture)} (row by row) or {picture.size} (pixel by pixel)"
        )
    return probabilities


def _show_slider(steps: StepFigure) -> None:
    """A play button and a slider over the figure's steps; the notebook's file keeps a text in their place."""
    import ipywidgets as widgets

    last = steps.num_steps
    play = widgets.Play(min=1, max=last, value=1, interval=round(1000 * SECONDS_TO_PLAY / last), description="Play")
    slider = widgets.IntSlider(
        min=1, max=last, value=1, description="step", layout=widgets.Layout(width="420px"), continuous_update=True
    )
    text = widgets.Label(_summary(steps.picture, steps.probabilities, 1))
    width = round(steps.figure.get_figwidth() * CSS_PIXELS_PER_INCH)
    layout = widgets.Layout(width="98%", max_width=f"{width}px")
    picture = widgets.Image(value=steps.png(1), format="png", layout=layout)

    def draw(change: dict[str, Any]) -> None:
        picture.value = steps.png(change["new"])
        text.value = _summary(steps.picture, steps.probabilities, change["new"])

    slider.observe(draw, names="value")
    # Linked in the browser: a slow connection to the kernel must not hold up the slider.
    link = widgets.jslink((play, "value"), (slider, "value"))
    box = widgets.VBox([widgets.HBox([play, slider]), text, picture])
    box.link = link
    bundle = box._repr_mimebundle_()
    bundle["text/plain"] = "Run this cell in a notebook to move a slider over the steps; some of them are shown below."
    display(bundle, raw=True)


def _strip(picture: NDArray[np.float32], probabilities: NDArray[np.float64]) -> Figure:
    """A few steps beside one another: what was seen above its class probabilities."""
    num_steps, num_classes = probabilities.shape
    shown = np.unique(np.linspace(num_steps / NUM_STRIP_STEPS, num_steps, NUM_STRIP_STEPS).round().astype(int))
    colours = [colour for colour, _ in _styles_of_classes(probabilities)]
    figure = new_figure(10, 3.0)
    grid = figure.subplots(2, len(shown), height_ratios=(1.5, 1), sharex="row", sharey="row", squeeze=False)
    for step, above, below in zip(shown, *grid, strict=True):
        above.imshow(_seen(picture, step, num_steps))
        bare(above)
        above.set_title(f"up to {_unit(picture, num_steps)[:-1]} {step}", fontsize=10, color=INK)
        below.bar(range(num_classes), probabilities[step - 1], color=colours)
        below.set(ylim=(0, 1), xticks=range(num_classes))
        below.set_yticks([0, 1], labels=["0", "100 %"])
        tidy(below)
        below.tick_params(labelsize=7)
    return figure


def _styles_of_classes(probabilities: NDArray[np.float64]) -> list[tuple[str, Any]]:
    """A colour and a line style for each class: those with the highest peaks above chance in colour, others in grey."""
    num_classes = probabilities.shape[1]
    peaks = probabilities.max(axis=0)
    styles: list[tuple[str, Any]] = [(LIGHT_GREY, "-")] * num_classes
    for number, style in zip(np.argsort(-peaks, kind="stable"), STYLES, strict=False):
        if peaks[number] > 1 / num_classes:
            styles[number] = style
    return styles


def _seen(picture: NDArray[np.float32], step: int, num_steps: int) -> NDArray[np.float32]:
    """The picture [H, W, 3] after `step` of `num_steps` steps: dark ink on white where it was seen, grey elsewhere."""
    paper = 1 - picture
    hidden = 0.72 + 0.06 * paper
    pixels = np.arange(picture.size).reshape(picture.shape)
    seen = np.where(pixels < step * picture.size // num_steps, paper, hidden)
    return np.repeat(seen[..., None], 3, axis=-1)


def _last_read(picture: NDArray[np.float32], step: int, num_steps: int) -> tuple[float, float, float, float]:
    """Left, top, width and height around the pixels that were read last."""
    width = picture.shape[1]
    size = picture.size // num_steps
    top, left = divmod((step - 1) * size, width)
    return left - 0.5, top - 0.5, min(size, width - left), max(1, size // width)


def _unit(picture: NDArray[np.float32], num_steps: int) -> str:
    """What a step reads: rows, pixels, or something in between."""
    units = {picture.shape[0]: "rows", picture.size: "pixels"}
    return units.get(num_steps, "steps")


def _summary(picture: NDArray[np.float32], probabilities: NDArray[np.float64], step: int) -> str:
    """One sentence on a step, for those who cannot see the picture."""
    best: Sequence[int] = np.argsort(-probabilities[step - 1], kind="stable")[:2].tolist()
    chances = " and ".join(f"{number} ({100 * probabilities[step - 1, number]:.0f} %)" for number in best)
    unit = _unit(picture, len(probabilities))
    return f"After {step} of {len(probabilities)} {unit}: most probable are {chances}."
