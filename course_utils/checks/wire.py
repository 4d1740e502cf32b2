"""Values on their way between a check and the student's code: JSON and raw array bytes, never pickle.

A message is a JSON document beside a list of byte buffers. Every value becomes a tagged list:

    ["none"]  ["bool", true]  ["int", "7"]  ["float", "0.5"]  ["str", "text"]  ["bytes", 0]
    ["array", "float32", [2, 3], 0]  ["scalar", "float32", 0]  ["tensor", "float32", [2, 3], 0]
    ["list", [...]]  ["tuple", [...]]  ["dict", [[key, value], ...]]  ["handle", 12, ["keras.Model", ...]]
    ["named", "notebook", "resize_img"]  ["named", "module", "keras", "layers", "Dense"]

where the last number of an array names its buffer. Names are looked up by the student's side only. Whatever arrives
is read with limits on size, number of parts and depth, because the other side may be hostile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DTYPES = frozenset(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ]
)
MAX_BYTES = 256 * 1024 * 1024
MAX_PARTS = 200_000
MAX_DEPTH = 24
MAX_TEXT = 1_000_000
MAX_DIGITS = 400


class WireError(ValueError):
    """A value that cannot travel, or a message that cannot be read."""


@dataclass(frozen=True)
class Tensor:
    """An array that arrives on the student's side as a TensorFlow tensor instead of a NumPy array."""

    array: np.ndarray


@dataclass
class Encoder:
    """Turns values into tagged lists; `reference` makes a tag for what cannot be sent by value.

    The buffers gather in `buffers`, in the order of the tags that name them.
    """

    reference: Callable[[Any], list]
    buffers: list[bytes] = field(default_factory=list)
    parts: int = 0
    size: int = 0

    def encode(self, value: Any, depth: int = 0) -> list:
        """The tagged list of `value`. Raises WireError where it is too deep, too large or has too many parts."""
        self._count(depth)
        if value is None:
            return ["none"]
        if isinstance(value, (bool, np.bool_)):
            return ["bool", bool(value)]
        if isinstance(value, int):
            return ["int", self._digits(value)]
        if isinstance(value, np.generic) and value.dtype.name in DTYPES:
            return ["scalar", value.dtype.name, self._keep(value.tobytes())]
        if isinstance(value, float):
            return ["float", repr(float(value))]
        if isinstance(value, str):
            return ["str", self._text(str(value))]
        if isinstance(value, (bytes, bytearray)):
            return ["bytes", self._keep(bytes(value))]
        if isinstance(value, np.ndarray) and value.dtype.name in DTYPES:
            return self._array("array", value)
        if isinstance(value, Tensor):
            return self._array("tensor", np.asarray(value.array))
        if isinstance(value, tuple):
            return ["tuple", [self.encode(part, depth + 1) for part in value]]
        if isinstance(value, list):
            return ["list", [self.encode(part, depth + 1) for part in value]]
        if isinstance(value, dict):
            pairs = list(value.items())
            return ["dict", [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in pairs]]
        return self.reference(value)

    def _count(self, depth: int) -> None:
        self.parts += 1
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested more than {MAX_DEPTH} levels deep")
        if self.parts > MAX_PARTS:
            raise WireError(f"a value of more than {MAX_PARTS:,} parts")

    def _keep(self, content: bytes) -> int:
        self.size += len(content)
        if self.size > MAX_BYTES:
            raise WireError(f"a value of more than {MAX_BYTES // 2**20} MiB")
        self.buffers.append(content)
        return len(self.buffers) - 1

    def _array(self, tag: str, array: np.ndarray) -> list:
        return [tag, array.dtype.name, list(array.shape), self._keep(np.ascontiguousarray(array).tobytes())]

    @staticmethod
    def _digits(value: int) -> str:
        if abs(value).bit_length() > 3 * MAX_DIGITS:
            raise WireError(f"a whole number of more than about {MAX_DIGITS} digits")
        return str(int(value))

    @staticmethod
    def _text(value: str) -> str:
        if len(value) > MAX_TEXT:
            raise WireError(f"a text of more than {MAX_TEXT:,} characters")
        return value.encode("utf-8", "replace").decode("utf-8")


