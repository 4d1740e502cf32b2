"""The demo: a made-up class with every kind of student, from the release notebook to marks and a report."""

from __future__ import annotations

import copy
import importlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from course_utils.grading.assignment import Assignment
from course_utils.grading.classroom import Told, generate_feedback, grade_submissions
from course_utils.grading.outcome import Outcome
from course_utils.grading.report import write_report
from course_utils.grading.session import TimeLimits

# A class at a demonstration should not wait a minute for an endless loop.
LIMITS = TimeLimits(cell=20.0, submission=150.0)


@dataclass(frozen=True)
class MadeUp:
    """A student of the demo and the files that they hand in."""

    name: str
    files: dict[str, bytes]


def run_demo(
    course: Path, name: str, folder: Path, workers: int, told: Told, say: Callable[[str], None]
) -> list[Outcome]:
    """Make a course folder in `folder` with a class in it, grade it, and write feedback and report."""
    say(f"[bold]A class on {name}[/], in {folder.name}/")
    _empty_course(course, folder, name)
    assignment = Assignment.load(course, name)
    for student in students(course, assignment):
        _hand_in(folder / "submitted" / student.name / name, student.files)
    outcomes = grade_submissions(folder, name, None, told, workers=workers, limits=LIMITS, unsandboxed=True)
    pages = generate_feedback(folder, name)
    say(f"{len(pages)} feedback pages")
    write_report(folder / "report.html", assignment, outcomes)
    return outcomes


def students(course: Path, assignment: Assignment) -> Iterator[MadeUp]:
    """The class: right, right in another way, half right, and what happens to notebooks on their way."""
    name = f"{assignment.notebook_name}.ipynb"
    solved, trained = _solved(course, assignment), _trained(course, assignment)
    functions = [cell.grade_id for cell in assignment.grade_cells if not cell.manual]

    def handed_in(student: str, notebook: NotebookNode, file_name: str = name, **more: bytes) -> MadeUp:
        return MadeUp(student, {file_name: _dump(notebook), **trained, **more})

    yield handed_in("ada-all-right", solved)
    for file in _other_right(course, assignment)[:2]:
        yield handed_in(f"bela-{file.stem.replace('_', '-')}", _spliced(course, assignment, file))
    yield handed_in("chen-half-right", _blanked(solved, assignment, functions[1::2]))
    yield MadeUp("dora-blank", {name: assignment.release.encode()})
    yield handed_in("emil-syntax-error", _edited(solved, functions[1], lambda code: code.replace(":", "", 1)))
    yield handed_in("fay-wrong-shapes", _edited(solved, "build_classification_model", _wrong_shapes))
    yield handed_in("gus-endless-loop", _edited(solved, functions[2], _endless))
    yield handed_in("hana-deleted-cell", _without(solved, functions[3]))
    yield handed_in("ivan-duplicated-cell", _twice(solved, functions[0]))
    yield handed_in("jun-notebook-(1)", solved, file_name=f"{assignment.notebook_name} (1).ipynb")
    yield handed_in("kim-saved-by-colab", _by_colab(solved))
    yield MadeUp("lea-cut-short", {name: _dump(solved)[: int(len(_dump(solved)) * 0.6)], **trained})
    yield MadeUp("moe-no-notebook", {"report.docx": b"PK\x03\x04 not a notebook"})
    yield handed_in("nils-ends-the-kernel", _edited(solved, functions[4], _exits))


def _solved(course: Path, assignment: Assignment) -> NotebookNode:
    """The release, filled in with the reference solution."""
    return _builder(course).build(assignment.name, None)


def _spliced(course: Path, assignment: Assignment, file: Path) -> NotebookNode:
    return _builder(course).build(assignment.name, file)


def _other_right(course: Path, assignment: Assignment) -> list[Path]:
    return sorted((course / "tests" / "submissions" / assignment.name / "right").glob("*.py"))


def _builder(course: Path) -> object:
    """The module that builds submissions for the tests; the demo's class is made by the same hands."""
    name = "tests.submissions.build"
    if name not in sys.modules:
        sys.path.insert(0, str(course))
    return importlib.import_module(name)


def _trained(course: Path, assignment: Assignment) -> dict[str, bytes]:
    folder = course / "results" / assignment.name
    return {f"trained/{path.name}": path.read_bytes() for path in folder.glob("*") if path.is_file()}


def _solution_cell(notebook: NotebookNode, function: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == f"solution_{function}")


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
    changed.cells.remove(next(c for c in changed.cells if c.metadata.get("nbgrader", {}).get("grade_id") == function))
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


def _wrong_shapes(code: str) -> str:
    return code.replace("num_classes,", "num_classes + 1,", 1) if "num_classes," in code else code + "\n"


def _endless(code: str) -> str:
    return f"{code}\n\nwhile True:\n    pass\n"


def _exits(code: str) -> str:
    return f"{code}\n\nimport os\n\nos._exit(1)\n"


def _dump(notebook: NotebookNode) -> bytes:
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode("utf-8")


def _hand_in(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _empty_course(course: Path, folder: Path, name: str) -> None:
    """A course folder of the demo's own, so that it leaves the real gradebook alone."""
    if folder.exists():
        shutil.rmtree(folder)
    for part in (f"source/{name}", f"release/{name}"):
        shutil.copytree(course / part, folder / part)
    shutil.copytree(course / "tests" / "graded", folder / "tests" / "graded")
    shutil.copy(course / "nbgrader_config.py", folder)
