"""The environment's own scripts on PATH: nbgrader calls `alembic` by name, also where nobody activated anything."""

import os
import sys
from pathlib import Path


def add_scripts_to_path() -> None:
    """Put the folder of the running interpreter in front of PATH, once."""
    folder = str(Path(sys.executable).parent)
    parts = os.environ.get("PATH", "").split(os.pathsep)
    if folder not in parts:
        os.environ["PATH"] = os.pathsep.join([folder, *parts])