@dataclass
class Decoder:
    """Reads tagged lists back; `resolve` turns a handle's number and class names into an object.

    `make_tensor` builds what a "tensor" tag becomes, and `find` looks up names; what it raises passes through. Raises
    WireError for anything that is not well-formed.
    """

    buffers: Sequence[Any]
    resolve: Callable[[int, tuple[str, ...]], Any]
    make_tensor: Callable[[np.ndarray], Any] = lambda array: array
    find: Callable[..., Any] | None = None
    parts: int = 0
    size: int = 0

    def decode(self, message: Any, depth: int = 0) -> Any:
        """The value that the tagged list `message` stands for."""
        self.parts += 1
        if depth > MAX_DEPTH or self.parts > MAX_PARTS:
            raise WireError("a value that is nested too deeply or has too many parts")
        if not isinstance(message, list) or not message or not isinstance(message[0], str):
            raise WireError("a malformed value")
        if message[0] == "named" and self.find is not None:
            return self.find(*message[1:])
        try:
            return self._read(message[0], message[1:], depth)
        except WireError:
            raise
        except Exception as error:
            raise WireError(f"a malformed value ({type(error).__name__})") from None

    def _read(self, tag: str, body: list, depth: int) -> Any:
        match tag:
            case "none":
                return None
            case "bool":
                return bool(body[0])
            case "int":
                return self._integer(body[0])
            case "float":
                return self._float(body[0])
            case "str":
                return self._string(body[0])
            case "bytes":
                return self._buffer(body[0])
            case "array":
                return self._array(*body)
            case "scalar":
                return self._array(body[0], [], body[1])[()]
            case "tensor":
                return self.make_tensor(self._array(*body))
            case "list":
                return [self.decode(part, depth + 1) for part in body[0]]
            case "tuple":
                return tuple(self.decode(part, depth + 1) for part in body[0])
            case "dict":
                return {self.decode(k, depth + 1): self.decode(v, depth + 1) for k, v in body[0]}
            case "handle":
                return self.resolve(int(body[0]), tuple(str(name)[:200] for name in body[1][:40]))
        raise WireError("a value of an unknown kind")

    @staticmethod
    def _integer(text: Any) -> int:
        if not isinstance(text, str) or len(text) > MAX_DIGITS + 2:
            raise WireError("a malformed whole number")
        return int(text)

    @staticmethod
    def _float(text: Any) -> float:
        if not isinstance(text, str) or len(text) > 40:
            raise WireError("a malformed number")
        return float(text)

    @staticmethod
    def _string(text: Any) -> str:
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise WireError("a malformed text")
        return text

    def _buffer(self, index: Any) -> bytes:
        if not isinstance(index, int) or not 0 <= index < len(self.buffers):
            raise WireError("a value without its content")
        content = bytes(self.buffers[index])
        self.size += len(content)
        if self.size > MAX_BYTES:
            raise WireError(f"a value of more than {MAX_BYTES // 2**20} MiB")
        return content

    def _array(self, dtype: Any, shape: Any, index: Any) -> np.ndarray:
        if dtype not in DTYPES:
            raise WireError("an array of a type that is not numbers")
        if not isinstance(shape, list) or len(shape) > 32 or not all(isinstance(s, int) and s >= 0 for s in shape):
            raise WireError("an array with a malformed shape")
        content = self._buffer(index)
        if math.prod(shape) * np.dtype(dtype).itemsize != len(content):
            raise WireError("an array whose content does not fit its shape")
        # A copy, so that a check may write into what it got and nothing shares memory with the message.
        return np.frombuffer(content, dtype=dtype).reshape(shape).copy()
