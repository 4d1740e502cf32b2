r"""Formulas of a text cell as pictures inside of the page, since a page without scripts has no MathJax.

Matplotlib's mathtext sets them; `aligned` is set row by row. Where it can't, the TeX source stands there, readable too.
"""

from __future__ import annotations

import functools
import html
import io
import re

MAX_LENGTH = 2000  # characters; mathtext's time grows faster than the formula
_POINTS = 100  # to an em; mathtext rounds to whole points
_COLOUR = "#123456"  # stands for the colour of the text around
_ALIGNED = re.compile(r"\\begin\{(aligned|align\*?|gathered|array)\}(.*)\\end\{\1\}", re.DOTALL)
_ROW = re.compile(r"\\\\(?:\[[^\]]*\])?")
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt" viewBox="([^"]+)"')
_TEXT = re.compile(r'<g id="text_1">(.*)</g>\s*</g>\s*</svg>', re.DOTALL)
_GLYPH = re.compile(r'<path id="([^"]+)" d="([^"]*)" transform="([^"]+)"/>')
_USE = re.compile(r'<use xlink:href="#([^"]+)"(?: transform="([^"]*)")?/>')
_LEFTOVERS = re.compile(r"<defs>.*?</defs>|<!--.*?-->", re.DOTALL)


def inline_formula(tex: str) -> str:
    """A formula in a line of text, as HTML."""
    return _picture(tex.strip()) or _source(tex)


def display_formula(tex: str) -> str:
    """A formula on lines of its own, as HTML."""
    aligned = _ALIGNED.search(tex)
    rows = _ROW.split(aligned[2]) if aligned and aligned[1] != "array" else [tex]
    cells = [[_picture(part.strip()) for part in row.split("&") if part.strip()] for row in rows if row.strip()]
    if not all(all(row) for row in cells):
        return f'<div class="formula">{_source(tex)}</div>'
    lines = "".join(f"<div>{' '.join(row)}</div>" for row in cells)  # type: ignore[arg-type]
    return f'<div class="formula">{lines}</div>'


def _source(tex: str) -> str:
    return f'<code class="tex">{html.escape(tex.strip())}</code>'


@functools.lru_cache(maxsize=1000)
def _picture(tex: str) -> str | None:
    """A formula as SVG in the text's colour and size; None where mathtext does not know something in it."""
    if not tex or len(tex) > MAX_LENGTH:
        return None
    from matplotlib import rc_context
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import math_to_image

    buffer = io.BytesIO()
    try:
        with rc_context({"mathtext.fontset": "stix", "svg.hashsalt": "formula"}):
            formula = f"${' '.join(tex.split())}$"
            depth = math_to_image(formula, buffer, FontProperties(size=_POINTS), dpi=72, format="svg", color=_COLOUR)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return _inlined(buffer.getvalue().decode("utf-8"), tex, depth)


def _inlined(svg: str, tex: str, depth: float) -> str | None:
    """The formula's own part of Matplotlib's file; glyphs stand where they are used, so that no id is needed."""
    size, text = _SIZE.search(svg), _TEXT.search(svg)
    if size is None or text is None:
        return None
    glyphs = {name: (" ".join(path.split()), transform) for name, path, transform in _GLYPH.findall(svg)}

    def glyph(use: re.Match[str]) -> str:
        path, transform = glyphs.get(use[1], ("", ""))  # a space has no path
        return f'<path d="{path}" transform="{use[2] or ""} {transform}"/>'

    body = _USE.sub(glyph, _LEFTOVERS.sub("", text[1])).replace(_COLOUR, "currentColor")
    width, height = (float(number) / _POINTS for number in size.groups()[:2])
    style = f"width:{width:.2f}em;height:{height:.2f}em;vertical-align:{-depth / _POINTS:.2f}em"
    label = html.escape(tex, quote=True)
    return (
        f'<svg class="math" role="img" aria-label="{label}" viewBox="{size[3]}" style="{style}">'
        f"{' '.join(body.split())}</svg>"
    )
