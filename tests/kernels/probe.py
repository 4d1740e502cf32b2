"""A kernel to put questions to, for the tests of this folder."""

from __future__ import annotations

import json
import queue
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from course_utils.grading.kernels.limits import Limits, Usage

SECRET = "correct horse battery staple"  # in the environment of the starter's owner
ATTEMPTS = """
    import errno, json, os, socket, sys

    def attempt(work):
        try:
            result = work()
        except OSError as error:
            return errno.errorcode.get(error.errno, "OSError")
        return f"allowed: {result!r}"[:200]

    def attempts(**works):
        print(json.dumps({name: attempt(work) for name, work in works.items()}))
"""


class Kernel:
    """A running kernel and a client to it."""

    def __init__(self, name: str, scratch: Path, limits: Limits) -> None:
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel(cwd=str(scratch), limits=limits)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=30)

    def run(self, code: str, timeout: float = 60.0) -> str:
        """What the code prints, or "NAME: message" of the exception it ends with."""
        request = self.client.execute(textwrap.dedent(code))
        printed: list[str] = []
        error = ""
        end = time.monotonic() + timeout
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=0.5)
            except queue.Empty:
                assert self.manager.is_alive(), f"the kernel ended: {self.usage}"
                assert time.monotonic() < end, f"no answer within {timeout} s"
                continue
            kind, content = message["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            if kind == "stream" and content["name"] == "stdout":
                printed.append(content["text"])
            elif kind == "error":
                error = f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                return error or "".join(printed)

    def json(self, code: str) -> Any:
        """What the code prints, read as JSON."""
        text = self.run(code)
        try:
            return json.loads(text)
        except ValueError:
            raise AssertionError(f"the kernel answered {text!r}") from None

    def begin(self, code: str) -> None:
        """Run code without waiting for its end."""
        self.client.execute(textwrap.dedent(code))

    def ended(self, within: float) -> Usage:
        """The usage of a kernel that ends within so many seconds."""
        end = time.monotonic() + within
        while self.manager.is_alive():
            assert time.monotonic() < end, f"the kernel still runs after {within} s"
            time.sleep(0.01)
        return self.usage

    @property
    def usage(self) -> Usage:
        provisioner: Any = self.manager.provisioner
        return provisioner.usage()

    def stop(self) -> None:
        """End it at once."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


StartKernel = Callable[..., Kernel]
