"""From the gradebook back to where marks are kept: Moodle's worksheet and feedback zip, CSV, nbgrader's export."""

from course_utils.grading.returning.give_back import Returned, Returning, give_back

__all__ = ["Returned", "Returning", "give_back"]
