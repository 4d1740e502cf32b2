"""Item analysis against values that were worked out by another way."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.grading.outcome import UNREADABLE
from course_utils.grading.reporting.difficulty import analyse, correlation

from .made_up import failing, outcome

CLASS = [
    outcome("a"),
    outcome("b", failing("shifts_far")),
    outcome("c", failing("shifts_far", "scales_arrays")),
    outcome("d", failing("shifts_far", "scales_arrays", "shifts_up")),
]


def test_difficulty_is_the_share_that_passes_and_the_hardest_come_first():
    items = analyse(CLASS)
    assert [(item.name, item.passed, item.difficulty) for item in items[:2]] == [
        ("shifts_far", 1, 0.25),
        ("scales_arrays", 2, 0.5),
    ]


def test_discrimination_leaves_the_criterion_itself_out_of_the_sum():
    (far,) = [item for item in analyse(CLASS) if item.name == "shifts_far"]
    # Points: scale 3 as 1 + 2, shift 2 as 0.5 + 0.5 + 1. Without shifts_far's own point a to d have 4, 4, 2 and 1.5.
    expected = np.corrcoef([1, 0, 0, 0], [4, 4, 2, 1.5])[0, 1]
    assert far.points == pytest.approx(1.0)
    assert far.discrimination == pytest.approx(expected)


def test_discrimination_is_undefined_where_all_pass():
    (numbers,) = [item for item in analyse(CLASS) if item.name == "scales_numbers"]
    assert numbers.discrimination is None


def test_a_criterion_that_the_better_ones_fail_is_remarked_upon():
    good = [outcome(f"good{n}", failing("shifts_up")) for n in range(5)]
    weak = [outcome(f"weak{n}", failing("scales_arrays", "scales_numbers", "shifts_far")) for n in range(5)]
    (item,) = [item for item in analyse(good + weak) if item.name == "shifts_up"]
    assert item.discrimination == pytest.approx(-1.0)
    assert item.remark


def test_submissions_that_could_not_be_read_are_left_out():
    items = analyse([*CLASS, outcome("no notebook", failing("shifts_far"), state=UNREADABLE)])
    assert {item.tried for item in items} == {4}
    assert analyse([]) == []


def test_correlation_is_pearsons():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 50))
    assert correlation(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1])
