"""nbgrader's own commands on this engine: preprocessors that nbgrader_config.py puts in the place of stock ones."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool

from course_utils.grading.assignment import Assignment, find_course
from course_utils.grading.doctor import repair
from course_utils.grading.outcome import Outcome, checked_score

OUTCOME = "course_outcome"
_log = logging.getLogger(__name__)


class RepairNotebook(NbGraderPreprocessor):
    """Before anything else: what people's tools did to the notebook is repaired against the release."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The repaired notebook; one that cannot be read becomes the blank release."""
        assignment = _assignment(resources)
        diagnosis = repair(
            {f"{assignment.notebook_name}.ipynb": _dump(nb)}, assignment.notebook, assignment.notebook_name
        )
        for item in diagnosis.repairs:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], item.message)
        return diagnosis.notebook or assignment.notebook, resources


class GradeOutside(NbGraderPreprocessor):
    """In place of Execute: run the notebook in a kernel of its own and check it from outside."""

    unsandboxed = Bool(False, help="Grade without a sandbox where the machine can't give one.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The executed notebook with each grade cell's feedback; the outcome goes along in the resources."""
        from course_utils.grading.journal import course_key
        from course_utils.grading.kernel_choice import confinement, settings_for
        from course_utils.grading.run import grade
        from course_utils.grading.session import TimeLimits
        from course_utils.grading.submission import Submission, read_folder

        assignment = _assignment(resources)
        files = read_folder(Path(resources["metadata"]["path"]))
        files = {name: content for name, content in files.items() if not name.endswith(".ipynb")}
        files[f"{assignment.notebook_name}.ipynb"] = _dump(nb)
        submission = Submission(resources["nbgrader"]["student"], files)
        settings = settings_for(confinement(self.unsandboxed), course_key(find_course()), TimeLimits())
        outcome = grade(submission, assignment, settings)
        self.log.info("%s: %s, %g of %g", outcome.student, outcome.state, outcome.score, outcome.max_score)
        resources[OUTCOME] = outcome
        return nbformat.reads(outcome.notebook, as_version=4), resources


class SaveRecordedGrades(SaveAutoGrades):
    """In place of SaveAutoGrades: scores come from the criteria's records, never from what a cell printed.

    A grade cell without a record scores 0, and so does a score that is no number from 0 to the cell's points.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Write every grade cell's score and comment into the gradebook."""
        outcome: Outcome | None = resources.get(OUTCOME)
        self._records = {cell.grade_id: cell for cell in outcome.cells} if outcome is not None else {}
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        record = self._records.get(grade_id)
        waits = record is not None and record.score is None and utils.is_solution(cell)
        grade.auto_score = None if waits else checked_score(record.score if record else 0.0, grade.max_score)
        grade.needs_manual_grade = waits or grade.manual_score is not None
        self.gradebook.db.commit()


def _assignment(resources: dict[str, Any]) -> Assignment:
    return Assignment.load(find_course(), resources["nbgrader"]["assignment"])


def _dump(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode("utf-8")
