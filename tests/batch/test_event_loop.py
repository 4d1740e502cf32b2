"""Grading works where an event loop runs already, as under nbgrader's formgrader, which grades in the server's loop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
from jupyter_client.manager import AsyncKernelManager

from course_utils.grading.kernel_choice import settings_for
from course_utils.grading.kernels.owner import SANDBOXED, Starter
from course_utils.grading.run import Settings, grade
from course_utils.grading.submission import Submission

from . import tiny


def test_a_running_event_loop_is_no_hindrance_and_is_never_the_kernels_own(starter: Starter) -> None:
    usual = settings_for(SANDBOXED, b"key", tiny.LIMITS)
    running: list[bool] = []

    def start(scratch: Path) -> AsyncKernelManager:
        running.append(_in_a_running_loop())
        return usual.start(scratch)

    async def graded() -> float:
        files = {f"{tiny.NOTEBOOK}.ipynb": tiny.answer()}
        return grade(Submission("ada", files), tiny.assignment(), Settings(start, b"key", True, tiny.LIMITS)).score

    assert asyncio.run(graded()) == 4.0  # what is started once for all is started
    before = psutil.Process().num_fds()
    assert [asyncio.run(graded()) for _ in range(3)] == [4.0] * 3
    assert running == [False] * 4
    assert psutil.Process().num_fds() <= before


def _in_a_running_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
