"""What stock nbgrader's grade cells call: the criteria of a grade cell, judged in this very kernel."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import MutableMapping
from typing import Any

import numpy as np

from course_utils.checks.criteria import criteria_of, judge, share
from course_utils.checks.notebook import module_name
from course_utils.checks.student import LocalChannel, Student


def score(
    assignment: str, grade_cell: str, points: float, hidden_path: str, namespace: MutableMapping[str, Any]
) -> float:
    """The share of `points` that the public and hidden criteria give."""
    public = importlib.import_module(f"course_utils.checks.{module_name(assignment)}")
    specification = importlib.util.spec_from_file_location("hidden_checks", hidden_path)
    assert specification is not None
    assert specification.loader is not None
    hidden = importlib.util.module_from_spec(specification)
    sys.modules["hidden_checks"] = hidden  # its data classes look themselves up there
    specification.loader.exec_module(hidden)
    criteria = [*criteria_of(public), *criteria_of(hidden, hidden=True)]
    student = Student(LocalChannel(namespace))
    chosen = [criterion for criterion in criteria if criterion.grade_cell == grade_cell]
    return share(points, [judge(criterion, student, np.random.default_rng(1)) for criterion in chosen])
