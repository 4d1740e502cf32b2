"""What the command `course` does with a class: grade it, record it, compare it, and write its feedback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from course_utils.checks.criteria import Result
from course_utils.grading.assignment import Assignment, CourseError
from course_utils.grading.batch import (
    Job,
    Progress,
    dask_cluster,
    get_ready,
    grade_class,
    graded_already,
    local_processes,
)
from course_utils.grading.doctor import Diagnosis, repair
from course_utils.grading.journal import Journal, course_key, only_one
from course_utils.grading.kernel_choice import warm_kernels
from course_utils.grading.kernels.owner import SANDBOXED
from course_utils.grading.outcome import Outcome
from course_utils.grading.session import TimeLimits
from course_utils.grading.submission import Submission, find_submissions, handed_in, read_folder

REMOTE_WORKERS = 16


class Told(AbstractContextManager, Protocol):
    """Shown the progress of a class; entered before and left after."""

    def __call__(self, progress: Progress) -> None:
        """One submission more is done."""
        ...


def grade_submissions(
    course: Path,
    name: str,
    folder: Path | None,
    told: Told,
    workers: int = 2,
    scheduler: str = "",
    force: bool = False,
    confinement: str = SANDBOXED,
    limits: TimeLimits | None = None,
) -> list[Outcome]:
    """Grade and record every submission of an assignment; returns the outcomes in the order of the students.

    `folder` is where the submissions are (see submission.find_submissions), the course's submitted/ where None.
    Unchanged ones are taken from the journal unless `force`. After a kill at any moment the same call goes on.
    Raises CourseError or FileNotFoundError where the course, the assignment or the folder is not there, and
    CourseError where the course is being graded already.
    """
    assignment = Assignment.load(course, name)
    assignment.criteria  # noqa: B018  incomplete checks are the course's fault: said before anything is graded
    submissions = find_submissions(folder, name) if folder is not None else handed_in(course, name)
    if not submissions:
        raise CourseError(f"no submission of {name} in {folder or course / 'submitted'}: there is nothing to grade")
    key = course_key(course)
    jobs = [Job(submission, assignment, confinement, limits or TimeLimits(), key) for submission in submissions]
    journal = Journal(course, name)
    at_a_time = REMOTE_WORKERS if scheduler else workers
    with only_one(course), contextlib.ExitStack() as stack:
        journal.tidy()
        some_are_new = force or any(graded_already(job, journal) is None for job in jobs)
        # A cluster's workers start kernels of their own, on their own machines. Here they get warm while the rest is
        # made ready, and nbgrader is imported, which takes seconds, too.
        warm = some_are_new and not scheduler
        wait_until_warm = stack.enter_context(warm_kernels(confinement, wait=False)) if warm else lambda: None
        make = stack.enter_context(dask_cluster(scheduler) if scheduler else local_processes(workers))
        executor = make() if some_are_new else None
        if executor is not None:
            get_ready(executor, assignment, min(at_a_time, len(submissions)))
        from course_utils.grading.gradebook import GradebookWriter

        writer = GradebookWriter(course)
        writer.register(assignment)
        in_gradebook = set(writer.scores(name))
        if force:
            journal.set_aside(submission.student for submission in submissions)
        with told:

            def keep(progress: Progress) -> None:
                outcome = progress.outcome
                if outcome.student not in in_gradebook or not journal.is_recorded(outcome):
                    writer.record(outcome, assignment.notebook_name)
                    journal.mark_recorded(outcome)
                told(progress)

            outcomes = grade_class(jobs, executor, make, at_a_time, journal, keep, wait_until_warm)
        journal.drop_set_aside()
        return outcomes


def kept_outcomes(course: Path, name: str) -> list[Outcome]:
    """The outcomes that the journal keeps for an assignment."""
    return Journal(course, name).all()


def differences(before: Iterable[Outcome], after: Iterable[Outcome]) -> list[str]:
    """A line for each criterion that a student newly passes or no longer passes, with the points that it moved."""
    old = {outcome.student: outcome for outcome in before}
    lines = []
    for outcome in after:
        previous = old.get(outcome.student)
        if previous is None:
            lines.append(f"{outcome.student}: new, {outcome.score:g} of {outcome.max_score:g}")
        elif abs(previous.score - outcome.score) > 1e-9:
            lines.append(f"{outcome.student}: {previous.score:g} -> {outcome.score:g} of {outcome.max_score:g}")
            lines += [f"{outcome.student}:   {change}" for change in _changes(previous, outcome)]
    return lines


def generate_feedback(course: Path, name: str, student: str = "*") -> list[Path]:
    """nbgrader's feedback for an assignment; returns the pages."""
    from nbgrader.api import Gradebook
    from nbgrader.converters import GenerateFeedback
    from nbgrader.coursedir import CourseDirectory

    from course_utils.grading.gradebook import nbgrader_config
    from course_utils.grading.lateness import assign_penalties

    config = nbgrader_config(course)
    config.CourseDirectory.assignment_id = name
    config.CourseDirectory.student_id = student
    config.GenerateFeedback.force = True
    directory = CourseDirectory(config=config)
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        assign_penalties(course, gradebook, name)  # a share of what was earned, and manual grading has come since
    GenerateFeedback(coursedir=directory, config=config).start()
    root = Path(directory.root) / directory.feedback_directory
    return sorted(root.glob(f"{student}/{name}/*.html"))


def examine(course: Path, path: Path, name: str) -> Diagnosis:
    """The doctor's diagnosis of a notebook file or of a student's folder."""
    assignment = Assignment.load(course, name)
    files = read_folder(path) if path.is_dir() else {path.name: path.read_bytes()}
    return repair(Submission("", files).files, assignment.notebook, assignment.notebook_name)


def _changes(previous: Outcome, outcome: Outcome) -> list[str]:
    old, new = _results(previous), _results(outcome)
    changes = [
        f"{result.grade_cell}: {result.title} ({old[key].state if key in old else 'not there'} -> {result.state})"
        for key, result in new.items()
        if key not in old or old[key].state != result.state
    ]
    gone = [f"{old[key].grade_cell}: {old[key].title} (no longer there)" for key in old.keys() - new.keys()]
    return changes + sorted(gone)


def _results(outcome: Outcome) -> dict[tuple[str, str, bool], Result]:
    """Every criterion's result; a public and a hidden one of a grade cell may have the same name."""
    results = [result for cell in outcome.cells for result in cell.results]
    return {(result.grade_cell, result.name, result.hidden): result for result in results}
