"""The command `course`: release an assignment, grade a class, give feedback, mend a notebook, show it all."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from course_utils.grading.assignment import Assignment, CourseError, assignments, find_course
from course_utils.grading.commands.check import check
from course_utils.grading.commands.collect import collect
from course_utils.grading.commands.report import report
from course_utils.grading.commands.return_marks import return_marks
from course_utils.grading.outcome import Outcome

DEFAULT_WORKERS = min(2, os.cpu_count() or 1)
app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console()
errors = Console(stderr=True)

AssignmentName = Annotated[str, typer.Argument(help="The assignment's name, for instance 01_sequence_lstm.")]
Workers = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Worker processes on this machine.")]
Unsandboxed = Annotated[bool, typer.Option("--unsandboxed", help="Grade although the machine can't confine kernels.")]


@app.command()
def release(
    names: Annotated[list[str] | None, typer.Argument(help="Assignments; all where none is named.")] = None,
    execute: Annotated[bool, typer.Option(help="Also run the solution notebooks; takes minutes.")] = True,
) -> None:
    """Make release/ and solutions/ from source/."""
    from course_utils.grading.release import execute_solution, make_release, make_solution

    course = find_course()
    for name in names or assignments(course):
        console.print(f"[bold]{name}[/]")
        console.print(f"  release:  {make_release(course, name, course / 'release')}")
        console.print(f"  solution: {make_solution(course, name, course / 'solutions')}")
        if execute:
            execute_solution(course, name)


@app.command()
def grade(
    assignment: AssignmentName,
    jobs: Workers = DEFAULT_WORKERS,
    scheduler: Annotated[str, typer.Option(help="Address of a Dask scheduler to grade on.")] = "",
    submissions: Annotated[Path | None, typer.Option(help="A folder of notebooks, or of a folder a student.")] = None,
    grades: Annotated[Path | None, typer.Option(help="Write the marks to this CSV file.")] = None,
    records: Annotated[Path | None, typer.Option(help="Write every criterion's record to this JSON file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade unchanged submissions again as well.")] = False,
    unsandboxed: Unsandboxed = False,
) -> None:
    """Grade a class: submitted/, or the folder given by --submissions. Goes on where it was stopped."""
    from course_utils.grading.classroom import grade_submissions
    from course_utils.grading.kernel_choice import confinement

    outcomes = grade_submissions(
        find_course(), assignment, submissions, workers=jobs, scheduler=scheduler, force=force,
        confinement=confinement(unsandboxed), told=_Shown(assignment),
    )  # fmt: skip
    console.print(outcome_table(outcomes))
    if grades is not None:
        write_grades(grades, outcomes)
    if records is not None:
        records.write_text(json.dumps([outcome.to_json() for outcome in outcomes], indent=1, ensure_ascii=False))


@app.command()
def regrade(
    assignment: AssignmentName,
    jobs: Workers = DEFAULT_WORKERS,
    diff: Annotated[bool, typer.Option("--diff", help="Show who moved, and by which criteria.")] = False,
    submissions: Annotated[Path | None, typer.Option(help="As for `course grade`.")] = None,
    unsandboxed: Unsandboxed = False,
) -> None:
    """Grade everything again and, with --diff, show whose score moved and why."""
    from course_utils.grading.classroom import differences, grade_submissions, kept_outcomes
    from course_utils.grading.kernel_choice import confinement

    course = find_course()
    before = kept_outcomes(course, assignment)
    outcomes = grade_submissions(
        course,
        assignment,
        submissions,
        workers=jobs,
        force=True,
        confinement=confinement(unsandboxed),
        told=_Shown(assignment),
    )
    if not diff:
        console.print(outcome_table(outcomes))
        return
    moved = differences(before, outcomes)
    for line in moved:
        console.print(line, highlight=False)
    console.print(f"{len({line.split(':')[0] for line in moved})} of {len(outcomes)} scores moved.")


@app.command()
def feedback(assignment: AssignmentName, student: Annotated[str, typer.Option(help="One student only.")] = "*") -> None:
    """Write a feedback page for each graded student, by nbgrader's generate_feedback."""
    from course_utils.grading.classroom import generate_feedback

    for page in generate_feedback(find_course(), assignment, student):
        console.print(f"  {page}", highlight=False)


