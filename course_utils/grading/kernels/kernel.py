"""The forked process that becomes a notebook's kernel: environment, paths, then ipykernel."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from pathlib import Path

from course_utils.grading.kernels.tensorflow_setting import set_for_grading

CHANNELS = 5
QUICK = "course_utils.grading.kernels.quick_kernel"
_SOCKETS_WITHIN = 10.0  # seconds
_PASSED_ON = ("LANG", "LD_LIBRARY_PATH", "PATH")
_PASSED_ON_PREFIXES = ("CUDA_", "NVIDIA_", "XLA_", "TF_", "LC_")


def environment(home: str, data: str | None, threads: int) -> dict[str, str]:
    """The variables a kernel sees, and no others: nothing of the grader's or its owner's."""
    kept = {
        name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    own = {
        "COURSE_DATA_SOURCE": "embedded",
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_CONFIG_DIR": f"{home}/.jupyter",
        "JUPYTER_RUNTIME_DIR": f"{home}/.jupyter/run",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTEROP_THREADS": str(threads),
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TMPDIR": home,
    }
    return kept | own | ({} if data is None else {"TFDS_DATA_DIR": data})


def enter_environment(variables: dict[str, str]) -> None:
    """Make `variables` the whole environment of this process."""
    os.environ.clear()
    os.environ.update(variables)


def silence_standard_streams() -> None:
    """Standard input is empty, output outside of the notebook goes nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if nothing > 2:
        os.close(nothing)


def _use_data(folder: str | None) -> None:
    """Point TFDS and keras.datasets at the prepared data sets."""
    if folder is not None:
        from course_utils.data import offline

        offline.install(folder)


def _new_randomness() -> None:
    """Without this every kernel would draw the same numbers from NumPy's global generator."""
    import numpy as np

    np.random.seed()  # noqa: NPY002


def serve(connection_file: str, scratch: str, data: str | None, grader: socket.socket) -> None:
    """Be the kernel of `connection_file` until it is shut down.

    Sends b"ready" to `grader` once all channels exist and starts when a byte comes back.
    """
    from traitlets.config import Config

    from course_utils.grading.kernels.quick_kernel import QuickKernelApp

    home = os.environ["HOME"]
    os.chdir(home)  # not the scratch folder: IPython would take configuration from it
    settings = Config()
    settings.QuickKernelApp.kernel_class = f"{QUICK}.QuickKernel"
    settings.QuickKernelApp.outstream_class = f"{QUICK}.QuickStream"
    settings.HistoryManager.enabled = False
    settings.InteractiveShellApp.ignore_cwd = True
    _new_randomness()
    set_for_grading()
    _use_data(data)
    app = QuickKernelApp.instance(connection_file=connection_file, parent_handle=1, config=settings)
    app.initialize([])
    app.log.setLevel(logging.WARNING)  # its handler drops what is below, but only after it was made
    _wait_for_channels(Path(connection_file).parent)
    grader.sendall(b"ready")
    if grader.recv(1) != b"!":
        return
    grader.close()
    os.chdir(scratch)
    sys.path.append(scratch)  # last: a file of the submission can't take the place of a package
    app.start()


def _wait_for_channels(folder: Path) -> None:
    """ipykernel binds its heartbeat from a thread, at a time of its own."""
    end = time.monotonic() + _SOCKETS_WITHIN
    while sum(path.is_socket() for path in folder.iterdir()) < CHANNELS:
        if time.monotonic() > end:
            raise TimeoutError(f"the kernel made less than {CHANNELS} sockets within {_SOCKETS_WITHIN:.0f} s")
        time.sleep(0.005)
