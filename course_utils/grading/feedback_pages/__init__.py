"""Feedback pages: what nbgrader's generate_feedback writes for each student, as one page that stands alone."""
