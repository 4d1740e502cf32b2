"""Which form a download has, and so whose each of its files is."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from course_utils.grading.collecting.archive import Member

TIMESTAMP = "timestamp.txt"

# Moodle puts spaces for the underscores of names. Since 4.1 its folders have no underscore at the end.
_MOODLE_FOLDER = re.compile(r"(?P<name>.+?)(?:_(?P<identifier>\d+))?_assignsubmission_(?P<part>[a-z]+)_?")
_MOODLE_FILE = re.compile(r"(?P<name>.+?)(?:_(?P<identifier>\d+))?_assignsubmission_(?P<part>[a-z]+)_(?P<file>.+)")
# lastnamefirst_LATE_<user>_<attachment>_<file>; handed in again, a file has -1, -2 ... before its ending.
_CANVAS_FILE = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<identifier>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
_AGAIN = re.compile(r"(?P<stem>.+?)-(?P<number>\d{1,3})(?P<ending>(?:\.[^.]+)?)")
# nbgrader's exchange: <student>+<assignment>+<time>[+<random>]
_EXCHANGE_FOLDER = re.compile(r"(?P<name>[^+]+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-[^+]+)(?:\+.*)?")
_NOTEBOOK = re.compile(r"\.ipynb(?:\.(?:txt|json))?$", re.IGNORECASE)
_ONE_FILE = re.compile(r"(?P<student>.+?)\.(?:ipynb(?:\.(?:txt|json))?|zip|py|html|json)", re.IGNORECASE)

MOODLE, MOODLE_FLAT, CANVAS = "Moodle's download", "Moodle's download without folders", "Canvas's download"
NBGRADER, EXCHANGE = "nbgrader's submitted folder", "nbgrader's exchange"
FOLDERS, NOTEBOOKS = "a folder for each student", "a file for each student"


@dataclass(frozen=True, eq=False)
class HandedIn:
    """What one student handed in: `name` and `identifier` as the download has them, files by path in the submission."""

    name: str
    identifier: str
    files: Mapping[str, Member]
    notes: tuple[str, ...] = ()
    time: str = ""

    @property
    def modified(self) -> datetime.datetime | None:
        """The time of the newest file."""
        return max((member.modified for member in self.files.values() if member.modified), default=None)


@dataclass(frozen=True)
class Layout:
    """A download that is understood: what form it has, who handed in what, and the files that are nobody's."""

    form: str
    handed_in: tuple[HandedIn, ...]
    left_out: tuple[tuple[str, str], ...]


class _Sorting:
    """Sorts the files of a download by student; `key` keeps two students of one name apart."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], dict[str, Member]] = defaultdict(dict)
        self.notes: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.times: dict[tuple[str, str], str] = {}
        self.left_out: list[tuple[str, str]] = []

    def layout(self, form: str) -> Layout:
        keys = dict.fromkeys([*self.files, *self.notes])
        handed_in = [
            HandedIn(*key, self.files.get(key, {}), tuple(self.notes.get(key, ())), self.times.get(key, ""))
            for key in keys
        ]
        return Layout(form, tuple(handed_in), tuple(self.left_out))


def read_layout(members: Iterable[Member], assignment: str) -> Layout:
    """Sort a download's files by student. Folders around the whole are looked through."""
    rooted = {member.parts: member for member in members}
    while True:
        for recognised in (_moodle, _exchange, _nbgrader, _canvas):
            if layout := recognised(rooted, assignment):
                return layout
        inner = {parts[1:]: member for parts, member in rooted.items()}
        if len({parts[0] for parts in rooted}) != 1 or () in inner or not _holds_a_class(inner):
            return _plain(rooted)
        rooted = inner


def _holds_a_class(inner: Mapping[tuple[str, ...], Member]) -> bool:
    """Whether what is in the only folder are several students' works, and not one student's files."""
    loose = [parts for parts in inner if len(parts) == 1 and _NOTEBOOK.search(parts[0])]
    folders = {parts[0] for parts in inner if len(parts) > 1 and any(_NOTEBOOK.search(name) for name in parts)}
    known = any(_MOODLE_FILE.fullmatch(parts[0]) or _CANVAS_FILE.fullmatch(parts[0]) for parts in inner)
    return known or (bool(folders) and not loose) or (len(loose) > 1 and not folders)


