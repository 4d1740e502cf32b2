"""Notebook files of every format and age, damaged, cut off, badly encoded, or exported to something else."""

import copy
import json
import time

import nbformat
import pytest
from nbconvert import PythonExporter

from .conftest import ANSWERS, NORMALIZE, RESHAPE, RESIZE, as_bytes, assert_answered, cell_named, kinds


def outputs_of(megabytes: int) -> list[dict]:
    line = "loss: 0.1234, accuracy: 0.5678\n"
    return [{"output_type": "stream", "name": "stdout", "text": [line] * (megabytes * 1_000_000 // 40)}]


def test_a_byte_order_mark_is_removed(filled, treat):
    diagnosis = treat(b"\xef\xbb\xbf" + as_bytes(filled))
    assert kinds(diagnosis) == ["byte_order_mark"]
    assert_answered(diagnosis)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_encodings_are_read(filled, treat, encoding):
    diagnosis = treat(as_bytes(filled).decode().encode(encoding))
    assert "encoding" in kinds(diagnosis)
    assert_answered(diagnosis)


def test_windows_line_ends_become_newlines(filled, treat):
    cell = cell_named(filled, "solution_resize_img")
    cell.source = cell.source.replace("\n", "\r\n")
    diagnosis = treat(as_bytes(filled).replace(b"\n", b"\r\n"))
    assert kinds(diagnosis) == ["line_ends"]
    assert_answered(diagnosis)


def test_nul_bytes_are_removed(filled, treat):
    data = as_bytes(filled)
    diagnosis = treat(data[:300] + b"\0\0" + data[300:] + b"\0" * 1_000)
    assert kinds(diagnosis) == ["nul_bytes"]
    assert_answered(diagnosis)


def test_nul_characters_and_half_characters_in_a_cell_are_removed(filled, treat):
    cell_named(filled, "solution_resize_img").source += "\0"
    cell_named(filled, "parameter_counts").source = "320 \ud83d"
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["invalid_characters", "nul_bytes"]
    assert_answered(diagnosis, parameter_counts="320 \ufffd")


def test_invalid_utf8_is_replaced(filled, treat):
    diagnosis = treat(as_bytes(filled).replace(b"Four gates", b"F\xfcnf gates"))
    assert kinds(diagnosis) == ["invalid_bytes"]
    assert_answered(diagnosis, parameter_counts=ANSWERS["parameter_counts"].replace("Four", "F\ufffdnf"))


def test_text_after_the_end_is_left_out(filled, treat):
    diagnosis = treat(as_bytes(filled) + b"}\n\ngarbage")
    assert kinds(diagnosis) == ["trailing_text"]
    assert_answered(diagnosis)


def test_a_file_cut_off_keeps_the_cells_before_the_cut(release, filled, treat):
    data = as_bytes(filled)
    diagnosis = treat(data[: data.index(b"def reshape_img") + 30])
    assert kinds(diagnosis) == ["damaged_file", "deleted_cell"]
    assert_answered(
        diagnosis,
        solution_reshape_img=cell_named(release, "solution_reshape_img").source,
        parameter_counts="YOUR ANSWER HERE",
    )


def test_a_damaged_cell_costs_no_other_cell(filled, treat):
    damaged = as_bytes(filled).replace(b'"outputs": [', b'"outputs": {', 1)
    diagnosis = treat(damaged)
    assert kinds(diagnosis) == ["damaged_file"]
    assert_answered(diagnosis)


def test_a_file_whose_beginning_is_lost_keeps_the_rest(filled, treat):
    data = as_bytes(filled)
    diagnosis = treat(b"#" + data[data.index(b"text-normalize_img") :])
    assert cell_named(diagnosis.notebook, "solution_reshape_img").source == RESHAPE
    assert cell_named(diagnosis.notebook, "solution_normalize_img").source == NORMALIZE


def test_conflict_markers_in_the_file_leave_the_side_with_more_answers(release, filled, treat):
    ours, theirs = as_bytes(release).decode(), as_bytes(filled).decode()
    diagnosis = treat(f"<<<<<<< HEAD\n{ours}\n=======\n{theirs}\n>>>>>>> feature\n".encode())
    assert kinds(diagnosis) == ["conflict_markers"]
    assert_answered(diagnosis)


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
def test_nbformat_4_of_every_age_is_read(filled, treat, minor):
    filled.nbformat_minor = minor
    for cell in filled.cells:
        del cell["id"]
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["old_format"]
    assert_answered(diagnosis)


def test_nbformat_3_is_read(filled, treat):
    old = nbformat.convert(copy.deepcopy(filled), 3)
    diagnosis = treat(old)
    assert kinds(diagnosis) == ["old_format"]
    assert_answered(diagnosis)


def test_two_worksheets_and_headings_of_nbformat_3_are_read(filled, treat):
    old = nbformat.convert(copy.deepcopy(filled), 3)
    cells = old.worksheets[0].cells
    heading = {"cell_type": "heading", "level": 2, "source": "Mine", "metadata": {}}
    old.worksheets = [{"cells": [heading, *cells[:5]]}, {"cells": cells[5:]}]
    diagnosis = treat(old)
    assert_answered(diagnosis)
    assert "## Mine" in [cell.source for cell in diagnosis.notebook.cells]


def test_a_missing_or_absurd_format_version_does_not_matter(filled, treat):
    for version in (None, 9, "4", [4], 10**50):
        filled["nbformat"] = version
        assert_answered(treat(filled))


def test_missing_duplicate_and_invalid_cell_ids_are_made_anew(filled, treat):
    filled.cells[0].id, filled.cells[3].id, filled.cells[5].id = "a b!", filled.cells[2].id, "x" * 100
    del filled.cells[7]["id"]
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["cell_ids"]
    assert_answered(diagnosis)


def test_colabs_marks_are_removed(filled, treat):
    filled.nbformat_minor = 0
    filled.metadata = {"colab": {"provenance": []}, "accelerator": "GPU", "kernelspec": {"name": "python3"}}
    for position, cell in enumerate(filled.cells):
        del cell["id"]
        cell.metadata.update({"id": f"abc{position}", "outputId": "x", "cellView": "form", "colab": {"height": 3}})
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["foreign_metadata", "old_format"]
    assert_answered(diagnosis)
    assert "colab" not in json.dumps(diagnosis.notebook)


@pytest.mark.parametrize(
    "marks", [{"vscode": {"languageId": "python"}}, {"_uuid": "1", "_cell_guid": "2"}, {"papermill": {"status": "ok"}}]
)
def test_other_tools_marks_are_removed(filled, treat, marks):
    for cell in filled.cells:
        cell.metadata.update(marks)
    diagnosis = treat(filled)
    assert kinds(diagnosis) == ["foreign_metadata"]
    assert_answered(diagnosis)


def test_jupyters_own_marks_need_no_repair(filled, treat):
    for cell in filled.cells:
        cell.metadata.update({"execution": {"iopub.busy": "x"}, "scrolled": True, "editable": True, "collapsed": False})
    assert treat(filled).repairs == ()


@pytest.mark.parametrize(
    ("kernelspec", "language"),
    [({"name": "ir"}, {"name": "R"}), ({"name": "tf-gpu"}, {}), ({"name": ["x"]}, {"name": 3})],
)
def test_a_wrong_kernel_is_replaced(release, filled, treat, kernelspec, language):
    filled.metadata = {"kernelspec": kernelspec, "language_info": language}
    diagnosis = treat(filled)
    assert kinds(diagnosis) in (["wrong_kernel"], [])
    assert diagnosis.notebook.metadata == release.metadata


def test_outputs_and_counts_of_wrong_types_do_not_matter(filled, treat):
    for cell, outputs, count in zip(
        filled.cells, [3, None, "x", [[]], {"a": 1}, [{}]] * 3, ["7", [], 1.5] * 6, strict=False
    ):
        cell["outputs"], cell["execution_count"] = outputs, count
    assert treat(filled).repairs == ()


def test_cells_and_sources_of_wrong_types_are_left_out(filled, treat):
    filled.cells = [
        *filled.cells,
        3,
        None,
        [],
        {"cell_type": "code", "source": {"a": 1}},
        {"cell_type": 7, "source": ["x = 1\n", 3, None], "metadata": []},
        {"cell_type": "code", "source": ["x = 1", "y = 2"], "metadata": {"tags": "training", "nbgrader": [1]}},
        {"cell_type": "heading", "level": 2.0, "source": None, "metadata": {"nbgrader": {"grade_id": ["x"]}}},
    ]
    diagnosis = treat(filled)
    assert {"invalid_cell", "invalid_source"} <= set(kinds(diagnosis))
    assert_answered(diagnosis)
    assert "x = 1\ny = 2" in [cell.source for cell in diagnosis.notebook.cells]


def test_fifty_megabytes_of_output_are_left_out_in_time(filled, treat):
    cell_named(filled, "solution_resize_img").outputs = outputs_of(50)
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 900_000}}
    cell_named(filled, "solution_reshape_img").outputs = [picture]
    data = as_bytes(filled)
    assert len(data) > 50_000_000
    start = time.process_time()
    diagnosis = treat(data)
    assert time.process_time() - start < 10
    assert kinds(diagnosis) == ["large_output"]
    assert_answered(diagnosis)


def test_a_script_made_by_nbconvert_is_read(filled, treat):
    script, _ = PythonExporter().from_notebook_node(filled)
    diagnosis = treat({"small.py": script.encode()})
    assert "script" in kinds(diagnosis)
    assert_answered(diagnosis)


@pytest.mark.parametrize("header", ["# %%", "#%%", "# %% id='a'"])
def test_a_script_with_percent_marks_is_read(filled, treat, header):
    parts = []
    for cell in filled.cells:
        if cell.cell_type == "code":
            parts.append(f"{header}\n{cell.source}\n")
        else:
            parts.append(f"{header} [markdown]\n" + "\n".join(f"# {line}" for line in cell.source.split("\n")))
    diagnosis = treat({"small.py": "\n".join(parts).encode()})
    assert "script" in kinds(diagnosis)
    assert_answered(diagnosis)


def test_jupytexts_metadata_in_a_script_is_used(filled, treat):
    script = (
        '# %% nbgrader={"grade_id": "parameter_counts", "grade": true} [markdown]\n# I counted 320.\n\n# %%\n' + RESIZE
    )
    diagnosis = treat({"small.py": script.encode()})
    assert cell_named(diagnosis.notebook, "parameter_counts").source == "I counted 320."
    assert cell_named(diagnosis.notebook, "solution_resize_img").source == RESIZE


def test_colabs_script_and_a_plain_script_are_read(filled, treat):
    script = (
        f'"""Automatically generated by Colab."""\n\nimport os\n{RESIZE}\n\n"""## Next"""\n\n{NORMALIZE}\n\n{RESHAPE}\n'
    )
    diagnosis = treat({"small.py": script.encode()})
    for name in ("resize_img", "normalize_img", "reshape_img"):
        assert f"def {name}" in cell_named(diagnosis.notebook, f"solution_{name}").source
    assert any("import os" in cell.source for cell in diagnosis.notebook.cells)


def test_a_script_that_does_not_parse_is_read_as_far_as_it_goes(treat):
    script = f"{RESIZE}\n\n\ndef normalize_img(image, label):\n    return ((image\n\n\n{RESHAPE}\n"
    diagnosis = treat({"small.py": script.encode()})
    assert cell_named(diagnosis.notebook, "solution_reshape_img").source == RESHAPE
    assert cell_named(diagnosis.notebook, "solution_resize_img").source == RESIZE


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \n\0", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html>\n<html><body>notebook</body></html>", "web page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n", "LFS"),
        (b'{"url": "https://docs.google.com/open?id=1", "doc_id": "1", "email": "a@b"}', "shortcut"),
        (b"Rar!\x1a\x07\x01\x00 and so on", "RAR"),
        (b'{"a": 1}', "not a notebook"),
        (b"[1, 2, 3]", "not a notebook"),
        (b"just text", "not a notebook"),
        (b"\xff\xfe\x00\xd8" * 100, "not a notebook"),
    ],
)
def test_what_is_no_notebook_gets_a_reason(treat, data, word):
    diagnosis = treat(data)
    assert not diagnosis.readable
    assert word in diagnosis.reason


