"""Grades test submissions: each in a process forked from one that has TensorFlow imported, two at a time.

The checks run beside the code here, without a sandbox: these submissions are the course's own.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib.util
import io
import multiprocessing
import os
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np
from course_utils.checks import LocalChannel, Result, Student, criteria_of, judge, public_criteria, share
from course_utils.checks.criteria import Criterion
from course_utils.checks.notebook import module_name
from course_utils.grading.kernels.tensorflow_setting import set_for_grading
from tests.submissions.build import ROOT, Submission

TIME_LIMIT = 600.0


@dataclass(frozen=True)
class Score:
    """Points of one grade cell, and the results of its criteria; their seconds are processor time."""

    points: float
    maximum: float
    results: tuple[Result, ...]

    @property
    def full(self) -> bool:
        """Whether nothing was lost."""
        return self.points == self.maximum


@dataclass(frozen=True)
class Job:
    """A submission to grade, by name, in some of its grade cells (None: in all)."""

    name: str
    assignment: str
    submission: Submission
    grade_cells: frozenset[str] | None = None


def criteria(assignment: str) -> tuple[Criterion, ...]:
    """The public criteria and then the hidden ones."""
    path = ROOT / "tests" / "graded" / f"{module_name(assignment)}.py"
    specification = importlib.util.spec_from_file_location(f"hidden_{path.stem}", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    import sys

    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return (*public_criteria(assignment), *criteria_of(module, hidden=True))


def points_of(submission: Submission) -> dict[str, float]:
    """The points of every grade cell that checks score."""
    marks = [cell.metadata.get("nbgrader", {}) for cell in submission.notebook.cells]
    return {
        mark["grade_id"]: float(mark["points"]) for mark in marks if mark.get("grade") and not mark.get("solution")
    }


def grade(job: Job) -> dict[str, Score]:
    """Run the submission's cells in this process, and judge its grade cells. Works in a scratch folder of its own."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    scores = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        for path, content in job.submission.files.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content)
        for source in solution_code(job.submission):
            try:
                exec(compile(source, "<cell>", "exec"), namespace)
            except Exception as error:
                namespace.setdefault("errors_of_cells", []).append(repr(error))
        student = Student(LocalChannel(namespace))
        by_cell: dict[str, list[Result]] = {}
        for criterion in criteria(job.assignment):
            if job.grade_cells is None or criterion.grade_cell in job.grade_cells:
                rng = np.random.default_rng(zlib.crc32(f"{job.name} {criterion.name}".encode()))
                started = time.process_time()
                result = judge(criterion, student, rng)
                result = dataclasses.replace(result, seconds=time.process_time() - started)
                by_cell.setdefault(criterion.grade_cell, []).append(result)
        for grade_cell, points in points_of(job.submission).items():
            if grade_cell in by_cell:
                results = tuple(by_cell[grade_cell])
                scores[grade_cell] = Score(share(points, results), points, results)
    return scores


def solution_code(submission: Submission) -> Iterator[str]:
    """The cells that define something for the checks: no checks, no training, no plots."""
    for cell in submission.notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or "training" in cell.metadata.get("tags", []):
            continue
        if mark.get("solution") or "for_notebook" in cell.source or "def " in cell.source:
            yield cell.source


def names_used(sources: dict[str, str]) -> dict[str, set[str]]:
    """For each source, by name, the names of the sources that it leans on, directly or through others, and itself."""
    trees = {name: ast.parse(source) for name, source in sources.items()}
    defined: dict[str, str] = {}
    for name, tree in trees.items():
        for node in tree.body:
            targets = [node.name] if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else []
            targets += [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
            defined |= dict.fromkeys(targets, name)
    leans = {
        name: {defined[node.id] for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in defined}
        for name, tree in trees.items()
    }
    for _ in leans:
        leans = {name: used.union(*(leans[other] for other in used)) | {name} for name, used in leans.items()}
    return leans


def grade_all(jobs: Iterable[Job], workers: int = 2) -> Iterator[tuple[Job, dict[str, Score] | str, float]]:
    """Grade jobs in forked processes, in the order in which they end: (job, scores or why there are none, seconds)."""
    _warm_up()
    context = multiprocessing.get_context("fork")
    waiting = list(jobs)[::-1]
    running: dict[Connection, tuple[Job, Any, float]] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            job = waiting.pop()
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_answer, args=(job, sender))
            process.start()
            sender.close()
            running[receiver] = (job, process, time.monotonic())
        for receiver in wait(list(running), timeout=1.0):
            assert isinstance(receiver, Connection)
            job, process, started = running.pop(receiver)
            try:
                outcome = receiver.recv()
            except EOFError:
                outcome = "its process died"
            process.join()
            yield job, outcome, time.monotonic() - started
        for receiver, (job, process, started) in list(running.items()):
            if time.monotonic() - started > TIME_LIMIT:
                process.kill()
                del running[receiver]
                yield job, f"no end within {TIME_LIMIT:.0f} s", TIME_LIMIT


def _warm_up() -> None:
    """Import what every submission needs, and make the embedded data; nothing that starts TensorFlow before a fork."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")
    os.environ["COURSE_DATA_SOURCE"] = "embedded"
    import course_utils
    import keras
    import tensorflow_datasets
    from course_utils.data import load

    del keras, tensorflow_datasets, course_utils
    load("mnist", "embedded")
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_prepare, args=(_data_folder(),))
    process.start()
    process.join()


def _data_folder() -> str:
    return str(Path(tempfile.gettempdir()) / f"embedded_data_of_{os.getuid()}")


def _prepare(folder: str) -> None:
    from course_utils.data import offline

    offline.prepare(folder)


def _answer(job: Job, sender: Connection) -> None:
    import keras
    import tensorflow as tf
    from course_utils.data import offline

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    set_for_grading()
    offline.install(_data_folder())
    keras.utils.disable_interactive_logging()
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    with tempfile.TemporaryDirectory(prefix="answer_") as folder:
        tempfile.tempdir = folder  # what libraries leave behind when a process ends at once goes with it
        sender.send(grade(job))
    sender.close()
    os._exit(0)
