"""From a Python script, exported from a notebook or written by hand, to cells.

Reads the scripts of `jupyter nbconvert --to script` (`# In[3]:`), of VS Code, Spyder and Jupytext (`# %%`),
and of Colab (text between triple quotes). Any other script is one code cell.
"""

import re
from collections.abc import Iterator

from course_utils.grading.doctor.cells import Cell, Draft, within_limits
from course_utils.grading.doctor.decoding import clean
from course_utils.grading.doctor.definitions import Chunk, essence, read_code
from course_utils.grading.doctor.diagnosis import Log

_PROMPT = re.compile(r"^# In ?\[[ \d]*\]:[ \t]*$", re.MULTILINE)
_PERCENT = re.compile(r"^# ?%%(.*)$", re.MULTILINE)
_GRADE_ID = re.compile(r'"grade_id": ?"([\w.-]{1,100})"')


def read_script(text: str, log: Log) -> Draft:
    """The cells of a script."""
    text = clean(text, log)
    if _PERCENT.search(text):
        cells = _percent_cells(text)
    elif _PROMPT.search(text):
        cells = _prompt_cells(text)
    else:
        cells = _plain_cells(text)
    return Draft(within_limits((cell for cell in cells if cell.source.strip()), log))


def _percent_cells(text: str) -> Iterator[Cell]:
    start, header = 0, "script"
    for mark in [*_PERCENT.finditer(text), None]:
        body = text[start : mark.start() if mark else len(text)].strip("\n")
        grade_id = _GRADE_ID.search(header[:2_000])
        nbgrader = {"grade_id": grade_id.group(1)} if grade_id else {}
        if "[markdown]" in header or "[md]" in header or (header == "script" and not essence(body)):
            yield Cell("markdown", _uncommented(body), nbgrader=nbgrader)
        else:
            yield Cell("code", body, nbgrader=nbgrader)
        if mark:
            start, header = mark.end(), mark.group(1)


def _prompt_cells(text: str) -> Iterator[Cell]:
    """nbconvert writes text cells as comments, without a mark, after the code cell before them."""
    for body in _PROMPT.split(text):
        lines = body.strip("\n").split("\n")
        end = len(lines)
        while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1
        yield Cell("code", "\n".join(lines[:end]))
        for paragraph in re.split(r"\n\s*\n", "\n".join(lines[end:])):
            yield Cell("markdown", _uncommented(paragraph))


def _plain_cells(text: str) -> Iterator[Cell]:
    """Strings that stand alone are Colab's text cells; what is between two of them is one code cell."""
    pending: list[Chunk] = []
    for chunk in read_code(text).chunks:
        if chunk.kind != "text":
            pending.append(chunk)
            continue
        if pending:
            yield Cell("code", _joined(pending))
            pending = []
        yield Cell("markdown", essence(chunk.text).strip("\"'\n rR"))
    if pending:
        yield Cell("code", _joined(pending))


def _joined(chunks: list[Chunk]) -> str:
    return "\n".join(chunk.text for chunk in chunks).strip("\n")


def _uncommented(text: str) -> str:
    return "\n".join(re.sub(r"^# ?", "", line) for line in text.split("\n")).strip()
