"""Plots of prototypical networks: an episode, its embedding as it is formed, figures by size, what is confused."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from course_utils.data.characters import Characters
from course_utils.episodes import as_floats
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
)

COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY_BLUE)
MARKS = ("o", "s", "^", "D", "v", "p")
STRIP = 4  # moments that stay beside each other where there is no live notebook
BATCH = 500
EXAMPLES = 3  # drawings of each character of a confused pair

Look = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True, eq=False)
class Moment:
    """An embedded episode at one moment of training, in two dimensions.

    Attributes:
        name: such as "60 episodes".
        prototypes: [way, 2].
        queries: [way, query, 2].
        right: bool [way, query], whether the nearest prototype, in all dimensions, is the query's own.
    """

    name: str
    prototypes: NDArray
    queries: NDArray
    right: NDArray[np.bool_]

    def __str__(self) -> str:
        return f"{self.name}: {100 * self.right.mean():.0f} % of the queries are nearest to their own prototype"


def plot_support_and_query(support: ArrayLike, query: ArrayLike) -> None:
    """Shows an episode, a class a row: its support on the left, its queries on the right.

    Args:
        support: (way, shot, H, W, 1) or (way, shot, H, W), numbers in [0, 1] or [0, 255].
        query: (way, query, H, W, 1) or (way, query, H, W), the same classes in the same order.

    Raises:
        ValueError: when the shapes do not fit.
    """
    shown, asked = np.asarray(support), np.asarray(query)
    if shown.ndim not in (4, 5) or asked.ndim != shown.ndim or len(asked) != len(shown):
        raise ValueError(
            f"got support of shape {shown.shape} and queries of shape {asked.shape}, expected (way, shot, H, W, 1) and "
            f"(way, query, H, W, 1)"
        )
    way, shot, queries = len(shown), shown.shape[1], asked.shape[1]
    figure = new_figure(0.95 * (shot + queries) + 0.9, 0.95 * way + 0.5)
    grid: Any = figure.subplots(way, shot + queries, squeeze=False)
    for row in range(way):
        for column, image in enumerate([*shown[row], *asked[row]]):
            axes = grid[row, column]
            axes.imshow(1 - as_picture(image), cmap="gray", vmin=0, vmax=1)
            bare(axes)
            colour = BLUE if column < shot else VERMILLION
            for spine in axes.spines.values():
                spine.set(color=colour, linewidth=1.5)
        grid[row, 0].set_ylabel(f"class {row}", fontsize=10, color=INK)
    grid[0, 0].set_title("support", fontsize=11, color=BLUE, loc="left")
    grid[0, shot].set_title("query", fontsize=11, color=VERMILLION, loc="left")
    show(figure, f"An episode of {way} classes with {shot} support and {queries} query images each")


def plot_embedded_episode(looks: Mapping[str, Look]) -> None:
    """Shows an embedded episode in two dimensions, with a slider over the moments of training.

    The dimensions are the two main components (PCA) of each moment's prototypes and queries, turned so that they do
    not flip from one moment to the next. Below stays a strip of up to four moments.

    Args:
        looks: for each moment its name, and (prototypes (way, D), queries (way, query, D)); the classes in one order.

    Raises:
        ValueError: when there is no moment, or the shapes do not fit.
    """
    moments = in_two_dimensions(looks)
    if getattr(get_ipython(), "kernel", None) is not None:
        _show_slider(moments)
    chosen = np.unique(np.linspace(0, len(moments) - 1, min(STRIP, len(moments))).round().astype(int))
    figure = new_figure(3.0 * len(chosen), 3.3)
    grid: Any = figure.subplots(1, len(chosen), squeeze=False)
    for axes, number in zip(grid[0], chosen, strict=True):
        _draw_moment(axes, moments[number])
    show(figure, ". ".join(str(moments[number]) for number in chosen))


def in_two_dimensions(looks: Mapping[str, Look]) -> list[Moment]:
    """The moments of `plot_embedded_episode`."""
    from sklearn.decomposition import PCA

    if not looks:
        raise ValueError("got no moment, expected at least one")
    moments: list[Moment] = []
    for name, look in looks.items():
        prototypes, queries = (np.asarray(part, float) for part in look)
        if prototypes.ndim != 2 or queries.ndim != 3 or queries.shape[::2] != prototypes.shape:
            raise ValueError(
                f"{name}: got prototypes of shape {prototypes.shape} and queries of shape {queries.shape}, expected "
                f"(way, D) and (way, query, D)"
            )
        points = np.concatenate([prototypes, queries.reshape(-1, queries.shape[-1])])
        flat = PCA(2, svd_solver="full").fit_transform(points)
        flat *= _signs(flat, moments[-1] if moments else None)
        distances = ((queries[:, :, None] - prototypes) ** 2).sum(-1)  # [way, query, way]
        right = distances.argmin(-1) == np.arange(len(prototypes))[:, None]
        way = len(prototypes)
        moments.append(Moment(name, flat[:way], flat[way:].reshape(*queries.shape[:2], 2), right))
    return moments


def plot_accuracy_table(rows: Mapping[str, Sequence[float]], columns: Sequence[str]) -> None:
    """Shows accuracies as a coloured table, the best of each column framed.

    Args:
        rows: for each name its accuracies, fractions in [0, 1], one for each column.
        columns: their names.

    Raises:
        ValueError: when there is nothing to show, or a row has another length.
    """
    if not rows or any(len(values) != len(columns) for values in rows.values()):
        lengths = {name: len(values) for name, values in rows.items()}
        raise ValueError(f"got rows of lengths {lengths}, expected at least one row, and {len(columns)} values in each")
    table = np.array([list(values) for values in rows.values()], float)
    spread = np.ptp(table, axis=0)
    shade = (table - table.min(0)) / np.where(spread > 0, spread, 1)  # by column: what is compared
    figure = new_figure(1.45 * len(columns) + 2.4, 0.5 * len(table) + 1.0)
    axes = figure.subplots()
    axes.imshow(shade, cmap="Blues", vmin=-0.3, vmax=1.6, aspect="auto")
    for row, column in np.ndindex(table.shape):
        best = table[row, column] == table[:, column].max()
        text = f"{100 * table[row, column]:.1f} %"
        axes.text(column, row, text, ha="center", va="center", color=INK, weight="bold" if best else "normal")
    axes.set_xticks(range(len(columns)), labels=[f"tested\n{name}" for name in columns], fontsize=10)
    axes.set_yticks(range(len(table)), labels=list(rows), fontsize=10)
    axes.tick_params(length=0, top=False, bottom=False, labeltop=True, labelbottom=False)
    axes.spines[:].set_visible(False)
    best = [list(rows)[row] for row in table.argmax(0)]
    show(
        figure,
        "Accuracies; the best of each column: "
        + "; ".join(f"{name}: {row}" for name, row in zip(columns, best, strict=True)),
    )


def plot_confused_characters(encoder: Any, characters: Characters, pairs: int = 6) -> None:
    """Shows the pairs of characters of one alphabet that an encoder confuses most, with three drawings of each.

    Args:
        encoder: a Keras model from images (n, 28, 28, 1) to embeddings (n, D), used in inference mode.
        characters: those to look at.
        pairs: how many to show.

    Raises:
        ValueError: when no alphabet has two characters.
    """
    found = confused_pairs(embeddings(encoder, characters.images), characters)[:pairs]
    if not found:
        raise ValueError(f"got {characters}, expected an alphabet with at least two characters")
    columns = min(3, len(found))
    rows = -(-len(found) // columns)
    figure = new_figure(3.1 * columns, 2.5 * rows)
    parts: Any = figure.subfigures(rows, columns, squeeze=False)
    for (rate, one, other), part in zip(found, parts.ravel(), strict=False):
        part.suptitle(f"{_shortened(characters.alphabets[one])}: {100 * rate:.0f} % wrong", fontsize=10, color=INK)
        grid: Any = part.subplots(2, EXAMPLES, squeeze=False)
        for row, number in enumerate((one, other)):
            for axes, image in zip(grid[row], characters.images[number], strict=False):
                axes.imshow(1 - as_picture(image), cmap="gray", vmin=0, vmax=1)
                bare(axes)
            grid[row, 0].set_ylabel(_shortened(characters.names[number], 12), fontsize=8, color=GREY)
    names = [f"{characters.keys[one]} and {characters.names[other]}" for _, one, other in found]
    show(figure, "The pairs of characters that are confused most: " + "; ".join(names))


def embeddings(encoder: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 [characters, drawings, D] of uint8 [characters, drawings, H, W], in inference mode."""
    flat = images.reshape(-1, *images.shape[2:], 1)
    parts = [
        np.asarray(encoder(as_floats(flat[start : start + BATCH]), training=False))
        for start in range(0, len(flat), BATCH)
    ]
    return np.concatenate(parts).reshape(*images.shape[:2], -1)


