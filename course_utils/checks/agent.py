"""The student's side of a check: looks up and calls what the notebook defines, and answers with plain values.

The agent decides nothing. It runs in the student's own process, beside code that may be hostile, so it knows
neither a criterion nor a score; whoever asks it treats every answer as untrusted.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import itertools
import sys
import traceback
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

import numpy as np
from IPython.core.displaypub import CapturingDisplayPublisher

from course_utils.checks.wire import DTYPES, Decoder, Encoder, WireError

MODULES = ("tensorflow", "keras", "numpy", "course_utils")
MAX_TAKEN = 100_000
_ABSENT = object()


class Undefined(NameError):
    """The notebook does not define the name that was asked for; the text is the name."""


class _Discard(io.TextIOBase):
    """A text stream that forgets what is written to it: student output must not carry inputs of a check."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Nothing that runs inside prints or displays anything; Keras's model summaries are displays in a notebook."""
    with contextlib.redirect_stdout(_Discard()), contextlib.redirect_stderr(_Discard()), _no_displays():
        yield


@functools.cache
def _unseen() -> CapturingDisplayPublisher:
    return CapturingDisplayPublisher()


@contextlib.contextmanager
def _no_displays() -> Iterator[None]:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return
    publisher = shell.display_pub
    shell.display_pub = unseen = _unseen()
    try:
        yield
    finally:
        shell.display_pub = publisher
        unseen.outputs.clear()


class Agent:
    """Answers requests about `namespace`, the globals of the student's notebook.

    A request is {"op": ..., "args": [tagged values]}, with "forget" where all handles given out before it are done
    with; the answer {"value": tagged value} or {"error": {...}}.
    """

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self._namespace = namespace
        self._objects: dict[int, Any] = {}
        self._numbers = itertools.count(1)
        self._replaced: dict[str, Any] = {}

    def answer(self, request: dict, buffers: list) -> tuple[dict, list[bytes]]:
        """The answer to one request and its buffers. Raises nothing but KeyboardInterrupt and SystemExit."""
        encoder = Encoder(self._reference)
        try:
            if request.get("forget"):
                with _silence():
                    self._objects.clear()
            decoder = Decoder(buffers, lambda number, types: self._objects[number], self._tensor, self._find)
            arguments = [decoder.decode(argument) for argument in request["args"]]
            operation = getattr(self, f"_do_{request['op']}")
            with _silence():
                value = operation(*arguments)
                return {"value": encoder.encode(self._plain(value))}, encoder.buffers
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return {"error": self._describe(error)}, []

    # Operations ---------------------------------------------------------------------------------------------

    def _do_has(self, name: str) -> bool:
        return name in self._namespace

    def _do_value(self, value: Any) -> Any:
        return value

    def _do_attribute(self, owner: Any, name: str) -> Any:
        return getattr(owner, name)

    def _do_set_attribute(self, owner: Any, name: str, value: Any) -> None:
        setattr(owner, name, value)

    def _do_call(self, function: Any, args: tuple, kwargs: dict) -> Any:
        return function(*args, **kwargs)

    def _do_item(self, owner: Any, key: Any) -> Any:
        return owner[key]

    def _do_length(self, owner: Any) -> int:
        return len(owner)

    def _do_iterate(self, owner: Any) -> Iterator:
        return iter(owner)

    def _do_take(self, elements: Iterable, count: int) -> list:
        """Of an iterator the next elements, of anything else that can be iterated over the first."""
        return list(itertools.islice(elements, min(count, MAX_TAKEN)))

    def _do_replace(self, name: str, value: Any) -> None:
        self._replaced.setdefault(name, self._namespace.get(name, _ABSENT))
        self._namespace[name] = value

    def _do_restore(self) -> None:
        for name, value in self._replaced.items():
            if value is _ABSENT:
                self._namespace.pop(name, None)
            else:
                self._namespace[name] = value
        self._replaced.clear()

    def _do_tidy(self) -> None:
        self._do_restore()
        self._objects.clear()

    # Names --------------------------------------------------------------------------------------------------

    def _find(self, where: str, name: str, *names: str) -> Any:
        """What the notebook defines as `name`, or the module of that name, or what is under `names` in it."""
        if where == "notebook":
            if name not in self._namespace:
                raise Undefined(name)
            found = self._namespace[name]
        elif name.partition(".")[0] in MODULES:
            found = importlib.import_module(name)
        else:
            raise ImportError(f"checks may not ask for the module {name}")
        for part in names:
            found = getattr(found, part)
        return found

    # Values -------------------------------------------------------------------------------------------------

    def _reference(self, value: Any) -> list:
        number = next(self._numbers)
        self._objects[number] = value
        kinds = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(value).__mro__[:20]]
        return ["handle", number, kinds]

    @staticmethod
    def _tensor(array: np.ndarray) -> Any:
        import tensorflow as tf

        return tf.constant(array)

    def _plain(self, value: Any, depth: int = 0) -> Any:
        """`value` with tensors, variables, shapes and dtypes in it turned into what can be sent."""
        if depth > 32:
            return value
        if isinstance(value, np.ndarray):
            return self._plain_array(value)
        if isinstance(value, (list, tuple)):
            parts = [self._plain(part, depth + 1) for part in value]
            return parts if isinstance(value, list) else tuple(parts)
        if isinstance(value, dict):
            return {self._plain(k, depth + 1): self._plain(v, depth + 1) for k, v in value.items()}
        if isinstance(value, np.dtype):
            return value.name
        if type(value).__module__.partition(".")[0] in {"tensorflow", "keras"}:
            return self._plain_tensor(value)
        return value

    @staticmethod
    def _plain_array(array: np.ndarray) -> Any:
        array = np.asarray(array)
        if array.dtype.name in DTYPES:
            return array
        if array.dtype.kind in "SUO" and all(isinstance(x, (str, bytes)) for x in array.ravel()):
            return array.tolist()
        if array.dtype.name == "bfloat16":
            return array.astype(np.float32)
        return array

    def _plain_tensor(self, value: Any) -> Any:
        kind = type(value).__name__
        if kind == "TensorShape":
            return tuple(value.as_list())
        if kind == "DType":
            return value.name
        is_value = hasattr(value, "shape") and hasattr(value, "dtype") and callable(getattr(value, "numpy", None))
        if not is_value:
            return value
        content = value.numpy()
        return self._plain_array(content) if isinstance(content, np.ndarray) else content

    @staticmethod
    def _describe(error: BaseException) -> dict:
        """What is told of an exception: its class, its text, and the last line of the notebook on its way."""
        kind = "WireError" if isinstance(error, WireError) else type(error).__name__
        try:
            text = str(error)
        except Exception:
            text = ""
        where = ""
        for frame in traceback.extract_tb(error.__traceback__):
            if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython"):
                where = f"line {frame.lineno} of the cell, in {frame.name}: {(frame.line or '').strip()}"
        return {"kind": kind[:100], "text": text[:2000], "where": where[:500]}
