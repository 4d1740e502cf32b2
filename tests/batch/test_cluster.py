"""The same class on a Dask cluster: a real scheduler and two workers, each a process of its own, on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from distributed import Client

from course_utils.grading.kernels.owner import Starter

from . import tiny, workers
from .conftest import Grade

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def scheduler(starter: Starter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, which use the tests' light starter."""
    folder = tmp_path_factory.mktemp("dask")
    file, log = folder / "scheduler.json", (folder / "log").open("w")
    environment = {**os.environ, "PYTHONPATH": str(TESTS), workers.LOG: str(folder / "executions")}
    dask, common = [sys.executable, "-m", "dask"], ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file"]
    worker = [*dask, "worker", *common, str(file), "--nthreads", "1", "--local-directory", str(folder)]
    running = []
    for command in ([*dask, "scheduler", *common, str(file), "--port", "0"], worker, worker):
        running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        end = time.monotonic() + 60
        while not (file.exists() and file.stat().st_size):
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield address
    family = [child for process in running for child in psutil.Process(process.pid).children(recursive=True)]
    for process in reversed(running):
        process.terminate()
        process.wait(timeout=30)
    assert psutil.wait_procs(family, timeout=30)[1] == []
    log.close()


def test_a_cluster_gives_the_same_marks_as_this_machine(scheduler: str, grade: Grade, tmp_path: Path) -> None:
    solutions = [tiny.ADD, tiny.BLANK, "def add(a, b):\n    return 5", "import os\nos._exit(1)"]
    students = {f"student {number}": tiny.answer(solutions[number % 4]) for number in range(8)}
    here = grade(tiny.make_course(tmp_path / "here", students))
    there = grade(tiny.make_course(tmp_path / "there", students), scheduler=scheduler)
    assert there.scores() == here.scores() == {f"student {n}": (4.0, 2.0, 3.0, 2.0)[n % 4] for n in range(8)}
    assert {s: o.state for s, o in there.outcomes.items()} == {s: o.state for s, o in here.outcomes.items()}
    assert all(outcome.sandboxed for outcome in there.outcomes.values())
    assert grade(tmp_path / "there", scheduler=scheduler).fresh == []


def test_submissions_travel_as_bytes_and_workers_need_no_folder_of_the_course(
    scheduler: str, grade: Grade, tmp_path: Path
) -> None:
    course = tiny.make_course(tmp_path / "course", {"ada": tiny.answer("from helper import add")})
    (course / "submitted" / "ada" / tiny.NAME / "helper.py").write_text(tiny.ADD)
    assert grade(course, scheduler=scheduler).scores() == {"ada": 4.0}


def test_a_worker_of_the_cluster_that_dies_costs_its_own_submission(
    scheduler: str, grade: Grade, tmp_path: Path
) -> None:
    course = tiny.make_course(tmp_path / "course", {name: tiny.answer() for name in ("ada", "ben", "killed", "zoe")})
    result = grade(course, scheduler=scheduler, job=workers.deadly)
    assert result.scores() == {"ada": 4.0, "ben": 4.0, "killed": 0.0, "zoe": 4.0}
