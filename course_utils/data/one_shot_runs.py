"""The 20 official one-shot runs of Omniglot: 20-way tasks within an alphabet, with fixed images (Lake et al. 2015)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.data.ink import shrunk, with_ink_high

LABELS = "class_labels.txt"
IMAGE_LIMIT = 1_000_000  # bytes of one file


@dataclass(frozen=True, eq=False)
class OneShotRun:
    """One run: to each test image belongs one of the training images, which shows the same character.

    Attributes:
        training: uint8 [20, 28, 28], ink high, one image a character.
        test: uint8 [20, 28, 28], drawn by another person.
        answers: int64 [20], the number of the training image that belongs to each test image.
    """

    training: np.ndarray
    test: np.ndarray
    answers: np.ndarray


def one_shot_runs(place: str | Path) -> list[OneShotRun]:
    """The runs in the published archive all_runs.zip, or in the folder that it unpacks to.

    Each run01, run02 ... has a file class_labels.txt with a line a test image, such as "run01/test/item01.png
    run01/training/class08.png". Chance is 5 %; the nearest neighbour on pixels gets 21.7 % (Lake et al. 2015).

    Args:
        place: the archive, or a folder that has run01 and the others, directly or in a subfolder.

    Raises:
        FileNotFoundError: if there are no runs.
        ValueError: if a run lacks an image that its class_labels.txt names, or names none.
    """
    place = Path(place)
    files = archived(place) if place.is_file() else in_folder(place)
    runs = sorted(name.rpartition("/")[0] for name in files if name.rpartition("/")[2] == LABELS)
    if not runs:
        raise FileNotFoundError(
            f"{place}: got no {LABELS}, expected run01/{LABELS} and 19 more; give Omniglot's "
            f"python/one-shot-classification/all_runs.zip, or the folder that it unpacks to"
        )
    return [read_run(place, run, files) for run in runs]


def archived(archive: Path) -> dict[str, Callable[[], bytes]]:
    """What can be read from an archive, by its path there."""
    try:
        with zipfile.ZipFile(archive) as content:
            entries = [entry for entry in content.infolist() if entry.file_size <= IMAGE_LIMIT]
            kept = {entry.filename: content.read(entry) for entry in entries if not entry.is_dir()}
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{archive}: could not be read as a zip archive ({error}); fetch it again") from error
    return {name: lambda name=name: kept[name] for name in kept}  # type: ignore[misc]


def in_folder(folder: Path) -> dict[str, Callable[[], bytes]]:
    """What can be read from a folder, by its path there."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes for path in paths}


def read_run(place: Path, run: str, files: dict[str, Callable[[], bytes]]) -> OneShotRun:
    """The run whose files lie below `run`."""
    pairs = [
        line.split() for line in files[f"{run}/{LABELS}" if run else LABELS]().decode().splitlines() if line.strip()
    ]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"{place}, {run}: got {LABELS} with {pairs[:1]}, expected two names a line")
    tests, mates = ([within(run, pair[side]) for pair in pairs] for side in (0, 1))
    trainings = sorted(set(mates))
    missing = [name for name in (*tests, *trainings) if name not in files]
    if missing:
        raise ValueError(f"{place}: got no {missing[0]}, which {run}/{LABELS} names; unpack the whole archive")
    answers = np.array([trainings.index(mate) for mate in mates])
    training, test = (drawings([files[name]() for name in names]) for names in (trainings, tests))
    return OneShotRun(training, test, answers)


def within(run: str, name: str) -> str:
    """The path of an image from the last two parts of its name: the run may have been moved."""
    return "/".join(part for part in (run, *name.split("/")[-2:]) if part)


def drawings(files: list[bytes]) -> np.ndarray:
    """PNG files of one size as uint8 [n, 28, 28], ink high."""
    from PIL import Image

    images = [np.asarray(Image.open(io.BytesIO(file)).convert("L")) for file in files]
    return with_ink_high(shrunk(np.stack(images)))
