"""The warm process that kernels are forked from: `python -I -m ...starter FOLDER CONFINEMENT KEPT MODULE...`.

It imports what notebooks import, makes the embedded data, and computes nothing with TensorFlow, which makes its devices
and threads at the first use, and neither survives a fork. Standard input is the owner's: when it closes, the starter
ends, and every kernel with it. Each connection to FOLDER/starter is handed, unread, to a forked keeper, so that nothing
about one submission is in the memory of another's kernel.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading.kernels import init, keeper, kernel
from course_utils.grading.kernels.init import Confined, Confinement, Unconfined
from course_utils.grading.kernels.view import view_of_this_interpreter

OFFLINE = "course_utils.data.offline"
# Those that the data need come first.
MODULES = (
    "numpy",
    "tensorflow",
    "tensorflow_datasets",
    OFFLINE,
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "sklearn.datasets",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.neighbors",
    "keras",
    "tqdm.auto",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "course_utils",
    "course_utils.checks.agent",
    "course_utils.checks.comm",
    "course_utils.checks.probes",
    "course_utils.checks.training_runs",
    "course_utils.data",
    "course_utils.data.array_builder",
    "course_utils.evaluation",
    "course_utils.plots",
    "course_utils.training",
)
SOCKET = "starter"
ARRAYS = "arrays"
IDLE_SECONDS = 1800.0
READY = b"warm\n"


def import_modules(names: Sequence[str]) -> None:
    """Import what notebooks import, and see to it that a fork of this process is a whole one."""
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
            warnings.warn(f"kernels start without {name}: it is not installed", stacklevel=1)
    _load_lazy_modules()
    _do_without_debugger()
    importlib.import_module(kernel.QUICK)  # a confined kernel sees no module of the grader's that is not there yet
    _demand_one_thread()


def _demand_one_thread() -> None:
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        raise RuntimeError(
            f"the starter must have one thread to be forked, but its imports started {threads - 1} more; "
            "an imported module computes at import"
        )


def _load_lazy_modules() -> None:
    """TensorFlow, TFDS and Pillow import parts of themselves at first use; better once here than in each kernel."""
    if {"tensorflow", "tensorflow_datasets"} <= sys.modules.keys():
        import tensorflow as tf
        import tensorflow_datasets as tfds

        for owner, name in ((tf, "keras"), (tf.data, "Dataset"), (tfds, "load"), (tfds, "as_numpy")):
            getattr(owner, name)
        dir(tf.keras)
        operations = importlib.import_module("tensorflow.python.data.ops")
        for module in pkgutil.iter_modules(operations.__path__):
            if module.name.endswith("_op"):
                importlib.import_module(f"{operations.__name__}.{module.name}")
    if "PIL" in sys.modules:
        from PIL import Image

        Image.preinit()


def _do_without_debugger() -> None:
    """ipykernel loads debugpy if it can, for 0.3 s in each kernel; nobody debugs while grading."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # makes its import fail
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]


@dataclass
class _Starter:
    listener: socket.socket
    alive: tuple[int, int]  # a pipe whose writing end only the starter holds
    confinement: Confinement

    def serve(self) -> None:
        """Fork a keeper for each connection until the owner is gone or nothing happens any more."""
        keepers: set[int] = set()
        owner = sys.stdin.fileno()
        child_ended = init.ChildWatch()
        while True:
            patience = None if keepers else IDLE_SECONDS
            ready, _, _ = select.select([self.listener, owner, child_ended], [], [], patience)
            if not ready or owner in ready:
                return
            if child_ended in ready:
                child_ended.clear()
                keepers -= set(init.reap())
            if self.listener in ready:
                connection, _ = self.listener.accept()
                keepers.add(init.in_child(lambda: self._keep(connection, child_ended)))  # noqa: B023
                connection.close()

    def _keep(self, connection: socket.socket, child_ended: init.ChildWatch) -> None:
        """The forked keeper's life."""
        child_ended.undo_in_child()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self.listener.close()
        os.close(self.alive[1])
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        try:
            keeper.Keeper(connection, self.alive[0], self.confinement).keep()
        except Exception:
            keeper.report_failure(connection, traceback.format_exc())


@contextlib.contextmanager
def _data_prepared(folder: Path, arrays: Path, kept: str) -> Iterator[str | None]:
    """Meanwhile a process for each data set makes the embedded data, for TFDS and as arrays; at the end they are here.

    Processes of their own, since writing them for TFDS takes TensorFlow. `kept` is where the owner keeps data for TFDS
    and, once it is made, the embedded data: then no process is needed.
    """
    offline = sys.modules.get(OFFLINE)
    if offline is None:
        yield None
        return
    _demand_one_thread()

    def make(part: Callable[[], None]) -> None:
        os.environ["TFDS_DATA_DIR"] = kept
        part()

    parts = offline.preparations(folder, arrays, Path(kept))
    processes = [init.in_child(functools.partial(make, part)) for part in parts]
    try:
        yield str(folder)
    finally:
        statuses = [os.waitpid(process, 0)[1] for process in processes]
    if any(statuses):
        raise RuntimeError(f"the embedded data sets could not be prepared in {folder}; the cause is above")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    offline.embed(arrays)
    _demand_one_thread()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    return listener


def main(folder: Path, confinement_name: str, kept: str, modules: Sequence[str]) -> None:
    """Warm up, say so on standard output, serve; remove `folder` at the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's to handle
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    starter = os.getpid()
    gc.disable()  # imports leave little garbage, and a fifth of their time went into looking for it
    try:
        import_modules(modules[: modules.index(OFFLINE) + 1] if OFFLINE in modules else ())
        with _data_prepared(folder / "data", folder / ARRAYS, kept) as data:
            import_modules(modules)
        confinement: Confinement = Unconfined(data)
        if confinement_name == "sandboxed":
            confinement = Confined(view_of_this_interpreter(data), data)
        listener = _listen(folder / SOCKET)
        gc.freeze()  # with what garbage there is: to look for it takes half a second, and finds one object in a hundred
        gc.enable()
        os.write(1, READY)
        _Starter(listener, os.pipe(), confinement).serve()
    finally:
        if os.getpid() == starter:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
