"""Omniglot (Lake et al. 2015), from TFDS, from a folder, or its embedded stand-in; chosen, loaded and kept once."""

from __future__ import annotations

import functools
import hashlib
import inspect
import logging
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from course_utils.data import character_folder, drawings, glyphs, prepared
from course_utils.data.character_splits import background_alphabets
from course_utils.data.characters import Characters
from course_utils.data.images import DataSet
from course_utils.data.ink import shrunk, with_ink_high
from course_utils.data.whole_files import is_trusted, written_whole

DATA_SET = DataSet(
    name="omniglot",
    image_shape=(105, 105, 3),
    classes=(),
    download="https://github.com/brendenlake/omniglot/raw/master/python/images_background.zip",
)
KEPT = "course_utils_characters"  # the folder beside TFDS's data where arrays are kept
VERSION = 1  # of what is kept of TFDS's data; to be raised when it is read or shrunk in another way

logger = logging.getLogger(__name__)


def load_omniglot(source: str | None = None) -> Characters:
    """All characters of Omniglot with 20 drawings each, always in the same order.

    Args:
        source: "tfds", "folder" (the one that COURSE_DATA_DIR names, or its subfolder omniglot) or "embedded". By
            default COURSE_DATA_SOURCE, if it is set; else the folder's subfolder omniglot, if there is one; else TFDS,
            if the data is prepared or can be downloaded; else embedded.

    Returns:
        Read-only arrays, kept in memory for the next call; `str()` of it says which source was used.

    Raises:
        ValueError: if the source is unknown, or the data does not have its shapes.
        FileNotFoundError: if the folder is asked for and lacks the data.
        RuntimeError: if TFDS is asked for and cannot deliver.

    Example:
        >>> omniglot = load_omniglot()
        >>> omniglot.images.shape
        (1623, 20, 28, 28)
    """
    wanted = source or os.environ.get("COURSE_DATA_SOURCE")
    directory = os.environ.get("COURSE_DATA_DIR")
    if not wanted:
        return by_default(directory, prepared.data_dir())
    if wanted == "tfds":
        return from_tfds(prepared.data_dir())
    if wanted == "folder":
        return from_folder(directory)
    if wanted == "embedded":
        return embedded(prepared.data_dir())
    raise ValueError(
        f"got the source {wanted!r}, expected one of: tfds, folder, embedded; see the argument `source` and the "
        f"environment variable COURSE_DATA_SOURCE"
    )


@functools.cache
def by_default(directory: str | None, tfds_directory: Path) -> Characters:
    """The first of folder, TFDS and embedded that has the data at hand."""
    if directory and (Path(directory) / DATA_SET.name).is_dir():
        return from_folder(directory)
    if prepared.is_prepared(DATA_SET):
        return from_tfds(tfds_directory)
    reason = "TFDS has not prepared it and the network cannot be reached"
    if prepared.can_be_reached(DATA_SET.download):
        try:
            return from_tfds(tfds_directory)
        except RuntimeError as error:
            reason = str(error)
    logger.warning("omniglot: using the embedded data, since %s", reason)
    return embedded(tfds_directory, reason)


@functools.cache
def from_folder(directory: str | None) -> Characters:
    """The characters from the folder that COURSE_DATA_DIR names."""
    if not directory:
        raise FileNotFoundError("got no COURSE_DATA_DIR, expected the folder with the data; set it")
    inner = Path(directory) / DATA_SET.name
    return character_folder.read_characters(inner if inner.is_dir() else directory)


@functools.cache
def from_tfds(directory: Path) -> Characters:
    """The characters from TFDS, whatever goes wrong there told in one line."""
    try:
        return kept(directory / KEPT / f"omniglot_{VERSION}.npz", read_tfds, "tfds")
    except Exception as error:
        raise RuntimeError(
            f"TFDS could not deliver omniglot ({type(error).__name__}: {str(error).strip().splitlines()[:1]}); check "
            f"the network and {directory}, or use the source 'embedded'"
        ) from error