@app.command()
def doctor(
    notebook: Annotated[Path, typer.Argument(help="A damaged notebook, or a student's folder.", exists=True)],
    assignment: Annotated[str, typer.Option(help="The assignment it belongs to; guessed from the file's name.")] = "",
    output: Annotated[Path | None, typer.Option(help="Write the repaired notebook here.")] = None,
) -> None:
    """Say what is wrong with a notebook, and repair it; the original is never touched."""
    from course_utils.grading.classroom import examine

    course = find_course()
    diagnosis = examine(course, notebook, assignment or _guess(course, notebook))
    for item in diagnosis.repairs:
        console.print(f"  • {item.message}", highlight=False)
    if diagnosis.notebook is None:
        raise CourseError(f"{notebook} cannot be repaired: {diagnosis.reason}")
    if not diagnosis.repairs:
        console.print("Nothing to repair.")
    if output is not None:
        import nbformat

        nbformat.write(diagnosis.notebook, output)
        console.print(f"Written to {output}.")


@app.command()
def demo(
    assignment: Annotated[str, typer.Argument(help="The assignment to show.")] = "01_sequence_lstm",
    folder: Annotated[Path, typer.Option(help="Where the class and its marks go.")] = Path("demo"),
    jobs: Workers = DEFAULT_WORKERS,
) -> None:
    """Make up a class with every kind of student, grade it, and write marks, feedback and a report."""
    from course_utils.grading.demo import run_demo

    course = find_course()
    outcomes = run_demo(course, assignment, course / folder, jobs, _Shown(assignment), console.print)
    console.print(outcome_table(outcomes))
    write_grades(course / folder / "grades.csv", outcomes)
    console.print(f"Marks: {folder}/grades.csv   report: {folder}/report.html   feedback: {folder}/feedback/")


app.command()(collect)
app.command("return")(return_marks)
app.command()(report)
app.command()(check)


class _Shown:
    """A progress bar over a class, with the time left."""

    def __init__(self, assignment: str) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                   TextColumn("left"), TimeRemainingColumn())  # fmt: skip
        self._bar = Progress(*columns, console=console)
        self._name = assignment

    def __enter__(self) -> _Shown:
        self._bar.start()
        self._task = self._bar.add_task(self._name, total=None)
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def __call__(self, progress: object) -> None:
        done, total = progress.done, progress.total  # type: ignore[attr-defined]
        outcome: Outcome = progress.outcome  # type: ignore[attr-defined]
        if not console.is_terminal:
            console.print(
                f"  {done}/{total} {outcome.student}: {outcome.state}, {outcome.seconds:.1f} s", highlight=False
            )
        self._bar.update(self._task, completed=done, total=total)


def outcome_table(outcomes: Iterable[Outcome]) -> Table:
    """The class as a table: student, score of maximum, state, seconds."""
    table = Table("student", "score", "state", "seconds", "reason")
    for outcome in outcomes:
        score = f"{outcome.score:.2f} / {outcome.max_score:g}"
        table.add_row(outcome.student, score, outcome.state, f"{outcome.seconds:.1f}", outcome.reason[:100])
    return table


def write_grades(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write the marks as CSV with the columns student, assignment, score, max_score, state."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "assignment", "score", "max_score", "state"])
        for o in outcomes:
            writer.writerow([o.student, o.assignment, f"{o.score:.4f}", f"{o.max_score:g}", o.state])


def _guess(course: Path, notebook: Path) -> str:
    names = assignments(course)
    for name in names:
        stem = Assignment.load(course, name).notebook_name
        if stem in str(notebook) or name in str(notebook):
            return name
    if len(names) == 1:
        return names[0]
    raise CourseError(f"which assignment is {notebook}? Say --assignment, one of: {', '.join(names)}")


def main() -> None:
    """Run the command; what is wrong with the course or the call is said in a sentence, without a traceback."""
    try:
        app()
    except (CourseError, FileNotFoundError, ValueError, RuntimeError) as error:
        if os.environ.get("COURSE_TRACEBACK"):
            raise
        errors.print(f"[bold red]course:[/] {error}", highlight=False)
        sys.exit(2)
