"""Attacks through what is shown: hidden inputs smuggled into feedback, and code in the pages of others."""

import nbformat
from nbformat import NotebookNode

from .attack import Attack, code

_SECRET = "hidden inputs stand in the executed notebook's own cells, to which students get feedback"
_HIDDEN = "of a hidden criterion its student sees title and state, no value"
_DIED = frozenset({"crashed"})


def _write_a_script(notebook: NotebookNode) -> None:
    text = (
        "# Answer\n<script>alert(1)</script><img src=x onerror=alert(2)> [a](javascript:alert(3))"
        " <svg/onload=alert(4)> [b](java&#115;cript:alert(5)) [c][d]\n\n[d]: javascript:alert(6)\n"
    )
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="text"))


def _put_scripts_into_metadata(notebook: NotebookNode) -> None:
    script = '"></title></script><script>alert(1)</script>'
    notebook.metadata["title"] = notebook.metadata["kernelspec"]["language"] = script
    notebook.metadata["language_info"] = {"name": script, "pygments_lexer": script, "mimetype": script}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"x": script}}}
    for cell in notebook.cells:
        cell.metadata["tags"] = [script]
        cell.metadata["slideshow"] = {"slide_type": script}


def _smuggling(name: str, tries: str, source: str, here: str = _HIDDEN, **more) -> Attack:
    return Attack(name, tries, _SECRET, here, cells={"label": code(source)}, loses=("label",), **more)


ATTACKS = (
    _smuggling(
        "hidden inputs in an exception's text",
        "Raises an exception whose text holds the inputs.",
        "def label(image, name):\n    raise ValueError(f'{name} {image}')",
    ),
    _smuggling(
        "hidden inputs in an exception's class",
        "Raises an exception whose class is named after the inputs.",
        "def label(image, name):\n    raise type(name, (Exception,), {})()",
    ),
    _smuggling(
        "hidden inputs in a traceback",
        "Raises from a function that is named after the inputs, in a file that looks like a cell.",
        """
        def label(image, name):
            space = {}
            exec(compile(f"def {name}():\\n    raise ValueError", "/tmp/ipykernel_1/2.py", "exec"), space)
            space[name]()
        """,
    ),
    _smuggling(
        "hidden inputs printed",
        "Prints the inputs by print, to the descriptor, as a display, and as a message of a cell that is done.",
        """
        parent = get_ipython().parent_header
        def label(image, name):
            import os, sys
            from IPython.display import display
            print(name)
            print(name, file=sys.__stdout__)
            display(name)
            os.write(1, name.encode())
            kernel = get_ipython().kernel
            content = {"name": "stdout", "text": name}
            kernel.session.send(kernel.iopub_socket, "stream", content, parent=parent)
            return name, ""
        """,
        "what is printed during a check is kept nowhere",
    ),
    _smuggling(
        "hidden inputs returned",
        "Returns the inputs where a message would show what was got.",
        "def label(image, name):\n    return {name: name}, [name]",
    ),
    _smuggling(
        "hidden inputs kept over a restart",
        "Keeps the inputs in a file and dies; when its cells run again it prints what is there.",
        """
        import glob, os
        for path in glob.glob("/scratch/*.kept") + glob.glob("/tmp/*.kept") + glob.glob("/dev/shm/*.kept"):
            print(open(path).read())
        def label(image, name):
            for folder in ("/scratch", "/tmp", "/dev/shm"):
                open(f"{folder}/{os.getpid()}.kept", "w").write(name)
            os._exit(0)
        """,
        "a new kernel has new folders",
        states=_DIED,
    ),
    Attack(
        "a script in an error's text",
        "Raises an exception whose text and class are HTML with a script.",
        "escaped by nbconvert",
        "escaped",
        cells={
            "double": code("""
                def double(x):
                    raise type("<script>alert(1)</script>", (Exception,), {})("<script>alert(2)</script>")
            """)
        },
        first="raise ValueError('<script>alert(3)</script>')",
        loses=("double",),
    ),
    Attack(
        "a script in an output",
        "Displays HTML, SVG, Markdown and JavaScript that act in the name of whoever opens the page.",
        "runs in formgrader's page, with the instructor's rights to set marks (nbconvert does not sanitise by default)",
        "outputs keep text and pictures; what can hold code is made harmless",
        first=code("""
            from IPython.display import HTML, SVG, Javascript, Markdown, display
            display(HTML("<script>alert(1)</script><img src=x onerror='alert(2)'><b>bold</b>"))
            display(HTML("<a href='javascript:alert(3)'>link</a><iframe srcdoc='<script>alert(4)</script>'></iframe>"))
            display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(5)</script></svg>"))
            display(Javascript("alert(6)"))
            display(Markdown("<script>alert(7)</script>"))
            display({"text/latex": "<script>alert(8)</script>", "image/png": 'x" onerror="alert(9)'}, raw=True)
            widget = {"model_id": "</script><script>alert(10)</script>"}
            display({"application/vnd.jupyter.widget-view+json": widget}, raw=True)
        """),
    ),
    Attack(
        "a script in a text cell",
        "Writes a script into a Markdown cell.",
        "runs in formgrader's page, with the instructor's rights to set marks",
        "made harmless",
        change=_write_a_script,
    ),
    Attack(
        "a script in metadata",
        "Puts scripts into the notebook's title, language and widgets and into its cells' tags.",
        "not tried",
        "only metadata of the release's are kept",
        change=_put_scripts_into_metadata,
        states=frozenset({"repaired"}),
    ),
    Attack(
        "a script in a file's name",
        "Names its notebook and its files so that they are HTML wherever they are listed.",
        "not tried",
        "escaped",
        handed_in=lambda files: {
            "<script>alert(1)<script>.ipynb": files["target.ipynb"],
            **{name: content for name, content in files.items() if name != "target.ipynb"},
            "<img src=x onerror=alert(2)>.zip": b"PK\x03\x04 no zip",
        },
        states=frozenset({"repaired"}),
    ),
)
