"""Keeps long training: runs it once with resuming after interruptions, saves weights and history, loads them later."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from course_utils.blocks import in_blocks  # noqa: F401

if TYPE_CHECKING:
    import keras

Weights = list[tuple[str, np.ndarray]]

SIZE_LIMIT = 50_000_000  # bytes, of the file as well as of the arrays in it
COUNT_LIMIT = 10_000  # objects in a file
DEPTH_LIMIT = 32

# Where the run that `kept` has begun keeps its state; None outside of `kept`.
_interrupted: ContextVar[Path | None] = ContextVar("interrupted", default=None)


def kept(
    name: str,
    run: Callable[[], tuple[Any, Any]],
    rebuild: Callable[[Weights], Any],
    folder: str | Path = "trained",
) -> tuple[Any, keras.callbacks.History]:
    """What a training run returned, from its files if it has been run before.

    The first time it calls `run()` and saves FOLDER/NAME.weights.h5 and FOLDER/NAME.history.json. Later it calls
    `rebuild(weights)` and loads these files. To train again, delete them.

    Args:
        name: of the run, such as "px".
        run: trains; returns (model, its Keras History).
        rebuild: gets the kept weights as `read_weights` gives them; returns a fresh model that they fit, built or not.
        folder: where the files are.

    Returns:
        (model, History); the History has `.history` (a list of values for each quantity) and `.epoch`.

    Raises:
        TypeError: if `run` does not return (model, History).
        ValueError: if the files are damaged, or the rebuilt model does not fit them.

    Example:
        >>> model, history = kept(
        ...     "px",
        ...     run=lambda: run_px_classification_experiment(50),
        ...     rebuild=lambda weights: build_classification_model(196, 1, hidden_size(weights), 10, summary=False),
        ... )
    """
    weights_file, history_file = files(name, folder)
    if weights_file.is_file() and history_file.is_file():
        model, history = load(weights_file, history_file, rebuild)
        print(f"{name}: {len(history.epoch)} epochs loaded from {weights_file}; delete it to train again.")
        return model, history
    token = _interrupted.set(Path(folder) / f"{name}.interrupted")
    try:
        result = run()
    finally:
        _interrupted.reset(token)
    if not isinstance(result, tuple) or len(result) != 2 or not hasattr(result[1], "history"):
        raise TypeError(
            f"got {type(result).__name__} from the run {name!r}, expected (model, history); return both, the history "
            f"being what model.fit returned"
        )
    model, history = result
    save(model, history, weights_file, history_file)
    print(f"{name}: {len(history.epoch)} epochs kept in {weights_file}.")
    return model, history


def resumable() -> keras.callbacks.Callback:
    """A callback for `model.fit`: inside of `kept`, an interrupted training goes on at its last whole epoch.

    It keeps the weights, the optimizer's state and the history below FOLDER/NAME.interrupted, which it removes when
    the training is over. The model must be built before `fit`. What other callbacks count starts anew after an
    interruption (the learning rate that they have set is kept). Outside of `kept` it does nothing, so that calling the
    experiment itself always trains from the start.
    """
    import keras

    from course_utils.resume import Resume

    folder = _interrupted.get()
    return keras.callbacks.Callback() if folder is None else Resume(folder)


def files(name: str, folder: str | Path) -> tuple[Path, Path]:
    """The files in which a run is kept: its weights and its history."""
    return Path(folder) / f"{name}.weights.h5", Path(folder) / f"{name}.history.json"


def save(model: Any, history: Any, weights_file: Path, history_file: Path) -> None:
    """Writes both files, each at once or not at all; the history last, since it tells that the run is complete."""
    weights_file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = weights_file.with_name(f"unfinished.{weights_file.name}")
    model.save_weights(unfinished)
    os.replace(unfinished, weights_file)

    record = {
        "epoch": [int(epoch) for epoch in history.epoch],
        "history": {key: [float(value) for value in values] for key, values in history.history.items()},
        "input_shape": (model.get_build_config() or {}).get("input_shape"),
    }
    unfinished = history_file.with_name(f"unfinished.{history_file.name}")
    unfinished.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(unfinished, history_file)


def load(
    weights_file: Path, history_file: Path, rebuild: Callable[[Weights], Any]
) -> tuple[Any, keras.callbacks.History]:
    """Rebuilds what `save` has written; see `kept`."""
    record = read_history(history_file)
    model = rebuild(read_weights(weights_file))
    if not model.built and record["input_shape"]:
        model(np.zeros((1, *record["input_shape"][1:]), "float32"))
    try:
        model.load_weights(weights_file)
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(
            f"{weights_file}: got weights that do not fit the rebuilt model ({str(error).strip().splitlines()[0]}); "
            f"rebuild it as it was trained, or delete the file to train again"
        ) from error

    import keras

    history = keras.callbacks.History()
    history.epoch, history.history = record["epoch"], record["history"]
    history.set_model(model)
    return model, history


def read_history(path: str | Path, size_limit: int = 1_000_000) -> dict[str, Any]:
    """A NAME.history.json: {"epoch": [int], "history": {quantity: [float]}, "input_shape": [int] or None}.

    Raises:
        ValueError: if the file is missing, too large, damaged or of another form.
    """
    try:
        record = json.loads(limited_bytes(Path(path), size_limit).decode("utf-8"))
        epochs, values = record["epoch"], record["history"]
        lengths = {len(curve) for curve in values.values()}
        sound = lengths <= {len(epochs)} and all(
            isinstance(value, (int, float)) for curve in (epochs, *values.values()) for value in curve
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: could not be read as a training history ({error}); train again") from error
    if not sound:
        raise ValueError(
            f"{path}: got curves of lengths {sorted(lengths)} for {len(epochs)} epochs, expected a number for "
            f"each epoch; train again"
        )
    return {"epoch": epochs, "history": values, "input_shape": record.get("input_shape")}


def read_weights(path: str | Path, size_limit: int = SIZE_LIMIT) -> Weights:
    """The trained arrays in a .weights.h5 or .keras file, without running or unpickling anything in it.

    Args:
        path: the file. Of a .keras archive only its weights are read.
        size_limit: bytes that the file, and the arrays once decompressed, may have at most.

    Returns:
        (path of the variable in the file, array), sorted by path with numbers in their order; without the optimizer's.

    Raises:
        ValueError: if the file is missing, too large, damaged, or refers to other files.
    """
    path = Path(path)
    content = limited_bytes(path, size_limit)
    if path.suffix == ".keras":
        content = weights_in_archive(path, content, size_limit)
    elif not path.name.endswith(".weights.h5"):
        raise ValueError(f"{path}: got a file of this name, expected .weights.h5 or .keras; use model.save_weights")
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            weights = [
                (name, array) for name, array in arrays_in(file, size_limit) if not name.startswith("optimizer")
            ]
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    except Exception as error:  # h5py raises about anything for a damaged file
        raise ValueError(f"{path}: could not be read as HDF5 ({error}); save the weights again") from error
    if not weights:
        raise ValueError(f"{path}: got a file without any weights, expected a trained model's; save them again")
    return sorted(weights, key=lambda weight: natural_order(weight[0]))


def hidden_size(weights: Weights) -> int:
    """The number of units of the LSTM layers in `weights`, from their recurrent kernels of shape (units, 4 * units).

    Raises:
        ValueError: if there is no such array, or they differ.
    """
    sizes = {array.shape[0] for _, array in weights if array.ndim == 2 and array.shape[1] == 4 * array.shape[0]}
    if len(sizes) != 1:
        shapes = [array.shape for _, array in weights]
        raise ValueError(
            f"got arrays of shapes {shapes}, expected LSTM layers of one size with recurrent kernels of shape "
            f"(units, 4 * units); these look like another model's weights"
        )
    return int(sizes.pop())


def limited_bytes(path: Path, size_limit: int) -> bytes:
    """A file's content, if it is not larger than the limit."""
    try:
        with path.open("rb") as file:
            content = file.read(size_limit + 1)
    except OSError as error:
        raise ValueError(
            f"{path}: could not be read ({error.strerror}), expected a file; train and save first"
        ) from error
    if len(content) > size_limit:
        raise ValueError(f"{path}: got more than {size_limit:,} bytes, expected at most that; save the weights alone")
    return content


