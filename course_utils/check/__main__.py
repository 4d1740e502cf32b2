"""`python -m course_utils.check NOTEBOOK`: see course_utils.check."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from course_utils.check.rehearsal import CELL_SECONDS
from course_utils.check.showing import CODES, run_and_show


def main() -> int:
    """Read the command line, run and show; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.check",
        description="Run a notebook in a fresh kernel, from top to bottom, and try its public checks.",
        epilog=CODES,
    )
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--assignment", default="", help="the assignment, where no cell of the notebook names it")
    parser.add_argument("--with-training", action="store_true", help="also run the long trainings")
    parser.add_argument("--seconds", type=float, default=CELL_SECONDS, help="limit for a cell (default: %(default)g)")
    options = parser.parse_args()
    return run_and_show(
        options.notebook,
        options.assignment,
        with_training=options.with_training,
        cell_seconds=options.seconds if not options.with_training else max(options.seconds, 86400.0),
    )


if __name__ == "__main__":
    sys.exit(main())
