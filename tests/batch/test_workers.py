"""Whatever becomes of a worker, the others' submissions are graded."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from course_utils.grading import batch
from course_utils.grading.outcome import CRASHED, GRADED
from course_utils.grading.session import TimeLimits

from . import tiny, workers
from .conftest import Grade

local_processes = batch.local_processes


def test_a_worker_that_dies_costs_its_own_submission_after_two_tries_alone(grade: Grade, tmp_path: Path) -> None:
    answers = {name: tiny.answer() for name in ("ada", "ben", "cem", "exits", "killed", "killed once", "zoe")}
    course = tiny.make_course(tmp_path / "course", answers)
    for student in answers:  # larger than a pipe takes at once
        (course / "submitted" / student / tiny.NAME / "picture.bin").write_bytes(bytes(2_000_000))
    result = grade(course, job=workers.deadly, executor=local_processes, workers=2)
    lost = {"exits", "killed"}
    for student, outcome in result.outcomes.items():
        assert (outcome.state, outcome.score) == ((CRASHED, 0.0) if student in lost else (GRADED, 4.0)), student
    assert "its grading process ended twice" in result.outcomes["killed"].reason
    executions = Counter((tmp_path / "executions").read_text().splitlines())
    assert {executions["killed"], executions["exits"]} <= {2, 3}  # twice alone, and once before where it had begun
    again = grade(course)  # what the grader could not grade is tried again
    assert sorted(again.fresh) == sorted(lost)
    assert set(again.scores().values()) == {4.0}


def test_a_worker_whose_own_code_hangs_is_ended(grade: Grade, tmp_path: Path) -> None:
    course = tiny.make_course(tmp_path / "course", {name: tiny.answer() for name in ("ada", "hangs", "zoe")})
    limits = TimeLimits(cell=4.0, start=10.0, submission=10.0)
    result = grade(course, job=workers.hanging, executor=local_processes, workers=1, limits=limits)
    assert result.outcomes["hangs"].state == CRASHED
    assert (result.outcomes["ada"].score, result.outcomes["zoe"].score) == (4.0, 4.0)


def test_lost_workers_are_an_error_and_no_zeros(grade: Grade, tmp_path: Path) -> None:
    with pytest.raises(batch.BatchStopped, match="no Dask scheduler answers"):
        grade(
            tiny.make_course(tmp_path / "course", {"ada": tiny.answer()}), scheduler="tcp://127.0.0.1:9", executor=None
        )


def test_a_submission_in_the_current_folder_takes_no_modules_place(tmp_path: Path) -> None:
    here, ran = tmp_path / "submissions", tmp_path / "ran"
    here.mkdir()
    for module in ("signal", "socket", "random", "numpy", "nbformat", "course_utils"):
        (here / f"{module}.py").write_text(f"open({str(ran)!r}, 'a').write({module!r})\nraise ImportError")
    program = tmp_path / "program.py"
    program.write_text(
        "import os\nfrom course_utils.grading.batch import local_processes\n"
        "if __name__ == '__main__':\n"
        "    with local_processes(1) as make:\n"
        "        print(make().submit(os.getpid).result() != os.getpid())\n"
    )
    command = [sys.executable, str(program)]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=60, check=False)
    assert not ran.exists(), ran.read_text()
    assert done.stdout == "True\n", done.stderr
