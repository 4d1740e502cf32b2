"""What a data set of handwritten characters looks like here: drawings by character, with alphabets and names."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Characters:
    """Drawings of characters, in order of alphabet and character; `str()` says which source they came from.

    Attributes:
        images: uint8 [characters, drawings, 28, 28], ink high (255), paper 0.
        alphabets: the alphabet of each character.
        names: the name of each character within its alphabet.
        background: bool [characters], whether the alphabet belongs to the background set, else to the evaluation set.
        source: "tfds", "folder", "embedded", or "given" for an array.
        note: why this source was used, where that is not obvious.
    """

    images: np.ndarray
    alphabets: tuple[str, ...]
    names: tuple[str, ...]
    background: np.ndarray
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        count = len(self.names)
        shape = self.images.shape
        if self.images.dtype != np.uint8 or len(shape) != 4 or shape[0] != count or shape[2:] != (28, 28):
            raise ValueError(
                f"got images of dtype {self.images.dtype} and shape {shape} for {count:,} characters, expected uint8 "
                f"({count}, drawings, 28, 28)"
            )
        if len(self.alphabets) != count or self.background.shape != (count,):
            raise ValueError(
                f"got {len(self.alphabets):,} alphabets and background {self.background.shape} for {count:,} "
                f"characters, expected one of each for each character"
            )

    @classmethod
    def of(cls, images: np.ndarray) -> Characters:
        """Characters without names, from an array uint8 [characters, drawings, 28, 28] with high ink.

        They are called by their numbers, so that the same array is split in the same way on every machine.
        """
        count = len(images)
        names = tuple(f"character{number:04d}" for number in range(1, count + 1))
        return cls(images, ("given",) * count, names, np.ones(count, bool), "given")

    def __len__(self) -> int:
        return len(self.names)

    def __str__(self) -> str:
        reason = f" ({self.note})" if self.note else ""
        return (
            f"omniglot: {len(self):,} characters of {len(set(self.alphabets))} alphabets, {self.images.shape[1]} "
            f"drawings of 28x28 each, source: {self.source}{reason}"
        )

    __repr__ = __str__

    @property
    def keys(self) -> tuple[str, ...]:
        """A name for each character that no other has: "alphabet/character"."""
        return tuple(f"{alphabet}/{name}" for alphabet, name in zip(self.alphabets, self.names, strict=True))

    def select(self, which: np.ndarray) -> Characters:
        """Some of the characters, in their order here; `which` is bool [characters] or their numbers."""
        chosen: np.ndarray = np.asarray(which)
        numbers = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else np.sort(chosen)
        images = self.images[numbers]
        images.setflags(write=False)
        return dataclasses.replace(
            self,
            images=images,
            alphabets=tuple(self.alphabets[number] for number in numbers),
            names=tuple(self.names[number] for number in numbers),
            background=self.background[numbers],
        )

    def alphabet_ranges(self) -> dict[str, tuple[int, int]]:
        """The characters of each alphabet: from the first number to before the second one."""
        ranges: dict[str, tuple[int, int]] = {}
        for number, alphabet in enumerate(self.alphabets):
            first, _ = ranges.get(alphabet, (number, number))
            ranges[alphabet] = (first, number + 1)
        return ranges

    def rotated(self) -> Characters:
        """With each character turned by 90, 180 and 270 degrees as characters of their own (Santoro et al. 2016).

        First come all characters as they are, then all turned by 90 degrees to the left, and so on; turned alphabets
        are alphabets of their own. Split first and rotate then, so that a character's rotations are all on one side.
        """
        turned = np.stack([np.rot90(self.images, turns, axes=(2, 3)) for turns in range(4)])
        angles = ("", " turned by 90", " turned by 180", " turned by 270")
        images = np.concatenate(turned)
        alphabets = [alphabet + angle for angle in angles for alphabet in self.alphabets]
        images.setflags(write=False)
        return dataclasses.replace(
            self,
            images=images,
            alphabets=tuple(alphabets),
            names=self.names * 4,
            background=np.tile(self.background, 4),
        )
