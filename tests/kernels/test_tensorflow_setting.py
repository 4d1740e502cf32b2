"""Data sets in a kernel for grading give what they give anywhere, and wait for no threads at each element."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ELEMENTS = 4000
PROGRAM = f"""
import json, resource, sys
import tensorflow as tf
if sys.argv[1] == "set":
    from course_utils.grading.kernels.tensorflow_setting import set_for_grading
    set_for_grading()


def switches():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_nvcsw + used.ru_nivcsw


found = {{}}
ways = {{"plain": {{}}, "parallel": {{"num_parallel_calls": tf.data.AUTOTUNE}},
        "named": {{"num_parallel_calls": 2, "deterministic": True, "name": "squares"}}}}
for name, options in ways.items():
    data = tf.data.Dataset.range({ELEMENTS}).map(lambda x: x * x, **options).map(lambda x: x + 1).batch(64)
    before = switches()
    found[name] = [int(tf.reduce_sum(batch)) for batch in data]
    found["length"], found["switches"] = len(data), switches() - before
squares = tf.data.Dataset.range(6).map(lambda x: (x, {{"square": x * x}}))
found["spec"] = repr(squares.element_spec)
found["chained"] = [int(x["square"]) for _, x in squares.shuffle(6, seed=1).repeat(2).prefetch(tf.data.AUTOTUNE)]
@tf.function
def halved(x):
    while x > 10:
        x = x // 2
    return x


controlled = {{
    "loop": lambda x: tf.while_loop(lambda y: y < 100, lambda y: (y * 2,), (x + 1,))[0],
    "branch": lambda x: tf.cond(x > 2, lambda: x, lambda: -x),
    "case": lambda x: tf.switch_case(tf.cast(x % 3, tf.int32), [lambda: x, lambda: 2 * x, lambda: 3 * x]),
    "over parts": lambda x: tf.map_fn(lambda y: y + 1, tf.range(x, x + 3)),
    "in a function": halved,
    "data in data": lambda x: tf.data.Dataset.range(x).reduce(x, lambda a, b: a + b),
}}
for name, function in controlled.items():
    found[name] = [value.numpy().tolist() for value in tf.data.Dataset.range(40).map(function)]
try:
    list(tf.data.Dataset.range(3).map(lambda x: tf.gather([5, 6], x)))
except tf.errors.InvalidArgumentError as error:
    found["error"] = "indices" in error.message
print(json.dumps(found))
"""


def outcome(folder: Path, setting: str) -> dict:
    program = folder / "program.py"  # a file, as TensorFlow reads the source of what it traces
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, str(program), setting]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_data_sets_give_the_same_and_wait_for_no_threads(tmp_path: Path) -> None:
    usual, here = outcome(tmp_path, "usual"), outcome(tmp_path, "set")
    often = usual.pop("switches"), here.pop("switches")
    assert sorted(usual.pop("chained")) == sorted(here.pop("chained"))
    assert usual == here
    assert here["error"]
    assert often[1] < ELEMENTS / 4, f"{often[1]} changes of thread for {ELEMENTS} elements; usually {often[0]}"
