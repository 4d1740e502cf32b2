"""A whole class: submissions fan out over an executor, and one writer records what comes back.

Any `concurrent.futures` executor does: processes on this machine, or a Dask cluster's. A submission travels as
bytes and an outcome comes back as text, so workers share no disk with the course. Whatever a submission does, the
others are graded; a worker that dies costs the submission it had at most, after a second try.
"""

from __future__ import annotations

import contextlib
import dataclasses
import faulthandler
import functools
import hashlib
import importlib
import json
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass, field
from multiprocessing import connection, util
from pathlib import Path

import nbformat

import course_utils
from course_utils.checks.criteria import not_run
from course_utils.grading.assignment import Assignment
from course_utils.grading.journal import Journal
from course_utils.grading.kernels.owner import SANDBOXED
from course_utils.grading.outcome import CRASHED, Outcome, score_cell
from course_utils.grading.run import fingerprint, versions
from course_utils.grading.session import TimeLimits
from course_utils.grading.submission import Submission

IN_FLIGHT_PER_WORKER = 2
TRIES_ALONE = 2
# A worker whose own code hangs is ended after this many times the submission's limit, which the kernel obeys.
HANGS_AFTER = 2.0
# Imports all that grading needs; workers are forked from a process that has done so, and computes nothing.
_WORKERS_MODULE = "course_utils.grading.kernel_choice"
_IMPORTED_FIRST = "course_utils.grading.no_grammar"


class BatchStopped(RuntimeError):
    """The workers are gone and no others can be had; what is in the journal stays."""


@dataclass(frozen=True)
class Job:
    """All that a worker needs for one submission."""

    submission: Submission
    assignment: Assignment
    confinement: str
    limits: TimeLimits
    key: bytes = field(repr=False)

    @functools.cached_property
    def fingerprint(self) -> str:
        """What the outcome depends on, in one word: the work, the checks, the limits, the sandbox and the engine.

        Found out where the job is made, it travels with it.
        """
        parts = (fingerprint(self.submission, self.assignment), self.confinement, repr(self.limits), _engine())
        return hashlib.sha256(" ".join(parts).encode() + self.key).hexdigest()


@dataclass(frozen=True)
class Progress:
    """Told after each submission: what is done, out of how many, and whether it was taken from the journal."""

    done: int
    total: int
    outcome: Outcome
    from_journal: bool


def get_ready(executor: Executor, assignment: Assignment, workers: int) -> None:
    """Have workers import what grading needs, before there are kernels to ask."""
    for _ in range(workers):
        executor.submit(_get_ready, assignment)


def _get_ready(assignment: Assignment) -> None:
    with contextlib.suppress(Exception):  # what is wrong shows with the first submission
        importlib.import_module(_WORKERS_MODULE)
        assignment.criteria  # noqa: B018


def grade_job(job: Job) -> Outcome:
    """Grade one submission in a worker; a fault of the grader itself becomes an outcome that says so."""
    from course_utils.grading.kernel_choice import settings_for
    from course_utils.grading.run import grade

    faulthandler.dump_traceback_later(HANGS_AFTER * job.limits.submission, exit=True)
    try:
        outcome = grade(job.submission, job.assignment, settings_for(job.confinement, job.key, job.limits))
        return dataclasses.replace(_plain(outcome), fingerprint=job.fingerprint)
    except Exception as error:
        return _plain(failed(job, f"the grader failed: {type(error).__name__}: {error}"))
    finally:
        faulthandler.cancel_dump_traceback_later()


def failed(job: Job, reason: str) -> Outcome:
    """The outcome of a submission that the grader could not grade: no points, the reason, and no fingerprint.

    Without a fingerprint it is not taken for done: the next run tries again.
    """
    results = [not_run(criterion, reason) for criterion in job.assignment.criteria]
    return Outcome(
        student=job.submission.student,
        assignment=job.assignment.name,
        state=CRASHED,
        reason=reason,
        cells=tuple(
            score_cell(cell, tuple(result for result in results if result.grade_cell == cell.grade_id))
            for cell in job.assignment.grade_cells
        ),
        repairs=(),
        notebook=nbformat.writes(job.assignment.notebook),
        sandboxed=job.confinement == SANDBOXED,
        seconds=0.0,
        versions=versions(),
    )


@contextlib.contextmanager
def local_processes(workers: int) -> Iterator[Callable[[], Executor]]:
    """Gives a maker of process pools; asking again replaces a broken pool. At the end all workers are gone.

    Ctrl-C is for the parent alone, and a parent that was killed leaves neither workers nor folders behind.
    """
    pools: list[Executor] = []
    others = set(multiprocessing.active_children())
    with _no_imports_from_here(), tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:

        def make() -> Executor:
            _end(pools, others)
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([_IMPORTED_FIRST, _WORKERS_MODULE])
            first = (folder, util.get_temp_dir(), dict(os.environ))
            pools.append(ProcessPoolExecutor(workers, context, initializer=_begin_worker, initargs=first))
            return pools[0]

        try:
            yield make
        finally:
            _end(pools, others)


