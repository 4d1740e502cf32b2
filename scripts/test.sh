#!/bin/sh
# All tests, the cheap ones first. PYTHON is the interpreter of the environment.
set -eu
bin=$(dirname "$PYTHON")
"$bin/ruff" check .
"$bin/mypy"
if [ $# -gt 0 ]; then
  exec "$PYTHON" -m pytest "$@"
fi
cheap=$(ls tests/test_*.py | grep -v test_submissions)
# shellcheck disable=SC2086  (a list of files without spaces)
"$PYTHON" -m pytest $cheap tests/doctor tests/kernels tests/batch tests/attacks
# The matrix of mutants uses both cores by itself.
"$PYTHON" -m pytest -q tests/test_submissions.py
