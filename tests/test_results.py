"""Tests of course_utils.results and of the figures that this repository states."""

import dataclasses
import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_utils import data, results
from course_utils.evaluation import Accuracy
from course_utils.results import Result

ROOT = Path(__file__).parents[1]
ROW: dict[str, Any] = {
    "assignment": "00_example",
    "name": "an example",
    "value": 0.5,
    "low": 0.4,
    "high": 0.6,
    "n": 100,
    "split": "test",
    "protocol": "all images",
    "seed": 1,
    "command": "python example.py",
    "minutes": 2.5,
    "machine": "2 cores, no GPU",
}


def test_the_page_of_results_is_made_from_the_rows() -> None:
    made = results.page(results.read_all(ROOT))
    assert (ROOT / "docs" / "results.md").read_text(encoding="utf-8") == made, "run: python -m course_utils.results"


def test_every_row_belongs_to_the_assignment_of_its_file_and_has_its_own_name() -> None:
    for path in (ROOT / "results").glob("*.json"):
        rows = results.read(path)
        assert rows
        assert {row.assignment for row in rows} == {path.stem}
        assert len({row.name for row in rows}) == len(rows)


def test_the_intervals_of_this_repository_are_those_of_their_values() -> None:
    for row in results.read_all(ROOT):
        correct = np.arange(row.n) < round(row.value * row.n)
        accuracy = Accuracy.of(correct, protocol=row.protocol, split=row.split)
        if "-way" in row.protocol:  # over episodes: their mean varies less than a single answer does
            assert row.low < row.value < row.high, row.name
            assert row.high - row.low < 1.05 * (accuracy.high - accuracy.low), row.name
        else:
            assert (row.low, row.high) == pytest.approx((accuracy.low, accuracy.high), abs=1e-5), row.name


@pytest.mark.parametrize("name", ["px_classification", "row_classification"])
def test_the_kept_weights_of_the_sequence_lstm_score_what_their_row_says(name: str) -> None:
    script = runpy.run_path(str(ROOT / "results" / "01_sequence_lstm" / "train.py"))
    run = script["RUNS"][name]
    model = script["classifier"](run.shape, run.hidden_size, run.seed)
    model.load_weights(ROOT / "results" / "01_sequence_lstm" / f"{name}.weights.h5")
    digits = data.load("mnist", "embedded").test
    predictions = model.predict(script["sequences"](digits, run.shape), verbose=0).argmax(-1)
    rows = {row.name: row for row in results.read(ROOT / "results" / "01_sequence_lstm.json")}
    # two images in a hundred are left for how another machine rounds
    assert (predictions == digits.labels).mean() == pytest.approx(rows[f"{name}, embedded digits"].value, abs=0.02)


@pytest.mark.parametrize("field", sorted(ROW))
def test_a_row_that_lacks_a_field_is_refused(field: str, tmp_path: Path) -> None:
    path = tmp_path / "00_example.json"
    path.write_text(json.dumps([{name: value for name, value in ROW.items() if name != field}]))
    with pytest.raises(ValueError, match=rf"missing: \['{field}'\]"):
        results.read(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": 0.51},
        {"high": 0.49},
        {"value": 50, "low": 40, "high": 60},
        {"low": -0.1},
        {"value": float("nan")},
        {"value": "0.5"},
        {"n": 0},
        {"n": True},
        {"n": 10.5},
        {"machine": ""},
        {"seed": None},
        {"minutes": -1},
        {"minutes": float("inf")},
    ],
)
def test_a_row_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    Result(**ROW)
    with pytest.raises(ValueError, match="an example: got"):
        Result(**(ROW | wrong))


def test_a_field_too_many_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "00_example.json"
    path.write_text(json.dumps([ROW | {"best_of": 10}]))
    with pytest.raises(ValueError, match="best_of"):
        results.read(path)


def test_recording_replaces_a_row_of_the_same_name_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "results" / "00_example.json"
    first, second = Result(**ROW), Result(**(ROW | {"name": "another"}))
    results.record(path, [first, second])
    better = dataclasses.replace(first, value=0.6)
    results.record(path, [better])
    assert results.read(path) == [better, second]
    assert results.read_all(tmp_path) == [better, second]


def test_an_accuracy_becomes_a_row_and_a_line_of_the_page() -> None:
    accuracy = Accuracy.of(np.arange(1_000) < 912, protocol="full | test set", split="test")
    others = {name: ROW[name] for name in ("assignment", "name", "seed", "command", "minutes", "machine")}
    row = Result.of(accuracy, **others)
    assert (row.value, row.n) == (0.912, 1_000)
    assert results.table_row(row) == (
        "| an example | 91.20 % [89.28, 92.80] | 1,000 | test | full \\| test set | 1 | 2.5 | 2 cores, no GPU | "
        "`python example.py` |"
    )


def test_the_command_refuses_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="expected the root of the repository"):
        results.main()
    assert not list(tmp_path.iterdir())
