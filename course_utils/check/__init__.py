"""Before handing in: a notebook is run as grading runs it, and its public checks are tried.

    python -m course_utils.check sequence_lstm.ipynb

needs what a notebook needs and no more (`pip install course-utils[notebook]`); `course check` is the same.
"""

from course_utils.check.rehearsal import CannotRun, Rehearsal, rehearse
from course_utils.check.showing import run_and_show

__all__ = ["CannotRun", "Rehearsal", "rehearse", "run_and_show"]
