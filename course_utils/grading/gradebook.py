"""The one writer to nbgrader's gradebook, and to the autograded/ folder that formgrader and feedback read."""

from __future__ import annotations

import datetime
import warnings
from pathlib import Path

import nbformat
import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import ALEMBIC_DIR
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from course_utils.grading.assignment import Assignment
from course_utils.grading.journal import write_atomically
from course_utils.grading.outcome import Outcome
from course_utils.grading.preprocessors import OUTCOME, SaveRecordedGrades


def nbgrader_config(course: Path) -> Config:
    """The course's nbgrader_config.py, with the course's folder as its root."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    return config


def _newest_schema() -> str:
    """The version that nbgrader notes in a new gradebook; it asks a process of its own for it, for four seconds."""
    return str(ScriptDirectory(ALEMBIC_DIR).get_current_head())


nbgrader.api.get_alembic_version = _newest_schema

# nbgrader builds its rows outside of SQLAlchemy's session and adds them later; each time it is warned of that.
warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.api")


class GradebookWriter:
    """Writes outcomes into a course's gradebook; an outcome may be written twice without harm."""

    def __init__(self, course: Path) -> None:
        self.config = nbgrader_config(course)
        self.directory = CourseDirectory(config=self.config)

    def register(self, assignment: Assignment) -> None:
        """Make sure that the gradebook knows the assignment's notebook with its cells and points."""
        with self._open() as gradebook:
            gradebook.update_or_create_assignment(assignment.name)
        resources = self._resources(assignment.name, assignment.notebook_name, "")
        saver = SaveCells(parent=None, config=self.config)
        saver.preprocess(nbformat.reads(assignment.release, as_version=4), resources)

    def record(self, outcome: Outcome, notebook_name: str) -> None:
        """Write the scores into the gradebook and the executed notebook into autograded/."""
        self._add_submission(outcome)
        notebook = nbformat.reads(outcome.notebook, as_version=4)
        resources = self._resources(outcome.assignment, notebook_name, outcome.student)
        resources[OUTCOME] = outcome
        SaveRecordedGrades(config=self.config).preprocess(notebook, resources)
        AssignLatePenalties(config=self.config).preprocess(notebook, resources)
        folder = Path(self._path(self.directory.autograded_directory, outcome))
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{notebook_name}.ipynb", nbformat.writes(notebook))

    def scores(self, assignment: str) -> dict[str, float]:
        """Each student's score as the gradebook has it, with manual grades, before penalties for lateness."""
        with self._open() as gradebook:
            try:
                submissions = gradebook.find_assignment(assignment).submissions
            except MissingEntry:
                return {}
            return {submission.student_id: submission.score for submission in submissions}

    def _add_submission(self, outcome: Outcome) -> None:
        submitted = Path(self._path(self.directory.submitted_directory, outcome))
        timestamp = self.directory.get_existing_timestamp(str(submitted)) if submitted.is_dir() else None
        with self._open() as gradebook:
            gradebook.update_or_create_student(outcome.student)
            if isinstance(timestamp, datetime.datetime):
                gradebook.update_or_create_submission(outcome.assignment, outcome.student, timestamp=timestamp)
            else:
                gradebook.update_or_create_submission(outcome.assignment, outcome.student)

    def _open(self) -> Gradebook:
        return Gradebook(self.directory.db_url, self.directory.course_id)

    def _path(self, step: str, outcome: Outcome) -> str:
        return self.directory.format_path(step, outcome.student, outcome.assignment)

    def _resources(self, assignment: str, notebook: str, student: str) -> dict:
        nbgrader = {"assignment": assignment, "notebook": notebook, "student": student, "db_url": self.directory.db_url}
        return {"nbgrader": nbgrader, "metadata": {"name": notebook}}
