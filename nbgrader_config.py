"""nbgrader's configuration: its own commands and its formgrader grade with course_utils' engine.

Stock nbgrader trusts what a cell prints and runs it in the instructor's account; here a cell's score comes from
criteria that are checked from outside of the student's process. Everything else is nbgrader as its documentation
describes it.
"""

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
)

from course_utils.grading.feedback_pages.exporter import FeedbackExporter
from course_utils.grading.feedback_pages.preprocessor import DescribeFeedback
from course_utils.grading.lateness import DueDatesPlugin
from course_utils.grading.preprocessors import GradeOutside, RepairNotebook, SaveRecordedGrades
from course_utils.grading.scripts_path import add_scripts_to_path

add_scripts_to_path()

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "deep-learning"
c.CourseDirectory.solution_directory = "solutions"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".DS_Store", "__MACOSX"]

c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}

c.Autograde.sanitize_preprocessors = [
    RepairNotebook,
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    GradeOutside,
    LimitOutput,
    SaveRecordedGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]

# A page for each student that stands alone: no script, nothing fetched.
c.GenerateFeedback.exporter_class = FeedbackExporter
c.GenerateFeedback.preprocessors = [DescribeFeedback]

# Due dates, extensions and what lateness costs stand in due_dates.toml.
c.AssignLatePenalties.plugin_class = DueDatesPlugin

# Where the machine can't confine a kernel, grading refuses; say so here to grade without a sandbox.
c.GradeOutside.unsandboxed = False
