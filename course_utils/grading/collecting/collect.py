"""Puts what a class handed in where nbgrader looks for it, and says who did, who did not, and what has no place."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import nbformat

from course_utils.grading.assignment import CourseError, released_notebook
from course_utils.grading.collecting.archive import Download, Member, Refused, opened, unusable
from course_utils.grading.collecting.layout import EXCHANGE, NBGRADER, TIMESTAMP, HandedIn, Layout, read_layout
from course_utils.grading.collecting.matching import rows_of
from course_utils.grading.collecting.notebook import rightly_named, side_by_side
from course_utils.grading.collecting.placing import Place
from course_utils.grading.collecting.students import Person, Student, Students, enter_names
from course_utils.grading.collecting.times import submission_times, to_timestamp
from course_utils.grading.collecting.worksheet import Row, Worksheet
from course_utils.grading.doctor.release import Release
from course_utils.grading.due_dates import time_zone
from course_utils.grading.journal import only_one
from course_utils.grading.submission import MAX_FILES

NEW, REPLACED, UNCHANGED, OLDER, EMPTY = "new", "replaced", "unchanged", "older", "empty"


@dataclass(frozen=True)
class Collected:
    """What became of one student's work. `submitted` is UTC without a zone, None where it is not known.

    `state`: new; replaced (the one before is kept in submitted/.earlier/); unchanged; older (than what is there, which
    stays); empty (no file to grade).
    """

    student: str
    name: str
    state: str
    files: int
    submitted: datetime.datetime | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Collection:
    """What became of a download: its form, each student, who of the worksheet is not in it, and files without place."""

    form: str
    collected: tuple[Collected, ...]
    missing: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Work:
    """One student's work before it is placed; `timestamp` is what timestamp.txt will hold, empty where unknown."""

    student: Student
    files: Mapping[str, Member]
    timestamp: str
    submitted: datetime.datetime | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Class:
    """A download that was read: each work, what else there is to say, and the notebook that is looked for."""

    works: tuple[_Work, ...]
    found: Collection
    release: Release
    notebook_name: str


def collect(course: Path, source: Path, assignment: str, worksheet: Path | None = None) -> Collection:
    """Collect a zip or folder into submitted/STUDENT/ASSIGNMENT/; done again, it changes nothing.

    Raises archive.Refused for a hostile download, and CourseError for one that is not understood, with nothing written.
    """
    with only_one(course), opened(source) as download, Place(course, assignment) as place:
        students = Students(course)
        class_ = _read(course, download, source, assignment, worksheet, students)
        collection = _one_by_one(class_, partial(_stage, place))
        learnt = students.save()
        place.carry_out()
        if learnt:
            enter_names(course, students)
    return collection


def preview(course: Path, source: Path, assignment: str, worksheet: Path | None = None) -> Collection:
    """What `collect` would do; nothing is written."""
    with opened(source) as download:
        place = Place(course, assignment)
        class_ = _read(course, download, source, assignment, worksheet, Students(course))
        return _one_by_one(class_, partial(_compare, place))


def _read(
    course: Path, download: Download, source: Path, assignment: str, worksheet: Path | None, students: Students
) -> _Class:
    """Each student's work as it came; nothing but timestamps is read of it."""
    path = released_notebook(course, assignment)
    layout = read_layout(download.members, assignment)
    if not layout.handed_in:
        raise CourseError(f"{source} holds no student's work; expected notebooks, or a folder for each student")
    layout = _bounded(layout, download, source)
    sheet = Worksheet.read(worksheet) if worksheet else None
    rows = rows_of(layout, sheet.rows, worksheet) if sheet and worksheet else {}
    times = submission_times(layout, rows, time_zone(course)) if layout.form not in {NBGRADER, EXCHANGE} else {}
    release = Release(nbformat.read(path, as_version=4))
    works: dict[str, _Work] = {}
    place = Place(course, assignment)
    for handed_in in layout.handed_in:
        row = rows.get(handed_in)
        student = students.add(_person(handed_in, row, layout), assignment, place.students())
        work = _work(student, handed_in, times.get(handed_in), layout.form)
        works[student.id] = _together(works[student.id], work) if student.id in works else work
    named = [row for row in rows.values() if row]
    missing = tuple(_missing(row) for row in (sheet.rows if sheet else ()) if row not in named)
    left_out = (*layout.left_out, *download.left_out)
    found = Collection(layout.form, (), missing, left_out, _notes(layout, rows, times))
    return _Class(tuple(works.values()), found, release, path.stem)


