"""Made harmless, a notebook still shows what honest work shows."""

import nbformat
import pytest

from course_utils.grading.harmless import make_harmless

PICTURE = "iVBORw0KGgo="
RELEASE = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("<details><summary>Given</summary></details>")])


def shown(cell):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [cell]
    make_harmless(notebook, RELEASE)
    nbformat.validate(notebook)
    return notebook.cells[0]


def output_of(**data):
    kinds = {kind.replace("_", "/", 1): part for kind, part in data.items()}
    output = nbformat.from_dict({"output_type": "display_data", "data": kinds, "metadata": {}})
    cell = nbformat.v4.new_code_cell()
    cell.outputs = [output]
    return shown(cell).outputs[0].data


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\n* a\n* **b** and <b>c</b><br>",
        "$a < b$ and $x^{2}$, see <https://example.org/a?b=c> or [there](https://example.org)",
        "> quoted\n\n```\nfor x in y: pass\n```",
        "[a note][1]\n\n[1]: https://example.org 'title'",
    ],
)
def test_ordinary_text_stays_as_it_was_written(text):
    assert shown(nbformat.v4.new_markdown_cell(text)).source == text


def test_mathematics_without_spaces_gains_a_space_and_keeps_its_meaning():
    assert shown(nbformat.v4.new_markdown_cell("$a<b$")).source in {"$a<b$", "$a< b$"}
    assert shown(nbformat.v4.new_markdown_cell("$x<y$")).source == "$x< y$"


def test_the_release_s_own_text_stays_as_it_is():
    assert shown(RELEASE.cells[0].copy()).source == RELEASE.cells[0].source


def test_pictures_and_tables_are_shown():
    assert output_of(image_png=PICTURE, text_plain="<Figure>") == {"image/png": PICTURE, "text/plain": "<Figure>"}
    table = '<table class="dataframe"><tr><td colspan="2">1</td></tr></table>'
    assert output_of(text_html=table)["text/html"].replace("<tbody>", "").replace("</tbody>", "") == table


def test_pasted_pictures_of_a_written_answer_stay():
    cell = nbformat.v4.new_markdown_cell(
        "![sketch](attachment:sketch.png)", attachments={"sketch.png": {"image/png": PICTURE}}
    )
    assert shown(cell).attachments == {"sketch.png": {"image/png": PICTURE}}
    assert shown(cell).source == "![sketch](attachment:sketch.png)"


@pytest.mark.parametrize("part", [None, 7, [["a"]], {"a": "b"}])
def test_a_representation_that_is_no_text_is_left_out(part):
    assert output_of(text_plain="fine", text_html=part) == {"text/plain": "fine"}
