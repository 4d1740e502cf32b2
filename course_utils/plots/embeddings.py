"""Plots of embeddings: triplets, distances, one-shot tasks, points that move while a network trains, lucky tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
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

Embed = Callable[[Any], Any]
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY_BLUE, GREY, INK, "#8C564B", "#B5A800")
MARKERS = "osD^vP"
BINS = np.linspace(0, 4, 61)
MARGIN = 0.08  # of the width of a plot of points, left free on each side


def plot_triplets(groups: Mapping[str, ArrayLike], embed: Embed | None = None) -> None:
    """Shows triplets in columns, group beside group: anchor, positive and negative from top to bottom.

    Args:
        groups: for each name triplets (B, 3, H, W, 1), in [0, 1] or uint8.
        embed: from images (n, H, W, 1) to vectors (n, D); squared distances to the anchors are written beside then.

    Raises:
        ValueError: when there is nothing to show, or an array is of another shape.
    """
    arrays = {name: _checked_triplets(name, triplets) for name, triplets in groups.items()}
    if not arrays:
        raise ValueError("got no triplets, expected at least one group of them")
    columns = sum(len(triplets) for triplets in arrays.values())
    figure = new_figure(1.05 * columns + 0.9, 4.3)
    halves: Any = np.atleast_1d(figure.subfigures(1, len(arrays), width_ratios=[len(part) for part in arrays.values()]))
    said = []
    for half, (name, triplets) in zip(halves, arrays.items(), strict=True):
        half.suptitle(name, fontsize=12, color=INK)
        distances = None if embed is None else _to_anchors(embed, triplets)
        _draw_triplets(half, triplets, distances)
        part = "" if distances is None else f", of which {int((distances[:, 0] < distances[:, 1]).sum())} in order"
        said.append(f"{len(triplets)} {name} triplets{part}")
    show(figure, "Anchor, positive and negative from top to bottom: " + "; ".join(said))


def plot_class_batch(images: ArrayLike, labels: ArrayLike, classes: int) -> None:
    """Shows some characters of a batch, each in a column.

    Args:
        images: (B, H, W, 1), in [0, 1] or uint8.
        labels: (B,), the character of each.
        classes: so many of the characters.

    Raises:
        ValueError: when there is not a label for each image.
    """
    pixels, numbers = np.asarray(images), np.ravel(np.asarray(labels))
    if pixels.ndim != 4 or not len(pixels) or len(numbers) != len(pixels):
        raise ValueError(
            f"got images of shape {pixels.shape} and {len(numbers)} labels, expected (B, H, W, 1) with a label for each"
        )
    _, firsts = np.unique(numbers, return_index=True)
    chosen = numbers[np.sort(firsts)][:classes]
    rows = max(int((numbers == label).sum()) for label in chosen)
    figure = new_figure(0.95 * len(chosen) + 0.2, 0.95 * rows + 0.2)
    grid: Any = figure.subplots(rows, len(chosen), squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for column, label in enumerate(chosen):
        for row, image in enumerate(pixels[numbers == label]):
            _picture(grid[row, column], image, GREY)
    show(figure, f"{len(chosen)} characters of a batch, one in each column, with up to {rows} drawings")


def plot_oneshot_distances(test_image: ArrayLike, support: ArrayLike, targets: ArrayLike, embed: Embed) -> None:
    """Shows a one-shot task: the test image, and the support images with their distances from it, the nearest first.

    Args:
        test_image: (H, W, 1).
        support: (N, H, W, 1).
        targets: (N,), 1 for the right one, which is framed in blue.
        embed: from images (n, H, W, 1) to vectors (n, D).

    Raises:
        ValueError: when there is not a target for each support image.
    """
    pixels, right = np.asarray(support), np.ravel(np.asarray(targets))
    if pixels.ndim != 4 or len(right) != len(pixels) or not len(pixels):
        raise ValueError(
            f"got support images of shape {pixels.shape} and {len(right)} targets, expected (N, H, W, 1) and N of them"
        )
    vectors = np.asarray(embed(np.concatenate([np.asarray(test_image)[np.newaxis], pixels])), float)
    distances = np.square(vectors[1:] - vectors[0]).sum(axis=-1)
    order = np.argsort(distances, kind="stable")
    columns = min(10, len(pixels))
    rows = -(-len(pixels) // columns)
    figure = new_figure(0.95 * columns + 1.7, 1.25 * rows + 0.3)
    halves: Any = figure.subfigures(1, 2, width_ratios=(1.4, 0.95 * columns))
    asked = halves[0].subplots()
    _picture(asked, test_image, INK)
    asked.set_title("test image", fontsize=10, color=INK)
    grid: Any = halves[1].subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for axes, number in zip(grid.ravel(), order, strict=False):
        _picture(axes, pixels[number], BLUE if right[number] else GREY)
        axes.set_title(f"{distances[number]:.2f}", fontsize=9, color=BLUE if right[number] else INK, pad=3)
    place = int(np.flatnonzero(right[order])[0]) + 1
    show(figure, f"A {len(pixels)}-way task: the right image is number {place} in order of distance")


def plot_distance_histograms(groups: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> None:
    """Shows how squared distances of unit vectors are spread, of pairs of the same and of different characters.

    Args:
        groups: for each name a pair (distances of the same character, distances of different ones), each (n,).

    Raises:
        ValueError: when there is nothing to show.
    """
    if not groups:
        raise ValueError("got no distances, expected at least one group of them")
    figure = new_figure(3.5 * len(groups) + 0.4, 3.0)
    said = []
    all_axes: Any = figure.subplots(1, len(groups), squeeze=False, sharey=True)[0]
    for axes, (name, (same, different)) in zip(all_axes, groups.items(), strict=True):
        near, far = np.asarray(same, float), np.asarray(different, float)
        for values, label, colour in ((near, "same character", BLUE), (far, "different", VERMILLION)):
            weights = np.full(len(values), 1 / max(1, len(values)))
            axes.hist(values, BINS, weights=weights, color=colour, alpha=0.55, label=label)
        error = overlap(near, far)
        axes.set_title(f"{name}\ntaken for the other kind: {100 * error:.0f} %", fontsize=11, color=INK)
        axes.set_xlabel("squared distance", fontsize=10)
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        tidy(axes)
        said.append(f"{name}: {100 * error:.0f} %")
    all_axes[0].set_ylabel("part of the pairs", fontsize=10)
    all_axes[0].legend(fontsize=9, frameon=False)
    show(figure, "Distances of same and different characters; pairs on the wrong side of the best threshold: "
         + "; ".join(said))  # fmt: skip


def overlap(same: ArrayLike, different: ArrayLike) -> float:
    """The part of the pairs, half of either kind, that lies on the wrong side of the best threshold.

    >>> overlap([0.1, 0.2], [0.8, 1.2])
    0.0
    """
    near, far = np.sort(np.asarray(same, float)), np.sort(np.asarray(different, float))
    thresholds = np.concatenate([[-np.inf], near, far])
    missed = 1 - np.searchsorted(near, thresholds, side="right") / len(near)
    taken = np.searchsorted(far, thresholds, side="right") / len(far)
    return float(np.min(missed + taken) / 2)


def by_pca(looks: ArrayLike) -> NDArray[np.float64]:
    """Flattens embeddings (looks, n, D) to points (looks, n, 2), all onto the plane of the last look's main directions.

    The plane stays, so that points move because their embeddings do (principal component analysis, Pearson 1901).
    """
    from sklearn.decomposition import PCA

    arrays = _checked_looks(looks)
    plane = PCA(2, svd_solver="full").fit(arrays[-1])
    return np.stack([plane.transform(look) for look in arrays])


def by_tsne(looks: ArrayLike) -> NDArray[np.float64]:
    """Flattens embeddings (looks, n, D) to points (looks, n, 2) that keep neighbours (van der Maaten, Hinton 2008).

    Each look starts from where the points were in the one before, so that they move no more than they must. Takes
    some seconds a look.
    """
    from sklearn.manifold import TSNE

    arrays = _checked_looks(looks)
    points: list[NDArray] = []
    start: Any = "pca"
    for look in arrays:
        perplexity = min(20.0, (len(look) - 1) / 3)
        found = TSNE(perplexity=perplexity, init=start, random_state=0, max_iter=500).fit_transform(look)
        points.append(found)
        start = (found / max(1e-9, float(found.std())) * 1e-2).astype(np.float32)
    return np.stack(points).astype(np.float64)


def plot_embedding(
    points: ArrayLike, classes: ArrayLike, pictures: ArrayLike, names: Sequence[str] | None = None
) -> None:
    """Shows how an embedding changed while its network trained, with a slider over the looks at it.

    Below is the first look beside the last, which is also what remains where there is no live notebook.

    Args:
        points: (looks, n, 2), such as `by_pca` or `by_tsne` give.
        classes: (n,), from 0 on.
        pictures: an image (H, W) or (H, W, 1) of each class, which is shown in the middle of its points.
        names: what to call each look; by default "before training", "after epoch 1" and so on.

    Raises:
        ValueError: when the sizes do not fit.
    """
    places, groups, images = np.asarray(points, float), np.asarray(classes), np.asarray(pictures)
    if names is None:
        names = ["before training", *(f"after epoch {number}" for number in range(1, len(places)))]
    if places.ndim != 3 or places.shape[2] != 2 or groups.shape != places.shape[1:2] or len(names) != len(places):
        raise ValueError(
            f"got points of shape {places.shape}, {groups.shape} classes and {len(names)} names, expected (looks, n, "
            f"2), (n,) and a name for each look"
        )
    if len(images) <= groups.max():
        raise ValueError(f"got {len(images)} pictures, expected one for each of {groups.max() + 1} classes")
    if getattr(get_ipython(), "kernel", None) is not None:
        _show_slider(places, groups, images, names)
    figure = new_figure(9.6, 4.8)
    for axes, look in zip(figure.subplots(1, 2), (0, len(places) - 1), strict=True):
        _draw_points(axes, places, groups, images, look)
        axes.set_title(names[look], fontsize=12, color=INK)
    show(figure, f"{places.shape[1]} images of {groups.max() + 1} characters, {names[0]} and {names[-1]}")


def plot_best_of(single: ArrayLike, best: ArrayLike, truth: float, what: str) -> None:
    """Shows how single evaluations are spread, and the best of several.

    Args:
        single, best: (n,) accuracies in [0, 1].
        truth: the accuracy that all were drawn with.
        what: what an evaluation is, such as "250 tasks".
    """
    one, lucky = np.asarray(single, float), np.asarray(best, float)
    figure = new_figure(7.4, 3.2)
    axes = figure.subplots()
    values = np.unique(np.concatenate([one, lucky]))
    step = float(np.diff(values).min()) if len(values) > 1 else 0.01
    edges = np.arange(values[0] - step / 2, values[-1] + step, step).tolist()
    for accuracies, label, colour in ((one, "a single evaluation", BLUE), (lucky, "the best of several", VERMILLION)):
        weights = np.full(len(accuracies), 1 / len(accuracies))
        axes.hist(accuracies, edges, weights=weights, color=colour, alpha=0.55, label=label)
        mean = float(accuracies.mean())
        axes.axvline(mean, color=colour, linewidth=1.6)
        axes.text(mean, axes.get_ylim()[1], f" {100 * mean:.1f} %", color=colour, fontsize=10, va="top")
    axes.axvline(truth, color=INK, linestyle=":", linewidth=1.4, label="the truth")
    axes.set_xlabel(f"accuracy on {what}", fontsize=10)
    axes.xaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    axes.set_yticks([])
    axes.legend(fontsize=9, frameon=False)
    tidy(axes)
    show(figure, f"Accuracies on {what}: {100 * one.mean():.1f} % on average, the best of several "
         f"{100 * lucky.mean():.1f} %, in truth {100 * truth:.1f} %")  # fmt: skip


def _checked_triplets(name: str, triplets: ArrayLike) -> NDArray:
    array = np.asarray(triplets)
    if array.ndim != 5 or array.shape[1] != 3 or not len(array):
        raise ValueError(
            f"{name}: got triplets of shape {array.shape}, expected (B, 3, H, W, 1); pass what a batch has"
        )
    return array


def _checked_looks(looks: ArrayLike) -> NDArray[np.float32]:
    arrays = np.asarray(looks, np.float32)
    if arrays.ndim != 3 or not len(arrays):
        raise ValueError(f"got embeddings of shape {arrays.shape}, expected (looks, n, D)")
    return arrays


def _to_anchors(embed: Embed, triplets: NDArray) -> NDArray:
    """[B, 2], the squared distances of positives and of negatives from their anchors."""
    vectors = np.asarray(embed(triplets.reshape(-1, *triplets.shape[2:])), float).reshape(len(triplets), 3, -1)
    distances: NDArray = np.square(vectors[:, 1:] - vectors[:, :1]).sum(axis=-1)
    return distances


def _draw_triplets(half: Any, triplets: NDArray, distances: NDArray | None) -> None:
    """Three rows of pictures; what is written over a picture is its distance from the anchor above it."""
    grid: Any = half.subplots(3, len(triplets), squeeze=False)
    for column, triplet in enumerate(triplets):
        for row, colour in enumerate((INK, BLUE, VERMILLION)):
            axes = grid[row, column]
            _picture(axes, triplet[row], colour)
            if row and distances is not None:
                axes.set_title(f"{distances[column, row - 1]:.2f}", fontsize=9, color=colour, pad=3)
    for row, name in enumerate(("anchor", "positive", "negative")):
        grid[row, 0].set_axis_on()
        grid[row, 0].set_ylabel(name, fontsize=10, color=INK)


def _picture(axes: Axes, image: Any, colour: str) -> None:
    """An image, ink dark, with a frame."""
    axes.set_axis_on()
    axes.imshow(1 - as_picture(image), cmap="gray", vmin=0, vmax=1)
    bare(axes)
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=2)


def _draw_points(axes: Axes, places: NDArray, groups: NDArray, images: NDArray, look: int) -> None:
    """The points of one look, each class with its colour, mark and picture; the frame is the same for all looks."""
    bare(axes)
    for group in range(int(groups.max()) + 1):
        points = places[look, groups == group]
        colour, marker = COLOURS[group % len(COLOURS)], MARKERS[group % len(MARKERS)]
        axes.scatter(points[:, 0], points[:, 1], s=16, color=colour, marker=marker, alpha=0.85, linewidth=0, zorder=3)
        picture = OffsetImage(1 - as_picture(images[group]), zoom=0.8, cmap="gray", alpha=0.9)
        frame = {"edgecolor": colour, "linewidth": 2}
        place = tuple(np.median(points, axis=0))
        axes.add_artist(AnnotationBbox(picture, place, pad=0.1, bboxprops=frame, zorder=2))
    low, high = places.min(axis=(0, 1)), places.max(axis=(0, 1))
    room = MARGIN * np.maximum(high - low, 1e-6)
    axes.set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))


def _look_figure(places: NDArray, groups: NDArray, images: NDArray, look: int) -> Figure:
    """The figure of one look."""
    figure = new_figure(6.4, 5.6)
    _draw_points(figure.subplots(), places, groups, images, look)
    return figure


def _show_slider(places: NDArray, groups: NDArray, images: NDArray, names: Sequence[str]) -> None:
    """A play button and a slider over the looks; the notebook's file keeps a text in their place."""
    import ipywidgets as widgets

    frames: dict[int, bytes] = {}

    def png(look: int) -> bytes:
        if look not in frames:
            content = io.BytesIO()
            _look_figure(places, groups, images, look).savefig(content, format="png", dpi=100)
            frames[look] = content.getvalue()
        return frames[look]

    last = len(places) - 1
    play = widgets.Play(min=0, max=last, value=0, interval=700, description="Play")
    slider = widgets.IntSlider(min=0, max=last, value=0, description="look", layout=widgets.Layout(width="420px"))
    text = widgets.Label(names[0])
    width = round(6.4 * CSS_PIXELS_PER_INCH)
    picture = widgets.Image(value=png(0), format="png", layout=widgets.Layout(width="98%", max_width=f"{width}px"))

    def draw(change: dict[str, Any]) -> None:
        picture.value = png(change["new"])
        text.value = names[change["new"]]

    slider.observe(draw, names="value")
    # Linked in the browser: a slow connection to the kernel must not hold up the slider.
    link = widgets.jslink((play, "value"), (slider, "value"))
    box = widgets.VBox([widgets.HBox([play, slider, text]), picture])
    box.link = link
    bundle = box._repr_mimebundle_()
    bundle["text/plain"] = "Run this cell in a notebook to move a slider over the looks; the first and last are below."
    display(bundle, raw=True)
