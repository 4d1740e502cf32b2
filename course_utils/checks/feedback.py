"""How results are shown: the same words as HTML and as plain text, in a notebook and on a feedback page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.checks.criteria import NOT_FILLED_IN, NOT_RUN, PASSED, Result

_MARKS = {PASSED: "✓", NOT_FILLED_IN: "○", NOT_RUN: "○"}
_LINES = (("got", "Got"), ("expected", "Expected"), ("why", "Why it matters"), ("hint", "Where to look"))
# Inline styles, since nbconvert, Colab and mail clients drop style sheets; colours that do on dark and on light.
_COLOURS = {PASSED: "#2e8b57", NOT_FILLED_IN: "#808080", NOT_RUN: "#808080"}
_FAILED_COLOUR = "#d9480f"


@dataclass(frozen=True)
class Feedback:
    """The results of one grade cell, ready to be displayed; `note` is a sentence that goes on top."""

    title: str
    results: Sequence[Result]
    note: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.text()}

    def text(self) -> str:
        """The feedback as plain text, a line for each criterion and the details of the ones that are not passed."""
        lines = [self.title, *([self.note] if self.note else [])]
        for result in self.results:
            lines.append(f"  {mark(result)} {result.title} [{result.state}]")
            lines += [f"      {name}: {text}" for name, text in details(result)]
        return "\n".join(lines)

    def html(self) -> str:
        """The feedback as a fragment of HTML; everything that came from a notebook is escaped."""
        note = f'<p style="margin:.3em 0">{html.escape(self.note)}</p>' if self.note else ""
        items = "".join(_item(result) for result in self.results)
        return (
            '<section style="border-left:3px solid #8884;padding:.2em .9em;margin:.4em 0;line-height:1.45">'
            f"<strong>{html.escape(self.title)}</strong>{note}"
            f'<ul style="list-style:none;padding-left:0;margin:.4em 0">{items}</ul></section>'
        )


def mark(result: Result) -> str:
    """A sign for the state of a result: passed, not tried, or not passed."""
    return _MARKS.get(result.state, "✗")


def details(result: Result) -> list[tuple[str, str]]:
    """The texts of a result that is not passed, each with its heading; nothing for a passed one."""
    if result.passed:
        return []
    return [(heading, getattr(result, name)) for name, heading in _LINES if getattr(result, name)]


def _item(result: Result) -> str:
    colour = _COLOURS.get(result.state, _FAILED_COLOUR)
    rows = "".join(
        f'<dt style="font-weight:600;margin:0">{html.escape(heading)}</dt>'
        f'<dd style="margin:0 0 .25em 0;overflow-wrap:anywhere">{html.escape(text)}</dd>'
        for heading, text in details(result)
    )
    listing = (
        '<dl style="display:grid;grid-template-columns:max-content 1fr;column-gap:.9em;margin:.2em 0 .6em 1.5em">'
        f"{rows}</dl>"
        if rows
        else ""
    )
    sign = f'<span style="color:{colour};font-weight:700" aria-hidden="true">{mark(result)}</span>'
    state = f'<small style="color:{colour}">[{html.escape(result.state)}]</small>'
    return f'<li style="margin:.15em 0">{sign} {html.escape(result.title)} {state}{listing}</li>'
