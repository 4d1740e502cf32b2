"""A downloaded zip or folder as a list of files to read; what is hostile is refused before anything is written."""

from __future__ import annotations

import datetime
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from course_utils.grading.assignment import CourseError
from course_utils.grading.doctor.archive import is_ignored

MAX_MEMBERS = 20_000  # files of a whole class
MAX_FILE = 300 * 1024**2  # bytes; what one student may hand in (submission.MAX_TOTAL)
MAX_UNPACKED = 20 * 1024**3  # bytes of a whole class
MAX_RATIO = 200  # deflate packs text 10 times, a notebook full of one line 100 times, a bomb 1000 times
RATIO_COUNTS_FROM = 10 * 1024**2  # bytes
MAX_NAME = 200  # bytes of one name
MAX_PATH = 800  # bytes of a whole path
CHUNK = 1024 * 1024

_END_OF_DIRECTORY, _END_OF_DIRECTORY_64 = b"PK\x05\x06", b"PK\x06\x06"
_MIN_ENTRY, _MAX_ENTRY = 46, 46 + 2 * MAX_PATH
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, OSError)


class Refused(CourseError):
    """A download that is not opened at all; the text says why and what to do."""


@dataclass(frozen=True)
class Member:
    """A file of a download: `path` with forward slashes and composed letters, `modified` without a time zone.

    `size` and, in a zip, `packed` are in bytes.
    """

    path: str
    size: int
    modified: datetime.datetime | None
    open: Callable[[], IO[bytes]] = field(repr=False, compare=False)
    packed: int | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's names."""
        return tuple(self.path.split("/"))

    def chunks(self) -> Iterator[bytes]:
        """The content, a megabyte at a time. Raises Refused where it is damaged or longer than its size says."""
        left = self.size
        try:
            with self.open() as stream:
                while chunk := stream.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise Refused(f"{self.path!r} is longer than the {self.size} bytes that it was said to have")
                    yield chunk
        except _BROKEN as error:
            raise Refused(f"{self.path!r} cannot be read ({error}); download it once more") from error


@dataclass(frozen=True)
class Download:
    """The files of a zip or folder, and those that are not taken, each with the reason."""

    members: tuple[Member, ...]
    left_out: tuple[tuple[str, str], ...]
    is_archive: bool


@contextmanager
def opened(path: Path) -> Iterator[Download]:
    """A zip or folder, its files ready to read. Raises Refused with the reason, and CourseError for anything else."""
    if path.is_dir():
        yield _checked(_folder_members(path), is_archive=False)
    elif not path.is_file():
        raise CourseError(f"{path} is not there; expected the zip that Moodle or Canvas gives, or a folder")
    elif not zipfile.is_zipfile(path):
        raise CourseError(f"{path} is no zip archive; expected the zip that Moodle or Canvas gives, or a folder")
    else:
        with path.open("rb") as file:
            _check_directory(file, path)
            try:
                archive = zipfile.ZipFile(file)
            except _BROKEN as error:
                raise Refused(f"{path} is damaged ({error}); download it once more") from error
            with archive:
                yield _checked(_zip_members(archive, path), is_archive=True)


def _check_directory(file: IO[bytes], path: Path) -> None:
    """Look at the length of the list of files before Python reads it: each entry takes memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(_END_OF_DIRECTORY)
    (length,) = struct.unpack_from("<L", tail, at + 12)
    at_64 = tail.rfind(_END_OF_DIRECTORY_64)
    if at_64 >= 0 and length == 0xFFFFFFFF:
        (length,) = struct.unpack_from("<Q", tail, at_64 + 40)
    file.seek(0)
    if length > MAX_MEMBERS * _MAX_ENTRY:
        raise Refused(f"{path} is refused: its list of files is {length} bytes long; a class has {MAX_MEMBERS} files")


def _zip_members(archive: zipfile.ZipFile, path: Path) -> list[Member]:
    """The zip's files. Raises Refused for what neither Moodle nor Canvas writes."""
    entries = archive.infolist()
    for entry in entries:
        if reason := _hostile(entry):
            raise Refused(f"{path} is refused: {_shown(entry.orig_filename)} {reason}; nothing of it was collected")
    files = [entry for entry in entries if not entry.is_dir()]
    if len(files) > MAX_MEMBERS:
        raise Refused(f"{path} is refused: it holds {len(files)} files, more than {MAX_MEMBERS}")
    _check_sizes(files, path)
    members = [_zip_member(archive, entry) for entry in files]
    _check_distinct(members, path)
    return members


