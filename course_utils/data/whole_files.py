"""Writes a file at once or not at all, so that others who read it meanwhile see a whole one; and tells whose it is."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def written_whole(file: Path) -> Iterator[IO[bytes]]:
    """A stream to write to, which takes the file's place at the end; where that goes wrong, nothing has changed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix="unfinished_", suffix=file.suffix, delete=False) as stream:
        try:
            yield stream
            stream.flush()
            os.chmod(stream.name, 0o644)
            os.replace(stream.name, file)
        except BaseException:
            Path(stream.name).unlink(missing_ok=True)
            raise


def is_trusted(file: Path) -> bool:
    """Whether a file is there and belongs to this user or to root: in a shared folder another may have put anything."""
    try:
        owner = file.stat().st_uid
    except OSError:
        return False
    return owner == 0 or owner == os.getuid()  # Windows has no owners: 0