def confused_pairs(embedded: NDArray, characters: Characters) -> list[tuple[float, int, int]]:
    """(rate, one, other) for all pairs within an alphabet, the most confused first.

    The rate is that at which a drawing of one of both is nearer to a drawing of the other than to one of its own, over
    all triples of drawings: the error of 2-way 1-shot episodes with these two characters.

    Args:
        embedded: [characters, drawings, D].
    """
    found = []
    for first, last in characters.alphabet_ranges().values():
        rates = _error_rates(embedded[first:last])
        rates = (rates + rates.T) / 2
        for one, other in zip(*np.triu_indices(last - first, 1), strict=True):
            found.append((float(rates[one, other]), first + int(one), first + int(other)))
    return sorted(found, key=lambda pair: (-pair[0], *pair[1:]))


def _error_rates(embedded: NDArray) -> NDArray[np.float64]:
    """[n, n], how often a drawing of the first character is nearer to one of the second than to another of its own."""
    count, drawings, _ = embedded.shape
    others: NDArray[np.bool_] = ~np.eye(drawings, dtype=bool)
    flat = embedded.reshape(count * drawings, -1)
    squares = (flat**2).sum(-1)
    rates = np.zeros((count, count))
    for number, mine in enumerate(embedded):
        away = (squares - 2 * mine @ flat.T).reshape(drawings, count, drawings)  # but for what depends on mine alone
        own = away[:, number][others].reshape(drawings, 1, drawings - 1, 1)
        rates[number] = (away[:, :, None, :] < own).mean(axis=(0, 2, 3))
    return rates


