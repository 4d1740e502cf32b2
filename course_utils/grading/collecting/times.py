"""When each student handed in, from the worksheet or the zip; and in the form of nbgrader's timestamp.txt."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping

from course_utils.grading.collecting.layout import CANVAS, MOODLE, MOODLE_FLAT, HandedIn, Layout
from course_utils.grading.collecting.worksheet import Row
from course_utils.grading.due_dates import to_utc

# A learning platform may write the time of the download into its zip: then times follow the order of the files.
_LONGEST_DOWNLOAD = datetime.timedelta(hours=6)
_SHORTEST_SPAN = datetime.timedelta(minutes=10)


def submission_times(
    layout: Layout, rows: Mapping[HandedIn, Row | None], zone: datetime.tzinfo | None
) -> dict[HandedIn, datetime.datetime]:
    """UTC without a zone, for each whose time is known: what the worksheet says, else the times in the zip."""
    said = {handed_in: row.submitted for handed_in, row in rows.items() if row and row.submitted}
    local = {**_zip_times(layout), **said}
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    times = {handed_in: to_utc(time, zone) for handed_in, time in local.items()}
    return {handed_in: time for handed_in, time in times.items() if time <= now + datetime.timedelta(days=1)}


def to_timestamp(time: datetime.datetime | None) -> str:
    """A time in UTC as nbgrader writes it into timestamp.txt; empty where it is not known."""
    return f"{time:%Y-%m-%d %H:%M:%S.%f} UTC" if time else ""


def _zip_times(layout: Layout) -> dict[HandedIn, datetime.datetime]:
    """The newest file's time of each student; none, where they may be the times of packing the zip."""
    if layout.form not in {MOODLE, MOODLE_FLAT, CANVAS}:
        return {}
    times = {handed_in: handed_in.modified for handed_in in layout.handed_in if handed_in.modified}
    ordered = [member.modified for one in layout.handed_in for member in one.files.values() if member.modified]
    if len(times) < 2:
        return {}
    span = max(ordered) - min(ordered)
    packing = all(earlier <= later for earlier, later in itertools.pairwise(ordered)) and span < _LONGEST_DOWNLOAD
    return {} if packing or span < _SHORTEST_SPAN else times
