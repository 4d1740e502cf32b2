"""From what instructors download, a zip of Moodle or Canvas or a folder, to submitted/STUDENT/ASSIGNMENT/."""

from course_utils.grading.collecting.collect import Collected, Collection, collect, preview

__all__ = ["Collected", "Collection", "collect", "preview"]
