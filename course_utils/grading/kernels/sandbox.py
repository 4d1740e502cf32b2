"""Confine a process: own namespaces, a file system of its own, no capabilities, Landlock, seccomp.

kernels.support says whether this machine can do it. The order of steps is that of kernels.keeper:
`enter_namespaces` (child), `map_users` (its parent), `build_root` (process 1 of the new namespaces),
`give_up_rights` (that process and the notebook's kernel), `seal` (process 1, once the sockets exist).
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import stat
from pathlib import Path

import landlock

from course_utils.grading.kernels import linux, system_calls
from course_utils.grading.kernels.limits import Limits
from course_utils.grading.kernels.view import FILES, SCRATCH, WRITABLE, View

STUDENT = 1000  # user and group as seen inside
_HIGHEST_USER = 2_000_000_000
_NAMESPACES = (
    linux.CLONE_NEWUSER
    | linux.CLONE_NEWNS
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWCGROUP
)
_INODES = 50_000


def enter_namespaces() -> None:
    """Move the calling process (its next child becomes process 1) into namespaces of its own."""
    linux.unshare(_NAMESPACES)


def user_for(kernel: int) -> int:
    """The user a kernel runs as, seen from outside: its own one where the grader is root.

    `kernel` is a number no other running kernel of this machine has (a process id).
    """
    if os.getuid() != 0:
        return os.getuid()
    last_range = Path("/proc/self/uid_map").read_text().splitlines()[-1].split()
    last_mapped = int(last_range[0]) + int(last_range[2]) - 1
    return min(_HIGHEST_USER + kernel, last_mapped)


def map_users(process: int, user: int) -> None:
    """Let `process` (which called enter_namespaces) know the student's user, and root if we are root."""
    folder = Path(f"/proc/{process}")
    if os.getuid() == 0:
        # Root takes part only until the file system is built: it may pass folders that others may not.
        for name in ("uid_map", "gid_map"):
            (folder / name).write_text(f"0 0 1\n{STUDENT} {user} 1\n")
        return
    (folder / "setgroups").write_text("deny")
    (folder / "uid_map").write_text(f"{STUDENT} {user} 1\n")
    (folder / "gid_map").write_text(f"{STUDENT} {os.getgid()} 1\n")


