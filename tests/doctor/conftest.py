"""A small release notebook, a student's answers to it, and what tests do with them."""

import copy
import json
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.grading.doctor import Diagnosis, repair

SETUP = 'import course_utils as utils\n\ncheck = utils.checks.for_notebook("01_small")'
RESIZE = '''import tensorflow as tf


def resize_img(image, label):
    """Resize to 14x14."""
    ### about 1 line
    image = tf.image.resize(image, (14, 14))
    return image, label'''
NORMALIZE = '''def normalize_img(image, label):
    """Scale to [0, 1]."""
    return tf.cast(image, tf.float32) / 255.0, label'''
RESHAPE = '''def reshape_img(image, label):
    """Flatten row by row."""
    steps = 196
    return tf.reshape(image, (steps, 1)), label'''
ANSWERS = {
    "solution_resize_img": RESIZE,
    "solution_normalize_img": NORMALIZE,
    "solution_reshape_img": RESHAPE,
    "parameter_counts": "Four gates, each with 8 x (1 + 8) weights and 8 biases: 320.",
}


def _meta(grade_id: str, kind: str, points: float | None = None) -> dict:
    nbgrader = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": kind in ("grade", "written"),
        "solution": kind in ("solution", "written"),
        "locked": kind in ("grade", "locked"),
        "task": False,
    }
    if points is not None:
        nbgrader["points"] = points
    return {"nbgrader": nbgrader}


def _task(name: str, docstring: str, points: float) -> list[NotebookNode]:
    body = "    ### about 1 line\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    stub = f'def {name}(image, label):\n    """{docstring}"""\n{body}'
    return [
        new_markdown_cell(f"## {name}\n\nWrite `{name}`, which the next sections use.", id=f"text-{name}"),
        new_code_cell(stub, id=f"solution-{name}", metadata=_meta(f"solution_{name}", "solution")),
        new_code_cell(f'check("{name}")', id=f"grade-{name}", metadata=_meta(name, "grade", points)),
    ]


@pytest.fixture
def release() -> NotebookNode:
    """Title, locked set-up cell, three tasks, a training cell and a written answer."""
    cells = [
        new_markdown_cell("# Digits as sequences\n\nWhat this notebook is about.", id="title"),
        new_code_cell(SETUP, id="setup", metadata=_meta("setup", "locked")),
        new_code_cell(
            "mnist = utils.data.load('mnist')\n\n\ndef splits():\n    return mnist.train, mnist.test", id="splits"
        ),
        *_task("resize_img", "Resize to 14x14.", 1),
        *_task("normalize_img", "Scale to [0, 1].", 1),
        *_task("reshape_img", "Flatten row by row.", 2),
        new_code_cell(
            "history = run_experiment(num_epochs=50)\nutils.plot_history(history)",
            id="train",
            metadata={"tags": ["training"]},
        ),
        new_markdown_cell("Why has the first LSTM 320 parameters?", id="question"),
        new_markdown_cell("YOUR ANSWER HERE", id="answer", metadata=_meta("parameter_counts", "written", 2)),
    ]
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernelspec, "language_info": {"name": "python"}})
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return notebook


@pytest.fixture
def filled(release: NotebookNode) -> NotebookNode:
    """The release with every answer, executed."""
    notebook = copy.deepcopy(release)
    for position, cell in enumerate(notebook.cells):
        cell.source = ANSWERS.get(grade_id(cell), cell.source)
        if cell.cell_type == "code":
            cell.execution_count = position
            cell.outputs = [nbformat.v4.new_output("stream", text="fine\n")]
    return notebook


@pytest.fixture
def treat(release: NotebookNode) -> Callable[..., Diagnosis]:
    """Run the doctor on a notebook, on bytes, or on several files; whatever comes back must be a valid notebook."""

    def run(submission: NotebookNode | bytes | dict) -> Diagnosis:
        files = submission if type(submission) is dict else {"small.ipynb": as_bytes(submission)}
        before = dict(files)
        diagnosis = repair(files, release, "small")
        assert files == before
        if diagnosis.readable:
            assert_gradable(diagnosis.notebook, release)
        else:
            assert diagnosis.notebook is None
            assert diagnosis.reason
        return diagnosis

    return run


def as_bytes(notebook: NotebookNode | dict | bytes) -> bytes:
    """The file that holds the notebook."""
    return notebook if isinstance(notebook, bytes) else json.dumps(notebook, indent=1).encode()


def grade_id(cell: NotebookNode) -> str:
    """nbgrader's name of the cell, or an empty text."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def cell_named(notebook: NotebookNode, name: str) -> NotebookNode:
    """The one cell with this grade_id."""
    (cell,) = [cell for cell in notebook.cells if grade_id(cell) == name]
    return cell


def place(notebook: NotebookNode, name: str) -> int:
    """Where the cell with this grade_id stands."""
    return [grade_id(cell) for cell in notebook.cells].index(name)


def kinds(diagnosis: Diagnosis) -> list[str]:
    """What was repaired, each kind once, sorted."""
    return sorted({repair.kind for repair in diagnosis.repairs})


def assert_gradable(notebook: NotebookNode, release: NotebookNode) -> None:
    """Valid for nbformat and nbgrader, with every graded cell of the release once and its metadata untouched."""
    from nbgrader.nbgraderformat import MetadataValidator

    nbformat.validate(notebook)
    json.dumps(notebook).encode("utf-8")
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    MetadataValidator().validate_nb(notebook)
    for original in release.cells:
        if grade_id(original):
            cell = cell_named(notebook, grade_id(original))
            assert cell.metadata == original.metadata
            assert cell.cell_type == original.cell_type
            if original.metadata.nbgrader.locked:
                assert cell.source == original.source
    assert {grade_id(cell) for cell in notebook.cells} <= {grade_id(cell) for cell in release.cells} | {""}
    assert notebook.metadata == release.metadata


def assert_answered(diagnosis: Diagnosis, **others: str) -> None:
    """Every answer is in its cell, but for the cells given otherwise."""
    assert diagnosis.notebook is not None, diagnosis.reason
    for name, answer in {**ANSWERS, **others}.items():
        assert cell_named(diagnosis.notebook, name).source.strip() == answer.strip(), name


def answers_run(notebook: NotebookNode) -> dict:
    """What every task's function is at the end of a run: the text of its last definition in a code cell."""
    import ast

    last = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and "!" not in cell.source:
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef):
                    last[node.name] = ast.get_source_segment(cell.source, node)
    return last
