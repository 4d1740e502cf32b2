"""Copied code is found whatever its names; the release's, the solution's and everybody's code is not."""

from __future__ import annotations

import random
import time

from course_utils.grading.reporting.similarity import (
    GRAM,
    WINDOW,
    fingerprints,
    identical_groups,
    similar_pairs,
    tokens,
    winnow,
)

OWN = '''def resize(image, label):
    """Shrink it."""
    rows = image.reshape(14, 2, 14, 2)
    small = rows.mean(axis=(1, 3))
    for step in range(3):
        small = small + step * 0.25 if small.max() > 17 else small ** 2
    flat = [value for row in small.tolist() for value in row if value is not None]
    return small[..., None], label, sum(flat) / max(len(flat), 1)
'''
RENAMED = """def resize(picture, cls):
    # my own work
    r = picture.reshape(14, 2, 14, 2)
    s = r.mean(axis=(1, 3))

    for k in range(3):
        s = (s + k * 0.25 if s.max() > 17 else s ** 2)
    xs = [v for q in s.tolist() for v in q if v is not None]
    return s[..., None], cls, sum(xs) / max(len(xs), 1)
"""
OTHER = """def resize(image, label):
    import tensorflow as tf
    return tf.squeeze(tf.image.resize(image[None], [14, 14], method="area"), axis=0), label
"""


def made_up_code(rng: random.Random, lines: int = 60) -> str:
    names = ["layer", "model", "train", "split", "image", "batch", "state", "gate"]
    calls = ["map", "batch", "shuffle", "cache", "reshape", "mean", "astype", "sum"]
    made = ["def solve(image, label):"]
    for _ in range(lines):
        a, b, c = rng.choices(names, k=3)
        made.append(
            f"    {a} = {b}.{rng.choice(calls)}({c}, {rng.randint(0, 99)}) {rng.choice('+-*/')} {rng.randint(0, 9)}"
        )
    return "\n".join(made)


def test_renaming_and_comments_do_not_hide_a_copy():
    (pair,) = similar_pairs({"ann": {"resize": OWN}, "bob": {"resize": RENAMED}, "cy": {"resize": OTHER}})
    assert (pair.left, pair.right) == ("ann", "bob")
    assert pair.share > 0.7
    (passage,) = pair.passages
    assert {4, 5, 6} <= passage.left_lines
    assert 6 in passage.right_lines


def test_a_passage_of_the_guaranteed_length_is_never_missed():
    rng = random.Random(1)
    common = rng.sample(range(1000, 100_000), GRAM + WINDOW - 1)
    for trial in range(50):
        left = [rng.randrange(10**6) for _ in range(trial)] + common + [rng.randrange(10**6) for _ in range(7)]
        right = [rng.randrange(10**6) for _ in range(11)] + common + [rng.randrange(10**6) for _ in range(trial)]

        def kept(values: list[int]) -> set[int]:
            hashes = [hash(tuple(values[i : i + GRAM])) for i in range(len(values) - GRAM + 1)]
            return {hashes[place] for place in winnow(hashes)}

        assert kept(left) & kept(right)


def test_what_the_release_or_the_solution_contains_does_not_count():
    class_ = {"ann": {"resize": OWN}, "bob": {"resize": RENAMED}}
    assert similar_pairs(class_, known=[{"resize": OWN}]) == []


def test_what_many_have_in_common_does_not_count():
    everybody = {f"student{number}": {"resize": OWN} for number in range(6)}
    assert similar_pairs(everybody) == []
    assert identical_groups(everybody) == [tuple(sorted(everybody))], "but who has it all the same is said"


def test_the_same_code_as_the_solution_or_a_blank_release_is_no_group():
    assert identical_groups({"a": {"x": OWN}, "b": {"x": OWN}}, known=[{"x": OWN.replace("small", "tiny")}]) == []


def test_code_that_is_no_python_is_compared_by_its_tokens():
    broken = OWN.replace("def resize(image, label):", "def resize(image, label:").replace(
        "return small", "return ((small"
    )
    (pair,) = similar_pairs({"ann": {"resize": broken}, "bob": {"resize": broken.replace("small", "tiny")}})
    assert pair.share > 0.9
    assert tokens("'an open text")
    assert tokens("%matplotlib inline\n!pip install x\nx = 1")


def test_docstrings_and_comments_are_not_compared_and_attributes_are():
    found = [text for text, _ in tokens('"""Doc."""\nx = keras.layers.LSTM(8)  # eight\n')]
    assert found == ["n", "=", "n", ".", "layers", ".", "LSTM", "(", "8", ")"]


def test_nothing_of_a_submission_runs(tmp_path):
    trap = f"open({str(tmp_path / 'trap')!r}, 'w').write('ran')\n" * 5
    similar_pairs({"ann": {"x": trap}, "bob": {"x": trap}})
    assert not (tmp_path / "trap").exists()


def test_fingerprints_know_their_lines():
    lines = OWN.splitlines()
    for mark in fingerprints({"resize": OWN}):
        assert 1 <= mark.first_line <= mark.last_line <= len(lines)


def test_a_class_of_250_takes_seconds_and_the_one_pair_is_found():
    rng = random.Random(0)
    class_ = {f"student{number:03}": {"a": made_up_code(rng), "b": made_up_code(rng)} for number in range(248)}
    class_ |= {"ann": {"a": OWN + made_up_code(rng), "b": made_up_code(rng)}}
    class_ |= {"cy": {"a": RENAMED + made_up_code(rng), "b": ""}}
    started = time.process_time()
    pairs = similar_pairs(class_)
    assert time.process_time() - started < 30
    assert (pairs[0].left, pairs[0].right) == ("ann", "cy")
