"""The system calls of Linux that confinement needs and Python has no function for."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterable

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x2, 0x4, 0x8
MNT_DETACH = 2

ATTRIBUTE_READ_ONLY = 0x1
ATTRIBUTE_NO_SETUID = 0x2
ATTRIBUTE_NO_DEVICES = 0x4

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_LAST_POSSIBLE_CAPABILITY = 63
_CAPABILITY_VERSION_3 = 0x20080522

_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityData(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


class _Filter(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("filters", ctypes.POINTER(_Filter))]


def _checked(result: int, what: str) -> int:
    if result == -1:
        number = ctypes.get_errno()
        ctypes.set_errno(0)  # some bindings take a left-over number for a failure of their own
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _number(value: int) -> ctypes.c_long:
    return ctypes.c_long(value)


def _prctl(option: int, value: int, what: str) -> None:
    zero = _number(0)
    _checked(_libc.prctl(option, _number(value), zero, zero, zero), what)


def unshare(flags: int) -> None:
    """Give the calling process new namespaces (`CLONE_NEW...`). Raises OSError."""
    _checked(_libc.unshare(flags), "new namespaces")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2). Raises OSError naming the target."""
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    data = None if options is None else options.encode()
    _checked(_libc.mount(*arguments, ctypes.c_ulong(flags), data), f"mount {target}")


def unmount(target: str) -> None:
    """Take away the mount at `target`, at once."""
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def set_mount_attributes(target: str, attributes: int) -> None:
    """Add attributes (`ATTRIBUTE_...`) to a mount and all below it, keeping those it has. Linux 5.12."""
    attribute = _MountAttributes(attributes, 0, 0, 0)
    result = _libc.syscall(
        _number(_SYS_MOUNT_SETATTR),
        _number(_AT_FDCWD),
        os.fsencode(target),
        _number(_AT_RECURSIVE),
        ctypes.byref(attribute),
        ctypes.c_size_t(ctypes.sizeof(attribute)),
    )
    _checked(result, f"mount attributes of {target}")


def enter_root(folder: str) -> None:
    """Make `folder`, a mount point, the root folder and let go of the old root."""
    os.chdir(folder)
    number = _SYS_PIVOT_ROOT[platform.machine()]
    _checked(_libc.syscall(_number(number), b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def become_powerless(user: int, group: int) -> None:
    """Become `user` and `group`, without a capability and without a way to get one again."""
    zero = _number(0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, "no_new_privs")
    _checked(_libc.prctl(_PR_CAP_AMBIENT, _number(_PR_CAP_AMBIENT_CLEAR_ALL), zero, zero, zero), "ambient")
    for capability in range(_LAST_POSSIBLE_CAPABILITY + 1):
        # EINVAL: this Linux has no such capability.
        _libc.prctl(_PR_CAPBSET_DROP, _number(capability), zero, zero, zero)
    ctypes.set_errno(0)
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (_CapabilityData * 2)()
    _checked(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "drop capabilities")


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may look into this one (ptrace, /proc/PID/mem, .../environ)."""
    _prctl(_PR_SET_DUMPABLE, int(dumpable), "dumpable")


def signal_on_parent_death(signal_number: int) -> None:
    """Have the system send `signal_number` when the parent ends. A change of user undoes it."""
    _prctl(_PR_SET_PDEATHSIG, signal_number, "signal on the parent's death")


def adopt_orphans() -> None:
    """Make orphaned descendants children of this process."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, "adopt orphans")


def filter_system_calls(instructions: Iterable[tuple[int, int, int, int]]) -> None:
    """Install a seccomp program of (code, if true, if false, value). Needs no_new_privs."""
    filters = [_Filter(*instruction) for instruction in instructions]
    table = (_Filter * len(filters))(*filters)
    program = _Program(len(filters), ctypes.cast(table, ctypes.POINTER(_Filter)))
    zero = _number(0)
    result = _libc.prctl(_PR_SET_SECCOMP, _number(_SECCOMP_MODE_FILTER), ctypes.byref(program), zero, zero)
    _checked(result, "seccomp")
