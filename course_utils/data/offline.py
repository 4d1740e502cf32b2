"""Makes `tfds.load` and `keras.datasets` work without a network, with the embedded data or with arrays of one's own."""

from __future__ import annotations

import functools
import importlib
import os
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.data import sets, tfds_files
from course_utils.data.images import DataSet, Images, Split

Arrays = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Served:
    """Arrays that stand in for a data set; what TFDS needs of them is written when it is first asked for."""

    images: Images

    def are(self, train: Split, test: Split) -> bool:
        """Whether these are the arrays."""
        pairs = ((self.images.train, train), (self.images.test, test))
        return all(np.array_equal(a.images, b.images) and np.array_equal(a.labels, b.labels) for a, b in pairs)

    @functools.cached_property
    def folder(self) -> Path:
        """In TFDS's layout, whole."""
        return self._written(tfds_files.write)

    @functools.cached_property
    def description(self) -> Path:
        """What TFDS wants to know of them before it reads any."""
        return self._written(tfds_files.describe)

    def _written(self, write: Callable[[Path, Images], None]) -> Path:
        folder = tempfile.TemporaryDirectory(prefix="served_")
        write(Path(folder.name), self.images)
        _folders.append(folder)
        return Path(folder.name)


_installed: dict[str, Path] = {}
_served: dict[str, Served] = {}
_served_last: dict[str, Served] = {}  # so that the same arrays, served again, are not written again
_folders: list[tempfile.TemporaryDirectory[str]] = []  # kept to the end, as data sets may still read from them


def prepare(folder: str | Path) -> None:
    """Writes the embedded data in TFDS's own layout, so that `tfds.load(name, data_dir=folder)` needs no network.

    What is there already is left alone.
    """
    for part in preparations(folder):
        part()


def preparations(folder: str | Path, arrays: Path | None = None, kept: Path | None = None) -> list[Callable[[], None]]:
    """What `prepare` does, in parts for processes side by side; each also writes its images to `arrays`, if given.

    From there `embed` takes them. What an earlier call has left below `kept` is in place at once and needs no part.
    """
    from course_utils.data import embedded_files, omniglot
    from course_utils.data.sources import embedded, write_embedded

    def prepare_set(name: str) -> None:
        data_set = sets.find(name).DATA_SET
        if arrays is not None:
            write_embedded(arrays, data_set)
        if tfds_files.version_folder(Path(folder), name) is None:
            tfds_files.write(Path(folder), embedded(data_set))
        if arrays is not None and kept is not None:
            embedded_files.keep(embedded_files.kept_file(kept, name), name, Path(folder), arrays)

    def taken(name: str) -> bool:
        if arrays is None or kept is None:
            return False
        return embedded_files.take(embedded_files.kept_file(kept, name), Path(folder), arrays)

    parts: list[Callable[[], None]] = [functools.partial(prepare_set, name) for name in sets.names() if not taken(name)]
    if kept is None or not omniglot.take_embedded(Path(folder), kept):
        parts.insert(0, functools.partial(omniglot.prepare_embedded, folder))
    return parts


def embed(arrays: Path) -> None:
    """Has the embedded images at hand when this process, or one forked from it, loads them."""
    from course_utils.data.sources import embedded, read_embedded_from

    read_embedded_from(arrays)
    for name in sets.names():
        embedded(sets.find(name).DATA_SET)


def install(folder: str | Path) -> None:
    """Points this process's TFDS, `keras.datasets` and `course_utils.data` at the embedded data in a prepared folder.

    From then on `tfds.load("mnist")` gives the embedded images, whatever `data_dir` it is given. It takes them from
    memory, and reads the folder for what only files can give, such as a decoder of one's own.

    Raises:
        FileNotFoundError: if `prepare(folder)` has not been run.
    """
    folder = Path(folder).absolute()
    for name in sets.names():
        if tfds_files.version_folder(folder, name) is None:
            raise FileNotFoundError(
                f"{folder}: got no prepared {name}, expected one; run offline.prepare({str(folder)!r})"
            )
        _installed[name] = folder
        redirect(sets.find(name).DATA_SET)
    os.environ.update(TFDS_DATA_DIR=str(folder), COURSE_DATA_SOURCE="embedded")