def _moodle(rooted: Mapping[tuple[str, ...], Member], assignment: str) -> Layout | None:
    sorting, form = _Sorting(), ""
    for parts, member in rooted.items():
        folder = _MOODLE_FOLDER.fullmatch(parts[0]) if len(parts) > 1 else None
        found = folder or (_MOODLE_FILE.fullmatch(parts[0]) if len(parts) == 1 else None)
        if found is None:
            sorting.left_out.append((member.path, "is in nobody's folder"))
            continue
        form = form or (MOODLE if folder else MOODLE_FLAT)
        key = (found["name"], found["identifier"] or "")
        if found["part"] != "file":
            sorting.notes[key].append("text typed into Moodle is not graded")
        else:
            sorting.files[key]["/".join(parts[1:]) if folder else found["file"]] = member
    return sorting.layout(form) if form else None


def _exchange(rooted: Mapping[tuple[str, ...], Member], assignment: str) -> Layout | None:
    """Of what a student submitted several times, the last is taken."""
    newest: dict[str, tuple[str, str]] = {}
    for parts in rooted:
        found = _EXCHANGE_FOLDER.fullmatch(parts[0]) if len(parts) > 1 else None
        if found and found["assignment"] == assignment:
            newest[found["name"]] = max(newest.get(found["name"], ("", "")), (found["time"], parts[0]))
    sorting = _Sorting()
    for parts, member in rooted.items():
        name = parts[0].split("+")[0]
        if newest.get(name, ("", ""))[1] == parts[0]:
            sorting.files[name, ""]["/".join(parts[1:])] = member
            sorting.times[name, ""] = newest[name][0]
    return sorting.layout(EXCHANGE) if newest else None


def _nbgrader(rooted: Mapping[tuple[str, ...], Member], assignment: str) -> Layout | None:
    sorting = _Sorting()
    for parts, member in rooted.items():
        if len(parts) > 2 and parts[1] == assignment:
            sorting.files[parts[0], ""]["/".join(parts[2:])] = member
    return sorting.layout(NBGRADER) if sorting.files else None


def _canvas(rooted: Mapping[tuple[str, ...], Member], assignment: str) -> Layout | None:
    if not rooted or any(len(parts) > 1 or not _CANVAS_FILE.fullmatch(parts[0]) for parts in rooted):
        return None
    sorting = _Sorting()
    versions: dict[tuple[tuple[str, str], str], list[tuple[int, int, Member]]] = defaultdict(list)
    for parts, member in rooted.items():
        found = _CANVAS_FILE.fullmatch(parts[0])
        assert found is not None, "every name was looked at before"
        again = _AGAIN.fullmatch(found["file"])
        name = again["stem"] + again["ending"] if again else found["file"]
        number = int(again["number"]) if again else 0
        versions[(found["name"], found["identifier"]), name].append((number, int(found["attachment"]), member))
    for (key, name), found_versions in versions.items():
        *older, (_, _, member) = sorted(found_versions, key=lambda version: version[:2])
        sorting.files[key][name] = member
        sorting.left_out += [(old.path, "was handed in again") for _, _, old in older]
    return sorting.layout(CANVAS)


def _plain(rooted: Mapping[tuple[str, ...], Member]) -> Layout:
    sorting = _Sorting()
    for parts, member in rooted.items():
        if len(parts) > 1:
            sorting.files[parts[0], ""]["/".join(parts[1:])] = member
        elif found := _ONE_FILE.fullmatch(parts[0]):
            sorting.files[found["student"], ""][parts[0]] = member
        else:
            sorting.left_out.append((member.path, "is in nobody's folder, and no notebook"))
    folders = any(len(parts) > 1 for parts in rooted)
    return sorting.layout(FOLDERS if folders else NOTEBOOKS)
