"""Attacks by what a function returns: objects that agree with everything, and values that no reader can swallow."""

from .attack import Attack, code

_PLAIN = "only plain values arrive: an object's own methods are never asked"
_ANY = frozenset({"graded", "crashed", "timed-out", "out-of-memory"})


def _returning(name: str, tries: str, source: str, stock: str = "not tried", here: str = _PLAIN, **more) -> Attack:
    return Attack(name, tries, stock, here, cells={"double": code(source)}, loses=("double",), **more)


ATTACKS = (
    _returning(
        "an object that equals everything",
        "Returns an object whose comparisons all agree and whose __class__ is an array's.",
        """
        class Agreeable:
            __class__ = property(lambda self: np.ndarray)
            shape, dtype, ndim, size = (5,), np.dtype("float64"), 1, 5
            __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
            __hash__ = None
            __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0
            __bool__ = lambda self: True
            __array_priority__ = 1e9
        def double(x):
            return Agreeable()
        """,
        "passes `assert double(x) == y`: the assertion asks the object itself",
    ),
    _returning(
        "an array's subclass",
        "Returns an ndarray subclass whose comparisons and NumPy functions all agree.",
        """
        class Agreeable(np.ndarray):
            __eq__ = __ne__ = __le__ = __ge__ = lambda self, other: np.True_
            __array_function__ = lambda self, *args, **kwargs: True
            __array_ufunc__ = lambda self, *args, **kwargs: True
        def double(x):
            return np.asarray(x).view(Agreeable)
        """,
        "passes: np.allclose asks the subclass",
    ),
    _returning(
        "a number's subclass",
        "Returns int and float subclasses that equal everything.",
        """
        class Int(int):
            __eq__ = lambda self, other: True
            __hash__ = int.__hash__
            __index__ = __int__ = lambda self: 2
        class Float(float):
            __eq__ = lambda self, other: True
            __hash__ = float.__hash__
            __repr__ = lambda self: "2"
        def double(x):
            return [Int(value) for value in x.ravel()] if x.dtype.kind == "i" else [Float(value) for value in x.ravel()]
        """,
        "passes `assert double(x) == y`",
    ),
    _returning(
        "NaN",
        "Returns NaN everywhere, which compares as neither smaller nor larger.",
        "def double(x):\n    return np.full(x.shape, np.nan)",
        "passes checks of the form `assert not error > 0.1`",
        "NaN satisfies no demand",
    ),
    _returning(
        "infinity",
        "Returns infinity everywhere.",
        "def double(x):\n    return np.full(x.shape, np.inf)",
        here="infinity is close to nothing",
    ),
    _returning(
        "a huge number",
        "Returns a whole number of a million digits.",
        "def double(x):\n    return [10 ** 1_000_000] * x.size",
        here="numbers of more than 400 digits are not read",
    ),
    _returning(
        "a huge array",
        "Returns an array of 8 TB that takes no memory of its own.",
        "def double(x):\n    return np.broadcast_to(x.ravel()[0], (1_000_000, 1_000_000))",
        here="it cannot be sent; at most the notebook's own process ends",
        states=_ANY,
    ),
    _returning(
        "a recursive value",
        "Returns a list that contains itself.",
        "def double(x):\n    values = [x]\n    values.append(values)\n    return values",
        here="values are read 24 levels deep at most",
    ),
    _returning(
        "an object array",
        "Returns an array of objects that equal everything.",
        """
        class Agreeable:
            __eq__ = lambda self, other: True
        def double(x):
            array = np.empty(x.shape, dtype=object)
            array[...] = Agreeable()
            return array
        """,
        "passes np.array_equal",
    ),
    Attack(
        "a generator without end",
        "Returns a generator of large arrays that never ends, where a check makes a list of what it gets.",
        here="what a criterion receives in all is bounded",
        cells={
            "trained_line": code("""
                def trained_line():
                    part = np.zeros(1_000_000)
                    while True:
                        yield ("line/slope", part)
            """)
        },
        loses=("trained_line",),
        states=_ANY,
    ),
    Attack(
        "a generator that never yields",
        "Returns an iterator whose next element never comes.",
        here="the criterion ends by its own time limit",
        cells={
            "trained_line": code("""
                def trained_line():
                    while True:
                        pass
                    yield
            """)
        },
        loses=("trained_line",),
        states=frozenset({"timed-out"}),
    ),
)