@pytest.mark.parametrize(
    "bomb", [b"[" * 1_000_000, b'{"cells":' * 200_000, b'{"id":[0,' * 200_000, b'{"source":{' * 100_000]
)
def test_nested_json_is_refused_in_time(filled, treat, bomb):
    start = time.process_time()
    assert not treat(bomb).readable
    inside = as_bytes(filled).replace(b'"outputs": [', b'"outputs": [' + bomb, 1)
    diagnosis = treat(inside)
    assert time.process_time() - start < 10
    assert diagnosis.readable


@pytest.mark.parametrize("tiny", [b"[],", b"{},", b'"ab",', b'{"a":0},', b"1,"])
def test_millions_of_tiny_values_are_refused_in_time(treat, tiny):
    data = b'{"cells": [' + tiny * (60_000_000 // len(tiny)) + b"0]}"
    start = time.process_time()
    diagnosis = treat(data)
    assert time.process_time() - start < 10
    assert not diagnosis.readable or len(diagnosis.notebook.cells) < 100


@pytest.mark.parametrize(
    "text", [b'"' * 20_000_000, b"\\" * 20_000_000, b'"\\' * 10_000_000, b"{" * 20_000_000, b'{"id":' * 3_000_000]
)
def test_text_that_only_looks_like_json_is_refused_in_time(treat, text):
    start = time.process_time()
    assert not treat(b'{"cells": [' + text).readable
    assert time.process_time() - start < 10


def test_a_number_of_a_million_digits_is_survived(filled, treat):
    data = as_bytes(filled).replace(b'"execution_count": 1,', b'"execution_count": ' + b"1" * 1_000_000 + b",")
    assert_answered(treat(data))


@pytest.mark.parametrize(
    "source",
    [
        "(" * 40_000,
        "-" * 40_000 + "1",
        "a" + ".b" * 20_000,
        "x = " * 12_000 + "1",
        "@a\n" * 15_000,
        "def f():\n" * 5_000,
        "\n" * 49_000,
    ],
)
def test_code_that_breaks_parsers_is_survived(filled, treat, source):
    cell_named(filled, "solution_resize_img").source = source
    cell_named(filled, "solution_normalize_img").source = source * 3
    start = time.process_time()
    diagnosis = treat(filled)
    assert time.process_time() - start < 10
    assert cell_named(diagnosis.notebook, "solution_reshape_img").source == RESHAPE


def test_a_notebook_of_endless_cells_and_code_is_cut_in_time(filled, treat):
    cell = {
        "cell_type": "code",
        "metadata": {},
        "source": "def f(x):\n    return x\n" * 200,
        "outputs": [],
        "execution_count": 1,
    }
    filled.cells = [*filled.cells, *[cell] * 5_000]
    start = time.process_time()
    diagnosis = treat(filled)
    assert time.process_time() - start < 10
    assert {"too_many_cells", "too_much_code"} & set(kinds(diagnosis))
    assert_answered(diagnosis)


def test_many_copies_of_every_cell_are_survived_in_time(filled, treat):
    filled.cells = filled.cells * 120
    start = time.process_time()
    diagnosis = treat(filled)
    assert time.process_time() - start < 10
    assert_answered(diagnosis)
    assert len(diagnosis.repairs) <= 201
