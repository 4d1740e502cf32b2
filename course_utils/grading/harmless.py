"""An executed notebook made safe to look at: no code of a student's runs in the page of whoever opens it.

Feedback pages and formgrader show a notebook as HTML, formgrader with the instructor's right to set marks. nbconvert
leaves HTML, SVG, JavaScript and widgets in outputs and text cells as they are unless it is told otherwise.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode

_TAGS = (
    "a abbr b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li ol p pre s small span "
    "strong sub sup table tbody td tfoot th thead tr u ul var"
)
TAGS = frozenset(_TAGS.split())
ATTRIBUTES = {"*": ["class"], "a": ["href", "title"], "td": ["colspan", "rowspan"], "th": ["colspan", "rowspan"]}
MAX_HTML = 200_000  # characters; cleaning takes about a second for 1 MB
_IMAGES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PLAIN_TAG = "|".join(sorted(TAGS))
# What Markdown passes on to the page as a tag: "<" and a letter, "/", "!" or "?". Plain tags and addresses may stay.
_TAG = re.compile(rf"<(?!/?(?:{_PLAIN_TAG})\s*/?>)(?!https?://[^\s<>\"']*>)(?=[A-Za-z/!?])")
# A link's or a reference's target that is no plain address; what has a colon, an entity or a backslash may be code.
_TARGET = re.compile(r"(\]\(\s*<?|\]:\s*<?)(?!https?://|mailto:|attachment:|#)(?=[^)\s>]*[:&\\])")
_TAG_OF_CELL = re.compile(r"[\w-]+")


def make_harmless(notebook: NotebookNode, release: NotebookNode) -> None:
    """Take from the notebook whatever could act in a page. Text cells that are the release's own stay as they are."""
    given = {cell.source for cell in release.cells}
    notebook.metadata = copy.deepcopy(release.metadata)
    cleaner = SanitizeHTML(tags=sorted(TAGS), attributes=ATTRIBUTES)
    for cell in notebook.cells:
        cell.metadata = _metadata(cell.metadata)
        if cell.cell_type == "code":
            outputs = [_output(output, cleaner) for output in cell.get("outputs", [])]
            cell.outputs = [output for output in outputs if output.get("data") != {}]
        elif cell.source not in given:
            cell.source = _markdown(cell.source)
            if "attachments" in cell:
                cell.attachments = _pictures(cell.attachments)


def _metadata(metadata: NotebookNode) -> NotebookNode:
    """What grading needs of a cell's metadata; nbconvert writes tags into the page."""
    tags = metadata.get("tags")
    plain = (
        [tag for tag in tags if isinstance(tag, str) and _TAG_OF_CELL.fullmatch(tag)] if isinstance(tags, list) else []
    )
    mark = {"nbgrader": metadata["nbgrader"]} if "nbgrader" in metadata else {}
    return NotebookNode({**mark, **({"tags": plain} if plain else {})})


def _pictures(attachments: Any) -> NotebookNode:
    """The pictures in a text cell's attachments."""
    if not isinstance(attachments, dict):
        return NotebookNode()
    kept = {name: _only_pictures(parts) for name, parts in attachments.items() if isinstance(parts, dict)}
    return NotebookNode({name: parts for name, parts in kept.items() if parts})


def _only_pictures(parts: dict[str, Any]) -> dict[str, str]:
    return {
        kind: part
        for kind, part in parts.items()
        if kind in _IMAGES and isinstance(part, str) and _BASE64.fullmatch(part)
    }


def _output(output: NotebookNode, cleaner: SanitizeHTML) -> NotebookNode:
    """The output with text and pictures only; streams and errors are escaped when they are shown."""
    if output.get("output_type") not in {"display_data", "execute_result"}:
        return output
    data = output.get("data")
    kept = {kind: _part(kind, part, cleaner) for kind, part in data.items()} if isinstance(data, dict) else {}
    output.data = NotebookNode({kind: part for kind, part in kept.items() if part is not None})
    output.metadata = NotebookNode()
    return output


def _part(kind: str, part: Any, cleaner: SanitizeHTML) -> str | None:
    """One representation of an output, or None where it is to be left out."""
    if isinstance(part, list) and all(isinstance(line, str) for line in part):
        part = "".join(part)  # nbformat's other way to write a text
    if not isinstance(part, str):
        return None
    if kind in {"text/plain", "text/latex"} or (kind in _IMAGES and _BASE64.fullmatch(part)):
        return part
    if kind == "text/html" and len(part) <= MAX_HTML:
        return str(cleaner.sanitize_html_tags(part))
    return _markdown(part) if kind == "text/markdown" else None


def _markdown(text: str) -> str:
    """Markdown without tags and addresses that are code: "< script>" is text, to Markdown as to mathematics."""
    return _TARGET.sub(r"\1#", _TAG.sub("< ", text))
