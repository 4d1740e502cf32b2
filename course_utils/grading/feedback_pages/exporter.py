"""nbconvert's HTML exporter with the page of this course: nothing is fetched, no script is needed or allowed.

Named in nbgrader_config.py, so that `nbgrader generate_feedback` and the formgrader's button write the same page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from traitlets import Bool
from traitlets.config import Config

from course_utils.grading.feedback_pages.formulas import display_formula, inline_formula
from course_utils.grading.feedback_pages.preprocessor import PAGE

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
NO_CODE = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_HEADING = re.compile(r"<(/?)h([1-6])\b[^>]*>")
_BELOW = 2  # the page's own headings take two levels


class FeedbackExporter(HTMLExporter):
    """Makes a feedback page of an executed notebook and of the `Page` in the resources."""

    exclude_anchor_links = Bool(True).tag(config=True)

    @property
    def default_config(self) -> Config:
        """Settings of the class's own, which win over nbgrader's for HTMLExporter."""
        own = Config(
            {
                "FeedbackExporter": {
                    "template_name": "course_feedback",
                    "extra_template_basedirs": [str(TEMPLATES / "nbconvert")],
                },
                "NbConvertBase": {
                    "display_data_priority": [
                        "text/html", "text/markdown", "image/png", "image/jpeg", "text/latex", "text/plain",
                    ]
                },
            }
        )  # fmt: skip
        whole = super().default_config.copy()
        whole.merge(own)
        return whole

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page, and the resources as the preprocessors left them. Raises KeyError without DescribeFeedback."""
        cells, resources = super().from_notebook_node(nb, resources, **kw)
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
        environment.filters["points"] = points
        environment.filters["breakable"] = lambda name: escape(name).replace("_", Markup("_<wbr>"))
        environment.filters["markdown"] = lambda text: Markup(_render(text))
        environment.filters["code"] = lambda text: Markup(Highlight2HTML(pygments_lexer="python")(text))
        template = environment.get_template("feedback.html")
        page = resources[PAGE]
        return template.render(page=page, notebook=Markup(cells), policy=NO_CODE), resources

    def default_filters(self) -> Any:
        """nbconvert's filters, with text cells rendered as they stand on this page."""
        yield from super().default_filters()
        yield "markdown2html", self.text_cell

    @jinja2.pass_context
    def text_cell(self, context: jinja2.runtime.Context, source: str) -> str:
        """A text cell as HTML, with its own pictures."""
        return _render(source, context.get("cell", {}).get("attachments", {}))


class _Renderer(IPythonRenderer):
    """nbconvert's, with formulas that need no MathJax."""

    def block_math(self, body: str) -> str:
        return display_formula(body)

    def inline_math(self, body: str) -> str:
        return inline_formula(body)


def _render(source: str, attachments: dict[str, Any] | None = None) -> str:
    renderer = _Renderer(escape=False, attachments=attachments or {}, exclude_anchor_links=True)
    text = MarkdownWithMath(renderer=renderer).render(source)
    return _HEADING.sub(lambda tag: f"<{tag[1]}h{min(6, int(tag[2]) + _BELOW)}>", text)


def points(number: float) -> str:
    """Points as people write them: at most two decimals.

    >>> points(2.0), points(1.5), points(0.1429)
    ('2', '1.5', '0.14')
    """
    return f"{round(number, 2):g}"
