"""Builds the notebook of a test submission: the source's own solution, with sections of an answer file in its place.

An answer file is Python in sections that start with `# %% grade_id`. Each takes the place of the solution cell
`solution_<grade_id>`. A section for a grade cell without a solution cell names a function of `trained_files`, which
makes the files that are handed in beside the notebook.
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
    """The answer in a file. Raises ValueError where it has no docstring or no section."""
    text = path.read_text(encoding="utf-8")
    parts = re.split(r"^# %% (\w+)\n", text, flags=re.MULTILINE)
    docstring = re.match(r'"""(.*?)"""', parts[0], flags=re.DOTALL)
    if docstring is None or len(parts) < 3:
        raise ValueError(f"{path}: expected a docstring and sections `# %% grade_id`")
    loses = re.search(r"^Loses: (\w+)$", docstring[1], flags=re.MULTILINE)
    sections = {grade_id: code.strip() for grade_id, code in zip(parts[1::2], parts[2::2], strict=True)}
    return Answer(path.stem, docstring[1].splitlines()[0], loses and loses[1], sections)


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
