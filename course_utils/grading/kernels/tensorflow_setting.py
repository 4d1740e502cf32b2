"""TensorFlow set for a kernel that runs many small graphs once, on one thread: what starts threads costs more there.

Nothing of this changes a result by more than its last digits. What the public interface can't say is set where
TensorFlow keeps it, if it is there.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
import sys
from typing import Any

_MAPS = "tensorflow.python.data.ops.map_op"
_OPERATIONS = "tensorflow.python.framework.ops"
_CONTEXT = "tensorflow.python.pywrap_tfe"
_FUNCTIONS = "tensorflow.python.data.ops.structured_function"
# What a function may not contain to run where it is called.
_CONTROL_FLOW = re.compile("(Stateless)?(While|If|Case)|(Ref)?(Switch|Merge|Enter|Exit|NextIteration)|LoopCond")


def set_for_grading() -> None:
    """To be called before the first operation runs; does nothing where TensorFlow is not imported."""
    if "tensorflow" not in sys.modules:
        return
    tf = sys.modules["tensorflow"]
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    with contextlib.suppress(ImportError, AttributeError):
        _map_in_the_callers_thread(tf, importlib.import_module(_MAPS))
    with contextlib.suppress(ImportError, AttributeError):
        _without_stacks_of_operations(importlib.import_module(_OPERATIONS))
    with contextlib.suppress(ImportError, AttributeError):
        _operations_as_such(importlib.import_module(_CONTEXT))
    with contextlib.suppress(ImportError, AttributeError):
        _functions_on_one_device(tf, importlib.import_module(_FUNCTIONS))


def _map_in_the_callers_thread(tf: Any, maps: Any) -> None:
    """Let `Dataset.map` run its function where the next element is asked for.

    By default each element goes to a pool of threads and back: 8,000 images, resized and divided, took 0.3 to 0.5 s and
    some 30,000 changes of thread that way, and 0.05 s and 6 changes this way. A function with a loop or a branch in it
    stays with the pool, as TensorFlow demands.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = False
    mapped, kind = maps._map_v2, maps._MapDataset

    class MapDataset(kind):  # type: ignore[misc, valid-type]
        @property
        def _use_inter_op_parallelism(self) -> bool:
            return _has_control_flow(self._map_func.function.graph.as_graph_def())

        @_use_inter_op_parallelism.setter
        def _use_inter_op_parallelism(self, value: bool) -> None:
            pass

    def in_turn(input_dataset: Any, map_func: Any, *_: Any, name: str | None = None, **__: Any) -> Any:
        dataset = mapped(input_dataset, map_func, name=name)
        asked_for_already = dataset.options().autotune.enabled is False  # by a map before this one
        return dataset if asked_for_already else dataset.with_options(options)

    maps._MapDataset, maps._map_v2 = MapDataset, in_turn


def _without_stacks_of_operations(operations: Any) -> None:
    """Let a graph's operations forget by which hundred calls they were made.

    To note them took one part in 25 of a notebook's time. An error in a graph still says what was wrong, and with which
    operation; the lines of the notebook stand in Python's own traceback.
    """
    operations._create_c_op = functools.partial(operations._create_c_op, extract_traceback=False)


def _operations_as_such(options_of_context: Any) -> None:
    """Let an operation outside of a graph run as what it is, not as a function of one node.

    A function has to be optimised and placed before its first call, 3 ms for each shape of a variable and for each data
    set: one part in eight of a notebook's time. The kernels that compute the results are the same.
    """
    set_option = options_of_context.TFE_ContextOptionsSetRunEagerOpAsFunction
    options_of_context.TFE_ContextOptionsSetRunEagerOpAsFunction = lambda options, _: set_option(options, False)


def _functions_on_one_device(tf: Any, functions: Any) -> None:
    """Let the functions of data sets know that there is one device to run on, where there is one.

    Otherwise they are looked through for parts that belong on another, for 2 ms each time that a data set is read.
    """
    made = functions.StructuredFunctionWrapper

    @functools.cache
    def there_is_one_device() -> bool:
        return len(tf.config.list_logical_devices()) == 1

    def make(*arguments: Any, defun_kwargs: dict[str, Any] | None = None, **named: Any) -> Any:
        attributes = {"experimental_ints_on_device": True} if there_is_one_device() else {}
        return made(*arguments, defun_kwargs=attributes | (defun_kwargs or {}), **named)

    functions.StructuredFunctionWrapper = make


def _has_control_flow(graph: Any) -> bool:
    """Whether a graph or one of its functions, a tf.compat.v1.GraphDef, has a loop or a branch."""
    kinds = {node.op for node in graph.node}
    kinds.update(node.op for function in graph.library.function for node in function.node_def)
    return any(_CONTROL_FLOW.fullmatch(kind) for kind in kinds)
