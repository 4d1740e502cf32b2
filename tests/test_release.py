"""release/ and solutions/ come from source/, leak nothing, and run."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course_utils.grading.assignment import Assignment, assignments
from course_utils.grading.release import drift, execute_solution
from course_utils.publication import requirement

COURSE = Path(__file__).resolve().parent.parent
NAMES = assignments(COURSE)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)


def notebook(folder: str, name: str):
    (path,) = (COURSE / folder / name).glob("*.ipynb")
    return nbformat.read(path, as_version=4)


def solution_lines(name: str) -> set[str]:
    """Lines of the solutions that say something: longer than a bracket or a bare return."""
    regions = [region for cell in notebook("source", name).cells for region in SOLUTION.findall(cell.source)]
    lines = {line.strip() for region in regions for line in region.splitlines()}
    outside = {
        line.strip() for cell in notebook("source", name).cells for line in SOLUTION.sub("", cell.source).splitlines()
    }
    return {line for line in lines if len(line) > 12 and line not in outside}


@pytest.mark.parametrize("name", NAMES)
def test_release_and_solution_are_what_source_gives(name):
    assert drift(COURSE, name) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_release_holds_no_line_of_a_solution(name):
    text = "\n".join(cell.source for cell in notebook("release", name).cells)
    lines = solution_lines(name)
    assert len(lines) > 10, "there should be solutions to look for"
    released = {line.strip() for line in text.splitlines()}
    assert sorted(lines & released) == []
    assert "BEGIN SOLUTION" not in text
    assert "Marking scheme" not in text


@pytest.mark.parametrize("name", NAMES)
def test_the_release_holds_no_hidden_check(name):
    text = "\n".join(cell.source for cell in notebook("release", name).cells)
    hidden = [criterion for criterion in Assignment.load(COURSE, name).criteria if criterion.hidden]
    assert hidden, "an assignment has hidden checks"
    assert [c.name for c in hidden if c.name in text or c.title in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_release_holds_no_output_path_or_compiled_file(name):
    released = notebook("release", name)
    code = [cell for cell in released.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert not re.search(r"/(home|root|Users|tmp|work)/", json.dumps(released))
    assert [path for path in (COURSE / "release" / name).rglob("*") if path.suffix in {".pyc", ".h5", ".npz"}] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_set_up_cell_names_the_place_where_the_package_is_published(name):
    for folder in ("release", "solutions"):
        text = "\n".join(cell.source for cell in notebook(folder, name).cells)
        assert requirement() in text
        assert "{{" not in text.replace("{{}}", "")


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_was_executed_without_an_error_and_holds_no_marker(name):
    cells = [cell for cell in notebook("solutions", name).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells if cell.source.strip())
    assert [o for cell in cells for o in cell.outputs if o.output_type == "error"] == []
    assert not any("SOLUTION" in cell.source for cell in cells)
    assert not re.search(r"/(home|root|Users|work)/", "\n".join(json.dumps(cell.outputs) for cell in cells))


@pytest.mark.parametrize("name", NAMES)
def test_the_release_runs_from_top_to_bottom_in_a_fresh_kernel(name, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_SOURCE", "embedded")
    monkeypatch.setenv("HOME", str(tmp_path))
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook("release", name), timeout=300, kernel_name="python3", resources=resources).execute()


@pytest.mark.parametrize("name", NAMES)
def test_every_grade_cell_has_points_and_criteria(name):
    assignment = Assignment.load(COURSE, name)
    assert sum(cell.points for cell in assignment.grade_cells) == int(sum(c.points for c in assignment.grade_cells))
    known = {cell.grade_id for cell in assignment.grade_cells}
    assert {criterion.grade_cell for criterion in assignment.criteria} <= known
    for cell in assignment.grade_cells:
        kinds = {criterion.hidden for criterion in assignment.criteria if criterion.grade_cell == cell.grade_id}
        assert cell.manual or kinds == {True, False}, f"{cell.grade_id} lacks public or hidden criteria"


def test_a_page_shows_the_last_state_of_a_progress_bar(tmp_path):
    path = tmp_path / "solutions" / "09_my_task" / "my_task.ipynb"
    path.parent.mkdir(parents=True)
    bar = r'print(f"step {n} of 3", end="\b" * 11 + "\r" if n < 3 else "\n", flush=True)'
    cell = nbformat.v4.new_code_cell(f"import time\nfor n in (1, 2, 3):\n    {bar}\n    time.sleep(0.3)")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    execute_solution(tmp_path, "09_my_task")
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    assert output.text == "step 3 of 3\n"
