"""`student`, the handle by which a check calls what a notebook defines, wherever that notebook runs.

A check sees plain values only: numbers, texts, NumPy arrays and containers of them. What cannot be sent (a model,
a dataset, a function) stays with the student and is a `Handle` here, to be called and asked further.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, MutableMapping
from typing import Any, Protocol, TypeVar

from course_utils.checks.agent import Agent, Undefined
from course_utils.checks.wire import Decoder, Encoder, WireError

CHUNK = 64
Value = TypeVar("Value")


class StudentError(Exception):
    """The student's code raised an exception, or answered with something that cannot be read.

    Attributes: kind, the exception's class name; text, its message; where, the line of the notebook.
    """

    def __init__(self, kind: str, text: str, where: str = "") -> None:
        super().__init__(f"{kind}: {text}")
        self.kind, self.text, self.where = kind, text, where


class Missing(StudentError):
    """The notebook does not define a name that the check needs."""

    def __init__(self, name: str) -> None:
        super().__init__("NameError", f"{name} is not defined")
        self.name = name


class TimedOut(StudentError):
    """The student's code did not answer in the time that the criterion has."""

    def __init__(self, seconds: float) -> None:
        super().__init__("TimeoutError", f"no answer within {seconds:.0f} s")


class Died(StudentError):
    """The student's process ended while it was asked."""

    def __init__(self, reason: str) -> None:
        super().__init__("SystemExit", reason)


class Channel(Protocol):
    """The way to an agent: one request, one answer."""

    def request(self, message: dict, buffers: list[bytes]) -> tuple[dict, list]:
        """Send a request; raises TimedOut or Died where no answer comes."""
        ...


class LocalChannel:
    """A channel to an agent in this very process: checks in the student's own notebook."""

    def __init__(self, namespace: MutableMapping[str, Any]) -> None:
        self._agent = Agent(namespace)

    def request(self, message: dict, buffers: list[bytes]) -> tuple[dict, list]:
        """Ask the agent directly; an interruption by the user passes through."""
        return self._agent.answer(message, buffers)


class Student:
    """The notebook of a student: its attributes are the functions and classes that it defines.

    >>> student = Student(LocalChannel({"double": lambda x: 2 * x, "half": 0.5}))
    >>> student.double(21)
    42
    >>> student.value("half")
    0.5
    """

    def __init__(self, channel: Channel, observed: dict[Hashable, Any] | None = None) -> None:
        self._channel = channel
        self._observed: dict[Hashable, Any] = {} if observed is None else observed
        self._replaces = False  # something is replaced
        self._forgets = False  # the next request is to say that all handles are forgotten

    def __getattr__(self, name: str) -> Named:
        if name.startswith("_"):
            raise AttributeError(name)
        return Named(self, "notebook", name)

    def value(self, name: str) -> Any:
        """What the notebook defines as `name`. Raises Missing where it doesn't."""
        return self._ask("value", Named(self, "notebook", name))

    def has(self, name: str) -> bool:
        """Whether the notebook defines `name`."""
        return self._ask("has", name) is True

    def module(self, name: str) -> Named:
        """The module `name` (tensorflow, keras, numpy or course_utils) on the student's side."""
        return Named(self, "module", name)

    def replace(self, name: str, value: Any) -> None:
        """Put `value` in the place of the notebook's global `name`, until `restore`."""
        self._replaces = True
        self._ask("replace", name, value)

    def once(self, key: Hashable, observe: Callable[[], Value]) -> Value:
        """What `observe()` finds out, done once for all criteria that ask for `key` while a notebook is checked.

        For what is dear, such as a training run. It must be plain values: handles end with the criterion. A
        StudentError is kept as well and raised again, unless time ran out or the process died.
        """
        if key not in self._observed:
            try:
                self._observed[key] = observe()
            except (TimedOut, Died):
                raise
            except StudentError as error:
                self._observed[key] = error
        found = self._observed[key]
        if isinstance(found, StudentError):
            raise found
        return found

    def restore(self) -> None:
        """Undo every `replace`."""
        self._ask("restore")
        self._replaces = False

    def tidy(self) -> None:
        """`restore`, and let go of every handle that was given out; using one afterwards raises StudentError.

        Where nothing was replaced, the next request says so in passing.
        """
        if self._replaces:
            self._ask("tidy")
            self._replaces = False
        else:
            self._forgets = True

    def _ask(self, operation: str, *arguments: Any) -> Any:
        encoder = Encoder(_handle_reference)
        message: dict[str, Any] = {"op": operation, "args": [encoder.encode(argument) for argument in arguments]}
        if self._forgets:
            message["forget"] = True
            self._forgets = False
        answer, buffers = self._channel.request(message, encoder.buffers)
        if not isinstance(answer, dict):
            raise StudentError("WireError", "an answer that cannot be read")
        if "error" in answer:
            raise _as_error(answer["error"])
        try:
            return Decoder(buffers, self._handle).decode(answer.get("value"))
        except WireError as error:
            raise StudentError("WireError", f"an answer that cannot be read: {error}") from None

    def _handle(self, number: int, types: tuple[str, ...]) -> Handle:
        return Handle(self, number, types)


