"""What of the file system a confined kernel sees: the interpreter, its packages, system libraries, data."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

SCRATCH = "/scratch"
TEMPORARY = "/tmp"
SHARED_MEMORY = "/dev/shm"
WRITABLE = (SCRATCH, TEMPORARY, SHARED_MEMORY)
DATA = "/data"

DEVICES = ("null", "zero", "full", "random", "urandom")
_SYSTEM = (
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/zoneinfo",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)
_GRAPHICS = ("/usr/local/cuda", "/etc/OpenCL", "/sys/bus/pci/devices", "/sys/devices/pci0000:00", "/sys/module/nvidia")
_SHARED_PREFIXES = (Path("/"), Path("/usr"), Path("/usr/local"))
FILES = {
    "/etc/passwd": "student:x:1000:1000::/tmp:/usr/sbin/nologin\n",
    "/etc/group": "student:x:1000:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


@dataclass(frozen=True)
class View:
    """Folders and files seen read-only (outside path, inside path), those hidden again, and devices."""

    readable: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    devices: tuple[str, ...]


def _interpreter() -> list[Path]:
    """The folders this Python was installed to, never a prefix it shares with the rest of the system."""
    prefixes = [Path(text) for text in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)]
    prefixes.append(Path(sys.base_prefix).resolve())
    own = [prefix for prefix in prefixes if prefix not in _SHARED_PREFIXES]
    executables = [Path(sys.executable), Path(sys.executable).resolve()]
    library = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    packages = [Path(text) for text in sys.path if Path(text).name in ("site-packages", "dist-packages")]
    return [*own, *library, *executables, *packages]


def _libraries_on_path() -> list[Path]:
    return [Path(text) for text in os.environ.get("LD_LIBRARY_PATH", "").split(":") if text.startswith("/")]


def _without_nested(paths: list[Path]) -> list[Path]:
    """The given paths that exist, shortest first, without those that lie in another of them."""
    kept: list[Path] = []
    for path in sorted({Path(os.path.normpath(path)) for path in paths if path.exists()}, key=lambda p: len(p.parts)):
        if not any(path.is_relative_to(folder) for folder in kept):
            kept.append(path)
    return kept


def course_package() -> Path:
    """The folder of the package `course_utils` itself, wherever it is installed."""
    return Path(__file__).parents[2]


def graphics_devices() -> list[str]:
    """The device files of NVIDIA's driver, if there are any."""
    return sorted(str(path) for path in Path("/dev").glob("nvidia*") if path.is_char_device())


def view_of_this_interpreter(data: str | None) -> View:
    """What a kernel forked from this process needs; `data` is the folder of prepared data sets."""
    graphics = graphics_devices()
    system = [Path(text) for text in (*_SYSTEM, *(_GRAPHICS if graphics else ()))]
    paths = _without_nested([*_interpreter(), *_libraries_on_path(), *system, course_package()])
    readable = [(str(path), str(path)) for path in paths]
    if data is not None:
        readable.append((data, DATA))
    hidden = [str(course_package() / "grading")]
    return View(tuple(readable), tuple(hidden), (*(f"/dev/{name}" for name in DEVICES), *graphics))
