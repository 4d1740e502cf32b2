"""The report's plots, as SVG to stand inside of the page: text stays text, and colours follow the page's."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course_utils.grading.outcome import Outcome
from course_utils.grading.reporting.difficulty import Item

_COLOURS = {"#010203": "currentColor", "#040506": "var(--accent)", "#070809": "var(--second)"}
_TEXT, _ACCENT, _SECOND = _COLOURS
_STYLE: Any = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "axes.spines.top": False,
    "axes.spines.right": False, "text.color": _TEXT, "axes.labelcolor": _TEXT, "axes.edgecolor": _TEXT,
    "xtick.color": _TEXT, "ytick.color": _TEXT, "axes.linewidth": 0.6, "axes.titleweight": "bold",
}  # fmt: skip
_MEGABYTE = 1e6


def marks_histogram(totals: Sequence[float], points: float) -> Markup:
    """How many students got which marks."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(5.6, 2.6), layout="constrained")
        axes = figure.add_subplot()
        axes.hist(totals, bins=20, range=(0, max(points, 1e-9)), color=_ACCENT, rwidth=0.9)
        axes.set(xlabel=f"marks, of {points:g}", ylabel="students")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return _svg(figure, f"Histogram of the marks of {len(totals)} students")


def task_bars(shares: Mapping[str, float]) -> Markup:
    """The mean share of the points that each task brought, in per cent."""
    names = list(shares)[::-1]
    with rc_context(_STYLE):
        figure = Figure(figsize=(5.6, 0.26 * len(names) + 0.7), layout="constrained")
        axes = figure.add_subplot()
        axes.barh(names, [100 * shares[name] for name in names], color=_ACCENT, height=0.7)
        axes.set(xlabel="mean share of the points, in %", xlim=(0, 100))
        return _svg(figure, "Mean share of the points for each task")


def difficulty_plot(items: Sequence[Item]) -> Markup:
    """Each criterion's difficulty and discrimination; where one is not defined it is left out."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(5.6, 2.9), layout="constrained")
        axes = figure.add_subplot()
        for hidden, colour, marker in ((False, _ACCENT, "o"), (True, _SECOND, "^")):
            chosen = [item for item in items if item.hidden == hidden and item.discrimination is not None]
            places = [100 * item.difficulty for item in chosen]
            heights = [item.discrimination for item in chosen]
            axes.scatter(places, heights, s=22, color=colour, marker=marker, label="hidden" if hidden else "public")  # type: ignore[arg-type]
        axes.axhline(0, color=_TEXT, linewidth=0.6, linestyle=":")
        axes.set(xlabel="submissions that pass, in %", ylabel="discrimination r", xlim=(-3, 103), ylim=(-1.05, 1.05))
        axes.legend(frameon=False, loc="lower right", ncols=2)
        return _svg(figure, "Difficulty and discrimination of each criterion")


def cost_plot(outcomes: Sequence[Outcome]) -> Markup:
    """The seconds and the memory of each submission."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(5.6, 2.9), layout="constrained")
        axes = figure.add_subplot()
        for usual, colour, marker in ((True, _ACCENT, "o"), (False, _SECOND, "^")):
            chosen = [o for o in outcomes if (o.state in {"graded", "repaired"}) == usual and o.peak_memory]
            memory = [(o.peak_memory or 0) / _MEGABYTE for o in chosen]
            label = "graded or repaired" if usual else "ended otherwise"
            axes.scatter([o.seconds for o in chosen], memory, s=22, color=colour, marker=marker, label=label)
        axes.set(xlabel="seconds", ylabel="peak memory, in MB")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False, loc="lower right")
        return _svg(figure, "Time and memory of each submission")


def _svg(figure: Figure, title: str) -> Markup:
    """A figure as an <svg> element without a background, named for who cannot see it."""
    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": title}):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    svg = buffer.getvalue().decode("utf-8")
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*" height="[^"]*"', r"<svg \1", svg, count=1)
    svg = re.sub(r' id="\w+_\d+"', "", svg)
    for placeholder, colour in _COLOURS.items():
        svg = svg.replace(placeholder, colour)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1))
