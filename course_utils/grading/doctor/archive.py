"""The files of a submission: archives unpacked within limits, what systems add left out, every path a safe one."""

import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath

from course_utils.grading.doctor.diagnosis import Log

MAX_FILE = 100_000_000
MAX_UNPACKED = 300_000_000
MAX_ENTRIES = 2_000
MAX_RATIO = 200
MAX_DEPTH = 3
CHECKPOINTS = ".ipynb_checkpoints"

_IGNORED_FOLDERS = {"__MACOSX", "__pycache__", ".git", ".ipynb_checkpoints", ".vscode", ".idea"}
_IGNORED_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


def collect(files: Mapping[str, bytes], log: Log) -> dict[str, bytes]:
    """All files by safe relative path, archives replaced by what is in them."""
    collector = _Collector(log)
    for name in sorted(files):
        collector.add(name, files[name], depth=0)
    return collector.files


def is_ignored(path: str) -> bool:
    """Whether the file is one that systems and editors leave behind."""
    parts = PurePosixPath(path).parts
    return bool(_IGNORED_FOLDERS.intersection(parts[:-1])) or parts[-1] in _IGNORED_FILES or parts[-1].startswith("._")


def safe_path(name: str) -> str | None:
    """`name` as a relative path with forward slashes; None if it leads outside or is no usable name."""
    path = PurePosixPath(name.replace("\\", "/"))
    drive = bool(path.parts) and path.parts[0].endswith(":")
    usable = name.isprintable() and 0 < len(path.as_posix()) <= 240
    if path.is_absolute() or drive or ".." in path.parts or not usable or not path.parts:
        return None
    return path.as_posix()


class _Collector:
    """Adds files one by one and keeps count of the limits over all archives together."""

    def __init__(self, log: Log) -> None:
        self.files: dict[str, bytes] = {}
        self._log = log
        self._entries = 0
        self._unpacked = 0

    def add(self, name: str, data: bytes, depth: int) -> None:
        path = safe_path(name)
        if path is None:
            self._log.add(
                "unsafe_path",
                f"The file {name[:80]!r} has a path that leads outside its folder; it was left out.",
            )
        elif len(data) > MAX_FILE:
            self._log.add(
                "too_large",
                f"{path} has {len(data) / 1e6:.0f} MB, more than {MAX_FILE / 1e6:.0f}; it was left out.",
            )
        elif _is_archive(path, data) and not is_ignored(path):
            self._unpack(path, data, depth)
        else:
            free = path if path not in self.files else f"{len(self.files)}/{path}"
            self.files[free] = data

    def _unpack(self, path: str, data: bytes, depth: int) -> None:
        # Reading the list of entries takes memory for each: look at their number first.
        if depth >= MAX_DEPTH or data.count(b"PK\x01\x02") > MAX_ENTRIES:
            self._log.add(
                "refused_archive", f"{path} holds too many files, or archives in archives; it was not opened."
            )
            return
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                if depth > 0 or not path.lower().endswith(".zip"):
                    self._log.add("archive", f"{path} is an archive where none is expected; it was unpacked.")
                for entry in entries:
                    self._unpack_entry(archive, entry, path, depth)
        except _BROKEN:
            self._log.add(
                "broken_archive",
                f"{path} is a damaged archive; only what could be read of it was taken.",
            )

    def _unpack_entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, depth: int) -> None:
        self._entries += 1
        reason = self._refusal(entry)
        if reason:
            self._log.add("refused_entry", f"{entry.filename[:80]!r} in {path} {reason}; it was left out.")
            return
        with archive.open(entry) as stream:
            content = stream.read(min(MAX_FILE, MAX_UNPACKED - self._unpacked) + 1)
        self._unpacked += len(content)
        folder = PurePosixPath(path).parent
        self.add(
            (folder / entry.filename).as_posix() if safe_path(entry.filename) else entry.filename,
            content,
            depth + 1,
        )

    def _refusal(self, entry: zipfile.ZipInfo) -> str:
        if self._entries > MAX_ENTRIES:
            return f"is one file too many (more than {MAX_ENTRIES})"
        if stat.S_ISLNK(entry.external_attr >> 16):
            return "is a link"
        if entry.flag_bits & 1:
            return "is locked with a password"
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return "is packed in an unusual way"
        if entry.file_size > MAX_FILE or self._unpacked + entry.file_size > MAX_UNPACKED:
            return f"would make the submission larger than {MAX_UNPACKED / 1e6:.0f} MB"
        if entry.file_size > 1_000_000 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            return f"would unpack to over {MAX_RATIO} times its size"
        return ""


def _is_archive(path: str, data: bytes) -> bool:
    """Other formats (`.keras`, `.npz`) are zip files inside as well, and stay as they are."""
    return data.startswith(b"PK\x03\x04") and path.lower().endswith((".zip", ".ipynb"))
