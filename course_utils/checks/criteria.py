"""Criteria: small functions with a title, a weight and a grade cell, and how one of them is judged.

Scoring fails closed. A criterion is passed only when its function returned after at least one demand was met;
an exception on either side, a time-out, a dead process or a function that demands nothing leaves it unpassed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from course_utils.checks.expectation import Unmet, counted
from course_utils.checks.student import Died, Missing, Student, StudentError, TimedOut
from course_utils.checks.wire import WireError

CheckFunction = Callable[[Student, np.random.Generator], None]

PASSED, FAILED, RAISED, NOT_FILLED_IN = "passed", "failed", "raised", "not filled in"
TIMED_OUT, DIED, BROKEN, NOT_RUN = "timed out", "died", "broken", "not run"


@dataclass(frozen=True)
class Criterion:
    """One thing that is checked for the points of `grade_cell`; `timeout` in seconds."""

    grade_cell: str
    name: str
    title: str
    weight: float
    timeout: float
    function: CheckFunction
    hidden: bool = False


@dataclass(frozen=True)
class Result:
    """What became of one criterion; the texts are for the student, and empty where there is nothing to say."""

    grade_cell: str
    name: str
    title: str
    weight: float
    hidden: bool
    state: str
    got: str = ""
    expected: str = ""
    why: str = ""
    hint: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the criterion counts."""
        return self.state == PASSED


def check(grade_cell: str, *, weight: float = 1.0, timeout: float = 30.0) -> Callable[[CheckFunction], Criterion]:
    """Make a function of (student, rng) a criterion of `grade_cell`; its docstring's first line is the title.

    >>> @check("resize_img", weight=2)
    ... def keeps_the_label(student, rng):
    ...     '''resize_img leaves the label alone.'''
    ...     _, label = student.resize_img(rng.integers(0, 256, (28, 28, 1), dtype="uint8"), 7)
    ...     expect(label, "the label").equals(7, hint="Return the label that came in.")
    """
    if not (isinstance(weight, (int, float)) and math.isfinite(weight) and weight > 0):
        raise ValueError(f"the weight of a criterion of {grade_cell} is {weight!r}; give a positive number")

    def make(function: CheckFunction) -> Criterion:
        title = (function.__doc__ or "").strip().splitlines()
        if not title:
            raise ValueError(f"the check {function.__name__} has no docstring; its first line is the title")
        return Criterion(grade_cell, function.__name__, title[0].strip(), float(weight), float(timeout), function)

    return make


def criteria_of(module: ModuleType, hidden: bool = False) -> tuple[Criterion, ...]:
    """The criteria that a module defines, in the order of their definition."""
    own = [value for value in vars(module).values() if isinstance(value, Criterion)]
    return tuple(dataclasses.replace(criterion, hidden=hidden) for criterion in own)


def judge(criterion: Criterion, student: Student, rng: np.random.Generator) -> Result:
    """Run one criterion; whatever happens ends in a Result. KeyboardInterrupt passes through."""
    started = time.perf_counter()
    texts: dict[str, str] = {}
    try:
        with counted() as demands:
            criterion.function(student, rng)
        state = PASSED if demands[0] else BROKEN
        if state == BROKEN:
            texts = {
                "got": "a check that demands nothing",
                "hint": "This is the course's mistake: tell the instructor.",
            }
    except Unmet as unmet:
        state = FAILED
        texts = {"got": unmet.got, "expected": unmet.expected, "why": unmet.why, "hint": unmet.hint}
    except StudentError as error:
        state, texts = _of_student_error(error)
    except WireError as error:
        state, texts = BROKEN, {"got": f"a check that sends what cannot be sent: {error}"}
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        if isinstance(getattr(error, "obj", None), ModuleType):
            return _result(criterion, BROKEN, _of_own_error(error), time.perf_counter() - started)
        # A check unpacks and indexes what the student returned: an answer of another form ends here.
        state = FAILED
        texts = {
            "got": f"an answer of another form ({type(error).__name__}: {str(error)[:300]})",
            "expected": "what the task asks for",
            "hint": "Compare what your function returns with the contract in its docstring.",
        }
    except Exception as error:
        state, texts = BROKEN, _of_own_error(error)
    finally:
        _tidy(student)
    return _result(criterion, state, texts, time.perf_counter() - started)


def _of_own_error(error: Exception) -> dict[str, str]:
    return {
        "got": f"an error in the check itself ({type(error).__name__})",
        "hint": "This is the course's mistake: tell the instructor.",
    }


def not_run(criterion: Criterion, reason: str) -> Result:
    """The result of a criterion that could not be tried; it counts nothing."""
    return _result(criterion, NOT_RUN, {"got": reason}, 0.0)


def share(points: float, results: Sequence[Result]) -> float:
    """`points` shared out over the criteria by weight, and summed over the passed ones; 0 without criteria.

    The share is exact at both ends: nothing passed is 0, everything passed is `points`.
    """
    total = math.fsum(result.weight for result in results)
    if not results or total <= 0:
        return 0.0
    earned = math.fsum(result.weight for result in results if result.passed)
    if all(result.passed for result in results):
        return float(points)
    return round(points * earned / total, 4)


def _of_student_error(error: StudentError) -> tuple[str, dict[str, str]]:
    if isinstance(error, Missing):
        return NOT_FILLED_IN, {
            "got": f"{error.name} is not defined",
            "expected": f"a definition of {error.name}",
            "hint": "Fill in the cell above and run it. Keep the name as it is.",
        }
    if error.kind == "NotImplementedError":
        return NOT_FILLED_IN, {
            "got": "a cell that is not filled in yet",
            "expected": "your solution in place of `raise NotImplementedError()`",
        }
    if isinstance(error, TimedOut):
        return TIMED_OUT, {
            "got": error.text,
            "expected": "an answer in time",
            "hint": "Look for a loop that never ends.",
        }
    if isinstance(error, Died):
        return DIED, {"got": f"the notebook's process ended ({error.text})", "expected": "an answer"}
    return RAISED, {
        "got": f"{error.kind}: {error.text[:500]}" if error.text else error.kind,
        "expected": "no exception",
        "hint": f"It came from {error.where}." if error.where else "",
    }


def _tidy(student: Student) -> None:
    """Give the notebook its own globals back; a student side that no longer answers has nothing to restore."""
    with contextlib.suppress(StudentError, WireError):
        student.tidy()


def _result(criterion: Criterion, state: str, texts: dict[str, Any], seconds: float) -> Result:
    return Result(
        grade_cell=criterion.grade_cell,
        name=criterion.name,
        title=criterion.title,
        weight=criterion.weight,
        hidden=criterion.hidden,
        state=state,
        seconds=seconds,
        **texts,
    )
