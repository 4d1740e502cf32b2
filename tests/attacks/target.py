"""The small assignment that is attacked: three grade cells, public and hidden checks, an honest submission."""

from __future__ import annotations

import io
from collections.abc import Mapping

import h5py
import nbformat
import numpy as np
from nbformat import NotebookNode

from course_utils.grading.assignment import Assignment

NAME, NOTEBOOK = "90_target", "target"
POINTS = {"double": 2, "label": 3, "trained_line": 1}
WEIGHTS = "trained/line.weights.h5"

HONEST = {
    "double": "def double(x):\n    return 2 * x\n",
    "label": "def label(image, name):\n    return image / 255, name\n",
    "trained_line": f"""from course_utils import training

def trained_line():
    return training.read_weights("{WEIGHTS}")
""",
}
# What a student who solved nothing hands in: defined, and wrong.
WRONG = {
    "double": "def double(x):\n    return x\n",
    "label": "def label(image, name):\n    return image, ''\n",
    "trained_line": "def trained_line():\n    return []\n",
}

PUBLIC = '''
import numpy as np
from course_utils.checks import check, expect

@check("double", timeout=3)
def doubles_small_numbers(student, rng):
    """double doubles small numbers."""
    x = rng.integers(0, 10, 5)
    expect(student.double(x), "twice the numbers").equals(2 * x, hint="Multiply by 2.")

@check("label", timeout=3)
def keeps_the_name(student, rng):
    """label leaves the name alone."""
    _, name = student.label(rng.integers(0, 256, (4, 4)).astype("float32"), "seven")
    expect(name, "the name").equals("seven")
'''

HIDDEN = '''
# @CANARY@
import numpy as np
from course_utils.checks import check, expect

@check("double", weight=2, timeout=3)
def doubles_any_numbers(student, rng):
    """double doubles any numbers."""
    for shape in ((3,), (2, 3), (50,)):
        x = rng.normal(size=shape)
        expect(student.double(x), "twice the numbers").close_to(2 * x)

@check("label", weight=2, timeout=3)
def scales_any_image(student, rng):
    """label scales images to 0..1 and keeps any name."""
    image = rng.integers(0, 256, (4, 4)).astype("float32")
    scaled, name = student.label(image, "@INPUT_CANARY@")
    expect(scaled, "the scaled image").close_to(image / 255)
    expect(name, "the name").equals("@INPUT_CANARY@")

@check("trained_line", timeout=5)
def predicts_private_points(student, rng):
    """The trained line predicts private points."""
    weights = dict(list(student.trained_line()))
    x = rng.normal(size=20)
    predicted = x * weights["line/slope"] + weights["line/shift"]
    expect(predicted, "the predictions").close_to(3 * x - 1, atol=0.1)
'''


def assignment(canary: str, input_canary: str) -> Assignment:
    """The assignment; `canary` is in its hidden checks' source, `input_canary` among their inputs."""
    hidden = HIDDEN.replace("@CANARY@", canary).replace("@INPUT_CANARY@", input_canary)
    return Assignment(NAME, NOTEBOOK, nbformat.writes(release()), PUBLIC, hidden)


def release() -> NotebookNode:
    """The release notebook."""
    return notebook({name: f"def {name}():\n    raise NotImplementedError()\n" for name in POINTS})


def notebook(solutions: Mapping[str, str]) -> NotebookNode:
    """The notebook with these solutions."""
    cells = [_cell("import numpy as np\n", "cell-setup")]
    for name, points in POINTS.items():
        cells.append(_cell(solutions[name], f"cell-solution-{name}", grade_id=f"solution_{name}", solution=True))
        cells.append(_cell(f'check("{name}")\n', f"cell-{name}", grade_id=name, grade=True, points=points, locked=True))
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec})


def weights_file(arrays: Mapping[str, np.ndarray] | None = None) -> bytes:
    """The trained weights, as an HDF5 file."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, array in (arrays or {"line/slope": np.float32(3), "line/shift": np.float32(-1)}).items():
            file[name] = array
    return content.getvalue()


def _cell(source: str, identifier: str, **mark: object) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=identifier)
    if mark:
        blank = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        cell.metadata["nbgrader"] = {**blank, "cell_type": "code", **mark}
        if not mark.get("grade"):
            cell.metadata["nbgrader"].pop("cell_type")
    return cell
