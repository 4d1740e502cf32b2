"""Attacks by the notebook itself and by files beside it: changed cells, metadata, outputs, names, shadowing modules."""

from __future__ import annotations

import io
import zipfile

import nbformat
from nbformat import NotebookNode

from .attack import Attack, code
from .target import WRONG

_RESTORED = "fails: OverwriteCells restores locked cells and points"
_REPAIRED = frozenset({"graded", "repaired"})
_TAKEN = 'open("/tmp/taken", "a").write(__name__)\nraise SystemExit("taken")\n'
_LOOK = code("""
    import base64, colorsys, json, numpy, course_utils, importlib, os
    for name in ("keras", "h5py", "nbformat", "IPython"):
        importlib.import_module(name)
    print("REPORT", os.path.exists("/tmp/taken"))
""")


def _cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def _change_tests(notebook: NotebookNode) -> None:
    for name in ("double", "label", "trained_line"):
        _cell_of(notebook, name).source = "2.0"


def _change_points(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["nbgrader"]["points"] = 1000


def _pretend_outputs(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2.0"}, execution_count=1)]
        cell.execution_count = 1


def _second_cell(notebook: NotebookNode) -> None:
    again = nbformat.from_dict(_cell_of(notebook, "double"))
    notebook.cells.append(nbformat.from_dict({**again, "id": "cell-again", "source": "2.0"}))


def _grade_a_manual_one(notebook: NotebookNode) -> None:
    for name in ("double", "label", "trained_line"):
        _cell_of(notebook, name).metadata["nbgrader"].update(solution=True, locked=False)


def _swap_identities(notebook: NotebookNode) -> None:
    marks = [_cell_of(notebook, name).metadata for name in ("double", "label")]
    marks[0]["nbgrader"], marks[1]["nbgrader"] = marks[1]["nbgrader"], marks[0]["nbgrader"]


def _tag_checks(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["tags"] = ["raises-exception", "skip-execution"]
    notebook.metadata["kernelspec"]["name"] = "bash"
    notebook.metadata["language_info"] = {"name": "bash"}


def _notebook(name: str, tries: str, change, stock: str, here: str, **more) -> Attack:
    more = {"loses": ("double",), "states": _REPAIRED, "cells": {"double": WRONG["double"]}, **more}
    return Attack(name, tries, stock, here, change=change, **more)


def _zip_with_conflicts(files: dict[str, bytes]) -> dict[str, bytes]:
    """Everything in one zip, beside names that no folder can hold together, or at all."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        for name in ("a", "a/b", "a/b/c", "ä" * 200, "../../escaped", "/tmp/escaped", "C:\\escaped", "x/../../escaped"):
            archive.writestr(name, b"escaped")
    return {"target.zip": content.getvalue()}


def _zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


ATTACKS = (
    _notebook(
        "changed test cells",
        "Replaces the checks in its notebook by full scores.",
        _change_tests,
        _RESTORED,
        "the release's cells count",
    ),
    _notebook(
        "more points", "Says that each task has 1000 points.", _change_points, _RESTORED, "the release's points count"
    ),
    _notebook(
        "outputs that pretend",
        "Hands in cells whose outputs are full scores.",
        _pretend_outputs,
        "fails: ClearOutput removes them",
        "nothing that the notebook displays is scored",
    ),
    _notebook(
        "a second cell with a task's identity",
        "Adds a cell with the grade_id of a grade cell that gives a full score.",
        _second_cell,
        "the last one keeps the grade_id, and its source is restored",
        "one of them is kept",
    ),
    _notebook(
        "checks that wait for a person",
        "Marks every automatic grade cell as a written answer.",
        _grade_a_manual_one,
        "not tried",
        "the release's metadata counts",
    ),
    _notebook(
        "exchanged identities",
        "Gives one task's grade cell the other's grade_id.",
        _swap_identities,
        "not tried",
        "checks go by what the notebook defines",
    ),
    _notebook(
        "tags and another kernel",
        "Asks for another kernel and for cells to be left out.",
        _tag_checks,
        "OverwriteKernelspec restores the kernel",
        "the grader's kernel runs it",
    ),
    Attack(
        "modules in the place of others",
        "Brings along modules named like those of Python, NumPy, Keras and the course.",
        "works: the submission's folder comes first on sys.path",
        "the submission's folder comes last, and packages are imported before it exists",
        first=_LOOK,
        files={
            f"{name}.py": _TAKEN.encode()
            for name in ("json", "numpy", "random", "base64", "colorsys", "keras", "h5py", "nbformat", "ipykernel")
        },
        reports="False",
    ),
    Attack(
        "a course_utils of its own",
        "Brings along a package course_utils whose checks are always passed.",
        "works: the submission's folder comes first on sys.path",
        "the grader's package is imported before",
        first=_LOOK,
        cells={"double": WRONG["double"]},
        files={
            "course_utils/__init__.py": _TAKEN.encode(),
            "course_utils/checks/__init__.py": _TAKEN.encode(),
            "course_utils/checks/agent.py": _TAKEN.encode(),
            "course_utils/training.py": _TAKEN.encode(),
        },
        loses=("double",),
        reports="False",
    ),
    Attack(
        "files that run at start",
        "Brings along sitecustomize.py, .pth files, IPython start-up files and configuration.",
        "ipython_config.py in the submission's folder is read at the kernel's start",
        "the kernel is set up in another folder",
        first=_LOOK,
        files=dict.fromkeys(
            (
                "sitecustomize.py",
                "usercustomize.py",
                "start.pth",
                "ipython_config.py",
                "ipython_kernel_config.py",
                "jupyter_config.py",
                ".ipython/profile_default/startup/00.py",
                "profile_default/startup/00.py",
                "conftest.py",
            ),
            b'import os; open("/tmp/taken", "a").write("x")\n',
        ),
        reports="False",
    ),
    Attack(
        "paths that lead out",
        "Hands in files whose paths lead out of its folder.",
        "not tried",
        "they are left out",
        files={
            "../escaped.txt": b"x",
            "@COURSE@/gradebook.db": b"x",
            "a/../../../escaped.txt": b"x",
            "..\\escaped.txt": b"x",
        },
        states=frozenset({"repaired"}),
    ),
    Attack(
        "names that cannot be files",
        "Hands in a zip with names that lead out, are too long, or are both a file and a folder.",
        "not tried",
        "they are left out",
        handed_in=_zip_with_conflicts,
        states=frozenset({"repaired"}),
    ),
    Attack(
        "a zip bomb",
        "Hands in a zip of 200 kB that unpacks to 200 MB.",
        "not tried",
        "it is not unpacked",
        handed_in=lambda files: {**files, "more.zip": _zip({"zeros.txt": bytes(200_000_000)})},
        states=frozenset({"repaired"}),
    ),
    Attack(
        "an unreadable notebook",
        "Hands in JSON that is nested 100,000 levels deep.",
        "the submission is lost, the batch goes on",
        "it is named unreadable",
        handed_in=lambda files: {"target.ipynb": b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"},
        loses=("double", "label", "trained_line"),
        states=frozenset({"unreadable", "repaired"}),
    ),
)
