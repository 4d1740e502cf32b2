"""A half-finished notebook runs from top to bottom; a release installs the version that it was made with."""

from importlib.metadata import version

import pytest

from course_utils import publication
from course_utils.notebook import until_solved


def resize_img() -> None:
    raise NotImplementedError


def load_data() -> None:
    resize_img()


def test_an_unsolved_task_is_named_in_place_of_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with until_solved():
        load_data()
    assert "resize_img raised NotImplementedError" in capsys.readouterr().out


def test_an_unsolved_function_inside_a_traced_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    tf = pytest.importorskip("tensorflow")

    def normalize_img(image: object) -> object:
        raise NotImplementedError

    with until_solved():
        tf.data.Dataset.range(3).map(normalize_img)
    assert "normalize_img raised NotImplementedError" in capsys.readouterr().out


def test_a_solved_task_runs_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    done = False
    with until_solved():
        done = True
    assert done
    assert not capsys.readouterr().out


@pytest.mark.parametrize("error", [ValueError, NameError, AssertionError, KeyboardInterrupt])
def test_other_errors_pass_through(error: type[BaseException]) -> None:
    with pytest.raises(error), until_solved():
        raise error("mine")


def test_the_requirement_names_this_version_and_where_it_is_published() -> None:
    requirement = publication.requirement()
    assert requirement.startswith("course-utils @ git+https://")
    assert requirement.endswith(f"@v{version('course-utils')}")
