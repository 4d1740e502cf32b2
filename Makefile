# Everything here sets itself up: an isolated environment in .venv, from uv.lock, by a uv of the project's own.
SHELL := /bin/sh
PYTHON ?= python3
UV := .bootstrap/bin/uv
RUN := .venv/bin/
SYNC = $(UV) sync --frozen --quiet --extra grading --group dev
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: help setup demo test lint mutants bench release drift results clean

help:  ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready  ## Install everything into .venv

demo: .venv/.ready  ## Grade a made-up class on the first assignment, and write marks, feedback and a report
	$(RUN)course demo

test: .venv/.ready  ## Style, types, drift and all tests
	PYTHON=$(RUN)python sh scripts/test.sh

lint: .venv/.ready  ## Style and types only
	$(RUN)ruff check . && $(RUN)mypy

mutants: .venv/.ready  ## Print which grade cells each mutant loses, and keep it in docs/mutants.md
	@for folder in tests/submissions/*/right; do \
	  assignment=$$(basename "$$(dirname "$$folder")"); \
	  $(RUN)python -m tests.submissions.matrix "$$assignment" || exit 1; \
	done

bench: .venv/.ready  ## Measure against the naive way, in one run; writes benchmarks/results.json
	$(RUN)python -m benchmarks
	$(RUN)python -m benchmarks.episodes
	$(RUN)python -m benchmarks.one_shot
	$(RUN)python -m benchmarks.triplets
	$(RUN)python -m benchmarks.prototypical

release: .venv/.ready  ## Make release/ and solutions/ from source/ (runs the solutions)
	$(RUN)course release

results: .venv/.ready  ## Make docs/results.md from results/*.json
	$(RUN)python -m course_utils.results

clean:  ## Remove the environment and what grading wrote
	rm -rf .venv .bootstrap .course demo autograded submitted feedback returned reports gradebook.db

.venv/.ready: pyproject.toml uv.lock $(UV)
	@echo "Installing the packages of uv.lock into .venv (once; about 1.5 GB)"
	@$(SYNC) || { echo "Once more, with the system's own TLS certificates"; UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1 $(SYNC); }
	@touch $@

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .bootstrap 2>/dev/null || $(PYTHON) -m venv --without-pip .bootstrap || \
	  { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@.bootstrap/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m pip --python .bootstrap/bin/python --version >/dev/null 2>&1 || \
	  { rm -rf .bootstrap; echo "pip is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@(.bootstrap/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1" 2>/dev/null || \
	  $(PYTHON) -m pip --python .bootstrap/bin/python install --quiet "uv>=0.9,<1")
