"""The agent on the kernel's own channel: a Jupyter comm by which a grader asks a running notebook."""

from __future__ import annotations

from typing import Any

from course_utils.checks.agent import Agent

TARGET = "course_utils.checks"


def serve() -> None:
    """Answer requests about this kernel's notebook on every comm that is opened for TARGET.

    Called in the kernel before the first cell runs, so that the agent stands before anything of the submission.
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("serve works in a Jupyter kernel only")
    agent = Agent(shell.user_ns)

    def opened(comm: Any, message: dict) -> None:
        comm.on_msg(lambda message: _reply(agent, comm, message))

    shell.kernel.comm_manager.register_target(TARGET, opened)


def _reply(agent: Agent, comm: Any, message: dict) -> None:
    request = message["content"]["data"]
    answer, buffers = agent.answer(request, message.get("buffers", []))
    comm.send({"id": request.get("id"), **answer}, buffers=buffers)
