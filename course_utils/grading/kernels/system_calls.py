"""Which system calls a confined kernel is refused, as a seccomp filter.

A second line behind the namespaces: these calls either reach into other processes, change the
namespaces themselves, take memory that no process is seen to have, or open seldom used parts of the
Linux kernel in which holes keep being found.
The numbers are those of Linux's own tables (arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h); the program is classic BPF (Linux, Documentation/userspace-api/seccomp_filter.rst).
"""

from __future__ import annotations

import errno
import platform
from typing import NamedTuple

from course_utils.grading.kernels import linux


class _Architecture(NamedTuple):
    audit: int
    clone: int
    socket: int
    memfd_create: int
    refused: dict[str, int]


# Numbers from 424 on are the same everywhere.
_COMMON = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "memfd_secret": 447,
}
_ARCHITECTURES = {
    "x86_64": _Architecture(
        audit=0xC000003E,
        clone=56,
        socket=41,
        memfd_create=319,
        refused=_COMMON
        | {
            "ptrace": 101,
            "process_vm_readv": 310,
            "process_vm_writev": 311,
            "kcmp": 312,
            "unshare": 272,
            "setns": 308,
            "mount": 165,
            "umount2": 166,
            "pivot_root": 155,
            "chroot": 161,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "bpf": 321,
            "perf_event_open": 298,
            "userfaultfd": 323,
            "open_by_handle_at": 304,
            "name_to_handle_at": 303,
            "fanotify_init": 300,
            "syslog": 103,
            "quotactl": 179,
            "init_module": 175,
            "finit_module": 313,
            "delete_module": 176,
            "kexec_load": 246,
            "reboot": 169,
            "swapon": 167,
            "swapoff": 168,
            "acct": 163,
            "shmget": 29,
            "semget": 64,
            "msgget": 68,
        },
    ),
    "aarch64": _Architecture(
        audit=0xC00000B7,
        clone=220,
        socket=198,
        memfd_create=279,
        refused=_COMMON
        | {
            "ptrace": 117,
            "process_vm_readv": 270,
            "process_vm_writev": 271,
            "kcmp": 272,
            "unshare": 97,
            "setns": 268,
            "mount": 40,
            "umount2": 39,
            "pivot_root": 41,
            "chroot": 51,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "bpf": 280,
            "perf_event_open": 241,
            "userfaultfd": 282,
            "open_by_handle_at": 265,
            "name_to_handle_at": 264,
            "fanotify_init": 262,
            "syslog": 116,
            "quotactl": 60,
            "init_module": 105,
            "finit_module": 273,
            "delete_module": 106,
            "kexec_load": 104,
            "reboot": 142,
            "swapon": 224,
            "swapoff": 225,
            "acct": 89,
            "shmget": 194,
            "semget": 190,
            "msgget": 186,
        },
    ),
}
_CLONE3 = 435
_OTHER_ABI = 0x40000000  # x32 numbers of x86_64: the same calls by other numbers
_NEW_NAMESPACES = (
    linux.CLONE_NEWNS
    | linux.CLONE_NEWCGROUP
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUSER
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
)
# Of these the network namespace takes care; others (vsock, netlink, packet, alg...) reach past it.
_SOCKET_FAMILIES = {"unix": 1, "inet": 2, "inet6": 10}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000

Instruction = tuple[int, int, int, int]


def supported() -> bool:
    """Whether the filter knows this machine's architecture."""
    return platform.machine() in _ARCHITECTURES


def _refuse_if(code: int, value: int, number: int) -> list[Instruction]:
    """If the loaded word matches, the call fails with `number`."""
    return [(code, 0, 1, value), (_RETURN, 0, 0, _ERROR | number)]


def _for_call(call: int, rules: list[Instruction]) -> list[Instruction]:
    """`rules` for one call only; they end in a verdict."""
    return [(_EQUAL, 0, len(rules), call), *rules]


def program() -> list[Instruction]:
    """The filter for this machine: (code, jump if true, jump if false, value) each."""
    machine = _ARCHITECTURES[platform.machine()]
    rules: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    rules += _refuse_if(_AT_LEAST, _OTHER_ABI, errno.ENOSYS)
    # Its flags lie in memory, out of the filter's sight; the C library falls back to clone.
    rules += _refuse_if(_EQUAL, _CLONE3, errno.ENOSYS)
    # Memory that no process need map is memory that nobody counts; as if this Linux were older.
    rules += _refuse_if(_EQUAL, machine.memfd_create, errno.ENOSYS)
    for call in machine.refused.values():
        rules += _refuse_if(_EQUAL, call, errno.EPERM)
    rules += _for_call(
        machine.clone,
        [
            (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
            *_refuse_if(_ANY_BIT, _NEW_NAMESPACES, errno.EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ],
    )
    families = [
        (_EQUAL, len(_SOCKET_FAMILIES) - place, 0, family) for place, family in enumerate(_SOCKET_FAMILIES.values())
    ]
    rules += _for_call(
        machine.socket,
        [
            (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
            *families,
            # ZeroMQ lists network interfaces by a netlink socket and can do without only on this error.
            (_RETURN, 0, 0, _ERROR | errno.EOPNOTSUPP),
            (_RETURN, 0, 0, _ALLOW),
        ],
    )
    return [*rules, (_RETURN, 0, 0, _ALLOW)]
