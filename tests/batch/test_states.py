"""Every submission ends in a named state, with what could be scored kept, and the batch goes on."""

from __future__ import annotations

import json

import pytest

from course_utils.grading import outcome as states
from course_utils.grading.classroom import generate_feedback
from course_utils.grading.gradebook import GradebookWriter
from course_utils.grading.kernels.limits import Limits
from course_utils.grading.kernels.provisioner import WarmProvisioner

from . import tiny
from .conftest import Grade, Graded

ENDLESS = "while True:\n    pass"
ENDLESS_DOUBLE = "def double(values):\n    while True:\n        pass"
STUBBORN = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
HALF_A_PAIR = "print(chr(0xd800)); raise ValueError(chr(0xd800) + 'half of a pair')"

# Little memory, so that the bomb has used it up long before its cell's time is over, on a busy machine as well.
LITTLE_MEMORY = Limits(memory_bytes=2**29)

# name: (add's cell, double's cell, the state, points)
CLASS = {
    "right": (tiny.ADD, tiny.DOUBLE, states.GRADED, 4.0),
    "endless loop in a cell": (tiny.ADD, f"{tiny.DOUBLE}\n{ENDLESS}", states.TIMED_OUT, 4.0),
    "endless loop in a cell that catches all": (tiny.ADD, f"{STUBBORN}\n{tiny.DOUBLE}", states.TIMED_OUT, 2.0),
    "endless loop in a function": (tiny.ADD, ENDLESS_DOUBLE, states.TIMED_OUT, 2.0),
    "os._exit in a cell": (f"import os\n{tiny.ADD}\nos._exit(0)", tiny.DOUBLE, states.CRASHED, 2.0),
    "os._exit in a function": (tiny.ADD, "import os\ndef double(values):\n    os._exit(0)", states.CRASHED, 2.0),
    "exit in a function": (tiny.ADD, "import sys\ndef double(values):\n    sys.exit(0)", None, 2.0),
    "memory bomb": (tiny.ADD, f"hoard = [bytearray(b'x') * 2**30 for _ in range(8)]\n{tiny.DOUBLE}",
                    states.OUT_OF_MEMORY, 2.0),
    "output flood": (tiny.ADD, f"while True:\n    print('x' * 100_000)\n{tiny.DOUBLE}", None, 2.0),
    "recursion": (tiny.ADD, "def double(values):\n    return double(values)", states.GRADED, 2.0),
    "text without an encoding": (tiny.ADD, HALF_A_PAIR, states.GRADED, 2.0),
    "segmentation fault": (tiny.ADD, "import ctypes\nctypes.string_at(0)", states.CRASHED, 2.0),
    "blank": (tiny.BLANK, tiny.BLANK, states.GRADED, 0.0),
}  # fmt: skip
FILES = {
    "unreadable file": {"small_sums.ipynb": b"\x00\xff not JSON {"},
    "cut short": {"small_sums.ipynb": b'{"cells": ['},
    "another file": {"report.docx": b"PK\x03\x04"},
    "empty file": {"small_sums.ipynb": b""},
    "deep": {"small_sums.ipynb": b"[" * 200_000},
    "no file at all": {},
    "numbers": {"small_sums.ipynb": b'{"cells": 3, "metadata": [], "nbformat": 1e400, "nbformat_minor": NaN}'},
}


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest) -> dict[str, Graded]:
    """The class, graded once for all tests of this module."""
    return {}


@pytest.fixture
def result(
    whole: dict, grade: Grade, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Graded:
    if not whole:
        monkeypatch.setattr(WarmProvisioner, "limits", LITTLE_MEMORY)
        answers = {name: tiny.answer(add, double) for name, (add, double, _, _) in CLASS.items()}
        course = tiny.make_course(tmp_path_factory.mktemp("states") / "course", answers)
        for student, files in FILES.items():
            folder = course / "submitted" / student / tiny.NAME
            folder.mkdir(parents=True)
            for name, content in files.items():
                (folder / name).write_bytes(content)
        whole["result"], whole["course"] = grade(course, limits=tiny.SHORT), course
    return whole["result"]


@pytest.mark.parametrize("student", CLASS)
def test_what_goes_wrong_has_a_name_and_costs_what_depends_on_it(student: str, result: Graded) -> None:
    _, _, state, points = CLASS[student]
    outcome = result.outcomes[student]
    assert outcome.state in states.STATES
    assert state is None or outcome.state == state, outcome.reason
    assert outcome.score == points, [r for cell in outcome.cells for r in cell.results if not r.passed]
    assert bool(outcome.reason) == (outcome.state != states.GRADED)


@pytest.mark.parametrize("student", FILES)
def test_what_is_no_notebook_is_unreadable_with_the_reason(student: str, result: Graded) -> None:
    outcome = result.outcomes[student]
    assert (outcome.state in {states.UNREADABLE, states.REPAIRED}, outcome.score) == (True, 0.0)
    assert outcome.reason


def test_all_of_them_stand_in_the_gradebook_and_get_feedback(result: Graded, whole: dict) -> None:
    assert GradebookWriter(whole["course"]).scores(tiny.NAME) == result.scores()
    pages = generate_feedback(whole["course"], tiny.NAME)
    assert {page.parent.parent.name for page in pages} == set(CLASS) | set(FILES)


def test_records_are_plain_json_that_any_program_reads(result: Graded) -> None:
    for outcome in result.outcomes.values():
        assert json.loads(outcome.dumps().encode("utf-8"))["student"] == outcome.student
