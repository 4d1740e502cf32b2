"""Judges one function by itself, where it calls others of the student's: a mistake in those must not cost twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from course_utils.checks.expectation import Unmet
from course_utils.checks.student import Died, Student, StudentError, TimedOut

# What a check may run into when an answer has another form than the one it unpacks.
TROUBLE = (Unmet, StudentError, TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError)


def either(*attempts: Callable[[], None]) -> None:
    """Run attempts until one is met; where none is, what the first one said counts. A time-out ends it at once."""
    either_of(attempts)


def either_of(attempts: Iterable[Callable[[], None]]) -> None:
    """As `either`; the next attempt is asked for when the one before was not met."""
    first: Exception | None = None
    for attempt in attempts:
        try:
            attempt()
            return
        except (TimedOut, Died):
            raise
        except TROUBLE as trouble:
            first = first or trouble
    if first is None:
        raise ValueError("there is nothing to attempt")
    raise first


def or_trouble(attempt: Callable[[], Any]) -> Any:
    """What an attempt gives or, in its place, the trouble that it ran into: for what several criteria look at."""
    try:
        return attempt()
    except (TimedOut, Died):
        raise
    except TROUBLE as trouble:
        return trouble


def untroubled(found: Any) -> Any:
    """What `or_trouble` found; raises the trouble where it is one."""
    if isinstance(found, Exception):
        raise found
    return found


def with_stand_ins(student: Student, stand_ins: Mapping[str, Any], attempt: Callable[[], None]) -> Callable[[], None]:
    """The attempt with these globals of the notebook replaced while it runs."""

    def replaced() -> None:
        try:
            for name, value in stand_ins.items():
                student.replace(name, value)
            attempt()
        finally:
            student.restore()

    return replaced
