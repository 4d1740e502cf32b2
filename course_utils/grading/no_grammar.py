"""Imported before anything else, it saves whatever imports nbformat a second and a half.

nbformat imports jsonschema, which imports rfc3987_syntax where it is installed, and that builds a grammar with which to
check a format that no notebook has. To jsonschema a module that is None is one that is missing.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
