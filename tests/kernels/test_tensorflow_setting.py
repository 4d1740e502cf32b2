"""TensorFlow in a kernel for grading gives what it gives anywhere; its data sets wait for no thread at each element."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ELEMENTS = 4000
PROGRAM = f"""
import json, re, resource, sys
import tensorflow as tf
from tensorflow.python import pywrap_tfe

asked_for = []
chosen = pywrap_tfe.TFE_ContextOptionsSetRunEagerOpAsFunction
pywrap_tfe.TFE_ContextOptionsSetRunEagerOpAsFunction = lambda options, on: (asked_for.append(on), chosen(options, on))
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
dense = tf.keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")
dense(tf.zeros((1, 1)))
table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2]), -1)
words = tf.data.Dataset.from_tensor_slices(["b", "c", "a"])
of_generator = tf.data.Dataset.from_generator(lambda: iter([3, 1, 2]), output_signature=tf.TensorSpec((), tf.int64))
numbers = tf.data.Dataset.range(6)
others = {{
    "a layer": numbers.map(lambda x: dense(tf.reshape(tf.cast(x, tf.float32), (1, 1)))[0, 0]),
    "a table": words.map(table.lookup),
    "a generator": of_generator.map(lambda x: x + 1),
    "Python": numbers.map(lambda x: tf.py_function(lambda y: y.numpy() + 1, [x], tf.int64)),
    "NumPy": numbers.map(lambda x: tf.numpy_function(lambda y: y + 1, [x], tf.int64)),
    "chosen": numbers.filter(lambda x: x % 2 == 0).map(lambda x: x * x),
    "flat": numbers.flat_map(lambda x: tf.data.Dataset.range(x)).map(lambda x: x + 1),
    "by turns": numbers.interleave(lambda x: tf.data.Dataset.range(x).map(lambda y: x * y), cycle_length=2),
    "summed": numbers.scan(tf.constant(0, tf.int64), lambda total, x: (total + x, total + x)),
    "in windows": numbers.window(2).flat_map(lambda w: w.batch(2)).map(tf.reduce_sum),
    "zipped": tf.data.Dataset.zip((numbers, words)).map(lambda x, w: tf.strings.length(w) + tf.cast(x, tf.int32)),
}}
found["others"] = {{name: [float(value) for value in data] for name, data in others.items()}}
counter = tf.Variable(0)
found["counted"] = [int(x) for x in tf.data.Dataset.range(3).map(lambda x: counter.assign_add(1))]
found["reduced"] = int(numbers.reduce(tf.constant(0, tf.int64), lambda a, b: a + b))


def error_of(attempt):
    try:
        attempt()
    except Exception as error:
        return type(error).__name__, re.sub(r"\\{{\\{{.*?\\}}\\}} ", "", str(error))[:100]  # which function it was in


found["errors"] = [
    error_of(lambda: tf.matmul(tf.zeros((2, 3)), tf.zeros((2, 3)))),
    error_of(lambda: tf.reshape(tf.zeros(4), (3, 2))),
    error_of(lambda: tf.zeros(3) + tf.zeros(3, tf.int32)),
    error_of(lambda: next(iter(numbers.skip(9)))),
]
tf.keras.utils.set_random_seed(3)
model = tf.keras.Sequential([tf.keras.Input((5, 4)), tf.keras.layers.LSTM(6), tf.keras.layers.Dense(3)])
model.compile("rmsprop", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
draw = tf.random.stateless_normal((40, 5, 4), (1, 2))
model.fit(draw, tf.range(40) % 3, epochs=2, verbose=0)
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(model(draw) ** 2)
found["gradients"] = [float(tf.reduce_sum(g)) for g in tape.gradient(loss, model.trainable_variables)]
found["weights"] = [float(w) for weights in model.get_weights() for w in weights.ravel()]
turned = tf.keras.layers.RandomRotation(0.1)(tf.ones((1, 8, 8, 1)), training=True)
found["drawn"] = [tf.random.normal((3,)).numpy().tolist(), turned.numpy().tolist()]
found["functions"] = asked_for
mapped = tf.data.Dataset.range(3).map(lambda x: x)
while not hasattr(mapped, "_map_func"):
    mapped = mapped._input_dataset
found["one device"] = "experimental_ints_on_device" in mapped._map_func.function.function_def.attr
print(json.dumps(found))
"""


def outcome(folder: Path, setting: str) -> dict:
    program = folder / "program.py"  # a file, as TensorFlow reads the source of what it traces
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, str(program), setting]
    # As the starter has it; with oneDNN, an operation that is a function is computed by another library.
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_everything_gives_the_same_and_data_sets_wait_for_no_threads(tmp_path: Path) -> None:
    usual, here = outcome(tmp_path, "usual"), outcome(tmp_path, "set")
    often = usual.pop("switches"), here.pop("switches")
    as_functions = usual.pop("functions"), here.pop("functions")
    assert as_functions == ([True], [False])
    assert (usual.pop("one device"), here.pop("one device")) == (False, True)
    assert sorted(usual.pop("chained")) == sorted(here.pop("chained"))
    for name in ("weights", "gradients"):  # of a graph that was not optimised, hence added up in another order
        assert here.pop(name) == pytest.approx(usual.pop(name), rel=1e-4, abs=1e-5)
    assert usual == here
    assert here["error"]
    assert often[1] < ELEMENTS / 4, f"{often[1]} changes of thread for {ELEMENTS} elements; usually {often[0]}"
