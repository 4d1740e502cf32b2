"""How a training went: loss and accuracy, epoch by epoch."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from course_utils.plots.figures import BLUE, GREY, INK, ORANGE, new_figure, show, tidy

Curves = Mapping[str, Sequence[float]]


def plot_history(history: Any) -> None:
    """Plots loss and accuracy of training and validation over the epochs, and where the learning rate was lowered.

    Args:
        history: what Keras's `fit` returned, anything else with an attribute `history`, or a dict of curves such
            as `{"loss": [2.3, 1.9], "val_loss": [2.2, 1.8], "accuracy": [0.1, 0.4], "learning_rate": [0.01, 0.01]}`.

    Raises:
        ValueError: when there is no curve called "loss".
    """
    curves: Curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping) or not len(curves.get("loss", ())):
        got = sorted(curves) if isinstance(curves, Mapping) else type(curves).__name__
        raise ValueError(f'got a history with {got}; expected a curve "loss" with at least one epoch')
    accuracy = next((name for name in ("accuracy", "sparse_categorical_accuracy", "acc") if name in curves), None)
    names = ["loss"] if accuracy is None else ["loss", accuracy]

    figure = new_figure(4.7 * len(names), 3.3)
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        _plot_curve(axes, curves, name)
        _mark_learning_rate_drops(axes, curves)
        axes.legend(fontsize=9, frameon=False)
        tidy(axes)
    if accuracy is not None:
        figure.axes[1].yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    show(figure, f"Training and validation {' and '.join(names)} over {len(curves['loss'])} epochs")


def _plot_curve(axes: Axes, curves: Curves, name: str) -> None:
    """Draws a quantity of training and validation, the best validation epoch marked."""
    best = np.nanargmin if name == "loss" else np.nanargmax
    axes.set_title(name.replace("sparse_categorical_", ""), fontsize=12, color=INK)
    axes.set_xlabel("epoch", fontsize=10)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for label, key, colour, style in (("training", name, BLUE, "--"), ("validation", f"val_{name}", ORANGE, "-")):
        values = np.asarray(curves.get(key, ()), dtype=float)
        if not len(values):
            continue
        marker = "o" if len(values) == 1 else None
        axes.plot(np.arange(1, len(values) + 1), values, style, color=colour, marker=marker, linewidth=1.8, label=label)
        if label == "validation" and np.isfinite(values).any():
            epoch = int(best(values))
            shown = f"{values[epoch]:.3f}" if name == "loss" else f"{100 * values[epoch]:.1f} %"
            axes.plot(epoch + 1, values[epoch], "o", color=colour, label=f"best: {shown} (epoch {epoch + 1})")


def _mark_learning_rate_drops(axes: Axes, curves: Curves) -> None:
    """A dotted line where an epoch began with a lower learning rate than the one before."""
    rates = np.asarray(curves.get("learning_rate", curves.get("lr", ())), dtype=float)
    last_epochs = [epoch for epoch, (before, after) in enumerate(pairwise(rates), start=1) if after < before]
    for number, epoch in enumerate(last_epochs):
        label = "learning rate lowered" if number == 0 else None
        axes.axvline(epoch + 0.5, color=GREY, linestyle=":", linewidth=1.1, label=label)
