"""What students may see of a result: everything of a public criterion, and of a hidden one no value at all."""

from __future__ import annotations

import builtins
import dataclasses

from course_utils.checks.criteria import FAILED, PASSED, RAISED, Result
from course_utils.checks.feedback import Feedback
from course_utils.grading.outcome import CellRecord


def shown(result: Result) -> Result:
    """`result` as its student may see it.

    What a hidden criterion got could carry the inputs that it was tried on, for instance in an exception's text,
    so only its title, its state, and the course's own words on why and where stay. Where an exception came from is
    the student's own word: a function may be named after its inputs.
    """
    if not result.hidden or result.state == PASSED:
        return result
    hint = "" if result.state == RAISED else result.hint
    return dataclasses.replace(result, got=_outline(result), expected="", hint=hint)


def grade_cell_feedback(record: CellRecord) -> Feedback:
    """A grade cell's feedback with the points that it got."""
    results = [shown(result) for result in record.results]
    passed = sum(result.passed for result in results)
    note = f"{round(record.score or 0.0, 2):g} of {record.points:g} points: {passed} of {len(results)} criteria passed."
    return Feedback(record.grade_id, results, note)


def _outline(result: Result) -> str:
    if result.state == FAILED:
        return "a result that is not right on the grader's own inputs"
    if result.state == RAISED:
        kind = result.got.partition(":")[0].strip()
        known = kind.endswith("Error") and hasattr(builtins, kind)
        return f"an exception ({kind}) on the grader's own inputs" if known else "an exception"
    if result.state in {"timed out", "died"}:
        return "no answer: the time ran out or the process ended"
    return result.got
