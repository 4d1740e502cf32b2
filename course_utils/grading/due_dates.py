"""Due dates, extensions and what lateness costs, as due_dates.toml in the course's folder says:

timezone = "Europe/Berlin"              # of every date here; the machine's own where it is not said

[late]                                  # for every assignment that says nothing else
grace_minutes = 15                      # so late is not late; after it, lateness counts from the due date
percent_per_day = 10                    # for each day that has begun
percent_of = "earned"                   # of the points earned, or "possible": of the assignment's points
at_most_percent = 50
nothing_after_days = 7                  # later than that, the work gets no points

[assignments.01_sequence_lstm]
due = 2026-11-20T23:59:00
percent_per_day = 5                     # in place of what [late] says

[assignments.01_sequence_lstm.extensions]
"ada@example.org" = 2026-11-27T23:59:00 # another due date,
bela = 3                                # or so many days more
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course_utils.grading.assignment import CourseError

FILE = "due_dates.toml"
_DAY = 24 * 60 * 60
_SHARES = ("earned", "possible")


@dataclass(frozen=True)
class Policy:
    """What lateness costs; the defaults cost nothing."""

    grace_minutes: float = 0.0
    percent_per_day: float = 0.0
    percent_of: str = "earned"
    at_most_percent: float = 100.0
    nothing_after_days: float = math.inf

    def penalty(self, seconds_late: float, earned: float, possible: float) -> float:
        """The points that are taken away, never more than were earned.

        >>> Policy(percent_per_day=10).penalty(seconds_late=25 * 60 * 60, earned=15, possible=20)
        3.0
        """
        if seconds_late <= 60 * self.grace_minutes:
            return 0.0
        if seconds_late > self.nothing_after_days * _DAY:
            return earned
        points = {"earned": earned, "possible": possible}[self.percent_of]
        percent = min(self.percent_per_day * math.ceil(seconds_late / _DAY), self.at_most_percent)
        return min(points * percent / 100, earned)

    def describe(self, seconds_late: float) -> str:
        """Why there is a penalty, or none, in a sentence; empty for what came in time."""
        if seconds_late <= 0:
            return ""
        late = f"handed in {_span(seconds_late)} late"
        if seconds_late <= 60 * self.grace_minutes:
            return f"{late}, within the {self.grace_minutes:g} minutes of grace"
        if seconds_late > self.nothing_after_days * _DAY:
            return f"{late}; after {self.nothing_after_days:g} days work gets no points"
        days = math.ceil(seconds_late / _DAY)
        percent = min(self.percent_per_day * days, self.at_most_percent)
        of = {"earned": "the points earned", "possible": "the points possible"}[self.percent_of]
        return f"{late}: {percent:g} % of {of}" if percent else late


@dataclass(frozen=True)
class DueDate:
    """When an assignment is due, as UTC without a zone, the way that nbgrader keeps it, and for whom it is later."""

    due: datetime.datetime | None = None
    extensions: Mapping[str, datetime.timedelta] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)


def due_date(course: Path, assignment: str) -> DueDate:
    """What due_dates.toml says of an assignment; nothing is late where it is silent.

    Raises CourseError with the file, what is wrong in it, and what is expected.
    """
    path = course / FILE
    said = _read(path)
    of_all, of_this = said.get("late", {}), said.get("assignments", {}).get(assignment, {})
    if not of_this:
        return DueDate()
    zone = _zone(said, path)
    try:
        policy = _policy({**of_all, **{name: of_this[name] for name in of_this if name not in {"due", "extensions"}}})
        due = _utc(of_this["due"], zone)
        extensions = {
            student: datetime.timedelta(days=until) if isinstance(until, (int, float)) else _utc(until, zone) - due
            for student, until in of_this.get("extensions", {}).items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise CourseError(f"{path}, assignment {assignment}: {what}") from error
    return DueDate(due, extensions, policy)


def time_zone(course: Path) -> datetime.tzinfo | None:
    """The course's time zone; None where due_dates.toml says nothing: the machine's own."""
    path = course / FILE
    return _zone(_read(path), path)


def to_utc(time: datetime.datetime, zone: datetime.tzinfo | None) -> datetime.datetime:
    """A time as UTC without a zone; one without a zone is in `zone`."""
    placed = time if time.tzinfo else time.replace(tzinfo=zone) if zone else time.astimezone()
    return placed.astimezone(datetime.UTC).replace(tzinfo=None)


def _read(path: Path) -> dict[str, Any]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from error
    if unknown := said.keys() - {"timezone", "late", "assignments"}:
        known = "timezone, [late], [assignments.NAME]"
        raise CourseError(f"{path}: unknown {', '.join(sorted(unknown))}; known are {known}")
    return said


def _zone(said: Mapping[str, Any], path: Path) -> datetime.tzinfo | None:
    name = said.get("timezone")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, TypeError) as error:
        raise CourseError(f'{path}: unknown timezone {name!r}; expected one such as "Europe/Berlin"') from error


def _policy(values: Mapping[str, Any]) -> Policy:
    known = {field.name for field in dataclasses.fields(Policy)}
    if unknown := values.keys() - known:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}; known are due, extensions, {', '.join(sorted(known))}")
    numbers = {name: value for name, value in values.items() if name != "percent_of"}
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
            raise ValueError(f"{name} is {value!r}; expected a number that is not negative")
    if values.get("percent_of", "earned") not in _SHARES:
        raise ValueError(f"percent_of is {values['percent_of']!r}; expected {' or '.join(map(repr, _SHARES))}")
    return Policy(**values)


def _utc(time: Any, zone: datetime.tzinfo | None) -> datetime.datetime:
    if isinstance(time, datetime.datetime):
        return to_utc(time, zone)
    if isinstance(time, datetime.date):
        return to_utc(datetime.datetime.combine(time, datetime.time(23, 59, 59)), zone)
    raise TypeError(f"{time!r} is no date; expected one such as 2026-11-20T23:59:00, without quotes")


def _span(seconds: float) -> str:
    """
    >>> _span(90_000), _span(7_300)
    ('1 day 1 hour', '2 hours 2 minutes')
    """
    minutes = math.ceil(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (0 if days else minutes, "minute")]
    return " ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in parts if n) or "less than a minute"
