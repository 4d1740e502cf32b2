"""Cells that were duplicated, deleted, merged, split, moved, changed or stripped of their metadata."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from .conftest import (
    NORMALIZE,
    RESHAPE,
    RESIZE,
    answers_run,
    assert_answered,
    cell_named,
    grade_id,
    kinds,
    place,
)

SETUP_PLUS = 'import numpy as np\nimport course_utils as utils\nSEED = 3\ncheck = utils.checks.for_notebook("01_small")'


def without(notebook, *names):
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in names]
    return notebook


def strip_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        cell.id = f"x{cell.id}"[:20]
    return notebook


def test_the_release_itself_needs_no_repair(release, treat):
    diagnosis = treat(release)
    assert diagnosis.repairs == ()
    assert diagnosis.notebook.cells == release.cells


def test_a_filled_notebook_needs_no_repair_and_keeps_its_meaning(filled, treat):
    diagnosis = treat(filled)
    assert diagnosis.repairs == ()
    for cell, original in zip(diagnosis.notebook.cells, filled.cells, strict=True):
        assert (cell.cell_type, cell.source, cell.metadata, cell.id) == (
            original.cell_type,
            original.source,
            original.metadata,
            original.id,
        )


def test_own_cells_and_imports_stay_where_they_are_without_a_repair(filled, treat):
    filled.cells.insert(2, new_code_cell("import numpy as np\nfrom helpers import draw", id="own1"))
    filled.cells.insert(6, new_markdown_cell("My notes.", id="own2"))
    filled.cells.insert(
        7, new_code_cell("%matplotlib inline\n!pip install tqdm\ndef helper():\n    return 1", id="own3")
    )
    diagnosis = treat(filled)
    assert diagnosis.repairs == ()
    assert [cell.source for cell in diagnosis.notebook.cells] == [cell.source for cell in filled.cells]


def test_repairing_twice_changes_nothing_more(filled, treat):
    filled.cells.append(copy.deepcopy(filled.cells[3]))
    once = treat(without(filled, "normalize_img", "setup"))
    twice = treat(once.notebook)
    assert twice.repairs == ()
    assert twice.notebook == once.notebook


@pytest.mark.parametrize("where", [0, 3, 4, 5, 13])
def test_a_blank_copy_does_not_erase_the_answer(release, filled, treat, where):
    filled.cells.insert(where, copy.deepcopy(cell_named(release, "solution_resize_img")))
    diagnosis = treat(filled)
    assert "duplicated" in kinds(diagnosis)
    assert_answered(diagnosis)
    assert "tf.image.resize" in answers_run(diagnosis.notebook)["resize_img"]


def test_a_blank_copy_without_metadata_does_not_erase_the_answer(release, filled, treat):
    blank = copy.deepcopy(cell_named(release, "solution_resize_img"))
    blank.metadata, blank.id = {}, "other"
    filled.cells.append(blank)
    blank_and_more = new_code_cell(blank.source + "\n\ndef helper():\n    return 3", id="other2")
    filled.cells.append(blank_and_more)
    diagnosis = treat(filled)
    assert "duplicated" in kinds(diagnosis)
    assert "tf.image.resize" in answers_run(diagnosis.notebook)["resize_img"]
    assert "helper" in answers_run(diagnosis.notebook)


def test_of_two_answers_the_later_counts_and_the_other_is_kept_but_not_run(filled, treat):
    later = copy.deepcopy(cell_named(filled, "solution_resize_img"))
    later.source = RESIZE.replace("(14, 14)", "[14, 14]")
    filled.cells.insert(5, later)
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["cell_ids", "duplicated"]
    assert_answered(diagnosis, solution_resize_img=later.source)
    assert [cell.source for cell in diagnosis.notebook.cells if cell.cell_type == "raw"] == [RESIZE]


def test_of_two_answers_the_one_that_parses_counts(filled, treat):
    later = copy.deepcopy(cell_named(filled, "solution_resize_img"))
    later.source = "def resize_img(image, label):\n    return ((image, label"
    filled.cells.insert(5, later)
    assert_answered(treat(filled))


def test_an_answer_inside_a_block_is_an_answer(release, filled, treat):
    inside = "if True:\n" + "\n".join(f"    {line}" for line in NORMALIZE.split("\n"))
    cell_named(filled, "solution_normalize_img").source = inside
    filled.cells.append(copy.deepcopy(cell_named(release, "solution_normalize_img")))
    assert_answered(treat(filled), solution_normalize_img=inside)


def test_code_in_other_languages_is_left_alone(release, filled, treat):
    blank = cell_named(release, "solution_resize_img").source
    for position, magic in enumerate(["%%writefile x.py", "%%bash"]):
        filled.cells.append(new_code_cell(f"{magic}\n{blank}", id=f"own{position}"))
    assert treat(filled).repairs == ()


def test_a_changed_training_cell_without_metadata_is_known_by_its_place(filled, treat):
    (cell,) = [cell for cell in filled.cells if cell.id == "train"]
    cell.source = "history = run_experiment(\n    num_epochs=3,\n    seed=3,\n)\nutils.plot_history(history)"
    diagnosis = treat(strip_metadata(filled))
    assert [cell.metadata.get("tags") for cell in diagnosis.notebook.cells if "run_exp" in cell.source] == [
        ["training"]
    ]


def test_a_duplicated_test_cell_is_there_once(filled, treat):
    filled.cells.append(copy.deepcopy(cell_named(filled, "resize_img")))
    diagnosis = treat(filled)
    assert "duplicated" in kinds(diagnosis)
    assert_answered(diagnosis)


@pytest.mark.parametrize("name", ["setup", "resize_img", "normalize_img", "reshape_img"])
def test_deleted_test_and_locked_cells_come_back_in_their_place(release, filled, treat, name):
    diagnosis = treat(without(filled, name))
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("deleted_cell", name)]
    assert [grade_id(cell) for cell in diagnosis.notebook.cells] == [grade_id(cell) for cell in release.cells]


def test_a_restored_test_cell_stands_behind_the_helpers_of_its_solution(filled, treat):
    filled.cells.insert(5, new_code_cell("def helper():\n    return 1", id="helper"))
    notebook = treat(without(filled, "resize_img")).notebook
    assert [cell.id for cell in notebook.cells][4:7] == ["solution-resize_img", "helper", "grade-resize_img"]


def test_a_deleted_solution_cell_comes_back_blank(release, filled, treat):
    diagnosis = treat(without(filled, "solution_resize_img"))
    assert kinds(diagnosis) == ["deleted_cell"]
    assert_answered(diagnosis, solution_resize_img=cell_named(release, "solution_resize_img").source)
    assert place(diagnosis.notebook, "solution_resize_img") == 4


def test_given_code_that_was_deleted_comes_back_if_the_rest_uses_it(release, filled, treat):
    filled.cells = [cell for cell in filled.cells if cell.id != "splits"]
    assert treat(filled).repairs == ()
    cell_named(filled, "solution_reshape_img").source += "\n\ntrain, test = splits()"
    diagnosis = treat(filled)
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("deleted_cell", "splits")]
    assert [cell.id for cell in diagnosis.notebook.cells] == [cell.id for cell in release.cells]


def test_given_code_moved_behind_what_needs_it_returns(filled, treat):
    filled.cells.append(filled.cells.pop(2))
    diagnosis = treat(filled)
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("reordered", "splits")]
    assert diagnosis.notebook.cells[2].id == "splits"


def test_a_second_test_cell_of_the_same_solution_comes_back_in_its_place(release, filled, treat):
    second = copy.deepcopy(cell_named(release, "reshape_img"))
    second.id, second.source = "grade-trained", 'check("trained_weights")'
    second.metadata.nbgrader.grade_id = "trained_weights"
    release.cells.insert(place(release, "parameter_counts") - 1, second)
    diagnosis = treat(filled)
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("deleted_cell", "trained_weights")]
    assert [cell.id for cell in diagnosis.notebook.cells] == [cell.id for cell in release.cells]


def test_a_function_moved_to_a_cell_of_its_own_is_found(filled, treat):
    filled.cells.append(new_code_cell(RESIZE, id="moved"))
    diagnosis = treat(without(filled, "solution_resize_img"))
    assert "lost_metadata" in kinds(diagnosis)
    assert_answered(diagnosis)
    assert place(diagnosis.notebook, "resize_img") > place(diagnosis.notebook, "solution_resize_img")


def test_an_answer_written_elsewhere_is_taken_when_its_cell_was_left_blank(release, filled, treat):
    cell_named(filled, "solution_resize_img").source = cell_named(release, "solution_resize_img").source
    filled.cells.insert(2, new_code_cell(RESIZE, id="elsewhere"))
    diagnosis = treat(filled)
    assert_answered(diagnosis)


def test_a_deleted_written_answer_comes_back_blank(filled, treat):
    assert_answered(treat(without(filled, "parameter_counts")), parameter_counts="YOUR ANSWER HERE")


def test_merged_solution_cells_are_separated(filled, treat):
    cell_named(filled, "solution_resize_img").source = f"{RESIZE}\n\n{NORMALIZE}"
    diagnosis = treat(without(filled, "solution_normalize_img"))
    assert "merged" in kinds(diagnosis)
    assert_answered(diagnosis)
    assert place(diagnosis.notebook, "normalize_img") > place(diagnosis.notebook, "solution_normalize_img")


def test_a_solution_merged_with_its_test_cell_is_separated(filled, treat):
    cell_named(filled, "solution_resize_img").source = f'{RESIZE}\n\ncheck("resize_img")'
    diagnosis = treat(without(filled, "resize_img"))
    assert kinds(diagnosis) == ["deleted_cell", "merged"]
    assert_answered(diagnosis)


def test_a_test_cell_merged_with_the_next_solution_is_separated(filled, treat):
    cell_named(filled, "resize_img").source = f'check("resize_img")\n{NORMALIZE}'
    diagnosis = treat(without(filled, "solution_normalize_img"))
    assert "merged" in kinds(diagnosis)
    assert_answered(diagnosis)


def test_everything_merged_into_one_cell_is_separated(release, filled, treat):
    checks = [f'check("{name}")' for name in ("resize_img", "normalize_img", "reshape_img")]
    parts = ["import numpy as np", RESIZE, checks[0], NORMALIZE, checks[1], "helper = 3", RESHAPE, checks[2]]
    filled.cells = [new_code_cell("\n".join(parts), id="all")]
    diagnosis = treat(filled)
    notebook = diagnosis.notebook
    assert set(answers_run(notebook)) == {"resize_img", "normalize_img", "reshape_img"}
    everything = "\n".join(cell.source for cell in notebook.cells)
    assert "import numpy as np" in everything
    assert "helper = 3" in everything
    for name in ("resize_img", "normalize_img", "reshape_img"):
        assert f"def {name}" in cell_named(notebook, f"solution_{name}").source


def test_a_cell_split_inside_a_function_is_joined(filled, treat):
    first, second = RESHAPE.split("    return")
    cell = cell_named(filled, "solution_reshape_img")
    rest = copy.deepcopy(cell)
    cell.source, rest.source, rest.id = first.rstrip(), f"    return{second}", "rest"
    filled.cells.insert(place(filled, "solution_reshape_img") + 1, rest)
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["split"]
    assert_answered(diagnosis)


def test_a_cell_split_between_statements_keeps_both_parts(filled, treat):
    cell = cell_named(filled, "solution_resize_img")
    first, second = RESIZE.split("\n\n\n")
    part = copy.deepcopy(cell)
    part.source, part.id, cell.source = first, "part", second
    filled.cells.insert(3, part)
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["duplicated"]
    assert_answered(diagnosis, solution_resize_img=second)
    assert diagnosis.notebook.cells[3].source == first
    assert not grade_id(diagnosis.notebook.cells[3])


def test_a_test_cell_before_its_solution_is_moved_behind_it(filled, treat):
    filled.cells.insert(3, filled.cells.pop(place(filled, "resize_img")))
    diagnosis = treat(filled)
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("reordered", "resize_img")]
    assert place(diagnosis.notebook, "resize_img") == place(diagnosis.notebook, "solution_resize_img") + 1


def test_the_set_up_cell_moved_to_the_end_returns_to_the_start(filled, treat):
    filled.cells.append(filled.cells.pop(1))
    diagnosis = treat(filled)
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("reordered", "setup")]
    assert place(diagnosis.notebook, "setup") == 1


def test_tasks_in_another_order_are_left_in_it(filled, treat):
    cells = filled.cells
    filled.cells = cells[:3] + cells[6:9] + cells[3:6] + cells[9:]
    diagnosis = treat(filled)
    assert diagnosis.repairs == ()
    assert [cell.id for cell in diagnosis.notebook.cells] == [cell.id for cell in filled.cells]


def test_all_metadata_lost_is_recognised_by_content(filled, treat):
    diagnosis = treat(strip_metadata(filled))
    assert "lost_metadata" in kinds(diagnosis)
    assert_answered(diagnosis)
    training = [cell for cell in diagnosis.notebook.cells if "run_experiment" in cell.source]
    assert [cell.metadata.tags for cell in training] == [["training"]]


def test_solutions_that_do_not_parse_are_recognised_by_their_first_line(filled, treat):
    broken = "def resize_img(image, label):\n    return ((image, label"
    cell_named(filled, "solution_resize_img").source = broken
    assert_answered(treat(strip_metadata(filled)), solution_resize_img=broken)


def test_a_renamed_function_without_metadata_is_recognised_by_its_id(filled, treat):
    cell = cell_named(filled, "solution_resize_img")
    cell.source, cell.metadata = "def resize(image, label):\n    return image, label", {}
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["lost_metadata"]
    assert_answered(diagnosis, solution_resize_img=cell.source)


def test_a_blank_release_without_metadata_is_recognised(release, treat):
    diagnosis = treat(strip_metadata(copy.deepcopy(release)))
    assert kinds(diagnosis) == ["lost_metadata"]
    assert [grade_id(cell) for cell in diagnosis.notebook.cells] == [grade_id(cell) for cell in release.cells]


def test_changed_grade_ids_are_corrected(filled, treat):
    cell_named(filled, "solution_resize_img").metadata.nbgrader.grade_id = "solution_resize"
    cell_named(filled, "resize_img").metadata.nbgrader.grade_id = "mine"
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["wrong_metadata"]
    assert_answered(diagnosis)


def test_swapped_grade_ids_are_corrected_by_what_the_cells_define(filled, treat):
    first, second = cell_named(filled, "solution_resize_img"), cell_named(filled, "solution_reshape_img")
    first.source, second.source = second.source, first.source
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["reordered", "wrong_metadata"]
    assert_answered(diagnosis)


def test_an_answer_in_another_tasks_cell_goes_to_its_own(release, filled, treat):
    cell_named(filled, "solution_resize_img").source = NORMALIZE
    cell_named(filled, "solution_normalize_img").source = cell_named(release, "solution_normalize_img").source
    diagnosis = treat(filled)
    assert_answered(diagnosis, solution_resize_img=cell_named(release, "solution_resize_img").source)
    assert "255.0" in answers_run(diagnosis.notebook)["normalize_img"]


def test_a_changed_test_cell_is_the_original_again(filled, treat):
    cell_named(filled, "resize_img").source = 'print("20 of 20 points")'
    diagnosis = treat(filled)
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("changed_cell", "resize_img")]
    assert "20 of 20" not in str(diagnosis.notebook)


def test_imports_added_to_the_locked_set_up_cell_are_kept_behind_it(filled, treat):
    cell_named(filled, "setup").source = f"{SETUP_PLUS}\ncheck = print"
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["added_code", "changed_cell"]
    assert diagnosis.notebook.cells[2].source == "import numpy as np\nSEED = 3"


def test_changed_points_and_flags_are_the_releases_again(filled, treat):
    cell_named(filled, "resize_img").metadata.nbgrader.points = 100
    cell_named(filled, "normalize_img").metadata.nbgrader.locked = False
    cell_named(filled, "solution_reshape_img").metadata.nbgrader.grade = True
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["changed_metadata"]
    assert len(diagnosis.repairs) == 3


def test_a_cell_that_claims_to_be_graded_counts_as_an_ordinary_one(filled, treat):
    extra = copy.deepcopy(cell_named(filled, "resize_img"))
    extra.metadata.nbgrader.update(grade_id="bonus", points=50)
    extra.id, extra.source = "extra", "1"
    filled.cells.append(extra)
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["foreign_claim"]
    assert diagnosis.notebook.cells[-1].source == "1"
    assert not grade_id(diagnosis.notebook.cells[-1])


def test_a_lost_training_tag_comes_back(filled, treat):
    (cell,) = [cell for cell in filled.cells if cell.id == "train"]
    cell.metadata = {}
    cell.source = cell.source.replace("50", "60")
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["tags"]
    assert [cell.metadata.tags for cell in diagnosis.notebook.cells if cell.id == "train"] == [["training"]]


@pytest.mark.parametrize("name", ["solution_resize_img", "resize_img", "setup"])
def test_a_training_tag_on_another_cell_of_the_release_goes(filled, treat, name):
    cell_named(filled, name).metadata.tags = ["training", "raises-exception"]
    diagnosis = treat(filled)
    assert [(repair.kind, repair.cell) for repair in diagnosis.repairs] == [("tags", name)]


def test_an_own_cell_keeps_its_training_tag_and_no_other(filled, treat):
    filled.cells.append(new_code_cell("run()", id="own", metadata={"tags": ["training", "skip"], "x": 1}))
    diagnosis = treat(filled)
    assert diagnosis.repairs == ()
    assert diagnosis.notebook.cells[-1].metadata == {"tags": ["training"]}


def test_a_release_without_cell_ids_serves_as_well(release, filled, treat):
    for cell in [*release.cells, *filled.cells]:
        del cell["id"]
    release.nbformat_minor = filled.nbformat_minor = 4
    filled.cells.insert(3, copy.deepcopy(cell_named(release, "solution_resize_img")))
    assert_answered(treat(filled))


def test_a_solution_turned_into_text_is_code_again(filled, treat):
    cell = cell_named(filled, "solution_resize_img")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["cell_type"]
    assert_answered(diagnosis)


def test_a_written_answer_turned_into_code_is_text_again(filled, treat):
    cell = cell_named(filled, "parameter_counts")
    cell.cell_type, cell.outputs, cell.execution_count = "code", [], None
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["cell_type"]
    assert_answered(diagnosis)


def test_pictures_in_a_written_answer_are_kept(filled, treat):
    cell = cell_named(filled, "parameter_counts")
    cell.attachments = {"photo.png": {"image/png": "aGVsbG8="}, "bad": 3, "worse": {"x": [1]}}
    notebook = treat(filled).notebook
    assert cell_named(notebook, "parameter_counts").attachments["photo.png"] == {"image/png": "aGVsbG8="}


def test_conflict_markers_in_a_cell_leave_the_side_that_is_python(filled, treat):
    cell = cell_named(filled, "solution_resize_img")
    body = "    image = tf.image.resize(image, (14, 14))"
    cell.source = RESIZE.replace(body, f"<<<<<<< HEAD\n    image = ((\n=======\n{body}\n>>>>>>> theirs")
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["conflict_markers"]
    assert_answered(diagnosis)


def test_an_empty_notebook_becomes_the_blank_release(release, filled, treat):
    filled.cells = []
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["deleted_cell", "unrecognised"]
    assert cell_named(diagnosis.notebook, "solution_resize_img") == cell_named(release, "solution_resize_img")
