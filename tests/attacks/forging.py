"""Attacks that forge results: hooks, patched modules and agents, memory of earlier inputs."""

from .attack import Attack, code
from .target import WRONG

_FULL = "full marks: a grade cell's execute_result is taken for its score (determine_grade)"
_OUTSIDE = "nothing that the notebook prints or displays is scored"
_FAR = "what decides runs in another process"


def _forging(name: str, tries: str, first: str, stock: str = "not tried", here: str = _FAR, **more) -> Attack:
    cells = {"double": WRONG["double"]}
    return Attack(name, tries, stock, here, first=code(first), cells=cells, loses=("double",), **more)


def _solving(
    name: str, tries: str, source: str, stock: str = "not tried", here: str = "inputs are new each time"
) -> Attack:
    return Attack(name, tries, stock, here, cells={"double": code(source)}, loses=("double",))


ATTACKS = (
    _forging(
        "a hook after each cell",
        "Publishes a score as the result of every cell from a post_run_cell hook.",
        """
        shell = get_ipython()

        def forge(result):
            content = {"data": {"text/plain": "2.0"}, "metadata": {}, "execution_count": shell.execution_count}
            shell.kernel.session.send(shell.kernel.iopub_socket, "execute_result", content, parent=shell.parent_header)

        shell.events.register("post_run_cell", forge)
        """,
        _FULL,
        _OUTSIDE,
    ),
    _forging(
        "a display hook",
        "Replaces the display hook, so that every cell's result is a full score.",
        """
        import sys
        hook = type(sys.displayhook)
        hook.compute_format_data = lambda self, result: ({"text/plain": "2.0"}, {})
        get_ipython().ast_node_interactivity = "all"
        """,
        _FULL,
        _OUTSIDE,
    ),
    _forging(
        "an input transformer",
        "Replaces every later cell that contains a check by one that gives a full score.",
        """
        def drop(lines):
            return ["2.0\\n"] if any("check(" in line or "assert" in line for line in lines) else lines

        get_ipython().input_transformers_cleanup.append(drop)
        """,
        "full marks: the test cell's own source never runs, and its result is a score",
        "test cells are not run in the notebook at all",
    ),
    _forging(
        "patched numpy",
        "Makes every comparison of NumPy agree.",
        """
        import numpy as np
        for name in ("allclose", "array_equal", "isclose", "all", "equal"):
            setattr(np, name, lambda *args, **kwargs: True)
        np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None
        """,
        "full marks: hidden tests call the patched functions in the same process",
    ),
    _forging(
        "patched json and socket",
        "Makes json say that everything was right, and sockets deliver nothing else.",
        """
        import json, socket
        json.dumps = lambda *args, **kwargs: '{"passed": true, "score": 2.0}'
        socket.socket.send = socket.socket.sendall = lambda self, data, *rest: len(data)
        """,
        states=frozenset({"graded", "crashed"}),
    ),
    _forging(
        "patched expectations",
        "Makes every demand of `expect` a met one, and every criterion a passed one.",
        """
        from course_utils.checks import criteria, expectation
        expectation.Expectation._demand = lambda self, *args: self
        criteria.judge = lambda criterion, *rest: criteria._result(criterion, criteria.PASSED, {}, 0.0)
        criteria.share = lambda points, results: points
        """,
    ),
    Attack(
        "course_utils.checks replaced",
        "Puts modules of its own in the place of course_utils and of its parts.",
        "not tried",
        _FAR,
        cells={"double": WRONG["double"]},
        last=code("""
            import sys, types
            class Agreeable(types.ModuleType):
                def __getattr__(self, name):
                    return lambda *args, **kwargs: True
            for name in [name for name in sys.modules if name.startswith("course_utils.checks")]:
                sys.modules[name] = Agreeable(name)
        """),
        loses=("double",),
    ),
    _forging(
        "a patched agent",
        "Patches the agent that answers the checks: every answer is True, whatever was asked.",
        """
        from course_utils.checks.agent import Agent
        call = Agent._do_call
        Agent._do_call = lambda self, function, args, kwargs: (
            True if function.__name__ == "double" else call(self, function, args, kwargs)
        )
        """,
    ),
    _forging(
        "an agent that claims to be an answer",
        "Answers with a handle whose classes claim to be a NumPy array and a passed result.",
        """
        from course_utils.checks.agent import Agent
        class Claim:
            pass
        Claim.__module__, Claim.__qualname__ = "numpy", "ndarray"
        Agent._do_call = lambda self, function, args, kwargs: (
            Claim() if function.__name__ == "double" else function(*args, **kwargs)
        )
        """,
        here="a handle satisfies no demand",
    ),
    _solving(
        "answering with recorded inputs",
        "Answers from a table of inputs and right answers, recorded when the checks ran before, and records more.",
        """
        import json, os
        table = {"[0, 1, 2, 3, 4]": [0, 2, 4, 6, 8], "[1, 2, 3]": [2, 4, 6]}
        def double(x):
            if os.path.exists("seen.json"):
                table.update(json.load(open("seen.json")))
            answer = table.setdefault(str(x.tolist()), x.tolist())
            json.dump(table, open("seen.json", "w"))
            return np.array(answer)
        """,
        "works where tests have fixed inputs: they can be read in the notebook's own folder",
    ),
    _solving(
        "memory across criteria",
        "Gives every later criterion what satisfied an earlier one.",
        """
        answers = []
        def double(x):
            answers.append(x)
            return answers[0]
        """,
    ),
    _solving(
        "frames and garbage",
        "Looks on the stack and among all objects for the expected values, the criteria or the inputs' generator.",
        """
        import gc, inspect
        def double(x):
            for frame in inspect.stack():
                for value in list(frame.frame.f_locals.values()):
                    if isinstance(value, np.ndarray) and value.shape == x.shape and (value != x).any():
                        return value
            for thing in gc.get_objects():
                if isinstance(thing, np.random.Generator) or type(thing).__name__ in ("Criterion", "Expectation"):
                    raise LookupError("found the generator or a criterion")
            return x
        """,
        "finds them: hidden tests and their variables live in the same process",
    ),
    _solving(
        "asking for hidden checks by import",
        "Imports hidden checks under every name that they could have.",
        """
        import importlib
        def double(x):
            for name in ("tests.graded.target", "target", "hidden_checks_of_target", "course_utils.checks.target"):
                try:
                    return importlib.import_module(name).answer(x)
                except ImportError:
                    pass
            return x
        """,
    ),
)
