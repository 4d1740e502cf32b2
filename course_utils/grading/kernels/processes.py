"""What processes use, read from a /proc folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One process: its parent, CPU seconds (with those of children it waited for), memory.

    `anonymous_bytes` counts pages shared with other processes in full: an upper bound. `virtual_bytes`
    is all it may address, touched or not.
    """

    number: int
    parent: int
    cpu_seconds: float
    anonymous_bytes: int
    virtual_bytes: int


def _read(proc: int, name: str) -> str:
    handle = os.open(name, os.O_RDONLY, dir_fd=proc)
    try:
        pieces = []
        while piece := os.read(handle, 65536):
            pieces.append(piece)
    finally:
        os.close(handle)
    return b"".join(pieces).decode(errors="replace")


def _process(proc: int, number: int) -> Process | None:
    try:
        fields = _read(proc, f"{number}/stat").rpartition(")")[2].split()
        size, resident, shared, *_ = _read(proc, f"{number}/statm").split()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    # stat's columns are those of proc_pid_stat(5), from the third ("state") on.
    return Process(
        number,
        parent=int(fields[1]),
        cpu_seconds=sum(int(field) for field in fields[11:15]) / _TICK,
        anonymous_bytes=(int(resident) - int(shared)) * _PAGE,
        virtual_bytes=int(size) * _PAGE,
    )


def count(proc: int) -> int:
    """The number of processes of an opened /proc folder."""
    return sum(name.isdigit() for name in os.listdir(proc))


def listed(proc: int) -> list[Process]:
    """Every process of an opened /proc folder."""
    found = (_process(proc, int(name)) for name in os.listdir(proc) if name.isdigit())
    return [process for process in found if process is not None]


def below(processes: list[Process], ancestor: int) -> list[Process]:
    """Those of `processes` that descend from the process with number `ancestor`."""
    children: dict[int, list[Process]] = {}
    for process in processes:
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [ancestor]
    while waiting:
        next_ones = children.get(waiting.pop(), [])
        found += next_ones
        waiting += [process.number for process in next_ones]
    return found


def descendants(ancestor: int) -> list[int]:
    """Process ids of all that descend from `ancestor`, read from this process's own /proc."""
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        return [process.number for process in below(listed(proc), ancestor)]
    finally:
        os.close(proc)


def anonymous_bytes_of_this_process() -> int:
    """Anonymous memory of the calling process, in full what it shares with others."""
    _, resident, shared, *_ = Path("/proc/self/statm").read_text().split()
    return (int(resident) - int(shared)) * _PAGE


def memory_bytes(proc: int, processes: list[Process]) -> int:
    """Memory of `processes`: private pages (those shared with others by parts), page tables, shared mappings.

    A shared mapping without a file counts as a whole, once: its pages stay when no process shows them any more.
    """
    total = 0
    shared: dict[str, int] = {}
    for process in processes:
        try:
            total += _kilobytes(_read(proc, f"{process.number}/smaps_rollup"), "Pss_Anon:")
            total += _kilobytes(_read(proc, f"{process.number}/status"), "VmPTE:")
            shared |= _shared_mappings(_read(proc, f"{process.number}/maps"))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended meanwhile
    return total + sum(shared.values())


def _kilobytes(text: str, label: str) -> int:
    """The value of a line such as "VmPTE:  96 kB", in bytes."""
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(label))


def _shared_mappings(maps: str) -> dict[str, int]:
    """Bytes of each shared mapping without a file, by its inode (columns: proc_pid_maps(5))."""
    sizes: dict[str, int] = {}
    for line in maps.splitlines():
        if line.endswith("/dev/zero (deleted)"):
            span, _, _, _, inode, _ = line.split(maxsplit=5)
            start, _, end = span.partition("-")
            sizes[inode] = sizes.get(inode, 0) + int(end, 16) - int(start, 16)
    return sizes
