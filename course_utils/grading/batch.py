"""A whole class: submissions fan out over an executor, and one writer records what comes back.

Any `concurrent.futures` executor does: processes on this machine, or a Dask cluster's. A submission travels as
bytes and an outcome comes back as text, so workers share no disk with the course. Whatever a submission does, the
others are graded; a worker that dies costs the submission it had at most, after a second try.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field

import nbformat

from course_utils.checks.criteria import not_run
from course_utils.grading.assignment import Assignment
from course_utils.grading.journal import Journal
from course_utils.grading.kernel_choice import KernelChoice
from course_utils.grading.outcome import CRASHED, Outcome, score_cell
from course_utils.grading.run import fingerprint, versions
from course_utils.grading.session import TimeLimits
from course_utils.grading.submission import Submission

MAX_TRIES = 2
IN_FLIGHT_PER_WORKER = 2


@dataclass(frozen=True)
class Job:
    """All that a worker needs for one submission."""

    submission: Submission
    assignment: Assignment
    choice: KernelChoice
    limits: TimeLimits
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Progress:
    """Told after each submission: what is done, out of how many, and whether it was taken from the journal."""

    done: int
    total: int
    outcome: Outcome
    from_journal: bool


def grade_job(job: Job) -> Outcome:
    """Grade one submission in a worker; a fault of the grader itself becomes an outcome that says so."""
    from course_utils.grading.kernel_choice import settings_for
    from course_utils.grading.run import grade

    try:
        with settings_for(job.choice, job.key, job.limits) as settings:
            return grade(job.submission, job.assignment, settings)
    except Exception as error:
        return failed(job.submission, job.assignment, f"the grader failed: {type(error).__name__}: {error}")


def failed(submission: Submission, assignment: Assignment, reason: str) -> Outcome:
    """The outcome of a submission that the grader could not grade: no points, the reason, and no fingerprint.

    Without a fingerprint it is not taken for done: the next run tries again.
    """
    results = [not_run(criterion, reason) for criterion in assignment.criteria]
    cells = tuple(
        score_cell(cell, tuple(r for r in results if r.grade_cell == cell.grade_id)) for cell in assignment.grade_cells
    )
    notebook = nbformat.writes(assignment.notebook)
    return Outcome(
        student=submission.student, assignment=assignment.name, state=CRASHED, reason=reason, cells=cells,
        repairs=(), notebook=notebook, sandboxed=False, seconds=0.0, versions=versions(),
    )  # fmt: skip


@contextlib.contextmanager
def local_processes(workers: int) -> Iterator[Callable[[], Executor]]:
    """Gives a maker of process pools; the last one is ended at the end. A broken pool is replaced by asking again."""
    pools: list[Executor] = []

    def make() -> Executor:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        pools[:] = [ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))]
        return pools[0]

    try:
        yield make
    finally:
        for pool in pools:
            pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def dask_cluster(address: str) -> Iterator[Callable[[], Executor]]:
    """Gives the executor of a Dask cluster by its scheduler's address, for instance tcp://127.0.0.1:8786."""
    from distributed import Client

    with Client(address, timeout="20s") as client:
        yield lambda: client.get_executor(pure=False, retries=0)


def grade_class(
    jobs: Iterable[Job],
    make_executor: Callable[[], Executor],
    workers: int,
    journal: Journal,
    told: Callable[[Progress], None],
    force: bool = False,
) -> list[Outcome]:
    """Grade every job and keep each outcome in the journal as soon as it is there.

    Unchanged submissions, by their fingerprint, are taken from the journal unless `force`. Returns the outcomes in
    the order of the jobs.
    """
    jobs = list(jobs)
    outcomes: dict[str, Outcome] = {}
    waiting: list[Job] = []
    for job in jobs:
        kept = None if force else _kept(journal, job)
        if kept is None:
            waiting.append(job)
        else:
            outcomes[job.submission.student] = kept
            told(Progress(len(outcomes), len(jobs), kept, from_journal=True))
    for outcome in _run(waiting, make_executor, workers):
        journal.write(outcome)
        outcomes[outcome.student] = outcome
        told(Progress(len(outcomes), len(jobs), outcome, from_journal=False))
    return [outcomes[job.submission.student] for job in jobs]


def _kept(journal: Journal, job: Job) -> Outcome | None:
    kept = journal.read(job.submission.student)
    unchanged = kept is not None and kept.fingerprint == fingerprint(job.submission, job.assignment)
    return kept if unchanged else None


def _run(jobs: list[Job], make_executor: Callable[[], Executor], workers: int) -> Iterator[Outcome]:
    """Outcomes as they come. Few jobs are out at a time, so that a class need not fit in memory twice."""
    queue = list(reversed(jobs))
    tries: dict[str, int] = {}
    running: dict[Future[Outcome], Job] = {}
    executor = make_executor() if queue else None
    while queue or running:
        while executor is not None and queue and len(running) < workers * IN_FLIGHT_PER_WORKER:
            job = queue.pop()
            running[executor.submit(grade_job, job)] = job
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        broken = False
        for future in done:
            job = running.pop(future)
            try:
                yield future.result()
            except Exception as error:
                broken = broken or isinstance(error, BrokenExecutor)
                student = job.submission.student
                tries[student] = tries.get(student, 0) + 1
                if tries[student] < MAX_TRIES:
                    queue.append(job)
                else:
                    yield failed(job.submission, job.assignment, f"its grading process ended ({type(error).__name__})")
        if broken:
            queue += list(running.values())
            running.clear()
            executor = make_executor()
            workers = 1  # one at a time from here on, so that a second death names its submission
