#!/bin/sh
# All tests, the cheap ones first, on two cores or more. PYTHON is the interpreter of the environment.
set -eu
bin=$(dirname "$PYTHON")
"$bin/ruff" check .
"$bin/mypy"
if [ $# -gt 0 ]; then
  exec "$PYTHON" -m pytest "$@"
fi
workers="-n auto --maxprocesses 4"
# shellcheck disable=SC2086  (options, and lists of files without spaces)
{
  # A file stays with one worker: its tests share what took long to make.
  "$PYTHON" -m pytest $workers --dist loadfile tests --ignore tests/attacks --ignore tests/test_submissions.py
  "$PYTHON" -m pytest $workers tests/attacks
}
# The matrix of mutants uses both cores by itself.
"$PYTHON" -m pytest -q tests/test_submissions.py