def weights_in_archive(path: Path, content: bytes, size_limit: int) -> bytes:
    """The HDF5 file in a .keras archive; its size is limited while it is read, whatever the archive states."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("model.weights.h5") as member:
            weights = member.read(size_limit + 1)
    except Exception as error:  # zipfile raises about anything for a damaged archive
        raise ValueError(f"{path}: could not be read as a .keras archive ({error}); save the model again") from error
    if len(weights) > size_limit:
        raise ValueError(f"{path}: got weights of more than {size_limit:,} bytes, expected at most that")
    return weights


def arrays_in(file: h5py.File, size_limit: int) -> Weights:
    """All numeric arrays of an HDF5 file by their paths; links and arrays that lead elsewhere are refused."""
    weights: Weights = []
    room, objects = size_limit, 0
    groups = [("", file, 0)]
    while groups:
        prefix, group, depth = groups.pop()
        for name in group:
            objects += 1
            if objects > COUNT_LIMIT or depth > DEPTH_LIMIT:
                raise ValueError(f"got more than {COUNT_LIMIT:,} objects or {DEPTH_LIMIT} levels, expected a model")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"got a link at {prefix}{name}, expected arrays in the file itself")
            item = group[name]
            if isinstance(item, h5py.Group):
                groups.append((f"{prefix}{name}/", item, depth + 1))
                continue
            if not isinstance(item, h5py.Dataset) or item.dtype.kind not in "biuf":
                raise ValueError(f"got something other than numbers at {prefix}{name}, expected numeric arrays only")
            if item.is_virtual or item.external:
                raise ValueError(f"got an array at {prefix}{name} that is kept in another file, expected it here")
            room -= item.size * item.dtype.itemsize
            if room < 0:
                raise ValueError(f"got arrays of more than {size_limit:,} bytes, expected at most that")
            weights.append((f"{prefix}{name}", np.asarray(item[()])))
    return weights


def natural_order(path: str) -> list[tuple[int, str]]:
    """A key that sorts lstm_2 before lstm_10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path)]
