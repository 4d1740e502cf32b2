"""Mistakes are grouped by what they fail, and named after the mutants that fail in the same way."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

from course_utils.checks.criteria import FAILED, NOT_FILLED_IN, RAISED, TIMED_OUT
from course_utils.grading.outcome import UNREADABLE
from course_utils.grading.reporting.mistakes import BLANK, EXACTLY, NEARLY, STOPPED, UNKNOWN, explain, group_mistakes
from course_utils.grading.reporting.signatures import Signature, read_signatures, write_signatures

from .made_up import SECRET, failing, outcome, results


def signature(name: str, *criteria: tuple[str, bool], state: str = FAILED, cell: str = "shift") -> Signature:
    return Signature(name, f"Does {name}.", cell, frozenset((*criterion, state) for criterion in criteria))


FAR, DOWN, UP = ("shifts_far", True), ("shifts_down", False), ("shifts_up", False)


def missed(states: dict[str, str], cell: str = "shift"):
    return [result for result in results(cell, states) if not result.passed]


def test_the_same_criteria_in_the_same_states_win_over_the_same_criteria():
    known = [signature("raises", FAR, DOWN, state=RAISED), signature("wraps", FAR, DOWN)]
    assert explain("shift", missed(failing("shifts_far", "shifts_down")), known) == (EXACTLY, (known[1],))
    assert explain("shift", missed(failing("shifts_far", "shifts_down", state=RAISED)), known) == (EXACTLY, (known[0],))


def test_the_same_criteria_in_other_states_are_still_the_same_mistake():
    known = [signature("wraps", FAR, DOWN)]
    mixed = failing("shifts_far") | failing("shifts_down", state=RAISED)
    assert explain("shift", missed(mixed), known) == (EXACTLY, (known[0],))


def test_mutants_that_cannot_be_told_apart_are_named_together():
    known = [signature("one", FAR), signature("other", FAR), signature("elsewhere", FAR, cell="scale")]
    assert explain("shift", missed(failing("shifts_far")), known) == (EXACTLY, (known[0], known[1]))


def test_mutants_that_fail_the_same_are_told_apart_by_what_the_criteria_got():
    def got(name: str, text: str) -> Signature:
        return dataclasses.replace(signature(name, UP), words=frozenset({(*UP, text)}))

    known = [got("adam", "the optimizer Adam"), got("rate", "a rate of 0.01"), got("other_rate", "a rate of 0.1")]

    def named(text: str) -> list[str]:
        (result,) = missed(failing("shifts_up"))
        return [mutant.name for mutant in explain("shift", [dataclasses.replace(result, got=text)], known)[1]]

    assert named("the optimizer Adam") == ["adam"]
    assert named("a rate of 0.1") == ["other_rate"]
    assert named("a rate of 0.5") == ["rate", "other_rate"]
    assert named("something else") == ["adam", "rate", "other_rate"]


def test_near_is_three_quarters_of_the_criteria_and_less_is_unknown():
    names = [(f"criterion_{number}", False) for number in range(4)]
    known = [signature("nearly", *names)]
    real = missed(failing("shifts_up"))[0]
    three = [type(real)(**{**vars(real), "name": name}) for name, _ in names[:3]]
    assert explain("shift", three, known) == (NEARLY, (known[0],))
    assert explain("shift", three[:2], known) == (UNKNOWN, ())


def test_blank_cells_and_those_without_an_end_are_no_mistakes_of_a_kind():
    every = ("shifts_up", "shifts_down", "shifts_far")
    assert explain("shift", missed(failing(*every, state=NOT_FILLED_IN)), []) == (BLANK, ())
    assert explain("shift", missed(failing(*every, state=TIMED_OUT)), []) == (STOPPED, ())


def test_groups_are_the_largest_first_and_unknown_mistakes_are_told_apart_by_what_they_fail():
    known = [signature("frozen", FAR)]
    outcomes = [outcome(f"far{number}", failing("shifts_far")) for number in range(3)]
    outcomes += [outcome("up", failing("shifts_up")), outcome("down", failing("shifts_down")), outcome("right")]
    outcomes += [outcome("file", failing("shifts_far"), state=UNREADABLE)]
    groups = group_mistakes(outcomes, known)
    assert [(group.kind, group.students) for group in groups] == [
        (EXACTLY, ("far0", "far1", "far2")),
        (UNKNOWN, ("up",)),
        (UNKNOWN, ("down",)),
    ]
    assert groups[0].mutants == (known[0],)


def test_signatures_of_the_matrix_are_read_back_as_they_were_written(tmp_path):
    def row(name, loses, states):
        scores = {cell: SimpleNamespace(results=results(cell, states)) for cell in ("scale", "shift")}
        return SimpleNamespace(name=name, title=f"Does {name}.", loses=loses, scores=scores)

    rows = [
        row("wraps", "shift", failing("shifts_far") | failing("scales_arrays")),
        row("plain", None, {}),
        row("survivor", "shift", {}),
    ]
    write_signatures(rows, tmp_path / "signatures.json")
    (found,) = read_signatures(tmp_path / "signatures.json")
    assert found.failures == signature("wraps", FAR).failures, "its own cell's failures alone"
    assert found.words == frozenset({(*FAR, f"got of shifts_far {SECRET}")})
    assert read_signatures(tmp_path / "missing.json") == []


def test_the_course_has_signatures_for_its_first_assignment(course):
    from course_utils.grading.reporting.signatures import signatures_path

    found = read_signatures(signatures_path(course, "01_sequence_lstm"))
    cells = {signature.grade_cell for signature in found}
    assert {"build_augmentation_model", "load_row_class_data"} <= cells
    assert all(signature.failures and signature.title for signature in found)
