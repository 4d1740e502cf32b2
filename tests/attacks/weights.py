"""Attacks by files of trained weights: code, bombs, links and lies in them. Each costs its own points alone."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable

import h5py
import numpy as np

from .attack import Attack
from .target import HONEST, WEIGHTS, weights_file

_NEVER = "not tried: stock nbgrader knows no weights"
_KERAS = WEIGHTS.replace(".weights.h5", ".keras")


class _Runs:
    """Unpickling it runs a command."""

    def __reduce__(self) -> tuple:
        return exec, ("open('/tmp/taken', 'w').close(); raise SystemExit",)


def _hdf5(fill: Callable[[h5py.File], None]) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        fill(file)
    return content.getvalue()


def _links(file: h5py.File) -> None:
    file["line/slope"] = h5py.ExternalLink("/etc/passwd", "/")
    file["line/shift"] = h5py.ExternalLink("@COURSE@/gradebook.db", "/")


def _storage_elsewhere(file: h5py.File) -> None:
    for name in ("line/slope", "line/shift"):
        file.create_dataset(name, (16,), "uint8", external=[("/etc/passwd", 0, 16)])


def _huge_shape(file: h5py.File) -> None:
    for name in ("line/slope", "line/shift"):
        file.create_dataset(name, (10**6, 10**6), "float64", chunks=(1000, 1000))


def _circles(file: h5py.File) -> None:
    group = file.create_group("line")
    group["line"] = group
    file["line/slope"], file["line/shift"] = np.float32(3), np.float32(-1)


def _keras(config: dict, weights: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", "{}")
        archive.writestr("model.weights.h5", weights)
    return content.getvalue()


def _lambda_layer() -> dict:
    """The configuration of a model with a Lambda layer whose code is run when Keras loads it."""
    code = {"class_name": "__lambda__", "config": {"code": "44GhAAAAAAAAAA==", "defaults": None, "closure": None}}
    layer = {"class_name": "Lambda", "module": "keras.layers", "config": {"name": "line", "function": code}}
    return {"class_name": "Sequential", "module": "keras", "config": {"name": "s", "layers": [layer]}}


def _file(
    name: str, tries: str, content: bytes, here: str, path: str = WEIGHTS, loses: tuple[str, ...] = ("trained_line",)
) -> Attack:
    cells = {"trained_line": HONEST["trained_line"].replace(WEIGHTS, path)}
    return Attack(
        name,
        tries,
        _NEVER,
        here,
        cells=cells,
        files={WEIGHTS: b"", path: content},
        loses=loses,
        last="import os\nprint('REPORT', os.path.exists('/tmp/taken'))\n",
        reports="False",
    )


ATTACKS = (
    _file(
        "a .keras with a Lambda",
        "Hands in a model whose Lambda layer runs code when it is loaded.",
        _keras(_lambda_layer(), weights_file()),
        "only its arrays are read, so that right ones count",
        _KERAS,
        loses=(),
    ),
    _file("a pickle", "Hands in a pickle under the name of weights.", pickle.dumps(_Runs()), "nothing is unpickled"),
    _file(
        "an .npy with a pickle in it",
        "Hands in an object array as .npy under the name of weights.",
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }" + pickle.dumps([_Runs()]),
        "nothing is unpickled",
    ),
    _file(
        "weights that are a zip bomb",
        "Hands in a .keras whose weights unpack to 300 MB.",
        _keras({}, bytes(300_000_000), zipfile.ZIP_DEFLATED),
        "what is unpacked is bounded while it is read",
        _KERAS,
    ),
    _file(
        "weights of other files",
        "Links its arrays to /etc/passwd and the gradebook.",
        _hdf5(_links),
        "links are refused",
    ),
    _file("weights kept elsewhere", "Keeps its arrays' content in /etc/passwd.", _hdf5(_storage_elsewhere), "refused"),
    _file(
        "weights of 8 TB", "Claims arrays of 8 TB.", _hdf5(_huge_shape), "sizes are added up before anything is read"
    ),
    _file(
        "weights in circles",
        "Hands in groups that contain themselves.",
        _hdf5(_circles),
        "depth and number are bounded",
    ),
    _file(
        "damaged weights",
        "Hands in weights of which half is missing.",
        weights_file()[: len(weights_file()) // 2],
        "unreadable",
    ),
)
