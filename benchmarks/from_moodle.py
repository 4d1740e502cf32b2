"""A class of any size from Moodle's download to marks, feedback and report.

`python -m benchmarks.from_moodle --size 200`. Students are made up: the first tasks of 01_sequence_lstm, right, wrong
or left out by turns, and no training. Prints the wall time of each command, and the memory that it and all it starts
hold at their peak.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import measuring
from benchmarks.classes import ASSIGNMENT, Student, copy_course
from course_utils.grading.assignment import Assignment, released_notebook
from course_utils.grading.collecting import moodle_download
from tests.submissions import build

TASKS = ("build_augmentation_model", "resize_img", "normalize_img", "reshape_img")


def students(size: int) -> list[Student]:
    """`size` students, always the same: of each task the right answer, a wrong one or none."""
    rng = np.random.default_rng(1)
    right = [build.read_answer(path) for path in sorted((build.HERE / ASSIGNMENT / "right").glob("*.py"))]
    wrong = build.answers(ASSIGNMENT, "mutants")
    made = []
    for number in range(size):
        solutions = {}
        for task in TASKS:
            known = [answer.sections[task] for answer in right if task in answer.sections]
            mistaken = [answer.sections[task] for answer in wrong if answer.loses == task and task in answer.sections]
            chosen = rng.choice(3, p=(0.6, 0.3, 0.1))
            if chosen < 2:
                answers = (known, mistaken)[chosen]
                solutions[f"solution_{task}"] = answers[rng.integers(len(answers))]
        made.append(Student(f"student-{number:03}", solutions, {}))
    return made


def main(size: int) -> None:
    """Run every command. Raises RuntimeError with what a command said where it fails."""
    assignment = Assignment.load(build.ROOT, ASSIGNMENT)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        course = copy_course(Path(folder) / "course")
        name = released_notebook(course, ASSIGNMENT).name
        works = {student.name: {name: student.notebook(assignment.notebook)} for student in students(size)}
        people = moodle_download.participants(works, datetime.datetime(2026, 11, 20, 23, 55))
        download, worksheet = course / "submissions.zip", course / "Grades.csv"
        moodle_download.write_download(download, people)
        moodle_download.write_worksheet(worksheet, people)
        print(f"{size} submissions of {ASSIGNMENT}, {download.stat().st_size / 2**20:.1f} MiB as Moodle packs them")
        sheet = ["--worksheet", str(worksheet)]
        for command in (
            ["collect", str(download), "--assignment", ASSIGNMENT, *sheet],
            ["grade", ASSIGNMENT, "-j", "2"],
            ["feedback", ASSIGNMENT],
            ["return", "--assignment", ASSIGNMENT, "--incomplete", *sheet],
            ["report", ASSIGNMENT],
        ):
            program = str(Path(sys.executable).parent / "course")
            seconds, peak = measuring.run([program, *command], course, {"COURSE_DIR": str(course)})
            print(f"course {command[0]:9} {seconds:7.1f} s {peak / 2**20:8.0f} MiB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks.from_moodle", description=__doc__)
    parser.add_argument("--size", type=int, default=200, help="students in the class (200)")
    main(parser.parse_args().size)