class Handle:
    """Something on the student's side that cannot be sent: to be called, asked for attributes, or iterated.

    `types` are the qualified names of its classes as the student's side states them: good for messages, never
    for a decision.
    """

    def __init__(self, student: Student, number: int, types: tuple[str, ...]) -> None:
        self._student, self._number, self.types = student, number, types

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student._ask("call", self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._student._ask("attribute", self, name)

    def __getitem__(self, key: Any) -> Any:
        return self._student._ask("item", self, key)

    def __len__(self) -> int:
        try:
            length = self._student._ask("length", self)
        except StudentError as error:
            if error.kind != "TypeError":
                raise
            # The one exception that tells list() to do without: generators and some datasets have no length.
            raise TypeError(f"{self!r} has no length") from None
        if not isinstance(length, int) or not 0 <= length < 2**31:
            raise StudentError("WireError", "a length that is no number")
        return length

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        iterator = self._student._ask("iterate", self)
        size = 1
        while True:
            chunk = self._student._ask("take", iterator, size)
            if not isinstance(chunk, list) or len(chunk) > size:
                raise StudentError("WireError", "an answer that cannot be read")
            yield from chunk
            if len(chunk) < size:
                return
            size = min(2 * size, CHUNK)

    def take(self, count: int) -> list:
        """The first `count` elements, or as many as there are."""
        taken = self._student._ask("take", self, count)
        if not isinstance(taken, list) or len(taken) > count:
            raise StudentError("WireError", "an answer that cannot be read")
        return taken

    def set(self, name: str, value: Any) -> None:
        """Set the attribute `name` of the object on the student's side."""
        self._student._ask("set_attribute", self, name, value)

    def __repr__(self) -> str:
        return f"<{self.types[0] if self.types else 'an object'} of the notebook>"


class Named(Handle):
    """What the notebook defines or a module holds under a name. It is looked up when it is used.

    So a call asks the student's side once, and not for each name on the way to it: `keras.layers.Dense(1)`. Where the
    notebook does not define the name, its use raises Missing.
    """

    def __init__(self, student: Student, where: str, *names: str) -> None:
        super().__init__(student, 0, ())
        self._where, self._names = where, names

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._where == "module":
            return Named(self._student, "module", *self._names, name)
        return super().__getattr__(name)


def _handle_reference(value: Any) -> list:
    if isinstance(value, Named):
        return ["named", value._where, *value._names]
    if isinstance(value, Handle):
        return ["handle", value._number, []]
    raise WireError(f"a check cannot send a {type(value).__name__}; send plain values, Tensor(array) or handles")


def _as_error(error: Any) -> StudentError:
    if not isinstance(error, dict):
        return StudentError("Exception", "")
    kind, text, where = (str(error.get(key, ""))[:2000] for key in ("kind", "text", "where"))
    if kind == Undefined.__name__:
        return Missing(text)
    return StudentError(kind, text, where)
