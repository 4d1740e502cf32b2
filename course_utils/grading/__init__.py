"""The instructor's side: from submissions to marks and explanations. Needs the extra `grading`."""
