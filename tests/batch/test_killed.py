"""A class whose grading is killed three times is graded once. $BATCH_TEST_CLASS is its size, 40 where it is not set."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest

from course_utils.grading.batch import IN_FLIGHT_PER_WORKER
from course_utils.grading.journal import Journal
from course_utils.grading.kernels.owner import Starter

from . import tiny

SIZE = int(os.environ.get("BATCH_TEST_CLASS", "40"))
WORKERS = 2
TESTS = Path(__file__).parents[1]


@contextmanager
def driven(course: Path, log: Path, folder: Path) -> Iterator[subprocess.Popen]:
    """`course grade` in a process and a folder for temporary files of its own."""
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}", "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "batch.drive", str(course), str(WORKERS), str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, cwd=TESTS.parent) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_gone(processes: list[psutil.Process], within: float) -> list[psutil.Process]:
    _, left = psutil.wait_procs(processes, timeout=within)
    return left


def test_a_class_that_is_killed_three_times_is_graded_once(starter: Starter, tmp_path: Path) -> None:
    solutions = [tiny.ADD, "def add(a, b):\n    return b + a", "def add(a, b):\n    return a - b", tiny.BLANK]
    students = {f"student {number:03}": tiny.answer(solutions[number % 4]) for number in range(SIZE)}
    course = tiny.make_course(tmp_path / "course", students)
    log, temporary = tmp_path / "executions", tmp_path / "t"
    temporary.mkdir()
    moments = random.Random(20)
    began = time.monotonic()
    lines: list[str] = []
    for _ in range(3):
        with driven(course, log, temporary) as process:
            assert process.stdout is not None
            done = 0
            for line in process.stdout:
                lines.append(line.rstrip())
                done += line.startswith("graded")
                if done > SIZE / 5 - 2:
                    break
            time.sleep(moments.uniform(0, 1.0))
            family = psutil.Process(process.pid).children(recursive=True)
            assert family
            process.send_signal(signal.SIGKILL)
            lines += [line.rstrip() for line in process.stdout]
            process.wait()
            assert wait_until_gone(family, within=30) == [], "workers, starter and kernels end with their owner"
    assert "complete" not in lines
    with driven(course, log, temporary) as process:
        assert process.stdout is not None
        lines += [line.rstrip() for line in process.stdout]
    assert lines[-1] == "complete"
    print(f"{SIZE} submissions, killed three times: {time.monotonic() - began:.0f} s")

    # Nothing graded twice: but for those that were out when the killing came, one execution each.
    graded = Counter(line for line in lines if line.startswith("graded"))
    assert not graded or max(graded.values()) == 1
    executions = Counter(log.read_text().splitlines())
    assert set(executions) == set(students)
    assert executions.total() - SIZE <= 3 * WORKERS * IN_FLIGHT_PER_WORKER, executions.most_common(3)

    # Nothing lost and nothing half written.
    outcomes = Journal(course, tiny.NAME).all()
    assert [outcome.student for outcome in outcomes] == sorted(students)
    expected = {f"student {number:03}": (4.0, 4.0, 2.0, 2.0)[number % 4] for number in range(SIZE)}
    assert {outcome.student: outcome.score for outcome in outcomes} == expected
    assert recorded(course) == expected
    for student in students:
        nbformat.read(course / "autograded" / student / tiny.NAME / f"{tiny.NOTEBOOK}.ipynb", as_version=4)

    # Nothing left behind.
    assert [path.name for path in temporary.iterdir()] == []
    assert [path.name for path in (course / ".course").rglob(".*")] == []


def recorded(course: Path) -> dict[str, float]:
    """Each student's sum in the gradebook's own tables; a submission or a cell that stands there twice shows."""
    with sqlite3.connect(course / "gradebook.db") as database:
        rows = database.execute(
            "SELECT sa.student_id, COUNT(*), COUNT(DISTINCT sa.id), SUM(g.auto_score) FROM submitted_assignment sa "
            "JOIN submitted_notebook sn ON sn.assignment_id = sa.id JOIN grade g ON g.notebook_id = sn.id "
            "GROUP BY sa.student_id"
        ).fetchall()
    assert {(cells, submissions) for _, cells, submissions, _ in rows} == {(2, 1)}
    return {student: score for student, _, _, score in rows}


def test_ctrl_c_ends_everything_within_seconds(starter: Starter, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", {f"s{number}": tiny.answer() for number in range(30)})
    temporary = tmp_path / "t"
    temporary.mkdir()
    with driven(course, tmp_path / "executions", temporary) as process:
        assert process.stdout is not None
        process.stdout.readline()
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        assert wait_until_gone(family, within=10) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("moment", ["outcome kept, not recorded", "recorded, not marked"])
def test_a_kill_between_two_steps_is_made_good(moment: str, starter: Starter, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", {"ada": tiny.answer(), "ben": tiny.answer(tiny.BLANK)})
    temporary = tmp_path / "t"
    temporary.mkdir()
    with driven(course, tmp_path / "executions", temporary) as process:
        process.communicate()
    journal = Journal(course, tiny.NAME)
    for mark in journal.folder.glob("ada*.recorded"):
        mark.unlink()
    if moment == "outcome kept, not recorded":
        with sqlite3.connect(course / "gradebook.db") as database:
            database.execute(
                "UPDATE grade SET auto_score = NULL WHERE notebook_id IN (SELECT sn.id FROM submitted_notebook sn "
                "JOIN submitted_assignment sa ON sn.assignment_id = sa.id WHERE sa.student_id = 'ada')"
            )
    with driven(course, tmp_path / "executions", temporary) as process:
        said, _ = process.communicate()
    assert sorted(said.split()) == ["ada", "ben", "complete", "journal", "journal"]
    assert recorded(course) == {"ada": 4.0, "ben": 2.0}
