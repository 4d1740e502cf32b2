"""What all plots share: colours, figures without global state, and showing them in a notebook.

Figures are made without `matplotlib.pyplot`, so there is nothing to close, no backend to choose and no
setting of the notebook's own plots is touched.
"""

import io
import math

import numpy as np
from IPython.display import Image, display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

# Okabe and Ito's palette (2008): distinguishable with every common colour-vision deficiency.
BLUE, ORANGE, GREEN, VERMILLION, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
SKY_BLUE = "#56B4E9"
GREY, LIGHT_GREY, INK = "#8A8A8A", "#D9D9D9", "#222222"

CSS_PIXELS_PER_INCH = 96
PICTURE_DPI = 160


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure of `width` x `height` inches that pyplot knows nothing of."""
    figure = Figure(figsize=(width, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def tidy(axes: Axes) -> None:
    """Leaves only the left and the bottom line of the frame."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, labelsize=9)


def bare(axes: Axes) -> None:
    """Leaves a picture with a thin grey frame and no ticks."""
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_color(GREY)


def show(figure: Figure, description: str) -> None:
    """Shows the figure below the cell; `description` is read out by screen readers."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=PICTURE_DPI)
    width = round(figure.get_figwidth() * CSS_PIXELS_PER_INCH)
    display(Image(data=png.getvalue(), format="png", width=width, alt=description))


def as_picture(image: ArrayLike) -> NDArray[np.float32]:
    """Undoes reshaping and scaling: a picture [H, W] in [0, 1].

    Args:
        image: (H, W, 1), (H, W), or the pixels of a square picture in row-major order, (H * W, 1) or (H * W,);
            numbers in [0, 255] or in [0, 1], of any dtype.

    Raises:
        ValueError: for any other shape.
    """
    pixels = np.asarray(image)
    shape = pixels.shape
    if pixels.ndim > 1 and shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim == 1 and math.isqrt(pixels.size) ** 2 == pixels.size:
        pixels = pixels.reshape(math.isqrt(pixels.size), -1)
    if pixels.ndim != 2:
        raise ValueError(
            f"got an image of shape {shape}; expected (H, W, 1), (H, W) or a square picture's pixels (H * W, 1). "
            "Pass one image, not a batch."
        )
    whole_range = 255.0 if pixels.dtype == np.uint8 or pixels.max(initial=0) > 1 else 1.0
    return (pixels / whole_range).astype(np.float32)


def as_colours(images: ArrayLike) -> NDArray[np.float32]:
    """Images (B, H, W, C) of one or three channels, uint8 or in [0, 1], as colours (B, H, W, 3) in [0, 1].

    Raises:
        ValueError: for any other shape.
    """
    pixels = np.asarray(images)
    if pixels.ndim != 4 or pixels.shape[-1] not in (1, 3):
        raise ValueError(f"got images of shape {pixels.shape}, expected (B, H, W, C) with one or three channels")
    scaled = pixels / (255.0 if pixels.dtype == np.uint8 else 1.0)
    return np.clip(np.broadcast_to(scaled, (*pixels.shape[:-1], 3)), 0, 1).astype(np.float32)
