"""The entry of the command `course`, and of the processes that it starts: imports nothing but what is asked for."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of `course_utils.grading.cli`."""
    # nbformat imports jsonschema, which imports this where it is installed, and takes a second to build a grammar with
    # which it would check a format that no notebook has. To jsonschema a module that is None is one that is missing.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from course_utils.grading import cli

    cli.main()
