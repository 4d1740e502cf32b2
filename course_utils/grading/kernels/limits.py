"""What a kernel may use at most, and what one has used."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3


@dataclass(frozen=True)
class Limits:
    """Bounds for one kernel and everything it starts.

    `memory_bytes` is counted on top of what the warm process already holds: two kernels share that part.
    `disk_bytes` bounds the scratch folder, /tmp and /dev/shm together; `file_size` a single file in them.
    `threads` is what one TensorFlow operation may spread over.

    >>> Limits(cpu_seconds=60).processes
    64
    """

    memory_bytes: int = 3 * GIBIBYTE
    cpu_seconds: float = 600.0
    processes: int = 64
    disk_bytes: int = 512 * MEBIBYTE
    file_size: int = 512 * MEBIBYTE
    open_files: int = 512
    threads: int = 1


@dataclass(frozen=True)
class Usage:
    """What a kernel and everything it started used, and why it ended (None: it still runs).

    `ended` is one of "out-of-memory", "cpu time", "too many processes", "disk", "killed" (the grader
    asked for it), "exited N" or "signal NAME". The disk's limit is hard: a full scratch folder raises
    `OSError` in the notebook; "disk" only says that a submission did not fit in when its kernel started.
    """

    cpu_seconds: float
    peak_memory_bytes: int
    wall_seconds: float
    ended: str | None
