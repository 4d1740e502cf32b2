"""Trained weights as they are handed in: those of the reference, and what can be wrong with them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

Files = dict[str, bytes]
PX, ROWS = "trained/px_classification.weights.h5", "trained/row_classification.weights.h5"
OWN = Path(__file__).resolve().parent / "own_weights"
GRADED = (
    PX,
    "trained/better_mann.weights.h5",
    "trained/classifier.weights.h5",
    "trained/batch_hard.weights.h5",
    "trained/encoder.weights.h5",
)  # one of each assignment with a grade cell for trained weights


def of_the_reference(root: Path, assignment: str) -> Files:
    """The folder `trained` beside the source, or beside the solution."""
    for place in ("source", "solutions"):
        folder = root / place / assignment / "trained"
        if folder.is_dir():
            return {f"trained/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    return {}


def made(kind: str, files: Files) -> Files:
    """The files with something wrong; `kind` is the name of a function below, without its underscore.

    `own("NAME")` puts the file NAME of the folder `own_weights` here in the place of the reference's weights, for an
    answer with another network.
    """
    if not files:
        return files
    own = re.fullmatch(r'own\("([\w.]+)"\)', kind.strip())
    if own:
        return {**files, _graded(files): (OWN / own[1]).read_bytes()}
    return KINDS[kind.strip()](files)


def _graded(files: Files) -> str:
    """The path of the weights that a grade cell is about."""
    return next(name for name in GRADED if name in files)


def _missing(files: Files) -> Files:
    return {name: content for name, content in files.items() if name != _graded(files)}


def _corrupt(files: Files) -> Files:
    return {**files, _graded(files): b"these are no weights" * 50}


def _rows(files: Files) -> Files:
    return {**files, PX: files[ROWS]}


def _untrained(files: Files) -> Files:
    rng = np.random.default_rng(1)
    name = _graded(files)
    return {**files, name: _changed(files[name], lambda array: rng.normal(scale=0.3, size=array.shape))}


def _undertrained(files: Files) -> Files:
    rng = np.random.default_rng(2)
    return {**files, PX: _changed(files[PX], lambda array: array * rng.uniform(0.3, 1.2, array.shape))}


def _changed(content: bytes, change: Callable[[np.ndarray], np.ndarray]) -> bytes:
    """An HDF5 file with every array of numbers changed."""
    stream = io.BytesIO(content)
    with h5py.File(stream, "r+") as file:
        found: list[h5py.Dataset] = []
        file.visititems(lambda name, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
        for dataset in found:
            if dataset.dtype.kind == "f" and dataset.ndim > 0:
                dataset[...] = change(dataset[...]).astype(dataset.dtype)
    return stream.getvalue()


KINDS: dict[str, Callable[[Files], Files]] = {
    "missing": _missing,
    "corrupt": _corrupt,
    "rows": _rows,
    "untrained": _untrained,
    "undertrained": _undertrained,
}
