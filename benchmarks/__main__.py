"""`make bench`: stock nbgrader and `course grade` on one class in one run; writes benchmarks/results.json.

About 25 minutes on two cores; `python -m benchmarks --size 4` for a quick look.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks import course_grade, dask_scaling, overhead, stock
from benchmarks.classes import ASSIGNMENT, ROOT, made_up_class
from benchmarks.measuring import Measured
from benchmarks.results_file import RESULTS, keep
from course_utils.grading.assignment import Assignment
from course_utils.grading.run import TRAINING_TAG


def main(size: int, results: Path) -> None:
    """Run everything, print a table, write the results. Raises CalledProcessError where a command fails."""
    assignment = Assignment.load(ROOT, ASSIGNMENT)
    students = made_up_class(assignment, size)
    print(f"{len(students)} submissions of {ASSIGNMENT}, {assignment_points(assignment):g} points, "
          f"{len(assignment.criteria)} criteria", flush=True)  # fmt: skip
    rows: list[dict] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        one = course_grade.run(Path(folder) / "one", students, workers=1)
        two = course_grade.run(Path(folder) / "two", students, workers=2)
        plain = stock.run(Path(folder) / "stock", assignment, students)
        compare_marks(plain, two)
        some = students[:: max(1, size // 6)]
        bare = stock.run(Path(folder) / "bare", assignment, some, frozenset([TRAINING_TAG]))
        again = course_grade.run(Path(folder) / "again", some, workers=2)
        per_minute = {name: 60 * size / run.seconds for name, run in (("stock", plain), ("one", one), ("two", two))}
        bare_rate, again_rate = (60 * len(some) / run.seconds for run in (bare, again))
        rows.append(row("throughput, 1 worker", per_minute["one"], per_minute["stock"], "submissions/minute"))
        rows.append(row("throughput, 2 workers", per_minute["two"], per_minute["stock"], "submissions/minute"))
        without = f"throughput, 2 workers, {len(some)} submissions, training cells taken out of stock's notebooks"
        rows.append(row(without, again_rate, bare_rate, "submissions/minute"))
        rows.append(row("time for the class, 2 workers", two.seconds, plain.seconds, "s"))
        # In runs of their own, which nobody times: looks as often as memory asks for would slow them down.
        with_one, with_two = (course_grade.run(Path(folder) / f"memory {n}", some, n, look_every=1.0) for n in (1, 2))
        extra = (with_two.peak_bytes - with_one.peak_bytes) / 2**20
        rows.append(row("memory of one more submission at a time", extra, plain.peak_bytes / 2**20, "MiB"))
        costs = overhead.measure(assignment, students[1 : min(4, size)])
        rows.append(row("overhead of a submission, median", statistics.median(costs.overheads), None, "s"))
        rows.append(row("check code of a submission, median", statistics.median(costs.checks), None, "s"))
        rows.append(row("student code of a submission, median", statistics.median(costs.cells), None, "s"))
        seconds = dask_scaling.measure(assignment, students[1 : min(7, size)], workers=(1, 2))
        rows.append(row("Dask, 2 workers against 1", seconds[2], seconds[1], "s"))
    keep(rows, results)


def row(name: str, ours: float, other: float | None, unit: str) -> dict:
    """One result, printed; `ratio` is how many times better ours is, None where there is nothing to compare."""
    ratio = None
    if other is not None:
        ratio = round(ours / other if unit.endswith("minute") else other / max(ours, 1e-9), 2)
    result = {"name": name, "ours": round(ours, 2), "other": other and round(other, 2), "unit": unit, "ratio": ratio}
    print(f"{name:42} {result['ours']:>9} {result['other'] or '':>9} {unit:20} {ratio or ''}", flush=True)
    return result


def assignment_points(assignment: Assignment) -> float:
    """The points that machines give."""
    return sum(cell.points for cell in assignment.grade_cells if not cell.manual)


def compare_marks(plain: Measured, ours: Measured) -> None:
    """Say where the two do not give the same mark: the comparison is about the same points."""
    other = {student: score for student, score in plain.scores.items() if abs(score - ours.scores[student]) > 1e-6}
    print(f"the same marks for {len(ours.scores) - len(other)} of {len(ours.scores)} submissions")
    for student, score in other.items():
        print(f"  {student}: {ours.scores[student]:g} here, {score:g} by stock nbgrader")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=20, help="submissions in the class (20)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the results go")
    arguments = parser.parse_args()
    main(arguments.size, arguments.results)
