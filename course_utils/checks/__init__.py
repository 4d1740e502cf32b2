"""Checks: what a task demands, said once, and run beside the student's code or from outside it."""

from course_utils.checks.criteria import Criterion, Result, check, criteria_of, judge, share
from course_utils.checks.expectation import Unmet, expect
from course_utils.checks.feedback import Feedback
from course_utils.checks.notebook import NotebookChecks, for_notebook, public_criteria
from course_utils.checks.student import Handle, LocalChannel, Student, StudentError
from course_utils.checks.wire import Tensor

__all__ = [
    "Criterion",
    "Feedback",
    "Handle",
    "LocalChannel",
    "NotebookChecks",
    "Result",
    "Student",
    "StudentError",
    "Tensor",
    "Unmet",
    "check",
    "criteria_of",
    "expect",
    "for_notebook",
    "judge",
    "public_criteria",
    "share",
]
