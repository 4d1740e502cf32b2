#!/bin/sh
# All tests, the cheap ones first. PYTHON is the interpreter of the environment.
set -eu
bin=$(dirname "$PYTHON")
"$bin/ruff" check .
"$bin/mypy"
"$PYTHON" -m pytest "$@"
