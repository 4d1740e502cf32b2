"""Attacks on the channel between kernel and grader: forged, malformed and oversized messages."""

from .attack import Attack, code

_SEND = """
kernel = get_ipython().kernel
def send(kind, content, **more):
    kernel.session.send(kernel.iopub_socket, kind, content, **more)
def comm():
    return next(iter(kernel.comm_manager.comms), "")
"""
_OTHERS = ("label", "trained_line")
_ANY = frozenset({"graded", "crashed", "timed-out"})


def _sending(
    name: str, tries: str, body: str, here: str = "no answer to the question that was asked", **more
) -> Attack:
    source = code(_SEND) + "def double(x):\n" + "\n".join(f"    {line}" for line in code(body).splitlines())
    return Attack(name, tries, here=here, cells={"double": source + "\n    return x\n"}, loses=("double",), **more)


def _sending_from_a_cell(name: str, tries: str, body: str, here: str, **more) -> Attack:
    return Attack(name, tries, here=here, first=code(_SEND) + code(body), **more)


ATTACKS = (
    _sending(
        "forged replies",
        "Answers on the checks' own comm before it is asked, for every question to come.",
        """
        for number in range(1, 400):
            send("comm_msg", {"comm_id": comm(), "data": {"id": number, "value": ["bool", True], "passed": True}})
        """,
        "a forged answer is the student's answer, and no more right than any other",
        spoils=_OTHERS,
    ),
    _sending(
        "replies of other kinds",
        "Answers with other ids, on other comms, and with results in place of values.",
        """
        for other in (None, "1", -1, 10**30, [], {}):
            send("comm_msg", {"comm_id": comm(), "data": {"id": other, "value": ["bool", True]}})
            send("comm_msg", {"comm_id": other, "data": {"id": 1, "value": ["bool", True]}})
        send("comm_msg", {"comm_id": comm(), "data": "passed"})
        send("comm_close", {"comm_id": comm(), "data": {}})
        """,
        "they are passed over",
    ),
    _sending(
        "malformed values",
        "Answers with values that are not what they say: arrays without content, huge shapes, unknown kinds.",
        """
        from course_utils.checks.agent import Agent
        values = iter([
            ["array", "float64", [10**12], 0], ["array", "float64", [0, 2**62], 0], ["array", "O", [1], 0],
            ["array", "float64", [-1], 0], ["dict", [[["list", []], ["none"]]]], ["int", "9" * 10**6], ["float", {}],
            ["handle", "x", 1], ["handle", 10**400, []], [], None, {"a": 1}, ["scalar", "float64", 99], ["tuple", None],
        ])
        Agent.answer = lambda self, request, buffers: ({"value": next(values, ["none"])}, [b""])
        """,
        "what is malformed is no answer",
        spoils=_OTHERS,
    ),
    _sending(
        "malformed errors",
        "Answers with errors whose parts are no texts.",
        """
        from course_utils.checks.agent import Agent
        errors = iter([None, [], {"kind": ["x"] * 1000, "text": {"a": [1]}}, {"kind": {}, "where": None}])
        Agent.answer = lambda self, request, buffers: ({"error": next(errors, 1)}, [])
        """,
        "an error is no answer",
        spoils=_OTHERS,
    ),
    _sending_from_a_cell(
        "idle before the end",
        "Says that it is idle, and that the next cells are, before they are.",
        """
        for _ in range(50):
            send("status", {"execution_state": "idle"}, parent=get_ipython().parent_header)
        """,
        "a cell that says so early has its outputs cut; checks do not go by it",
    ),
    _sending_from_a_cell(
        "malformed messages in a cell",
        "Sends outputs without content, of other types and with contents of other types.",
        """
        parent = get_ipython().parent_header
        contents = {}, {"name": 7, "text": 8}, {"data": 1, "metadata": 2}, {"transient": 5}, {"execution_state": []}
        for content in contents:
            for kind in ("stream", "display_data", "error", "clear_output", "status", "execute_result", "comm_open"):
                send(kind, content, parent=parent)
        """,
        "the cell is left out, everything else runs",
        states=_ANY,
    ),
    _sending(
        "malformed messages in a check",
        "Sends messages without a header, with a wrong signature, and with contents that are no objects.",
        """
        for parts in ([b"x"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"bad", b"{}", b"{}", b"{}", b"{}"], [b""] * 50):
            kernel.iopub_socket.send_multipart(parts)
        for content in ([], "text", 7, None):
            send("comm_msg", content)
        """,
        "they are passed over",
    ),
    _sending(
        "a message of 100 MB",
        "Sends one message of 100 MB.",
        """
        send("comm_msg", {"comm_id": comm(), "data": {"id": 1, "value": ["str", "x" * 100_000_000]}})
        """,
        "what arrives beside an answer is bounded to 64 MB, and any message to 257 MiB",
        states=_ANY | {"out-of-memory"},
    ),
    _sending(
        "a message of many parts",
        "Sends one message of 4 GB, in parts that are small enough each, from one buffer of 50 MB.",
        """
        import zmq
        part = zmq.Frame(bytes(50_000_000))
        socket = kernel.iopub_thread.socket
        for _ in range(80):
            socket.send(part, flags=zmq.SNDMORE, copy=False)
        socket.send(b"")
        """,
        "the grader looks at its own memory and ends a kernel that makes it grow by more than 2 GiB",
        states=_ANY | {"out-of-memory"},
    ),
    _sending(
        "a message of empty parts",
        "Sends one message of a million parts with nothing in them.",
        """
        import zmq
        socket = kernel.iopub_thread.socket
        for _ in range(1_000_000):
            socket.send(b"", flags=zmq.SNDMORE)
        socket.send(b"")
        """,
        "each part counts as 200 bytes of what a kernel may send beside an answer",
        states=_ANY | {"out-of-memory"},
    ),
    _sending(
        "a deep message",
        "Sends JSON that is nested 100,000 levels deep.",
        """
        deep = b"[" * 100_000 + b"]" * 100_000
        session = kernel.session
        parts = session.serialize(session.msg("comm_msg", {"comm_id": comm(), "data": {"id": 1}}))
        head = parts[: parts.index(b"<IDS|MSG>") + 2]
        body = [parts[len(head)], parts[len(head) + 1], parts[len(head) + 2], deep]
        kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", session.sign(body), *body])
        """,
        "it cannot be read, which is no answer",
    ),
    _sending(
        "a deep answer",
        "Answers with JSON nested 900 levels deep, just what a parser takes.",
        """
        deep = 1
        for _ in range(900):
            deep = [deep]
        from course_utils.checks.agent import Agent
        Agent.answer = lambda self, request, buffers: ({"value": ["list", deep], "error": {"text": deep}}, [])
        """,
        "values are read 24 levels deep at most",
        spoils=_OTHERS,
    ),
    _sending_from_a_cell(
        "a closed channel",
        "Closes the kernel's own sockets.",
        """
        import os
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2:
                try:
                    os.close(int(name))
                except OSError:
                    pass
        """,
        "the kernel is lost, and started again without this cell",
        states=_ANY,
    ),
)