def _hostile(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename
    mode = entry.external_attr >> 16
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "has an absolute path"
    if "\\" in name:
        return "has a backslash in its path"
    if ".." in name.split("/"):
        return "has a path that leads outside"
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        return "has control characters in its name"
    if stat.S_ISLNK(mode):
        return "is a link"
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a device or a pipe, not a file"
    if entry.flag_bits & 0x41:
        return "is locked with a password"
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "is packed in an unusual way"
    return ""


def _check_sizes(files: list[zipfile.ZipInfo], path: Path) -> None:
    packed = sum(entry.compress_size for entry in files)
    unpacked = sum(entry.file_size for entry in files)
    if packed > path.stat().st_size:
        raise Refused(f"{path} is refused: its files overlap, as in a zip bomb")
    if unpacked > MAX_UNPACKED:
        raise Refused(f"{path} is refused: unpacked it has {unpacked / 1e9:.1f} GB, more than {MAX_UNPACKED / 1e9:.0f}")
    times = unpacked // max(packed, 1)
    if unpacked > 10 * RATIO_COUNTS_FROM and times > MAX_RATIO:
        raise Refused(f"{path} is refused: it would unpack to {times} times its size, as a zip bomb does")


def _check_distinct(members: list[Member], path: Path) -> None:
    """Every path only once, and none that is a file and a folder."""
    seen: set[str] = set()
    folders = {"/".join(member.parts[:depth]) for member in members for depth in range(1, len(member.parts))}
    for member in members:
        if member.path in seen or member.path in folders:
            raise Refused(f"{path} is refused: {_shown(member.path)} is in it twice")
        seen.add(member.path)


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Member:
    name = entry.filename
    if not entry.flag_bits & 0x800:
        # Without the mark for UTF-8 Python reads names as DOS wrote them; most tools wrote UTF-8 all the same.
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = entry.filename
    try:
        modified = datetime.datetime(*entry.date_time) if entry.date_time[0] > 1980 else None
    except ValueError:
        modified = None
    return Member(_composed(name), entry.file_size, modified, partial(archive.open, entry), entry.compress_size)


def _folder_members(root: Path) -> list[Member]:
    """The regular files below a folder; no link is followed."""
    members = []
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not os.path.islink(os.path.join(place, name)))
        for name in sorted(names):
            path = Path(place, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                relative = os.fsencode(path.relative_to(root)).decode("utf-8", "replace")
                modified = datetime.datetime.fromtimestamp(status.st_mtime).replace(microsecond=0)
                members.append(Member(_composed(relative), status.st_size, modified, _reader(path)))
    return members


def _reader(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _checked(members: list[Member], is_archive: bool) -> Download:
    """Without what systems leave behind, and without names and sizes that some machine could not take."""
    taken, left_out = [], []
    seen: set[str] = set()
    for member in members:
        if is_ignored(member.path):
            continue
        reason = _reason(member, seen)
        if reason:
            left_out.append((member.path, reason))
        else:
            taken.append(member)
            seen.add(member.path.casefold())
    return Download(tuple(taken), tuple(left_out), is_archive)


def _reason(member: Member, seen: set[str]) -> str:
    if member.size > MAX_FILE:
        return f"has more than {MAX_FILE // 1024**2} MB"
    if member.packed is not None and member.size > max(RATIO_COUNTS_FROM, MAX_RATIO * member.packed):
        return f"would unpack to over {MAX_RATIO} times its size"
    if member.path.casefold() in seen:
        return "differs from another file's name in capital letters only"
    return unusable(member.path)


def unusable(path: str) -> str:
    """Why some machine could not take a file of this path; empty where every one can."""
    parts = path.split("/")
    if any(len(part.encode()) > MAX_NAME for part in parts) or len(path.encode()) > MAX_PATH:
        return "has too long a name"
    if any(_RESERVED.fullmatch(part) for part in parts):
        return "has a name that Windows keeps for devices"
    if any(part.strip() in {"", ".", ".."} for part in parts):
        return "has an empty name in its path"
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in path):
        return "has control characters in its name"
    return ""


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _shown(name: str) -> str:
    return ascii(name[:100])
