"""`check("resize_img")` in a student's notebook: the public checks, run in the kernel at hand and shown."""

from __future__ import annotations

import importlib
import secrets
from collections.abc import MutableMapping
from typing import Any

import numpy as np

from course_utils.checks.criteria import Criterion, criteria_of, judge
from course_utils.checks.feedback import Feedback
from course_utils.checks.student import LocalChannel, Student


def module_name(assignment: str) -> str:
    """The name of an assignment's check modules: "01_sequence_lstm" -> "sequence_lstm"."""
    name = assignment.lstrip("0123456789").lstrip("_")
    if not name.isidentifier():
        raise ValueError(f"{assignment!r} is no assignment's name; one looks like '01_sequence_lstm'")
    return name


def public_criteria(assignment: str) -> tuple[Criterion, ...]:
    """The public criteria of an assignment, in order. Raises ValueError where there is no such assignment."""
    try:
        module = importlib.import_module(f"course_utils.checks.{module_name(assignment)}")
    except ModuleNotFoundError:
        raise ValueError(
            f"course_utils knows no checks of {assignment!r}; is its version the one that the notebook came with?"
        ) from None
    return criteria_of(module)


class NotebookChecks:
    """The public checks of one assignment against the globals of one notebook."""

    def __init__(self, assignment: str, namespace: MutableMapping[str, Any]) -> None:
        self.assignment = assignment
        self._criteria = public_criteria(assignment)
        self._channel = LocalChannel(namespace)

    def __call__(self, grade_cell: str) -> None:
        """Run the public checks of a grade cell and show each criterion."""
        from IPython.display import display

        display(self.feedback(grade_cell))

    def feedback(self, grade_cell: str) -> Feedback:
        """The results of a grade cell's public checks. Raises ValueError for an unknown grade cell."""
        chosen = [criterion for criterion in self._criteria if criterion.grade_cell == grade_cell]
        if not chosen:
            known = ", ".join(dict.fromkeys(criterion.grade_cell for criterion in self._criteria))
            raise ValueError(f"there are no checks of {grade_cell!r} in {self.assignment}; there are some of: {known}")
        student = Student(self._channel)
        results = [judge(criterion, student, np.random.default_rng(secrets.randbits(64))) for criterion in chosen]
        passed = sum(result.passed for result in results)
        note = (
            f"{passed} of {len(results)} public criteria passed. Hidden checks on other inputs join them when grading."
        )
        return Feedback(grade_cell, results, note)


def for_notebook(assignment: str) -> NotebookChecks:
    """The `check` of a notebook's set-up cell, for the notebook that it is called from.

    >>> check = for_notebook("01_sequence_lstm")    # in the set-up cell
    >>> check("resize_img")                         # in a grade cell
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("for_notebook works in a notebook; elsewhere use NotebookChecks(assignment, namespace)")
    return NotebookChecks(assignment, shell.user_ns)