def _one_by_one(class_: _Class, act: Callable[[_Work], str]) -> Collection:
    """The collection after `act`, which gives the state, was done on each work with its notebook rightly named.

    One work after the other: what was unpacked of a student's zip is in memory as long as that student's turn is.
    """
    collected, left_out = [], list(class_.found.left_out)
    for came in class_.works:
        work = _named(came, class_.release, class_.notebook_name, left_out)
        student = work.student
        collected.append(Collected(student.id, student.name, act(work), len(work.files), work.submitted, work.notes))
    ordered = tuple(sorted(collected, key=lambda one: one.student))
    return replace(class_.found, collected=ordered, left_out=tuple(left_out))


def _bounded(layout: Layout, download: Download, source: Path) -> Layout:
    """The layout without students of hundreds of files. Raises Refused for a zip: no learning platform gives one."""
    crowds = [handed_in for handed_in in layout.handed_in if len(handed_in.files) > MAX_FILES]
    if crowds and download.is_archive:
        count, name = len(crowds[0].files), crowds[0].name
        raise Refused(f"{source} is refused: it holds {count} files of {name!r}; at most {MAX_FILES} are expected")
    left_out = [(handed_in.name, f"holds {len(handed_in.files)} files, more than {MAX_FILES}") for handed_in in crowds]
    kept = tuple(handed_in for handed_in in layout.handed_in if handed_in not in crowds)
    return replace(layout, handed_in=kept, left_out=(*layout.left_out, *left_out))


def _person(handed_in: HandedIn, row: Row | None, layout: Layout) -> Person:
    """Who handed in; where Moodle hides names, all folders have one name, and the number tells them apart."""
    name = row.full_name if row and row.full_name else handed_in.name
    names = [other.name for other in layout.handed_in]
    if (not row or not row.full_name) and len(names) > 1 and len(set(names)) == 1:
        name = f"{name} {handed_in.identifier}".strip()
    if row is None:
        return Person(name, handed_in.identifier)
    return Person(name, handed_in.identifier or row.identifier, row.email, row.id_number)


def _work(student: Student, handed_in: HandedIn, time: datetime.datetime | None, form: str) -> _Work:
    """A student's own timestamp.txt would be taken as nbgrader's: only nbgrader's is kept."""
    files, notes = dict(handed_in.files), list(handed_in.notes)
    own = files.pop(TIMESTAMP, None)
    if own and form == NBGRADER:
        said = b"".join(own.chunks())[:100].decode("utf-8", "replace").strip()
        return _Work(student, files, said, None, tuple(notes))
    if own:
        notes.append(f"a file {TIMESTAMP} of the student's own is left out")
    return _Work(student, files, handed_in.time or to_timestamp(time), time, tuple(notes))


def _together(first: _Work, second: _Work) -> _Work:
    """Two entries of a download that are one student's."""
    files = side_by_side([*first.files.items(), *second.files.items()])
    latest = max(first, second, key=lambda work: work.timestamp)
    notes = (*first.notes, *second.notes, "two entries of the download are this student's")
    return replace(latest, files=files, notes=notes)


def _named(work: _Work, release: Release, notebook_name: str, left_out: list[tuple[str, str]]) -> _Work:
    """The work with the notebook under its right name, without names that a disk may not take."""
    files, notes = rightly_named(work.files, release, notebook_name) if work.files else ({}, ())
    files.pop(TIMESTAMP, None)
    for path in [path for path in files if unusable(path)]:
        left_out.append((f"{work.student.id}/{path}", unusable(path)))
        del files[path]
    return replace(work, files=files, notes=(*work.notes, *notes))


def _compare(place: Place, work: _Work) -> str:
    if not work.files:
        return EMPTY
    state = place.compare(work.student.id, work.files)
    return OLDER if state == REPLACED and place.is_older(work.student.id, work.timestamp) else state


def _stage(place: Place, work: _Work) -> str:
    state = _compare(place, work)
    if state in {NEW, REPLACED}:
        place.stage(work.student.id, work.files, work.timestamp)
    elif state == UNCHANGED and work.timestamp:
        place.stage_timestamp(work.student.id, work.timestamp)
    return state


def _missing(row: Row) -> str:
    return f"{row.name} (handed in something that is not in the download)" if row.submitted else row.name


def _notes(layout: Layout, rows: Mapping[HandedIn, Row | None], times: Mapping[HandedIn, object]) -> tuple[str, ...]:
    notes = []
    strangers = [handed_in.name for handed_in, row in rows.items() if row is None]
    if strangers:
        notes.append(f"not in the worksheet: {', '.join(strangers)}")
    if layout.form not in {NBGRADER, EXCHANGE} and not times:
        notes.append("when it was handed in is not known: give --worksheet for that; nothing will count as late")
    return tuple(notes)
