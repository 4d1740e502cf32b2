"""Carries out an attack: hands the submission in, grades it beside an honest one, and looks at what must hold."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from course_utils.grading.assignment import Assignment
from course_utils.grading.kernels.kernelspec import WARM
from course_utils.grading.kernels.limits import MEBIBYTE, Limits
from course_utils.grading.outcome import Outcome
from course_utils.grading.run import Settings, grade
from course_utils.grading.session import TimeLimits
from course_utils.grading.submission import Submission

from .attack import Attack
from .places import OTHER, Places
from .target import HONEST, NOTEBOOK, POINTS, WEIGHTS, notebook, weights_file

# Small, so that it does not take long to use them up.
LIMITS = Limits(memory_bytes=400 * MEBIBYTE, cpu_seconds=30, processes=32, disk_bytes=64 * MEBIBYTE)
TIMES = TimeLimits(cell=4, start=120, submission=60)


@dataclass(frozen=True)
class Aftermath:
    """What an attack left behind: its own outcome, and that of the honest submission graded meanwhile."""

    outcome: Outcome
    honest: Outcome


def settings() -> Settings:
    """Real kernels in the real sandbox, with small limits."""
    return Settings(_start, b"a key that no student knows", sandboxed=True, limits=TIMES)


def _start(scratch: Path) -> AsyncKernelManager:
    manager = AsyncKernelManager(kernel_name=WARM)
    run_sync(manager.start_kernel)(cwd=str(scratch), limits=LIMITS)
    return manager


def honest() -> Submission:
    """What a student who solved everything hands in."""
    content = nbformat.writes(notebook(HONEST)).encode()
    return Submission(OTHER, {f"{NOTEBOOK}.ipynb": content, WEIGHTS: weights_file()})


def submission(attack: Attack, places: Places) -> Submission:
    """The attack as it is handed in."""
    solutions = {name: attack.cells.get(name, source) for name, source in HONEST.items()}
    whole = notebook(solutions)
    if attack.first:
        whole.cells.insert(0, nbformat.v4.new_code_cell(attack.first, id="cell-first"))
    if attack.last:
        whole.cells.append(nbformat.v4.new_code_cell(attack.last, id="cell-last"))
    if attack.change is not None:
        attack.change(whole)
    for cell in whole.cells:
        cell.source = places.tell(cell.source)
    files = {
        f"{NOTEBOOK}.ipynb": json.dumps(whole).encode(),
        WEIGHTS: weights_file(),
        **{
            places.tell(name): places.tell(text.decode("latin-1")).encode("latin-1")
            for name, text in attack.files.items()
        },
    }
    return Submission("mallory", attack.handed_in(files) if attack.handed_in else files)


def carry_out(attack: Attack, places: Places, assignment: Assignment) -> Aftermath:
    """Grade it while an honest student's is graded."""
    with ThreadPoolExecutor(1) as beside:
        honest_one: Future[Outcome] = beside.submit(grade, honest(), assignment, settings())
        outcome = grade(submission(attack, places), assignment, settings())
        return Aftermath(outcome, honest_one.result())


def assert_nothing_was_won(attack: Attack, aftermath: Aftermath, places: Places) -> None:
    """No point gained, no secret seen, no other student harmed, and a named state."""
    outcome = aftermath.outcome
    scores = {cell.grade_id: cell.score for cell in outcome.cells}
    most = {name: 0.0 if name in attack.loses else float(points) for name, points in POINTS.items()}
    least = {name: 0.0 if name in attack.spoils else points for name, points in most.items()}
    states = [(r.name, r.state, r.got) for c in outcome.cells for r in c.results]
    assert all(least[name] <= score <= most[name] for name, score in scores.items()), (scores, states, outcome.log)
    assert outcome.state in attack.states, (outcome.state, outcome.reason)
    assert aftermath.honest.score == sum(POINTS.values()), aftermath.honest
    assert aftermath.honest.state == "graded"
    if attack.reports is not None:
        assert f"REPORT {attack.reports}\n" in printed(outcome), printed(outcome)
    assert places.canary not in outcome.dumps()
    shown = feedback(outcome) + outcome.notebook + outcome.reason + "".join(outcome.log)
    assert places.input_canary not in shown


def printed(outcome: Outcome) -> str:
    """All that the cells printed, and the exceptions that they ended with."""
    outputs = [o for c in executed(outcome).cells if c.cell_type == "code" for o in c.outputs]
    texts = [o.text if o.output_type == "stream" else f"{o.ename}: {o.evalue}" for o in outputs if "data" not in o]
    return "".join(texts)


def executed(outcome: Outcome) -> NotebookNode:
    """The executed notebook."""
    return nbformat.reads(outcome.notebook, as_version=4)


def feedback(outcome: Outcome) -> str:
    """The executed notebook as a page, as its student sees it."""
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(executed(outcome))
    return page
