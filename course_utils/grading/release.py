"""release/ and solutions/ from source/, by nbgrader's own generators, and whether they have drifted."""

from __future__ import annotations

import io
import logging
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment, GenerateSolution
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearOutput, IncludeHeaderFooter, LockCells
from nbgrader.preprocessors.clearmarkingscheme import ClearMarkScheme
from tqdm.auto import tqdm
from traitlets.config import Config

from course_utils.grading.assignment import CourseError
from course_utils.grading.gradebook import nbgrader_config
from course_utils.publication import requirement

_MARKER = re.compile(r"\s*#{2,3} (BEGIN|END) SOLUTION\s*$")
TRAINED = "trained"
PLACEHOLDER = "{{course_utils_requirement}}"


def make_release(course: Path, assignment: str, destination: Path) -> Path:
    """Write the students' version of an assignment below `destination`; returns its folder."""
    with tempfile.TemporaryDirectory() as work:
        config = _config(course, Path(work))
        config.GenerateAssignment.update({"create_assignment": True, "force": True})
        _convert(GenerateAssignment, config, assignment)
        return _place(Path(work) / "release" / assignment, destination / assignment)


def make_solution(course: Path, assignment: str, destination: Path) -> Path:
    """Write the solution version, unexecuted, below `destination`; returns its folder."""
    with tempfile.TemporaryDirectory() as work:
        config = _config(course, Path(work))
        with Gradebook(config.CourseDirectory.db_url) as gradebook:
            gradebook.add_assignment(assignment)
        config.GenerateSolution.preprocessors = [IncludeHeaderFooter, LockCells, ClearOutput, ClearMarkScheme]
        _convert(GenerateSolution, config, assignment)
        folder = _place(Path(work) / "solution" / assignment, destination / assignment)
    for path in folder.rglob("*.ipynb"):
        _drop_markers(path)
    _copy_trained(course / "results" / assignment, folder / TRAINED)
    return folder


def execute_solution(course: Path, assignment: str, timeout: int = 7200) -> Path:
    """Run a solution notebook in place, on the data at hand and the weights in its folder `trained`; show progress.

    Raises nbclient's CellExecutionError where a cell fails; the notebook then stays as it was.
    """
    folder = course / "solutions" / assignment
    for path in folder.glob("*.ipynb"):
        with tempfile.TemporaryDirectory() as work:
            if (folder / TRAINED).is_dir():
                shutil.copytree(folder / TRAINED, Path(work) / TRAINED)
            notebook = nbformat.read(path, as_version=4)
            client = _Shown(notebook, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": work}})
            client.execute()
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
            if "outputs" in cell:  # what a library says on stderr is about the machine, not about the lesson
                cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
                # Of a line that was written over again and again, as progress bars are, a page shows the last state.
                CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, path)
    return folder


class _Shown(NotebookClient):
    """nbclient's client with a progress bar over the cells."""

    def execute(self, **options: Any) -> NotebookNode:
        with tqdm(total=len(self.nb.cells), desc="cells", unit="cell") as bar:
            self.on_cell_start = lambda cell, cell_index: bar.update(cell_index + 1 - bar.n)
            return super().execute(**options)


def drift(course: Path, assignment: str) -> list[str]:
    """What differs between the committed release and solution and the ones that source/ gives now; [] is good."""
    findings = []
    with tempfile.TemporaryDirectory() as work:
        fresh = make_release(course, assignment, Path(work) / "release")
        solved = make_solution(course, assignment, Path(work) / "solutions")
        findings += _differences(fresh, course / "release" / assignment, with_outputs=True)
        findings += _differences(solved, course / "solutions" / assignment, with_outputs=False)
    return findings


def _copy_trained(results: Path, trained: Path) -> None:
    """Give the solution what the long runs behind docs/results.md left: weights with a history beside them."""
    for history in sorted(results.glob("*.history.json")):
        weights = history.with_name(history.name.replace(".history.json", ".weights.h5"))
        trained.mkdir(exist_ok=True)
        for path in (history, weights):
            shutil.copyfile(path, trained / path.name)


def _drop_markers(path: Path) -> None:
    """Take the lines out that told nbgrader where a solution begins and ends."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        lines = [line for line in cell.source.splitlines() if not _MARKER.match(line)]
        cell.source = "\n".join(lines)
    nbformat.write(notebook, path)


def _config(course: Path, work: Path) -> Config:
    config = nbgrader_config(course)
    config.CourseDirectory.update(
        root=str(course),
        db_url=f"sqlite:///{work / 'gradebook.db'}",
        release_directory=str(work / "release"),
        solution_directory=str(work / "solution"),
    )
    return config


def _convert(converter: type, config: Config, assignment: str) -> None:
    config.CourseDirectory.assignment_id = assignment
    said = io.StringIO()
    log = logging.Logger("nbgrader")
    log.addHandler(logging.StreamHandler(said))
    app = converter(coursedir=CourseDirectory(config=config), config=config, log=log)
    try:
        app.start()
    except NbGraderException:
        raise CourseError(f"nbgrader could not convert {assignment}; it said:\n{said.getvalue()[-3000:]}") from None


def _place(made: Path, destination: Path) -> Path:
    """Copy what was made to its place, with the set-up cell naming where course_utils is published.

    The folder `trained` of a solution stays: its weights come from the long runs, not from source/.
    """
    for old in destination.glob("*"):
        if old.name != TRAINED:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(
        made,
        destination,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("*.pyc", "__pycache__", ".ipynb_checkpoints"),
    )
    for path in destination.rglob("*.ipynb"):
        path.write_text(path.read_text(encoding="utf-8").replace(PLACEHOLDER, requirement()), encoding="utf-8")
    return destination


def _differences(fresh: Path, committed: Path, with_outputs: bool) -> list[str]:
    names = {path.relative_to(fresh).as_posix() for path in fresh.rglob("*") if path.is_file()}
    there = {path.relative_to(committed).as_posix() for path in committed.rglob("*") if path.is_file()}
    findings = [f"{committed.name}/{name} is missing: run `make release`" for name in sorted(names - there)]
    extra = {name for name in there - names if with_outputs}
    findings += [f"{committed.name}/{name} does not come from source/: remove it" for name in sorted(extra)]
    for name in sorted(names & there):
        if name.endswith(".ipynb"):
            ours, theirs = (_content(folder / name, with_outputs) for folder in (fresh, committed))
            same = ours == theirs
        else:
            same = (fresh / name).read_bytes() == (committed / name).read_bytes()
        if not same:
            findings.append(
                f"{committed.parent.name}/{committed.name}/{name} has drifted from source/: run `make release`"
            )
    return findings


def _content(path: Path, with_outputs: bool) -> NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if not with_outputs:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
        cell.metadata.pop("execution", None)
    return NotebookNode(
        cells=[{k: v for k, v in cell.items() if k != "id"} for cell in notebook.cells],
        kernelspec=notebook.metadata.get("kernelspec", {}).get("name"),
    )
