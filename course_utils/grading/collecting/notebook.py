"""Among a student's files, the notebook to grade under the name that nbgrader expects; the doctor tells which it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import PurePosixPath

from course_utils.grading.collecting.archive import Member
from course_utils.grading.doctor.archive import MAX_FILE, collect
from course_utils.grading.doctor.choosing import choose
from course_utils.grading.doctor.diagnosis import Log
from course_utils.grading.doctor.release import Release

MAX_LOOKED_AT = 300 * 1024**2  # bytes
_MAYBE_NOTEBOOK = re.compile(r"(?:\.(?:ipynb|py|json|txt|html?|zip)|(?:^|/)[^./]+)$", re.IGNORECASE)
_TRAINED = re.compile(r"[^/]+\.(?:weights\.h5|history\.json)")
_NOTEBOOK_OR_ARCHIVE = re.compile(r"\.(?:ipynb(?:\.(?:txt|json))?|zip)$", re.IGNORECASE)


def rightly_named(
    files: Mapping[str, Member], release: Release, notebook_name: str
) -> tuple[dict[str, Member], tuple[str, ...]]:
    """The files with the notebook as NOTEBOOK_NAME.ipynb, and in words what was done.

    A notebook in a sub-folder comes up with the files beside it; archives are unpacked where the notebook is in one.
    What a long training left is put into trained/: forms that upload file by file lose the folder.
    Where no file can be read as the notebook, all stay as they are: grading says why.
    """
    named, notes = _with_notebook(files, release, notebook_name)
    lost = [path for path in named if _TRAINED.fullmatch(path) and f"trained/{path}" not in named]
    if lost and not any(path == "trained" for path in named):
        named = {f"trained/{path}" if path in lost else path: member for path, member in named.items()}
        notes = (*notes, f"{', '.join(sorted(lost))} belongs in trained/")
    return named, notes


def _with_notebook(
    files: Mapping[str, Member], release: Release, notebook_name: str
) -> tuple[dict[str, Member], tuple[str, ...]]:
    right = f"{notebook_name}.ipynb"
    if right in files and len([path for path in files if _NOTEBOOK_OR_ARCHIVE.search(path)]) == 1:
        return dict(files), ()
    log = Log()
    handed_in, members = _contents(files), dict(files)
    available = collect(handed_in, log)
    chosen = choose(available, release, notebook_name, log)
    if isinstance(chosen, str):
        return members, (f"no notebook: {chosen}",)
    if chosen.path not in files:
        packed = [path for path in handed_in if path not in available]
        members = {path: member for path, member in files.items() if path not in packed}
        unpacked = [(path, _in_memory(path, data)) for path, data in available.items() if path not in handed_in]
        members = side_by_side([(chosen.path, dict(unpacked)[chosen.path]), *members.items(), *unpacked])
    if chosen.path == right:
        return members, () if members.keys() == files.keys() else (f"{right} was in an archive",)
    return _moved(members, chosen.path, right), (f"{chosen.path} is taken as {right}",)


def _contents(files: Mapping[str, Member]) -> dict[str, bytes]:
    """What may hold the notebook, the smallest files first; weights and pictures are not read."""
    contents: dict[str, bytes] = {}
    left = MAX_LOOKED_AT
    for path, member in sorted(files.items(), key=lambda item: (item[1].size, item[0])):
        if _MAYBE_NOTEBOOK.search(path) and member.size <= min(left, MAX_FILE):
            contents[path] = b"".join(member.chunks())
            left -= member.size
    return contents


def _in_memory(path: str, data: bytes) -> Member:
    return Member(path, len(data), None, lambda: BytesIO(data))


def _moved(members: Mapping[str, Member], chosen: str, right: str) -> dict[str, Member]:
    """The chosen notebook under the right name, and its folder's files around it."""
    folder = PurePosixPath(chosen).parent
    beside = [path for path in members if path != chosen and PurePosixPath(path).is_relative_to(folder)]
    elsewhere = [path for path in members if path != chosen and path not in beside]
    around = [(PurePosixPath(path).relative_to(folder).as_posix(), members[path]) for path in beside]
    return side_by_side([(right, members[chosen]), *around, *((path, members[path]) for path in elsewhere)])


def side_by_side(files: Iterable[tuple[str, Member]]) -> dict[str, Member]:
    """Files by path; where a path is taken, or would be a file and a folder, the later one goes into other-1/, ..."""
    placed: dict[str, Member] = {}
    folders: set[str] = set()
    for path, member in files:
        name, number = path, 0
        while name in placed or name in folders or not placed.keys().isdisjoint(_folders(name)):
            number += 1
            name = f"other-{number}/{path}"
        placed[name] = member
        folders.update(_folders(name))
    return placed


def _folders(path: str) -> set[str]:
    return {parent.as_posix() for parent in PurePosixPath(path).parents}
