"""`course check`: a fresh run from top to bottom, the public checks, and an exit code that means something."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

import course_utils.checks
from course_utils.check import rehearse, run_and_show
from course_utils.check.hints import about_names, hints, names_bound
from course_utils.check.showing import COULD_NOT_RUN, PASSED, SOMETHING_FAILED, lines
from tests.batch import tiny

SETUP = f'from course_utils.checks import for_notebook\ncheck = for_notebook("{tiny.NAME}")'


@pytest.fixture(autouse=True, scope="module")
def small_sums(tmp_path_factory) -> Iterator[None]:
    """An assignment with public checks that need no TensorFlow, known here and in every kernel."""
    package = tmp_path_factory.mktemp("more_checks")
    (package / "small_sums.py").write_text(tiny.PUBLIC)
    hook = f"import course_utils.checks\ncourse_utils.checks.__path__.append({str(package)!r})\n"
    (package / "sitecustomize.py").write_text(hook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course_utils.checks, "__path__", [*course_utils.checks.__path__, str(package)])
        patch.setenv("PYTHONPATH", str(package))
        patch.delitem(sys.modules, "course_utils.checks.small_sums", raising=False)
        yield


@pytest.fixture(scope="module")
def wrong(tmp_path_factory) -> tuple[int, str]:
    """What is said of a notebook in which a good deal is wrong: a failed check, and cells that raise."""
    cells = ("def half(x):\n    y = x\n    return y / 0\n", "half(3)", "print(ghost)", "print(later)", "later = 1",
             "while True:\n    pass")  # fmt: skip
    path = write(tmp_path_factory.mktemp("wrong"), add="def add(a, b):\n    return a - b", cells=cells)
    return shown(path, cell_seconds=3)


def write(folder: Path, add: str = tiny.ADD, double: str = tiny.DOUBLE, cells: tuple = (), setup: str = SETUP) -> Path:
    """A student's notebook: set-up, both tasks, and more cells at the end."""
    notebook = nbformat.reads(tiny.answer(add, double).decode(), as_version=4)
    notebook.cells.insert(0, new_code_cell(setup))
    notebook.cells += [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    path = folder / "small_sums.ipynb"
    nbformat.write(notebook, path)
    return path


def shown(path: Path, **options) -> tuple[int, str]:
    out = io.StringIO()
    return run_and_show(path, out=out, **options), out.getvalue()


def test_a_right_notebook_passes_and_is_left_as_it_is(tmp_path):
    path = write(tmp_path)
    before = path.read_bytes()
    code, text = shown(path)
    assert code == PASSED, text
    assert "All 2 public checks are passed." in text
    assert "\x1b" not in text, "plain text where there is no terminal"
    assert path.read_bytes() == before


def test_a_failed_check_is_explained_and_told_by_the_exit_code(wrong):
    code, text = wrong
    assert code == SOMETHING_FAILED
    assert "✗ add gives the sum of two whole numbers. [failed]" in text
    assert "Got: " in text
    assert "Expected: " in text
    assert "1 of 2 public checks are not passed; cells raised an exception (8, 9, 10, 12)." in text


def test_a_cell_that_raises_is_named_with_the_students_line(wrong):
    _, text = wrong
    assert "Cell 8 raised ZeroDivisionError: division by zero" in text
    assert "in cell 7's line 3:  return y / 0" in text


def test_a_name_that_only_the_old_kernel_knew_is_told_from_one_defined_further_down(wrong):
    _, text = wrong
    assert "No cell defines ghost, which cell 9 uses." in text
    assert "later is used in cell 10, but defined only further down, in cell 11" in text


def test_trainings_are_left_out_as_in_grading_unless_they_are_asked_for(tmp_path):
    training = new_code_cell("open('trained.txt', 'w').write('x')", metadata={"tags": ["training"]})
    path = write(tmp_path, cells=(training,))
    rehearsal = rehearse(path)
    assert (rehearsal.passed, rehearsal.skipped) == (True, 1)
    assert "1 training cell was left out" in "".join(line for _, line in lines(rehearsal, "x"))
    assert not (tmp_path / "trained.txt").exists()
    rehearsal = rehearse(path, with_training=True)
    assert (rehearsal.passed, rehearsal.skipped) == (True, 0)
    assert (tmp_path / "trained.txt").exists(), "it runs in the notebook's own folder"


def test_a_cell_without_an_end_is_stopped_and_the_rest_goes_on(wrong):
    _, text = wrong
    assert "Cell 12 raised TimeoutError: no end within 3 s" in text
    assert "double  1 of 1" in text


def test_a_notebook_that_ends_its_kernel_could_not_be_run(tmp_path):
    code, text = shown(write(tmp_path, cells=("import os\nos._exit(1)",)))
    assert code == COULD_NOT_RUN
    assert "cell 7 ended the kernel" in text


def test_what_cannot_be_read_or_names_no_assignment_could_not_be_run(tmp_path):
    (tmp_path / "broken.ipynb").write_text("{")
    for path in (tmp_path / "broken.ipynb", tmp_path / "missing.ipynb"):
        assert shown(path)[0] == COULD_NOT_RUN
    code, text = shown(write(tmp_path, setup="x = 1"))
    assert code == COULD_NOT_RUN
    assert "--assignment" in text
    assert shown(write(tmp_path, setup="x = 1"), assignment=tiny.NAME)[0] == PASSED
    assert shown(write(tmp_path), assignment="99_unknown")[0] == COULD_NOT_RUN


def test_the_command_and_the_module_say_what_the_exit_codes_mean():
    from course_utils.grading.cli import app

    helped = " ".join(CliRunner().invoke(app, ["check", "--help"]).output.split())
    assert "0, every public check is passed" in helped
    module = subprocess.run(
        [sys.executable, "-m", "course_utils.check", "--help"], capture_output=True, text=True, check=True
    )
    assert "0, every public check is passed" in " ".join(module.stdout.split())


def test_the_module_needs_nothing_of_the_grading_extra(tmp_path):
    """Run with every package of the grader's alone hidden."""
    hidden = ("nbgrader", "typer", "rich", "sqlalchemy", "distributed", "landlock")
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({hidden!r}))\n"
        f"sys.argv = ['check', {str(write(tmp_path))!r}]\n"
        "from course_utils.check.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == PASSED, done.stdout + done.stderr
    assert "All 2 public checks are passed." in done.stdout


