"""The tests' own tests: right answers keep all points, and each mutant loses in its own grade cell and in no other."""

from __future__ import annotations

import functools

import pytest

from tests.submissions.build import HERE, ROOT, answers, build, edited, reference
from tests.submissions.matrix import Row, fingerprint, report, rows
from tests.submissions.run import points_of

ASSIGNMENTS = sorted(path.name for path in HERE.iterdir() if (path / "right").is_dir())
ANSWERS = [
    (assignment, name)
    for assignment in ASSIGNMENTS
    for name in ["reference", "blank"] + [a.name for kind in ("right", "mutants") for a in answers(assignment, kind)]
]


@functools.cache
def graded(assignment: str) -> dict[str, Row]:
    """Every submission of an assignment, graded once; mutants without experiments that only call what they change."""
    return {row.name: row for row in rows(assignment, reach="near")}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_there_are_enough_right_answers_and_mutants(assignment: str) -> None:
    assert len(answers(assignment, "right")) >= 5
    assert len(answers(assignment, "mutants")) >= 25


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_mutant_names_the_grade_cell_that_it_loses(assignment: str) -> None:
    cells = points_of(reference(assignment))
    for mutant in answers(assignment, "mutants"):
        assert mutant.loses in cells, mutant.name
        build(assignment, mutant)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_grade_cell_has_a_mutant(assignment: str) -> None:
    lost = {mutant.loses for mutant in answers(assignment, "mutants")}
    assert lost == set(points_of(reference(assignment)))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_matrix_in_docs_is_that_of_these_answers_and_checks(assignment: str) -> None:
    kept = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8")
    assert fingerprint(assignment) in kept, "docs/mutants.md is out of date: run `make mutants`"


@pytest.mark.parametrize(("assignment", "name"), ANSWERS)
def test_a_submission_gets_what_it_should(assignment: str, name: str) -> None:
    row = graded(assignment)[name]
    assert row.as_it_should, report(row)


SOLUTION = "def add(a, b):\n    c = a + b\n    return c\n\n\ndef double(a):\n    c = a + a\n    return c"


def test_an_edit_changes_its_lines_and_no_others() -> None:
    hunks = "# -    c = a + b\n# +    c = a - b\n\n#      c = a + a\n# -    return c\n# +    return 2"
    changed = edited(SOLUTION, hunks, "m")
    assert changed == SOLUTION.replace("a + b", "a - b").replace("a + a\n    return c", "a + a\n    return 2")
    assert edited(SOLUTION, "# -    c = a + b", "m") == SOLUTION.replace("    c = a + b\n", "")


@pytest.mark.parametrize(
    ("hunks", "said"),
    [
        ("# -    return c", "2 places"),
        ("# -    return d", "0 places"),
        ("# +    return c", "0 places"),
        ("    return c", "expected lines that begin with"),
    ],
)
def test_an_edit_without_exactly_one_place_is_refused(hunks: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        edited(SOLUTION, hunks, "m")
