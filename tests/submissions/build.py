"""Builds the notebook of a test submission: the source's own solution, with sections of an answer file in its place.

An answer file is Python in sections that start with `# %% grade_id`. Each takes the place of the solution cell
`solution_<grade_id>`. A section `# %% grade_id, edited` is a diff of that cell instead, see `edited`. A section for a
grade cell without a solution cell names a function of `trained_files`, which makes the files that are handed in beside
the notebook.
"""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from tests.submissions import trained_files

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Answer:
    """An answer file: its name, what its docstring says, the grade cell that it loses, and its sections by grade_id."""

    name: str
    title: str
    loses: str | None
    sections: dict[str, str]


@dataclass(frozen=True)
class Submission:
    """What a student hands in: a notebook, and files by their path beside it."""

    notebook: NotebookNode
    files: dict[str, bytes] = field(default_factory=dict)


def read_answer(path: Path) -> Answer:
    """The answer in a file. Raises ValueError where it has no docstring or no section, or an edit that does not fit."""
    text = path.read_text(encoding="utf-8")
    head, *parts = re.split(r"^# %% (\w+)(, edited)?\n", text, flags=re.MULTILINE)
    docstring = re.match(r'"""(.*?)"""', head, flags=re.DOTALL)
    if docstring is None or not parts:
        raise ValueError(f"{path}: expected a docstring and sections `# %% grade_id`")
    loses = re.search(r"^Loses: (\w+)$", docstring[1], flags=re.MULTILINE)
    sections = {}
    for grade_id, is_edit, code in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        solution = _solutions(path.parents[1].name).get(grade_id, "") if is_edit else ""
        sections[grade_id] = edited(solution, code, path.name) if is_edit else code.strip()
    return Answer(path.stem, docstring[1].splitlines()[0], loses and loses[1], sections)


def edited(solution: str, hunks: str, name: str) -> str:
    """A solution with other lines in place of some: hunks of comments `# -old line` and `# +new line`, as in a diff.

    An empty line parts two hunks; lines `#  like this` stay, and say where a hunk belongs.

    Raises:
        ValueError: if a hunk's old lines are not in the solution exactly once, or a line has no mark.

    Example:
        >>> edited("a = 1\nb = 2", "# -b = 2\n# +b = 3", "a mutant")
        'a = 1\nb = 3'
    """
    lines = solution.splitlines()
    changes = [_placed(hunk, lines, name) for hunk in re.split(r"\n[ \t]*\n", hunks.strip("\n"))]
    for first, end, new in sorted(changes, reverse=True):
        lines[first:end] = new
    return "\n".join(lines)


def _placed(hunk: str, lines: list[str], name: str) -> tuple[int, int, list[str]]:
    """Where a hunk's old lines are, from the first to before the end, and what takes their place."""
    marked = re.findall(r"^# ([-+ ])(.*)$", hunk, flags=re.MULTILINE)
    if len(marked) != len(hunk.splitlines()):
        raise ValueError(f"{name}: got the hunk {hunk!r}, expected lines that begin with `# -`, `# +` or `#  `")
    old = [line for mark, line in marked if mark != "+"]
    places = [first for first in range(len(lines)) if old and lines[first : first + len(old)] == old]
    if len(places) != 1:
        raise ValueError(f"{name}: got {len(places)} places for {old}, expected one in the solution; add lines")
    return places[0], places[0] + len(old), [line for mark, line in marked if mark != "-"]


@functools.cache
def _solutions(assignment: str) -> dict[str, str]:
    """The source's own solution cells, by the names that sections have."""
    cells = [cell for cell in reference(assignment).notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    return {cell.metadata["nbgrader"]["grade_id"].removeprefix("solution_"): cell.source for cell in cells}


def answers(assignment: str, kind: str) -> list[Answer]:
    """The answers of a kind, "right" or "mutants", in order of their names."""
    return [read_answer(path) for path in sorted((HERE / assignment / kind).glob("*.py"))]


def reference(assignment: str) -> Submission:
    """The source's own solution, with the weights that were trained with it."""
    return copy.deepcopy(_read_reference(assignment))


@functools.cache
def _read_reference(assignment: str) -> Submission:
    folder = ROOT / "source" / assignment
    (path,) = folder.glob("*.ipynb")
    return Submission(nbformat.read(path, as_version=4), trained_files.of_the_reference(ROOT, assignment))


def blank(assignment: str) -> Submission:
    """The source with every solution taken out, as nbgrader takes it out for the release."""
    notebook = reference(assignment).notebook
    for cell in notebook.cells:
        cell.source = re.sub(
            r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION",
            r"\1# YOUR CODE HERE\n\1raise NotImplementedError()",
            cell.source,
            flags=re.MULTILINE | re.DOTALL,
        )
    return Submission(notebook)


def build(assignment: str, answer: Answer) -> Submission:
    """The submission of an answer. Raises ValueError where a section belongs to no cell."""
    whole = reference(assignment)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in whole.notebook.cells}
    files = whole.files
    for grade_id, code in answer.sections.items():
        if f"solution_{grade_id}" in cells:
            cells[f"solution_{grade_id}"].source = code
        elif grade_id in cells:
            files = trained_files.made(code, files)
        else:
            raise ValueError(f"{answer.name}: the notebook of {assignment} has no cell solution_{grade_id}")
    return Submission(whole.notebook, files)
