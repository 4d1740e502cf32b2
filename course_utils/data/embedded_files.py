"""Keeps the files that are made of an embedded data set, so that they are made once on a machine and not every time."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import logging
import shutil
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import cast

from course_utils.data import images, offline, sets, sources, tfds_files
from course_utils.data.whole_files import is_trusted, written_whole

KEPT = "course_utils_embedded"  # the folder beside TFDS's data
PACKAGES = ("numpy", "scikit-learn", "tensorflow", "tensorflow-datasets")

logger = logging.getLogger(__name__)


def fingerprint(name: str) -> str:
    """Of all that a data set's files depend on: the code that makes them, and the packages that it uses."""
    versions = [f"{package} {importlib.metadata.version(package)}" for package in PACKAGES]
    modules = cast(ModuleType, sets.find(name)), offline, sources, images, tfds_files
    code = [inspect.getsource(module) for module in modules]
    return hashlib.sha256("\n".join([*versions, *code]).encode()).hexdigest()[:16]


def kept_file(place: Path, name: str) -> Path:
    """The archive with a data set's files below `place`, which is TFDS's folder for data."""
    return place / KEPT / f"{name}_{fingerprint(name)}.zip"


def take(file: Path, tfds: Path, arrays: Path) -> bool:
    """Put the files that `keep` has kept where they belong; False where there are none, or not whole or another's."""
    if not is_trusted(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory(dir=tfds.parent) as scratch:
            archive.extractall(scratch)  # raises BadZipFile where a file is not what was written
            for part, folder in (("tfds", tfds), ("arrays", arrays)):
                shutil.copytree(Path(scratch) / part, folder, dirs_exist_ok=True)
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError):
        return False
    return True


def keep(file: Path, name: str, tfds: Path, arrays: Path) -> None:
    """Keep a data set's files for `take`, at once or not at all; where that cannot be, they are made again next time.

    Args:
        tfds: the folder in which the data set is a folder, as TFDS lays it out.
        arrays: the folder in which `sources.write_embedded` wrote its images.
    """
    try:
        with written_whole(file) as stream, zipfile.ZipFile(stream, "w") as archive:
            for path in sorted((tfds / name).rglob("*")):
                archive.write(path, Path("tfds") / path.relative_to(tfds))
            archive.write(arrays / f"{name}.npz", Path("arrays") / f"{name}.npz")
        for former in file.parent.glob(f"{name}_*.zip"):
            if former != file:
                former.unlink()  # of another version, and tens of megabytes
    except OSError as error:
        logger.debug("%s cannot be written (%s); the data set will be made again next time", file, error)
