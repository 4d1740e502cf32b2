"""From the text of a notebook file to its cells: any nbformat, cut off, damaged or with things added.

`nbformat.read` and `nbformat.convert` stop at the first thing that is not as it should be, so they can't serve here;
what they map (nbformat 2 and 3 to 4) is mapped in the same way.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from course_utils.grading.doctor.cells import Cell, Draft, within_limits
from course_utils.grading.doctor.decoding import clean
from course_utils.grading.doctor.diagnosis import Log

MAX_MEMORY = 600_000_000  # bytes that the parsed JSON may need, by estimate
LARGE = 10_000_000

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_CELL_START = re.compile(
    r'\{\s*"(?:cell_type|id|metadata|execution_count|prompt_number|attachments|outputs|source|input|collapsed'
    r'|language|level)"\s*:'
)
_CELL_TYPE = re.compile(r'"cell_type"\s*:\s*"(\w{1,20})"')
_SOURCE = re.compile(r'"(?:source|input)"\s*:\s*(?=["\[])')
_METADATA = re.compile(r'"metadata"\s*:\s*(?=\{)')
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_DECODER = json.JSONDecoder(strict=False)

_TOOLS = {
    "Colab": {"colab", "colab_type", "outputId", "cellView", "id", "accelerator", "gpuClass"},
    "VS Code": {"vscode"},
    "Kaggle": {"_uuid", "_cell_guid", "_kg_hide-input", "_kg_hide-output", "kaggle"},
    "papermill": {"papermill"},
    "Deepnote": {"deepnote_cell_type", "deepnote", "deepnote_notebook_id"},
    "Databricks": {"application/vnd.databricks.v1+cell", "application/vnd.databricks.v1+notebook"},
}


class NotANotebookError(ValueError):
    """The text holds no notebook; the message says, for students, what it seems to be."""


def read_notebook(text: str, log: Log) -> Draft:
    """The cells of a notebook's JSON text.

    Raises:
        NotANotebookError: if no cell can be found in it.
    """
    if _estimated_memory(text) > MAX_MEMORY:
        raise NotANotebookError(
            "It holds millions of tiny values and was not opened: clear all outputs, save it, and hand it in again"
        )
    try:
        content, end = _DECODER.raw_decode(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError):
        content, end = None, 0
    if isinstance(content, dict) and _raw_cells(content) is not None:
        if text[end:].strip():
            log.add("trailing_text", "Text followed after the end of the notebook; it was left out.")
        raw = _raw_cells(content) or []
    else:
        content, raw = {}, list(_recovered_cells(text))
        if not raw:
            raise NotANotebookError("The file is not a notebook, or too damaged to find a single cell in it.")
        log.add("damaged_file", f"The file was damaged or cut off; {len(raw)} cells could be recovered from it.")
    if len(text) > LARGE:
        log.add("large_output", f"The file has {len(text) / 1e6:.0f} MB; the outputs saved in it were left out.")
    return _draft(content, raw, log)


def _estimated_memory(text: str) -> int:
    """Bytes that the parsed text needs at least: by what is outside of strings, which themselves cost little."""
    if len(text) < MAX_MEMORY // 100:
        return 0
    bare, strings = _STRING.subn("", text)
    return 240 * bare.count("{") + 72 * bare.count("[") + 32 * bare.count(",") + 60 * strings + len(text)


def _raw_cells(content: dict[str, Any]) -> list[Any] | None:
    """The list of cells of nbformat 4, or of all worksheets of nbformat 2 and 3; None if there is none."""
    if isinstance(content.get("cells"), list):
        return list(content["cells"])
    worksheets = content.get("worksheets")
    if not isinstance(worksheets, list):
        return None
    lists = (sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict))
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def _recovered_cells(text: str) -> Iterator[dict[str, Any]]:
    """Every cell that can still be read in a damaged file, in order.

    A failed attempt costs time in proportion to what it read, so that all together may read the text a few times only.
    """
    allowance = 4 * len(text) + 1_000_000
    position, gap_start = 0, 0
    while allowance > 0 and (start := _CELL_START.search(text, position)):
        try:
            value, position = _DECODER.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            # The error itself counts the lines before it.
            allowance -= error.pos - start.start() + error.pos // 50 + 100
            position = start.start() + 1
            continue
        except (ValueError, RecursionError):
            allowance -= len(text) // 10 + 1_000
            position = start.start() + 1
            continue
        if "cell_type" in value and ("source" in value or "input" in value):
            yield from _salvaged_cell(text[gap_start : start.start()])
            yield value
            gap_start = position
    yield from _salvaged_cell(text[gap_start:])


def _salvaged_cell(text: str) -> Iterator[dict[str, Any]]:
    """A cell whose JSON is broken, but whose type and whole source are still there."""
    cell_type, source = _CELL_TYPE.search(text), _SOURCE.search(text)
    if not cell_type or not source:
        return
    cell: dict[str, Any] = {"cell_type": cell_type.group(1)}
    for name, found in (("source", source), ("metadata", _METADATA.search(text))):
        try:
            cell[name] = _DECODER.raw_decode(text, found.end())[0] if found else {}
        except (ValueError, RecursionError):
            cell[name] = {}
    if cell["source"]:
        yield cell


def _draft(content: dict[str, Any], raw: list[Any], log: Log) -> Draft:
    _note_format(content, log)
    items = [item for item in raw if isinstance(item, dict)]
    if len(items) < len(raw):
        log.add("invalid_cell", "The list of cells held something that is no cell; it was left out.")
    cells = within_limits((_cell(item, log) for item in items), log)
    metadata = _mapping(content.get("metadata"))
    keys = set(metadata).union(*(_mapping(item.get("metadata")) for item in items[: len(cells)]))
    _note_tools(keys, log)
    _note_ids(cells, content, log)
    kernelspec, language = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    return Draft(
        cells,
        kernel=_string(kernelspec.get("name")),
        language=_string(language.get("name") or kernelspec.get("language") or "python").lower(),
    )


def _cell(raw: dict[str, Any], log: Log) -> Cell:
    metadata = _mapping(raw.get("metadata"))
    tags = metadata.get("tags")
    cell_type = _string(raw.get("cell_type"))
    source = clean(_source(raw.get("source", raw.get("input")), log), log)
    if cell_type == "heading":
        level = raw.get("level")
        cell_type, source = (
            "markdown",
            "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + " ".join(source.split("\n")),
        )
    elif cell_type not in ("code", "markdown", "raw"):
        log.add("invalid_cell", f"A cell had the unknown type {cell_type[:20]!r}; it was read as text.")
        cell_type = "markdown"
    identifier, count = raw.get("id"), raw.get("execution_count", raw.get("prompt_number"))
    return Cell(
        cell_type,
        source,
        id=identifier if isinstance(identifier, str) and _CELL_ID.fullmatch(identifier) else None,
        nbgrader=_mapping(metadata.get("nbgrader")),
        tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        attachments=_attachments(raw.get("attachments")),
        execution_count=count if isinstance(count, int) else 0,
    )


def _source(raw: Any, log: Log) -> str:
    """The text of a cell, given as nbformat has it: a string, or lines that keep their newline."""
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if not isinstance(raw, list):
        log.add("invalid_source", "A cell's text was neither text nor lines; it counts as empty.")
        return ""
    lines = [line for line in raw if isinstance(line, str)]
    if len(lines) < len(raw):
        log.add("invalid_source", "Some lines of a cell were not text; they were left out.")
    if len(lines) > 1 and not any("\n" in line for line in lines):
        log.add("invalid_source", "The lines of a cell had lost their line ends; they have them again.")
        return "\n".join(lines)
    return "".join(lines)


def _attachments(raw: Any) -> dict[str, Any]:
    """Pictures of a text cell, without whatever the format does not allow."""
    return {
        name: {kind: data for kind, data in bundle.items() if isinstance(data, str) and "/" in kind}
        for name, bundle in _mapping(raw).items()
        if isinstance(bundle, dict)
    }


def _note_format(content: dict[str, Any], log: Log) -> None:
    major, minor = content.get("nbformat"), content.get("nbformat_minor")
    if not content or (major, minor) == (4, 5):
        return
    stated = f"{major}.{minor}"[:9] if isinstance(major, int) and isinstance(minor, int) else "unknown"
    log.add("old_format", f"The notebook was saved in nbformat {stated}; it was brought to 4.5.")


def _note_tools(keys: set[str], log: Log) -> None:
    for tool, marks in _TOOLS.items():
        if keys & marks:
            log.add("foreign_metadata", f"The notebook was saved by {tool}; the marks that it left were removed.")


def _note_ids(cells: list[Cell], content: dict[str, Any], log: Log) -> None:
    """Say whether ids had to be made anew, and take those away that came before."""
    seen: set[str] = set()
    wrong = content.get("nbformat_minor") == 5 and any(cell.id is None for cell in cells)
    for cell in cells:
        if cell.id in seen:
            cell.id, wrong = None, True
        elif cell.id:
            seen.add(cell.id)
    if wrong:
        log.add("cell_ids", "Some cells had no valid id, or the same as another; they have new ones.")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