def _bind(source: str, target: str, attributes: int) -> None:
    """Show `source` at `target` with `attributes`; `target` is made as needed."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            Path(target).touch()
    linux.mount(source, target, None, linux.MS_BIND | linux.MS_REC)
    linux.set_mount_attributes(target, attributes)


def _show(root: str, source: str, inside: str) -> None:
    """Show a file or folder read-only; a link becomes the same link."""
    target = root + inside
    if os.path.islink(source) and os.path.isdir(source) and os.path.dirname(source) == "/":
        os.symlink(os.readlink(source), target)  # /lib -> usr/lib
        return
    _bind(
        source,
        target,
        linux.ATTRIBUTE_READ_ONLY | linux.ATTRIBUTE_NO_SETUID | linux.ATTRIBUTE_NO_DEVICES,
    )


def _make_writable(root: str, disk_bytes: int) -> None:
    """One memory file system of `disk_bytes` for all that the kernel may write."""
    flags = linux.MS_NOSUID | linux.MS_NODEV
    store = root + "/.writable"
    os.mkdir(store)
    linux.mount("tmpfs", store, "tmpfs", flags, f"size={disk_bytes},nr_inodes={_INODES},mode=755")
    for inside in WRITABLE:
        part = store + "/" + inside.strip("/").replace("/", "-")
        os.mkdir(part)
        os.chown(part, STUDENT, STUDENT)
        os.makedirs(root + inside, exist_ok=True)
        linux.mount(part, root + inside, None, linux.MS_BIND)
    linux.unmount(store)
    os.rmdir(store)


def _left_out(folder: str, names: list[str]) -> list[str]:
    """Of `names`, what is neither a file, a folder nor a link (sockets and pipes stay outside)."""
    modes = {name: os.lstat(os.path.join(folder, name)).st_mode for name in names}
    return [
        name for name, mode in modes.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
    ]


def _fill_scratch(root: str, scratch: str) -> None:
    """Copy the submission into the kernel's own scratch folder. Raises OSError if it does not fit."""
    target = root + SCRATCH
    shutil.copytree(scratch, target, symlinks=True, ignore=_left_out, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for folder, folders, files in os.walk(target):
        os.chmod(folder, 0o755)
        for name in [".", *folders, *files]:
            os.chown(os.path.join(folder, name), STUDENT, STUDENT, follow_symlinks=False)


def build_root(view: View, scratch: str, sockets: str, limits: Limits) -> None:
    """Replace the file system by the view, a copy of `scratch` and the folder `sockets`.

    To be called by process 1 of the new namespaces. `sockets` stays writable until `seal`.
    """
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    root = sockets  # any folder will do as the place to build at; outside, nothing of this is seen
    sockets_handle = os.open(sockets, os.O_PATH | os.O_DIRECTORY)
    linux.mount("tmpfs", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,mode=755")
    for folder in ("/proc", "/dev", "/etc", "/sys"):
        os.mkdir(root + folder)
    _make_writable(root, limits.disk_bytes)  # first: the interpreter may live below /tmp
    for source, inside in view.readable:
        _show(root, source, inside)
    for inside in view.hidden:
        linux.mount("tmpfs", root + inside, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=4k,mode=755")
        linux.set_mount_attributes(root + inside, linux.ATTRIBUTE_READ_ONLY)
    for device in view.devices:
        _bind(device, root + device, linux.ATTRIBUTE_NO_SETUID)
    for inside, text in FILES.items():
        Path(root + inside).write_text(text)
    os.symlink("/proc/self/fd", root + "/dev/fd")
    _fill_scratch(root, scratch)
    os.makedirs(root + sockets, exist_ok=True)
    linux.mount(f"/proc/self/fd/{sockets_handle}", root + sockets, None, linux.MS_BIND)
    os.close(sockets_handle)
    linux.mount("proc", root + "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    linux.enter_root(root)
    _freeze_root()


def _freeze_root() -> None:
    """Make the root's own memory file system read-only, not what is mounted below it."""
    flags = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID | linux.MS_NODEV
    linux.mount(None, "/", None, flags)


def seal(sockets: str) -> None:
    """End writing to the folder of sockets, once they exist: the only folder of the outside."""
    linux.set_mount_attributes(sockets, linux.ATTRIBUTE_READ_ONLY)


def _landlock(sockets: str) -> landlock.Ruleset:
    """Landlock's rules (Linux, Documentation/userspace-api/landlock.rst): the mounts' once more."""
    access = landlock.FSAccess
    look = access.READ_FILE | access.READ_DIR | access.EXECUTE
    change = landlock.FSAccess.all() & ~(access.MAKE_CHAR | access.MAKE_BLOCK)
    rules = landlock.Ruleset()
    rules.allow("/", rules=look)
    rules.allow("/dev", rules=access.all_file() | access.READ_DIR)
    rules.allow(*WRITABLE, rules=change)
    rules.allow(sockets, rules=look | access.MAKE_SOCK | access.REMOVE_FILE)
    return rules


def give_up_rights(sockets: str) -> None:
    """Become the student's user for good: no capabilities, Landlock's rules, refused system calls."""
    linux.become_powerless(STUDENT, STUDENT)
    ctypes.set_errno(0)
    _landlock(sockets).apply()
    linux.filter_system_calls(system_calls.program())


def limit_resources(limits: Limits) -> None:
    """The limits that Linux keeps for each process, or for each user of the namespace."""
    tasks = limits.processes + 256 + 32 * (os.cpu_count() or 1)  # TensorFlow starts threads by processor
    seconds = int(limits.cpu_seconds) + 1
    wanted = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (seconds, seconds + 5),
        resource.RLIMIT_FSIZE: (limits.file_size, limits.file_size),
        resource.RLIMIT_NOFILE: (limits.open_files, limits.open_files),
        resource.RLIMIT_MEMLOCK: (1 << 20, 1 << 20),
        resource.RLIMIT_MSGQUEUE: (0, 0),
        resource.RLIMIT_NPROC: (tasks, tasks),
    }
    for which, (soft, hard) in wanted.items():
        ceiling = resource.getrlimit(which)[1]
        if ceiling == resource.RLIM_INFINITY:
            resource.setrlimit(which, (soft, hard))
        else:
            resource.setrlimit(which, (min(soft, ceiling), min(hard, ceiling)))