@contextlib.contextmanager
def _no_imports_from_here() -> Iterator[None]:
    """Processes that are started meanwhile import nothing from the current folder, where submissions may lie.

    Python runs what multiprocessing starts as a command, and those look for modules there first: a submission's
    signal.py would run with all of the grader's rights.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTHONSAFEPATH", None)
        if before is not None:
            os.environ["PYTHONSAFEPATH"] = before


def _begin_worker(folder: str, sockets: str, environment: dict[str, str]) -> None:
    """What a worker does first: leave Ctrl-C to its parent, keep its files in `folder`, and end with its parent.

    `sockets` is the folder that multiprocessing made for the process that workers are forked from; `environment` is the
    parent's, which may have changed since that process began.
    """
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = folder
    threading.Thread(target=_end_with_parent, args=(folder, sockets), daemon=True).start()


def _end_with_parent(*folders: str) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _end(pools: list[Executor], others: set) -> None:
    """End the pools and their workers at once; where everything is done there is nothing to lose."""
    for pool in pools:
        pool.shutdown(wait=False, cancel_futures=True)
    if pools:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
    for pool in pools:
        pool.shutdown(wait=True)
    pools.clear()


@contextlib.contextmanager
def dask_cluster(address: str) -> Iterator[Callable[[], Executor]]:
    """Gives the executor of a Dask cluster by its scheduler's address, for instance tcp://127.0.0.1:8786.

    Raises BatchStopped where nobody answers there.
    """
    from distributed import Client

    try:
        client = Client(address, timeout="20s", set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise BatchStopped(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        yield lambda: client.get_executor(pure=False, retries=0)


def graded_already(job: Job, journal: Journal) -> Outcome | None:
    """The outcome that the journal keeps of a job, unless something has changed that it depends on."""
    kept = journal.read(job.submission.student)
    return kept if kept is not None and kept.fingerprint == job.fingerprint else None


def grade_class(
    jobs: Iterable[Job],
    executor: Executor | None,
    another: Callable[[], Executor],
    workers: int,
    journal: Journal,
    told: Callable[[Progress], None],
    wait_until_warm: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Grade every job and keep each outcome in the journal as soon as it is there.

    Unchanged submissions, by their fingerprint, are taken from the journal; for the others `wait_until_warm` has to
    return first. Where there is no executor yet, or a worker's death broke it, `another` is asked for. Returns the
    outcomes in the order of the jobs. Raises BatchStopped where the executor is lost for good.
    """
    jobs = list(jobs)
    outcomes: dict[str, Outcome] = {}
    waiting: list[Job] = []
    for job in jobs:
        kept = graded_already(job, journal)
        if kept is None:
            waiting.append(job)
        else:
            outcomes[job.submission.student] = kept
            told(Progress(len(outcomes), len(jobs), kept, from_journal=True))
    if waiting:
        expected = {job.submission.student: job.fingerprint for job in waiting}
        wait_until_warm()
        for found in _run(waiting, executor or another(), another, workers):
            outcome = _or_what_it_replaces(found, journal, expected[found.student])
            journal.write(outcome)
            outcomes[outcome.student] = outcome
            told(Progress(len(outcomes), len(jobs), outcome, from_journal=False))
    return [outcomes[job.submission.student] for job in jobs]


def _or_what_it_replaces(outcome: Outcome, journal: Journal, fingerprint: str) -> Outcome:
    """The outcome; where the grader failed in a forced run, the one of the very same work that stood before."""
    before = None if outcome.fingerprint else journal.replaced(outcome.student)
    if before is None or before.fingerprint != fingerprint:
        return outcome
    return dataclasses.replace(before, log=(*before.log, f"kept, as grading it again failed: {outcome.reason}"))


def _run(jobs: list[Job], executor: Executor, another: Callable[[], Executor], workers: int) -> Iterator[Outcome]:
    """Outcomes as they come. Few jobs are out at a time, so that a class need not fit in memory twice.

    When a worker dies, nobody can tell which of the jobs that were out was the cause, nor which of them had begun:
    they are all tried again, one at a time, so that two more deaths name their submission.
    """
    queue = deque(jobs)
    running: dict[Future[Outcome], Job] = {}
    while queue or running:
        with contextlib.suppress(BrokenExecutor):  # those that are out will say so
            while queue and len(running) < workers * IN_FLIGHT_PER_WORKER:
                running[executor.submit(grade_job, queue[0])] = queue[0]
                queue.popleft()
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        if all(_succeeded(future) for future in done) and done:
            for future in done:
                del running[future]
                yield future.result()
            continue
        wait(running)
        yield from (future.result() for future in running if _succeeded(future))
        suspects = [job for future, job in running.items() if not _succeeded(future)]
        running.clear()
        yield from _one_at_a_time(suspects, another)
        executor = another()


def _one_at_a_time(jobs: list[Job], another: Callable[[], Executor]) -> Iterator[Outcome]:
    executor = another()
    for job in jobs:
        for _ in range(TRIES_ALONE):
            future = executor.submit(grade_job, job)
            wait([future])
            if _succeeded(future):
                yield future.result()
                break
            executor = another()
        else:
            yield _plain(failed(job, f"its grading process ended twice ({type(future.exception()).__name__})"))


def _succeeded(future: Future[Outcome]) -> bool:
    """Whether a finished job has an outcome. Raises BatchStopped where all workers are gone."""
    try:
        return future.exception() is None
    except CancelledError as error:
        raise BatchStopped("the workers are lost; start the same command again to go on") from error


def _plain(outcome: Outcome) -> Outcome:
    """The outcome with nothing in it but plain JSON values and text that any file or database takes.

    Half of a surrogate pair, which a student can print, has no encoding: it becomes a question mark.
    """
    return Outcome.from_json(json.loads(outcome.dumps().encode("utf-8", "replace")))


@functools.cache
def _engine() -> str:
    """A fingerprint of this package's own code, of which any part may change a grade."""
    root = Path(course_utils.__file__).parent
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(root.rglob("*.py")))).hexdigest()