def _signs(flat: NDArray, before: Moment | None) -> NDArray:
    """[2], 1 or -1: what makes each component agree with the moment before, or its largest number positive."""
    if before is None:
        agreement = flat[np.abs(flat).argmax(0), [0, 1]]
    else:
        agreement = (flat * np.concatenate([before.prototypes, before.queries.reshape(-1, 2)])).sum(0)
    return np.where(agreement < 0, -1.0, 1.0)


def _draw_moment(axes: Axes, moment: Moment) -> None:
    """Prototypes large, queries small; a query that goes to another prototype with a black edge."""
    for number, (prototype, queries) in enumerate(zip(moment.prototypes, moment.queries, strict=True)):
        colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
        edges = [INK if not right else "none" for right in moment.right[number]]
        x, y = prototype
        axes.scatter(
            queries[:, 0], queries[:, 1], s=26, color=colour, marker=mark, edgecolors=edges, linewidths=1.1, alpha=0.75
        )
        axes.scatter(x, y, s=230, color=colour, marker=mark, edgecolors="white", linewidths=2, zorder=3)
        axes.text(x, y, str(number), color="white", fontsize=9, ha="center", va="center", zorder=4)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_title(f"{moment.name}: {100 * moment.right.mean():.0f} % right", fontsize=10, color=INK)
    axes.tick_params(labelsize=8, colors=GREY)
    axes.spines[:].set_color(GREY)


def _show_slider(moments: Sequence[Moment]) -> None:
    """A slider over the moments; the notebook's file keeps a text in its place."""
    import ipywidgets as widgets

    frames: dict[int, bytes] = {}

    def png(number: int) -> bytes:
        if number not in frames:
            figure = new_figure(6.0, 5.4)
            _draw_moment(figure.subplots(), moments[number])
            content = io.BytesIO()
            figure.savefig(content, format="png", dpi=110)
            frames[number] = content.getvalue()
        return frames[number]

    options = [(moment.name, number) for number, moment in enumerate(moments)]
    slider = widgets.SelectionSlider(options=options, description="after", layout=widgets.Layout(width="420px"))
    text = widgets.Label(str(moments[0]))
    width = round(6.0 * CSS_PIXELS_PER_INCH)
    picture = widgets.Image(value=png(0), format="png", layout=widgets.Layout(width="98%", max_width=f"{width}px"))

    def draw(change: dict[str, Any]) -> None:
        picture.value = png(change["new"])
        text.value = str(moments[change["new"]])

    slider.observe(draw, names="value")
    bundle = widgets.VBox([slider, text, picture])._repr_mimebundle_()
    bundle["text/plain"] = "Run this cell in a notebook to move a slider over training; some moments are shown below."
    display(bundle, raw=True)


def _shortened(text: str, length: int = 24) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
