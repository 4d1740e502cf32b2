"""Sampling episodes: ours against image files on disk and against a loop over images in memory, in one run.

python -m benchmarks.episodes
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.results_file import keep
from course_utils.data import Characters, load_omniglot
from course_utils.episodes import as_floats, sample_episodes

CHARACTERS = 200  # as many are written to disk: enough for episodes that differ
REPETITIONS = 7


@dataclass(frozen=True)
class Size:
    """Episodes of a batch, and of what they are made."""

    way: int
    shot: int
    query: int
    count: int

    def __str__(self) -> str:
        return f"{self.count} episodes, {self.way}-way {self.shot}-shot, {self.query} query images a class"


SIZES = (Size(5, 1, 1, 16), Size(5, 1, 1, 256), Size(5, 5, 5, 32), Size(20, 1, 5, 32))


def ours(images: np.ndarray, size: Size, rng: np.random.Generator) -> np.ndarray:
    """Vectorised, float conversion last."""
    episodes = sample_episodes(images, size.way, size.shot, size.query, size.count, rng)
    return as_floats(episodes.images)


def loop_in_memory(images: np.ndarray, size: Size, rng: np.random.Generator) -> np.ndarray:
    """The same, image by image."""
    episodes = []
    for _ in range(size.count):
        classes = rng.choice(len(images), size.way, replace=False)
        episode = []
        for number in classes:
            drawings = rng.choice(images.shape[1], size.shot + size.query, replace=False)
            episode.append(np.stack([images[number, drawing].astype(np.float32) / 255 for drawing in drawings]))
        episodes.append(np.stack(episode))
    return np.stack(episodes)


def files_on_disk(files: list[list[Path]], size: Size, rng: np.random.Generator) -> np.ndarray:
    """The same, each image read from its PNG file."""
    episodes = []
    for _ in range(size.count):
        classes = rng.choice(len(files), size.way, replace=False)
        episode = []
        for number in classes:
            drawings = rng.choice(len(files[number]), size.shot + size.query, replace=False)
            episode.append(np.stack([read(files[number][drawing]) for drawing in drawings]))
        episodes.append(np.stack(episode))
    return np.stack(episodes)


def read(file: Path) -> np.ndarray:
    """float32 [28, 28] in [0, 1] from a PNG file of 28x28."""
    with Image.open(file) as png:
        return np.asarray(png.convert("L"), np.float32) / 255


def written(characters: Characters, folder: Path) -> list[list[Path]]:
    """The drawings of the first characters as files alphabet/character/drawing.png, by character."""
    files = []
    for key, drawings in zip(characters.keys[:CHARACTERS], characters.images, strict=False):
        (folder / key).mkdir(parents=True)
        files.append([folder / key / f"{number:02d}.png" for number in range(len(drawings))])
        for file, drawing in zip(files[-1], drawings, strict=True):
            Image.fromarray(drawing).save(file)
    return files


def milliseconds(sample: Callable[[np.random.Generator], np.ndarray]) -> float:
    """The median time of a batch, the first one not counted."""
    rng = np.random.default_rng(0)
    times = []
    for _ in range(REPETITIONS + 1):
        started = time.perf_counter()
        sample(rng)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times[1:])


def main() -> list[dict]:
    """Measure all sizes and print a table; the rows are returned."""
    characters = load_omniglot("embedded")
    images = characters.images[:CHARACTERS]
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        files = written(characters, Path(folder))
        for size in SIZES:
            fast = milliseconds(lambda rng, size=size: ours(images, size, rng))  # type: ignore[misc]
            loop = milliseconds(lambda rng, size=size: loop_in_memory(images, size, rng))  # type: ignore[misc]
            disk = milliseconds(lambda rng, size=size: files_on_disk(files, size, rng))  # type: ignore[misc]
            for name, other in (("loop in memory", loop), ("files on disk", disk)):
                ratio = round(other / fast, 1)
                rows.append({"name": f"{size}: {name}", "ours": fast, "other": other, "unit": "ms", "ratio": ratio})
                print(f"{size!s:58} ours {fast:7.2f} ms   {name} {other:8.2f} ms   {ratio:6.1f} times", flush=True)
    return rows


if __name__ == "__main__":
    keep(main())
