"""`course grade` on a class, as an instructor starts it: from a cold shell to the last mark."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import nbformat

from benchmarks import measuring
from benchmarks.classes import ASSIGNMENT, Student, copy_course, hand_in
from benchmarks.measuring import Measured
from course_utils.grading.assignment import released_notebook


def run(course: Path, students: list[Student], workers: int, look_every: float = measuring.LOOK_EVERY) -> Measured:
    """Grade the class in a course's folder of its own."""
    copy_course(course)
    release = released_notebook(course, ASSIGNMENT)
    hand_in(course, students, nbformat.read(release, as_version=4), release.stem)
    command = [str(Path(sys.executable).parent / "course"), "grade", ASSIGNMENT, "-j", str(workers)]
    seconds, peak = measuring.run([*command, "--grades", "grades.csv"], course, {"COURSE_DIR": str(course)}, look_every)
    with (course / "grades.csv").open(encoding="utf-8") as file:
        scores = {row["student"]: float(row["score"]) for row in csv.DictReader(file)}
    print(f"course grade -j {workers}, {len(students)} submissions: {seconds:.0f} s", flush=True)
    return Measured(seconds, peak, scores)
