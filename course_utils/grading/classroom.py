"""What the command `course` does with a class: grade it, record it, compare it, and write its feedback."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from course_utils.grading.assignment import Assignment
from course_utils.grading.batch import Job, Progress, dask_cluster, grade_class, local_processes
from course_utils.grading.doctor import Diagnosis, repair
from course_utils.grading.gradebook import GradebookWriter, nbgrader_config
from course_utils.grading.journal import Journal, course_key
from course_utils.grading.kernel_choice import kernels_for
from course_utils.grading.outcome import Outcome
from course_utils.grading.session import TimeLimits
from course_utils.grading.submission import Submission, find_submissions, read_folder

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
    unsandboxed: bool = False,
    limits: TimeLimits | None = None,
) -> list[Outcome]:
    """Grade and record every submission of an assignment; returns the outcomes in the order of the students.

    `folder` is where the submissions are (see submission.find_submissions), the course's submitted/ where None.
    Raises CourseError or FileNotFoundError where the course, the assignment or the folder is not there.
    """
    assignment = Assignment.load(course, name)
    assignment.criteria  # noqa: B018  incomplete checks are the course's fault: said before anything is graded
    submissions = find_submissions(folder or course / "submitted", name)
    writer, journal = GradebookWriter(course), Journal(course, name)
    writer.register(assignment)
    key = course_key(course)
    with kernels_for(unsandboxed, remote=bool(scheduler)) as choice, told:
        jobs = [Job(submission, assignment, choice, limits or TimeLimits(), key) for submission in submissions]
        executor = dask_cluster(scheduler) if scheduler else local_processes(workers)
        with executor as make:

            def keep(progress: Progress) -> None:
                record(writer, journal, progress.outcome, assignment.notebook_name)
                told(progress)

            return grade_class(jobs, make, REMOTE_WORKERS if scheduler else workers, journal, keep, force)


def record(writer: GradebookWriter, journal: Journal, outcome: Outcome, notebook_name: str) -> None:
    """Write an outcome into the gradebook, unless it stands there already."""
    if not journal.is_recorded(outcome):
        writer.record(outcome, notebook_name)
        journal.mark_recorded(outcome)


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
    config = nbgrader_config(course)
    config.CourseDirectory.assignment_id = name
    config.CourseDirectory.student_id = student
    config.GenerateFeedback.force = True
    directory = CourseDirectory(config=config)
    GenerateFeedback(coursedir=directory, config=config).start()
    root = Path(directory.root) / directory.feedback_directory
    return sorted(root.glob(f"{student}/{name}/*.html"))


def examine(course: Path, path: Path, name: str) -> Diagnosis:
    """The doctor's diagnosis of a notebook file or of a student's folder."""
    assignment = Assignment.load(course, name)
    files = read_folder(path) if path.is_dir() else {path.name: path.read_bytes()}
    return repair(Submission("", files).files, assignment.notebook, assignment.notebook_name)


def _changes(previous: Outcome, outcome: Outcome) -> list[str]:
    def states(of: Outcome) -> dict[tuple[str, str], str]:
        return {(cell.grade_id, result.title): result.state for cell in of.cells for result in cell.results}

    old, new = states(previous), states(outcome)
    return [
        f"{grade_id}: {title} ({old.get((grade_id, title), 'not there')} -> {state})"
        for (grade_id, title), state in new.items()
        if old.get((grade_id, title)) != state
    ]
