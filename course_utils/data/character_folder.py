"""Characters from a folder of PNG files, alphabet/character/drawing.png, as Omniglot's archives unpack."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from course_utils.data.characters import Characters
from course_utils.data.ink import shrunk, with_ink_high

BACKGROUND, EVALUATION = "images_background", "images_evaluation"  # as the published archives name them


def holds_characters(folder: Path) -> bool:
    """Whether there are files below it like alphabet/character/drawing.png, directly or below images_background."""
    return any(True for root in roots(folder) for _ in root.glob("*/*/*.png"))


def roots(folder: Path) -> list[Path]:
    """The folders whose subfolders are alphabets: the two of the published archives, or else the folder itself."""
    published = [folder / name for name in (BACKGROUND, EVALUATION) if (folder / name).is_dir()]
    return published or [folder]


def read_characters(folder: str | Path) -> Characters:
    """All characters of a folder, their drawings in order of the files' names.

    Args:
        folder: has ALPHABET/CHARACTER/DRAWING.png, or these below images_background and images_evaluation. Images of
            any size, as long as it is one for all; either ink on white or white on black. Where the two folders are
            missing, three fifths of the alphabets are background, which a hash of their names says.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if characters have different numbers of drawings, or images different sizes.
    """
    from course_utils.data.character_splits import background_alphabets

    folder = Path(folder)
    characters = sorted(
        (path.parent.name, path.name, path) for root in roots(folder) for path in root.glob("*/*") if path.is_dir()
    )
    drawings = {path: sorted(path.glob("*.png")) for _, _, path in characters}
    characters = [character for character in characters if drawings[character[2]]]
    if not characters:
        found = sorted(path.name for path in folder.iterdir())[:8] if folder.is_dir() else "no such folder"
        raise FileNotFoundError(
            f"{folder}: got {found}, expected files like {folder / 'Greek' / 'character01' / '0394_01.png'}; unpack "
            f"Omniglot's images_background.zip and images_evaluation.zip there"
        )
    count = len(drawings[characters[0][2]])
    for _, _, path in characters:
        if len(drawings[path]) != count:
            raise ValueError(
                f"{path}: got {len(drawings[path])} drawings, expected {count} as in {characters[0][2]}; give every "
                f"character the same number of drawings"
            )
    files = [file for _, _, path in characters for file in drawings[path]]
    images = with_ink_high(shrunk(read_images(files))).reshape(len(characters), count, 28, 28)
    images.setflags(write=False)
    alphabets = tuple(alphabet for alphabet, _, _ in characters)
    chosen = background_alphabets(alphabets)
    is_background = [
        path.parent.parent.name == BACKGROUND if roots(folder) != [folder] else alphabet in chosen
        for alphabet, _, path in characters
    ]
    names = tuple(name for _, name, _ in characters)
    return Characters(images, alphabets, names, np.array(is_background), "folder", str(folder))


def read_images(files: list[Path]) -> np.ndarray:
    """The grey values of PNG files of one size, uint8 [n, height, width]."""
    from PIL import Image

    images: list[np.ndarray] = []
    for file in files:
        with Image.open(file) as png:
            images.append(np.asarray(png.convert("L")))
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{file}: got an image of {images[-1].shape}, expected {images[0].shape} as in {files[0]}; give all "
                f"drawings the same size"
            )
    return np.stack(images)