def read_tfds() -> Characters:
    """TFDS's two splits, the background and the evaluation alphabets; drawings in TFDS's order."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    splits, info = tfds.load("omniglot", split=["train", "test"], data_dir=str(prepared.data_dir()), with_info=True)
    alphabet_names = info.features["alphabet"].names
    images: dict[tuple[str, int], list[np.ndarray]] = {}
    is_background: dict[tuple[str, int], bool] = {}
    for background, split in zip((True, False), splits, strict=True):
        for batch in split.batch(500).prefetch(tf.data.AUTOTUNE).as_numpy_iterator():
            small = shrunk(with_ink_high(np.ascontiguousarray(batch["image"][..., 0])))
            for image, alphabet, number in zip(small, batch["alphabet"], batch["alphabet_char_id"], strict=True):
                key = alphabet_names[alphabet], int(number)
                images.setdefault(key, []).append(image)
                is_background[key] = background
    keys = sorted(images)
    first = keys[0][1] if (keys[0][0], 0) not in images else 0
    return Characters(
        np.stack([np.stack(images[key]) for key in keys]),
        tuple(alphabet for alphabet, _ in keys),
        tuple(f"character{number + 1 - first:02d}" for _, number in keys),
        np.array([is_background[key] for key in keys]),
        "tfds",
    )


@functools.cache
def embedded(directory: Path, note: str = "") -> Characters:
    """The characters of matplotlib's fonts, drawn by twenty people who do not exist; see `glyphs` and `drawings`."""
    return kept(embedded_file(directory), make_embedded, "embedded", note)


def embedded_file(directory: Path) -> Path:
    """Where the embedded characters are kept."""
    return directory / KEPT / f"glyphs_{fingerprint()}.npz"


def fingerprint() -> str:
    """Of all that the embedded characters depend on: the fonts, and the code that draws them."""
    whole = hashlib.sha256(glyphs.fingerprint_of_fonts().encode())
    for module in (glyphs, drawings):
        whole.update(inspect.getsource(module).encode())
    return whole.hexdigest()[:16]


def make_embedded() -> Characters:
    """Draws the embedded characters anew, which takes a few seconds."""
    shapes = glyphs.glyphs()
    order = sorted(range(len(shapes.names)), key=lambda number: (shapes.alphabets[number], shapes.names[number]))
    alphabets = tuple(shapes.alphabets[number] for number in order)
    background = background_alphabets(alphabets)
    return Characters(
        drawings.drawn(shapes.fields)[order],
        alphabets,
        tuple(shapes.names[number] for number in order),
        np.array([alphabet in background for alphabet in alphabets]),
        "embedded",
    )


def prepare_embedded(folder: str | Path) -> None:
    """Keeps the embedded characters below a folder that is to be TFDS_DATA_DIR, so that others need not draw them."""
    file, own = embedded_file(Path(folder)), embedded_file(prepared.data_dir())
    if not file.is_file():
        of_another = own.exists() and not is_trusted(own)
        write(file, make_embedded() if of_another else embedded(prepared.data_dir()))


def take_embedded(folder: Path, kept_below: Path) -> bool:
    """As `prepare_embedded`, from what is kept below another folder; False where none is to be used."""
    file, copy = embedded_file(kept_below), embedded_file(folder)
    if not is_trusted(file):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.testzip() is not None:
                return False
        with written_whole(copy) as stream, file.open("rb") as original:
            shutil.copyfileobj(original, stream)
    except (OSError, zipfile.BadZipFile):
        return False
    return True


def kept(file: Path, make: Callable[[], Characters], source: str, note: str = "") -> Characters:
    """What an earlier call kept in the file, else what `make` makes, which is kept where the folder can be written."""
    try:
        return read(file, source, note)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        made = make()
    try:
        write(file, made)
    except OSError:
        logger.debug("%s cannot be written; the characters will be made again next time", file)
    made.images.setflags(write=False)
    return Characters(made.images, made.alphabets, made.names, made.background, source, note)


def read(file: Path, source: str, note: str) -> Characters:
    """The characters in a file that `write` has written; pickled arrays are refused."""
    with np.load(file, allow_pickle=False) as arrays:
        images = arrays["images"]
        images.setflags(write=False)
        return Characters(
            images,
            tuple(arrays["alphabets"].tolist()),
            tuple(arrays["names"].tolist()),
            arrays["background"],
            source,
            note,
        )


def write(file: Path, characters: Characters) -> None:
    """Writes the file at once or not at all."""
    with written_whole(file) as stream:
        np.savez(
            stream,
            images=characters.images,
            alphabets=np.array(characters.alphabets),
            names=np.array(characters.names),
            background=characters.background,
        )
