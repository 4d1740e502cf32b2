"""The same class on a Dask cluster of one worker and of two, scheduler and workers in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from distributed import Client

from benchmarks.classes import ASSIGNMENT, Student
from course_utils.grading.assignment import Assignment
from course_utils.grading.batch import Job, dask_cluster, grade_class
from course_utils.grading.journal import Journal
from course_utils.grading.kernels.owner import SANDBOXED, starter_folder
from course_utils.grading.session import TimeLimits
from course_utils.grading.submission import Submission


def measure(assignment: Assignment, students: list[Student], workers: Sequence[int]) -> dict[int, float]:
    """Seconds for the class by number of workers; their kernels' starters are warm before the clock starts."""
    name = f"{assignment.notebook_name}.ipynb"
    submissions = [Submission(s.name, {name: s.notebook(assignment.notebook), **s.files}) for s in students]
    jobs = [Job(submission, assignment, SANDBOXED, TimeLimits(), bytes(32)) for submission in submissions]
    seconds = {}
    for number in workers:
        with tempfile.TemporaryDirectory() as folder, cluster(number, Path(folder)) as address:
            with Client(address, set_as_default=False) as client:
                client.wait_for_workers(number, timeout=60)
                client.run(starter_folder, SANDBOXED)
            journal = Journal(Path(folder), ASSIGNMENT)
            started = time.monotonic()
            with dask_cluster(address) as make:
                grade_class(jobs, make(), make, number, journal, lambda progress: None)
            seconds[number] = time.monotonic() - started
            print(f"Dask, {number} worker(s), {len(jobs)} submissions: {seconds[number]:.0f} s", flush=True)
    return seconds


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[str]:
    """A scheduler and workers on loopback, ended at the end; gives the scheduler's address."""
    dask = [sys.executable, "-m", "dask"]
    file = folder / "scheduler.json"
    where = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [[*dask, "scheduler", *where, "--port", "0", "--scheduler-file", str(file)]]
    worker = [
        *dask,
        "worker",
        *where,
        "--scheduler-file",
        str(file),
        "--nthreads",
        "1",
        "--local-directory",
        str(folder),
    ]
    commands += [worker] * workers
    with ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("w"))
        for command in commands:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"})
            stack.callback(process.wait)
            stack.callback(process.terminate)
            _wait_for(file, process)
        yield _address(file)


def _wait_for(file: Path, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while not (file.exists() and file.stat().st_size):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the Dask scheduler did not come up; see {file.parent / 'log'}")
        time.sleep(0.1)


def _address(file: Path) -> str:
    return str(json.loads(file.read_text())["address"])
