"""An IPython kernel that answers a grader's many small requests quickly.

ipykernel waits for its output thread twice after each message, and says busy and idle around it. Half of what a request
cost was that.
"""

from __future__ import annotations

from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel


class QuickKernel(IPythonKernel):
    """Does not say busy and idle around a message of a comm, whose answer says as much."""

    def _publish_status(self, status: str, channel: str, parent: dict | None = None) -> None:
        asked = parent or self.get_parent(channel)
        if asked.get("header", {}).get("msg_type") != "comm_msg":
            super()._publish_status(status, channel, parent)


class QuickStream(OutStream):
    """Standard output or error. Flushing it waits for the output thread only where something was written."""

    def flush(self) -> None:
        """Send what was written. What the output thread is sending already comes before whatever is sent next."""
        if getattr(self, "_flush_pending", True) or getattr(self, "_subprocess_flush_pending", True):
            super().flush()
