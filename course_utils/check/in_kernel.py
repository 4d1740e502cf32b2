"""The part of a check that runs in the notebook's own kernel: one public criterion, and its result as plain values."""

from __future__ import annotations

import dataclasses
import functools
import secrets

import numpy as np

from course_utils.checks.criteria import judge
from course_utils.checks.notebook import public_criteria
from course_utils.checks.student import LocalChannel, Student

MIME = "application/vnd.course-utils.result+json"


def tell(assignment: str, position: int) -> None:
    """Judge the public criterion at `position` on this kernel's notebook, and publish its result."""
    from IPython import get_ipython
    from IPython.display import publish_display_data

    shell = get_ipython()
    assert shell is not None, "works in a kernel only"
    student = _student(id(shell))
    result = judge(public_criteria(assignment)[position], student, np.random.default_rng(secrets.randbits(64)))
    publish_display_data({MIME: dataclasses.asdict(result), "text/plain": f"{result.title} [{result.state}]"})


@functools.cache
def _student(_shell: int) -> Student:
    """One for all criteria: what the notebook was seen to do once need not be asked again."""
    from IPython import get_ipython

    shell = get_ipython()
    assert shell is not None, "works in a kernel only"
    return Student(LocalChannel(shell.user_ns))
