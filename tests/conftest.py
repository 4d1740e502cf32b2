"""What all tests share: the environment's scripts on PATH, and the data that needs no network."""

import os
from pathlib import Path

import pytest

from course_utils.grading.scripts_path import add_scripts_to_path

COURSE = Path(__file__).resolve().parent.parent
os.environ["COURSE_DATA_SOURCE"] = "embedded"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
add_scripts_to_path()


@pytest.fixture(scope="session")
def course() -> Path:
    """The course's own folder."""
    return COURSE
