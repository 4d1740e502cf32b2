"""The report on a class: marks, criteria, mistakes, costs and similar submissions; one page, and tables beside it."""

from course_utils.grading.reporting.page import write_report

__all__ = ["write_report"]
