"""The demo: a made-up class with every kind of student, from Moodle's download to marks, feedback and a report."""

from __future__ import annotations

import copy
import datetime
import importlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from course_utils.grading.assignment import Assignment
from course_utils.grading.classroom import Told, generate_feedback, grade_submissions
from course_utils.grading.collecting import collect, moodle_download
from course_utils.grading.kernel_choice import best_confinement
from course_utils.grading.outcome import Outcome
from course_utils.grading.reporting.of_course import report_on_course
from course_utils.grading.returning.give_back import Request, give_back
from course_utils.grading.session import TimeLimits

# A class at a demonstration should not wait a minute for an endless loop.
LIMITS = TimeLimits(cell=20.0, submission=300.0)


@dataclass(frozen=True)
class MadeUp:
    """A student of the demo and the files that they hand in."""

    name: str
    files: dict[str, bytes]


def run_demo(
    course: Path, name: str, folder: Path, workers: int, told: Told, say: Callable[[str], None]
) -> list[Outcome]:
    """Make a course folder in `folder`, and take a class through collect, grade, feedback, return and report."""
    say(f"[bold]A class on {name}[/], in {folder.name}/")
    _empty_course(course, folder, name)
    download, worksheet = _from_moodle(folder / "from_moodle", students(course, Assignment.load(course, name)))
    collection = collect(folder, download, name, worksheet)
    say(f"Collected from {_inside(folder, download)}: {len(collection.collected)} students")
    outcomes = grade_submissions(
        folder, name, None, told, workers=workers, limits=LIMITS, confinement=best_confinement()
    )
    pages = generate_feedback(folder, name)
    say(f"{len(pages)} feedback pages")
    returning = give_back(folder, Request(name, folder / "returned", worksheet, incomplete=True))
    say(f"Returned: {', '.join(_inside(folder, path) for path in returning.files)}")
    report_on_course(folder, name, folder / "report.html")
    return outcomes


def _from_moodle(folder: Path, made_up: Iterable[MadeUp]) -> tuple[Path, Path]:
    """What Moodle gives an instructor to download: the zip of all submissions, and the grading worksheet."""
    folder.mkdir(parents=True)
    works = {student.name: student.files for student in made_up}
    people = moodle_download.participants(works, datetime.datetime(2026, 11, 20, 23, 55))
    moodle_download.write_download(folder / "submissions.zip", people)
    moodle_download.write_worksheet(folder / "grading.csv", people)
    return folder / "submissions.zip", folder / "grading.csv"


def _inside(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder.parent))