def test_cells_run_out_of_order_are_pointed_out():
    notebook = new_notebook(cells=[new_code_cell("a = 1", execution_count=9), new_code_cell("a", execution_count=2)])
    assert any("cell 1 had been run after cell 2" in hint for hint in hints(notebook, ()))


def test_a_lost_check_cell_is_pointed_out():
    notebook = tiny.release()
    assert hints(notebook, ("add", "double")) == []
    del notebook.cells[2]
    assert hints(notebook, ("add", "double")) == [
        "Cells with checks are missing: add. Was one deleted? Copy it from the release."
    ]


def test_a_name_from_a_cell_that_raised_points_to_that_cell():
    cells = [new_code_cell("def f(x)\n    return x"), new_code_cell("f(1)")]
    (hint,) = about_names(new_notebook(cells=cells), [(1, "expected ':'"), (2, "name 'f' is not defined")])
    assert hint == "f is defined in cell 1, which raised an exception itself: mend that one first."


def test_names_are_read_without_running_anything():
    assert names_bound("import a.b, c as d\nwith open('x') as e:\n    f: int = 1\nfor g, (h, *i) in j: pass") == set(
        "adefghi"
    )
    assert names_bound("%magic\n!command\nx = 1") == {"x"}


def test_in_a_courses_folder_the_doctors_repairs_are_listed_and_used(tmp_path, monkeypatch):
    course = tiny.make_course(tmp_path / "course", {})
    monkeypatch.setenv("COURSE_DIR", str(course))
    path = write(tmp_path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "add"]
    nbformat.write(notebook, path)
    code, text = shown(path)
    assert code == PASSED, text
    assert "repaired, as grading would: " in text
    assert "Cells with checks are missing" not in text
