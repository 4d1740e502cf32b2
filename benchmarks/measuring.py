"""A command's wall time, and the memory that it and all it starts hold at their peak."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK_EVERY = 15.0  # seconds; a look walks every page of every process: at 2 s the run that is timed took 10 % longer


@dataclass(frozen=True)
class Measured:
    """What a run took: seconds of wall time, bytes at the peak, and the marks that it gave."""

    seconds: float
    peak_bytes: int
    scores: Mapping[str, float]


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], look_every: float = LOOK_EVERY
) -> tuple[float, int]:
    """Seconds and peak bytes of a command run in `folder`; its memory is looked at every so many seconds.

    Raises RuntimeError with what it said where it fails.
    """
    started = time.monotonic()
    with (folder / "said").open("w+") as said:
        whole = {**os.environ, **environment}
        process = subprocess.Popen(command, cwd=folder, env=whole, stdout=said, stderr=subprocess.STDOUT)
        peak = [0]
        watching = threading.Thread(target=_watch, args=(process, peak, look_every))
        watching.start()
        code = process.wait()
        seconds = time.monotonic() - started
        watching.join()
        said.seek(0)
        if code != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{said.read()[-3000:]}")
    return seconds, peak[0]


def _watch(process: subprocess.Popen, peak: list[int], look_every: float) -> None:
    while True:
        peak[0] = max(peak[0], _family_bytes(process.pid))
        try:
            process.wait(timeout=look_every)
            return
        except subprocess.TimeoutExpired:
            continue


def _family_bytes(pid: int) -> int:
    """Proportional set size of a process and its descendants: what is shared counts once."""
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total