def serving(name: str, train: Arrays, test: Arrays) -> None:
    """From now on `load`, `tfds.load` and `keras.datasets` give these arrays for a data set, in this order.

    Args:
        name: "mnist"; see `course_utils.data.sets`.
        train: images uint8 [n, 28, 28, 1] or [n, 28, 28] and labels, integers [n].
        test: likewise.

    Raises:
        ValueError: if the name is unknown or the arrays do not fit the data set.

    Example:
        >>> serving("mnist", train=(images[:500], labels[:500]), test=(images[500:], labels[500:]))
        >>> tfds.load("mnist", split="train[:100]", as_supervised=True)
        >>> stop_serving("mnist")
    """
    data_set = sets.find(name).DATA_SET
    train_split = data_set.split(*train, f"{name} to serve, training split")
    test_split = data_set.split(*test, f"{name} to serve, test split")
    if name not in _served_last or not _served_last[name].are(train_split, test_split):
        _served_last[name] = Served(Images(name, "served", train_split, test_split, data_set.classes))
    _served[name] = _served_last[name]
    redirect(data_set)


def stop_serving(name: str) -> None:
    """Ends `serving`; without one it does nothing."""
    _served.pop(name, None)


def served(name: str) -> Images | None:
    """The arrays that are being served for a data set."""
    return _served[name].images if name in _served else None


def tfds_folder(name: str) -> Path | None:
    """The folder that TFDS must read instead of its own for a data set."""
    return _served[name].folder if name in _served else _installed.get(name)


def builder_of_arrays(name: str) -> Any:
    """TFDS's builder of a data set that is served or installed, from memory; None where it is neither."""
    from course_utils.data import array_builder
    from course_utils.data.sources import embedded

    if name in _served:
        served = _served[name]
        return array_builder.make(served.description, served.images, lambda: served.folder)
    if name in _installed:
        return array_builder.make(_installed[name], embedded(sets.find(name).DATA_SET), lambda: _installed[name])
    return None


def redirect(data_set: DataSet) -> None:
    """Hooks TFDS's and Keras's loaders of a data set; hooking them again changes nothing."""
    redirect_tfds()
    redirect_keras(data_set)


def redirect_tfds() -> None:
    """Hooks `tfds.builder`, which `tfds.load` uses too."""
    import tensorflow_datasets as tfds

    module = importlib.import_module("tensorflow_datasets.core.load")
    original = module.builder
    if getattr(original, "redirected", False):
        return

    @functools.wraps(original)
    def builder(name: str, **arguments: Any) -> Any:
        if arguments.keys() <= {"data_dir", "try_gcs"} and (found := builder_of_arrays(str(name).lower())) is not None:
            return found
        folder = tfds_folder(re.split("[:/]", str(name).lower())[0])
        if folder is not None:
            arguments.update(data_dir=str(folder), try_gcs=False)
        return original(name, **arguments)

    builder.redirected = True  # type: ignore[attr-defined]
    module.builder = builder  # type: ignore[attr-defined]
    tfds.builder = builder


def redirect_keras(data_set: DataSet) -> None:
    """Hooks `keras.datasets.NAME.load_data` under all names by which it can be imported."""
    try:
        source = importlib.import_module(f"keras.src.datasets.{data_set.name}")
    except ModuleNotFoundError:  # a data set that Keras does not have
        return
    original = source.load_data
    if getattr(original, "redirected", False):
        return
    load_data = keras_loader(data_set, original)
    for package in ("keras.src", "keras", "keras._tf_keras.keras", "keras.api"):
        module = sys.modules.get(f"{package}.datasets.{data_set.name}")
        if module is not None:
            module.load_data = load_data  # type: ignore[attr-defined]


def keras_loader(data_set: DataSet, original: Callable[..., Any]) -> Callable[..., tuple[Arrays, Arrays]]:
    """Keras's `load_data` for a data set that may be installed or served; else Keras's own."""

    @functools.wraps(original)
    def load_data(*arguments: Any, **named: Any) -> tuple[Arrays, Arrays]:
        from course_utils.data.sources import load

        if data_set.name not in _served and data_set.name not in _installed:
            return original(*arguments, **named)
        images = load(data_set.name)
        train, test = keras_arrays(images.train), keras_arrays(images.test)
        if data_set.superclasses and "coarse" in (*arguments, *named.values()):
            groups: np.ndarray = np.array(data_set.superclass_of)
            return (train[0], groups[train[1]]), (test[0], groups[test[1]])
        return train, test

    load_data.redirected = True  # type: ignore[attr-defined]
    return load_data


def keras_arrays(split: Split) -> Arrays:
    """Copies as Keras gives them: grey images [n, height, width] with labels uint8 [n], others with int64 [n, 1]."""
    if split.images.shape[-1] == 1:
        return split.images[..., 0].copy(), split.labels.astype(np.uint8)
    return split.images.copy(), split.labels[:, np.newaxis].copy()
