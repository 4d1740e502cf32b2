#!/bin/sh
# All tests, the cheap ones first. PYTHON is the interpreter of the environment.
set -eu
bin=$(dirname "$PYTHON")
"$bin/ruff" check .
"$bin/mypy"
if [ $# -gt 0 ]; then
  exec "$PYTHON" -m pytest "$@"
fi
"$PYTHON" -m pytest tests/test_*.py tests/doctor tests/kernels tests/batch tests/attacks --ignore=tests/test_submissions.py
# The matrix of mutants uses both cores by itself.
"$PYTHON" -m pytest -q tests/test_submissions.py
