"""Jobs that a worker runs in place of batch.grade_job, to see how often it is asked and to have it die."""

from __future__ import annotations

import os
import signal
import time

from course_utils.grading import batch, run
from course_utils.grading.batch import Job
from course_utils.grading.outcome import Outcome

LOG = "BATCH_TEST_LOG"
_grade = batch.grade_job


def counted(job: Job) -> Outcome:
    """Grade, and leave a line with the student's name in the file that $BATCH_TEST_LOG names."""
    with open(os.environ[LOG], "a", encoding="utf-8") as log:
        log.write(f"{job.submission.student}\n")
    return _grade(job)


def deadly(job: Job) -> Outcome:
    """As `counted`; the worker dies of the students "killed..." and "exits...", once for those "... once"."""
    student = job.submission.student
    with open(os.environ[LOG], encoding="utf-8") as log:
        seen = log.read().splitlines().count(student)
    if student.endswith("once") and seen:
        return counted(job)
    if student.startswith("killed"):
        _note(student)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    if student.startswith("exits"):
        _note(student)
        os._exit(0)
    return counted(job)


def failing(job: Job) -> Outcome:
    """The grader fails, whatever was handed in."""
    _note(job.submission.student)
    return batch.failed(job, "the grader failed: a test of the grader")


def hanging(job: Job) -> Outcome:
    """As `counted`; with the student "hangs" the grader's own code never comes back."""
    if job.submission.student == "hangs":
        _note("hangs")
        run.grade = lambda *_: time.sleep(1e6)
        return _grade(job)
    return counted(job)


def _note(student: str) -> None:
    with open(os.environ[LOG], "a", encoding="utf-8") as log:
        log.write(f"{student}\n")
        log.flush()
        os.fsync(log.fileno())
