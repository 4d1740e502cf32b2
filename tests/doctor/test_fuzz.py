"""Whatever is done to a notebook, the doctor ends in time with a diagnosis (the fixture checks what comes back)."""

import copy
import random
import time
import zipfile
from io import BytesIO

import pytest
from nbformat.v4 import new_code_cell

from .conftest import answers_run, as_bytes, cell_named, place

ROUNDS = 60


def flipped(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 3, 30, 300])):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(data: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(data)) for _ in range(2))
    return rng.choice([data[:first], data[second:], data[:first] + data[second:], data[first:] + data[:first]])


def reworded(data: bytes, rng: random.Random) -> bytes:
    words = [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"\\n",
        b"\\",
        b"null",
        b'"code"',
        b'"cells"',
        b"def ",
        b"nbgrader",
        b"4",
        b"true",
    ]
    for _ in range(rng.choice([1, 2, 10])):
        data = data.replace(rng.choice(words), rng.choice([*words, b"", b"\0", b"\xff"]), rng.choice([1, 5, -1]))
    return data


@pytest.mark.parametrize("damage", [flipped, cut, reworded])
def test_damaged_bytes_end_in_a_diagnosis(filled, treat, damage):
    rng = random.Random(damage.__name__)
    data = as_bytes(filled)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("small.ipynb", data)
    start = time.process_time()
    for _ in range(ROUNDS):
        treat(damage(data, rng))
        treat({"small.zip": damage(packed.getvalue(), rng)})
        treat({"small.py": damage(data, rng)})
    assert time.process_time() - start < 60


def test_cells_in_any_state_end_in_a_gradable_notebook(filled, treat):
    rng = random.Random(3)
    start = time.process_time()
    for _ in range(4 * ROUNDS):
        notebook = copy.deepcopy(filled)
        for _ in range(rng.randrange(1, 12)):
            rng.choice([drop, double, shuffle, merge, split, strip, relabel, retype, junk])(notebook.cells, rng)
            if not notebook.cells:
                break
        assert treat(notebook).readable
    assert time.process_time() - start < 60


def test_no_answer_is_lost_whatever_tools_do_to_the_cells(release, filled, treat):
    rng = random.Random(7)
    answers = answers_run(filled)
    for _ in range(6 * ROUNDS):
        notebook = copy.deepcopy(filled)
        for _ in range(rng.randrange(1, 8)):
            cells = notebook.cells
            damage = rng.choice([shuffle, merge_code, strip, relabel, drop_other, add_blank, add_own])
            damage(cells, rng) if damage is not add_blank else add_blank(cells, rng, release)
        diagnosis = treat(notebook)
        assert answers_run(diagnosis.notebook) | {"own": ""} == answers | {"own": ""}
        for name in ("resize_img", "normalize_img", "reshape_img"):
            assert f"def {name}" in cell_named(diagnosis.notebook, f"solution_{name}").source
            assert place(diagnosis.notebook, f"solution_{name}") < place(diagnosis.notebook, name)


def merge_code(cells, rng):
    place = rng.randrange(1, len(cells))
    if cells[place - 1].cell_type == cells[place].cell_type == "code":
        merge(cells, rng, place)


def drop_other(cells, rng):
    place = rng.randrange(len(cells))
    if "def " not in cells[place].source and len(cells) > 3:
        del cells[place]


def add_blank(cells, rng, release):
    blank = copy.deepcopy(rng.choice([cell for cell in release.cells if cell.cell_type == "code"]))
    blank.id = f"blank{rng.randrange(10**6)}"
    if rng.random() < 0.5:
        blank.metadata = {}
    cells.insert(rng.randrange(len(cells) + 1), blank)


def add_own(cells, rng):
    own = new_code_cell("import numpy as np\n\n\ndef own():\n    return 1", id=f"own{rng.randrange(10**6)}")
    cells.insert(rng.randrange(len(cells) + 1), own)


def drop(cells, rng):
    del cells[rng.randrange(len(cells))]


def double(cells, rng):
    cells.insert(rng.randrange(len(cells)), copy.deepcopy(rng.choice(cells)))


def shuffle(cells, rng):
    rng.shuffle(cells)


def merge(cells, rng, place=None):
    place = rng.randrange(len(cells)) if place is None else place
    if place:
        cells[place - 1].source += "\n" + cells.pop(place).source


def split(cells, rng):
    place = rng.randrange(len(cells))
    second = copy.deepcopy(cells[place])
    at = rng.randrange(len(second.source) + 1)
    cells[place].source, second.source = second.source[:at], second.source[at:]
    cells.insert(place + 1, second)


def strip(cells, rng):
    cells[rng.randrange(len(cells))].metadata = {}


def relabel(cells, rng):
    cells[rng.randrange(len(cells))].metadata = copy.deepcopy(rng.choice(cells).metadata)


def retype(cells, rng):
    cells[rng.randrange(len(cells))].cell_type = rng.choice(["code", "markdown", "raw", "heading", "x"])


def junk(cells, rng):
    values = [None, 3, [], {}, "x", [1, "a"], {"nbgrader": {"grade_id": 3, "tags": [[]]}}, True]
    cells[rng.randrange(len(cells))][rng.choice(["id", "tags", "outputs", "execution_count", "attachments"])] = (
        rng.choice(values)
    )
