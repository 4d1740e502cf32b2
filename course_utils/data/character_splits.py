"""The three usual ways to split characters, the same on every machine: by a published list or a hash of the names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from course_utils.data.characters import Characters
from course_utils.data.vinyals import VINYALS_SPLIT

TRAIN, VALIDATION = 1_100, 100  # characters; the rest is for testing
LEAST = 1_400  # characters, for these numbers to leave enough for testing
BACKGROUND_PART = 3, 5


def split_characters(characters: Characters) -> dict[str, Characters]:
    """'train', 'val' and 'test': 1,100, 100 and the rest of the characters; 70, 10 and 20 % of fewer than 1,400.

    A hash of alphabet and name says which is which, so that neighbours in an alphabet stand on different sides.

    Example:
        >>> {name: len(part) for name, part in split_characters(load_omniglot()).items()}
        {'train': 1100, 'val': 100, 'test': 423}
    """
    count = len(characters)
    train, validation = (TRAIN, VALIDATION) if count >= LEAST else (count * 7 // 10, count // 10)
    return parts(characters, train, validation)


def vinyals_split(characters: Characters) -> dict[str, Characters]:
    """'train', 'val' and 'test' with the rotations of each character as characters of their own (Vinyals et al. 2016).

    Of Omniglot's 1,623 characters 1,028, 172 and 423, as listed with Snell et al. 2017; times four, since each is
    also turned by 90, 180 and 270 degrees. It is split first and rotated then. Other characters are split in the same
    proportions by a hash of their names.
    """
    listed = [VINYALS_SPLIT.get(alphabet, "") for alphabet in characters.alphabets]
    numbers = [int("".join(filter(str.isdigit, name)) or 0) for name in characters.names]
    if all(0 < number <= len(letters) for number, letters in zip(numbers, listed, strict=True)):
        sides = np.array([letters[number - 1] for number, letters in zip(numbers, listed, strict=True)])
        chosen = {
            name: characters.select(sides == side) for name, side in (("train", "t"), ("val", "v"), ("test", "e"))
        }
    else:
        chosen = parts(characters, len(characters) * 1028 // 1623, len(characters) * 172 // 1623)
    return {name: part.rotated() for name, part in chosen.items()}


def background_split(characters: Characters) -> dict[str, Characters]:
    """'background' and 'evaluation': whole alphabets on each side, 30 and 20 of Omniglot's (Lake et al. 2015)."""
    return {
        "background": characters.select(characters.background),
        "evaluation": characters.select(~characters.background),
    }


def parts(characters: Characters, train: int, validation: int) -> dict[str, Characters]:
    """The first `train` characters in the order of a hash, the next `validation` ones, and the rest."""
    keys = characters.keys
    order = np.array(sorted(range(len(keys)), key=lambda number: digest(keys[number])), dtype=int)
    return {
        "train": characters.select(order[:train]),
        "val": characters.select(order[train : train + validation]),
        "test": characters.select(order[train + validation :]),
    }


def background_alphabets(alphabets: Iterable[str]) -> set[str]:
    """Three fifths of the alphabets, by a hash of their names."""
    names = sorted(set(alphabets), key=digest)
    numerator, denominator = BACKGROUND_PART
    return set(names[: len(names) * numerator // denominator])


def digest(text: str) -> bytes:
    """A hash that is the same in every process."""
    return hashlib.sha256(f"course_utils characters {text}".encode()).digest()