def students(course: Path, assignment: Assignment) -> Iterator[MadeUp]:
    """The class: right, right in another way, half right, and what happens to notebooks on their way."""
    name = f"{assignment.notebook_name}.ipynb"
    build = _builder(course)
    reference = build.reference(assignment.name)
    solved, trained = _filled_in(assignment, reference.notebook), reference.files
    functions = [cell.grade_id for cell in assignment.grade_cells if not cell.manual]
    written = [function for function in functions if _find(solved, f"solution_{function}") is not None]

    # Some got no further than two thirds of the tasks.
    started = _blanked(solved, assignment, written[2 * len(written) // 3 :])

    def handed_in(student: str, notebook: NotebookNode, file_name: str = name) -> MadeUp:
        return MadeUp(student, {file_name: _dump(notebook), **trained})

    yield handed_in("ada-all-right", solved)
    other = build.build(assignment.name, build.answers(assignment.name, "right")[0])
    yield MadeUp("bela-right-another-way", {name: _dump(_filled_in(assignment, other.notebook)), **other.files})
    yield handed_in("chen-half-right", _blanked(solved, assignment, written[1::2]))
    yield MadeUp("dora-blank", {name: assignment.release.encode()})
    yield handed_in("emil-syntax-error", _edited(solved, written[1], lambda code: code.replace(":", "", 1)))
    yield handed_in("fay-wrong-shapes", _edited(solved, written[2], _another_shape))
    yield handed_in("gus-endless-loop", _edited(started, written[3], _endless))
    yield handed_in("hana-deleted-cell", _without(solved, functions[3]))
    yield handed_in("ivan-duplicated-cell", _twice(started, written[0]))
    yield handed_in("jun-renamed-file", solved, file_name=f"{assignment.notebook_name} (1).ipynb")
    yield handed_in("kim-saved-by-colab", _by_colab(solved))
    yield MadeUp("lea-cut-short", {name: _dump(solved)[: int(len(_dump(solved)) * 0.6)], **trained})
    yield MadeUp("moe-no-notebook", {"report.docx": b"PK\x03\x04 not a notebook"})
    yield handed_in("nils-ends-the-kernel", _edited(started, written[4], _exits))


def _filled_in(assignment: Assignment, solved: NotebookNode) -> NotebookNode:
    """The release notebook with the solution cells of another in it: what a student makes of it."""
    notebook = copy.deepcopy(assignment.notebook)
    for cell in notebook.cells:
        other = _find(solved, cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        if other is not None and cell.metadata["nbgrader"].get("solution"):
            cell.source = other.source
    return notebook


def _builder(course: Path) -> Any:
    """The module that builds submissions for the tests; the demo's class is made by the same hands."""
    if str(course) not in sys.path:
        sys.path.insert(0, str(course))
    return importlib.import_module("tests.submissions.build")


def _find(notebook: NotebookNode, grade_id: str) -> NotebookNode | None:
    cells = (cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return next(cells, None) if grade_id else None


def _solution_cell(notebook: NotebookNode, function: str) -> NotebookNode:
    cell = _find(notebook, f"solution_{function}")
    assert cell is not None, f"no solution cell for {function}"
    return cell


def _edited(notebook: NotebookNode, function: str, edit: Callable[[str], str]) -> NotebookNode:
    changed = copy.deepcopy(notebook)
    cell = _solution_cell(changed, function)
    cell.source = edit(cell.source)
    return changed


def _blanked(notebook: NotebookNode, assignment: Assignment, functions: list[str]) -> NotebookNode:
    changed = copy.deepcopy(notebook)
    for function in functions:
        cell = _solution_cell(changed, function)
        cell.source = _solution_cell(assignment.notebook, function).source
    return changed


def _without(notebook: NotebookNode, function: str) -> NotebookNode:
    changed = copy.deepcopy(notebook)
    changed.cells.remove(_find(changed, function))
    return changed


def _twice(notebook: NotebookNode, function: str) -> NotebookNode:
    changed = copy.deepcopy(notebook)
    cell = _solution_cell(changed, function)
    changed.cells.insert(changed.cells.index(cell) + 1, copy.deepcopy(cell))
    return changed


def _by_colab(notebook: NotebookNode) -> NotebookNode:
    """As Colab saves: its own metadata, cell ids in it, and nbformat 4.0 without ids of its own."""
    changed = copy.deepcopy(notebook)
    changed.metadata["colab"] = {"provenance": [], "toc_visible": True}
    changed.metadata["accelerator"] = "GPU"
    changed.nbformat_minor = 0
    for number, cell in enumerate(changed.cells):
        identifier = cell.pop("id", str(number))
        cell.metadata["id"] = f"c0{identifier}"
        if cell.cell_type == "code":
            cell.metadata["outputId"] = f"f{number:032x}"
    return changed


def _another_shape(code: str) -> str:
    """The same function, its result with an axis that nobody asked for."""
    name = code.split("def ", 1)[1].split("(", 1)[0]
    return f"{code}\n\n_right = {name}\n\ndef {name}(image, label):\n    return _right(image, label)[0][None], label\n"


def _endless(code: str) -> str:
    return f"{code}\n\nwhile True:\n    pass\n"


def _exits(code: str) -> str:
    return f"{code}\n\nimport os\n\nos._exit(1)\n"


def _dump(notebook: NotebookNode) -> bytes:
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode("utf-8")


def _empty_course(course: Path, folder: Path, name: str) -> None:
    """A course folder of the demo's own, so that it leaves the real gradebook alone."""
    if folder.exists():
        shutil.rmtree(folder)
    for part in (f"source/{name}", f"release/{name}"):
        shutil.copytree(course / part, folder / part)
    shutil.copytree(course / "tests" / "graded", folder / "tests" / "graded")
    shutil.copy(course / "nbgrader_config.py", folder)
