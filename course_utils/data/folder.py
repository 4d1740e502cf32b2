"""Data sets from files in a folder: NAME.npz in Keras's form, or PNG files named SPLIT/LABEL/NUMBER.png."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from course_utils.data.images import DataSet, Split

NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")


def holds(folder: Path, data_set: DataSet) -> bool:
    """Whether the folder has files of this data set; they may still turn out to be wrong."""
    return (folder / f"{data_set.name}.npz").is_file() or png_root(folder, data_set) is not None


def read(folder: Path, data_set: DataSet) -> tuple[Split, Split]:
    """The training and the test split: from NAME.npz if it is there, else from NAME/train/5/00001.png and the like.

    The order is that of the .npz; PNG files come in an order that a hash of their names gives.

    Raises:
        FileNotFoundError: if the folder has neither.
        ValueError: if what is there does not have the data set's shapes, dtypes and labels.
    """
    npz = folder / f"{data_set.name}.npz"
    if npz.is_file():
        return read_npz(npz, data_set)
    root = png_root(folder, data_set)
    if root is not None:
        return read_png_split(root / "train", data_set), read_png_split(root / "test", data_set)
    found = sorted(path.name for path in folder.iterdir())[:8] if folder.is_dir() else "no such folder"
    raise FileNotFoundError(
        f"{folder}: got {found}, expected {data_set.name}.npz with {', '.join(NPZ_KEYS)}, or folders "
        f"train and test with images like train/{data_set.classes[-1]}/00001.png; put the data there, or set "
        f"COURSE_DATA_DIR to where it is"
    )


def read_npz(path: Path, data_set: DataSet) -> tuple[Split, Split]:
    """The splits of a file as `keras.datasets.mnist` downloads it; pickled arrays are refused."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            missing = [key for key in NPZ_KEYS if key not in arrays.files]
            if missing:
                raise ValueError(
                    f"{path}: got the arrays {arrays.files}, expected {list(NPZ_KEYS)}; write it with "
                    f"np.savez_compressed({', '.join(f'{key}=...' for key in NPZ_KEYS)})"
                )
            x_train, y_train, x_test, y_test = (arrays[key] for key in NPZ_KEYS)
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: got a damaged file ({error}), expected a .npz archive; fetch it again") from error
    return (
        data_set.split(x_train, y_train, f"{path}, training split"),
        data_set.split(x_test, y_test, f"{path}, test split"),
    )


def png_root(folder: Path, data_set: DataSet) -> Path | None:
    """The folder that has `train` and `test`: one named like the data set, or the folder itself."""
    for root in (folder / data_set.name, folder):
        if (root / "train").is_dir() and (root / "test").is_dir():
            return root
    return None


def read_png_split(folder: Path, data_set: DataSet) -> Split:
    """The images below LABEL/ folders, in the order of a hash of their names."""
    from PIL import Image

    files = [path for label in data_set.classes for path in (folder / label).glob("*.png")]
    if not files:
        raise FileNotFoundError(
            f"{folder}: got no image, expected files like {folder / data_set.classes[-1] / '00001.png'}"
        )
    files.sort(key=lambda path: hashlib.sha256(f"{path.parent.name}/{path.name}".encode()).digest())
    height, width, channels = data_set.image_shape
    images: np.ndarray = np.empty((len(files), height, width, channels), np.uint8)
    for image, path in zip(images, files, strict=True):
        with Image.open(path) as png:
            pixels = np.asarray(png.convert("L" if channels == 1 else "RGB"))
        if pixels.shape[:2] != (height, width):
            raise ValueError(
                f"{path}: got an image of {pixels.shape[0]}x{pixels.shape[1]}, expected {height}x{width}; "
                f"give {data_set.name}'s images unresized"
            )
        image[:] = pixels.reshape(height, width, channels)
    labels = np.array([data_set.classes.index(path.parent.name) for path in files])
    return data_set.split(images, labels, str(folder))
