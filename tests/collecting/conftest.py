"""A course for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import classroom


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A course's folder, with nothing handed in."""
    return classroom.course(tmp_path / "course")
