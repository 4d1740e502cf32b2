"""The alphabets in matplotlib's fonts: which characters they have, and the shape of each as a distance field.

DejaVu Sans and STIX hold many of the world's scripts. They are the characters of the embedded stand-in for Omniglot:
40 alphabets, of which 31 are scripts, or languages' own and historical forms of scripts. A script too large for one
alphabet is divided: the Canadian Aboriginal syllabics by series of consonants. Five are hands of the Latin alphabet
(black letter, script, double-struck, calligraphic, italic), and four are sign systems that are no alphabets (planets
and zodiac, currencies, mathematics, and the digits of several scripts).

Outlines are read in the fonts' own whole units, and all arithmetic is on whole numbers or rounded to them, so that the
same font files give the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SIDE = 112  # cells along the side of a distance field
INK_SIDE = 80  # cells along the longer side of the character, which lies in the middle
UNIT = 16  # what a distance of one cell is in a distance field
LARGEST = 60 * UNIT
CURVE_STEPS = 6
CELL, HALF = 1 << 10, 1 << 9  # the length of a cell, and half of it, in the whole numbers that outlines are computed in
MOVE, CLOSE = 1, 79  # matplotlib's codes for parts of a path, and how many points each has
SIZES = {MOVE: 1, 2: 1, 3: 2, 4: 3, CLOSE: 1}
BLOCK = 50  # characters that are rasterised together
CLOSE_BY = 5 * UNIT  # strokes at this distance may be one stroke that was drawn twice: 1.2 pixels of 28
BLOT = 15 * UNIT  # half the width of a stroke from which on it is no stroke but a square or a dot
NO_LINES: np.ndarray = np.empty((0, 2, 2), np.int64)

SANS, STIX, CALLIGRAPHIC, ITALIC = "DejaVuSans", "STIXGeneral", "cmsy10", "cmmi10"


@dataclass(frozen=True)
class Alphabet:
    """An alphabet: its name, the font that draws it, and its code points as ranges of hexadecimal numbers."""

    name: str
    font: str
    ranges: str

    @property
    def code_points(self) -> list[int]:
        """The code points, in order."""
        points: list[int] = []
        for part in self.ranges.split():
            first, _, last = part.partition("-")
            points += range(int(first, 16), int(last or first, 16) + 1)
        return points


# Before others the alphabets that share letters with them: a character that looks like an earlier one is left out.
ALPHABETS = (
    Alphabet("Latin", SANS, "41-5A 61-7A C6 D0 D8 DE DF E6 F0 F8 FE 131 138 14A-14B 152-153"),
    Alphabet("Greek", SANS, "391-3A1 3A3-3A9 3B1-3C9"),
    Alphabet("Cyrillic", SANS, "410-44F"),
    Alphabet("Hebrew", SANS, "5D0-5EA"),
    Alphabet("Arabic", SANS, "621-63A 641-64A"),
    Alphabet("Armenian", SANS, "531-556 561-587"),
    Alphabet("Georgian_Mkhedruli", SANS, "10D0-10FA"),
    Alphabet("Georgian_Asomtavruli", SANS, "10A0-10C5"),
    Alphabet("Georgian_Nuskhuri", SANS, "2D00-2D25"),
    Alphabet("Lao", SANS, "E81-E82 E84 E87-E88 E8A E8D E94-E97 E99-E9F EA1-EA3 EA5 EA7 EAA-EAB EAD-EB0 EBD EC0-EC4"),
    Alphabet("Tifinagh", SANS, "2D30-2D65 2D6F"),
    Alphabet("NKo", SANS, "7CA-7EA"),
    Alphabet("Ogham", SANS, "1681-169C"),
    Alphabet("Old_Italic", SANS, "10300-1031E 10320-10323"),
    Alphabet("Lisu", SANS, "A4D0-A4F7"),
    Alphabet("Greek_archaic_and_Coptic", SANS, "370-373 376-377 37B-37D 3CF-3FF"),
    Alphabet("Cyrillic_early", SANS, "460-482 A644-A647 A64C-A64D A650-A651 A654-A657 A662-A66E A68A-A68D A694-A695"),
    Alphabet(
        "Cyrillic_beyond_Russia",
        SANS,
        "402 404-406 408-40B 40F 452 454-456 458-45B 45F 490-4C0 4C3-4CE 4D4-4D5 4D8-4D9 4E0-4E1 4E8-4E9 4F6-4FF",
    ),
    Alphabet("Komi", SANS, "500-525"),
    Alphabet("Arabic_of_Persia_and_India", SANS, "66E-66F 671 674 679-6BF 6C6-6C8 6CB-6CC 6CE 6D0 6D5"),
    Alphabet("Phonetic", SANS, "250-2AF"),
    Alphabet("Latin_of_Africa", SANS, "180-1BF 1DD 1F6-1F7 21C-21D 220-225 234-24F"),
    Alphabet("Latin_of_Central_Asia", SANS, "2C60-2C77 2C79-2C7F"),
    Alphabet("Latin_medieval", SANS, "A722-A72B A730-A741 A746-A74B A74E-A753 A756-A757 A764-A767 A780-A783 A78B-A78E"),
    Alphabet("Braille", SANS, "2801-283F"),
    Alphabet("Syllabics_P_T", SANS, "1401-1407 140A-140B 142B-1435 1437-1439 1449 144C-1452 1454-1456 1466-146A"),
    Alphabet("Syllabics_K_C", SANS, "146B-1473 1483-1491 14A1-14A2"),
    Alphabet("Syllabics_M_N", SANS, "14A3-14AB 14BB-14BD 14C0-14C8 14D0-14D2"),
    Alphabet("Syllabics_L_S", SANS, "14D3-14DB 14EA 14EC-14F5 1505-1507"),
    Alphabet("Syllabics_SH_Y_R", SANS, "1510-1516 1525-152E 153E 1540-154D 1550"),
    Alphabet("Syllabics_F_TH_Q", SANS, "1553-155A 155D-1567 156A 1574-1585 158A-1596 15A0-15AF 15DE 15E1 1646-1647"),
    Alphabet("Black_letter", STIX, "1D56C-1D59F"),
    Alphabet("Script", STIX, "1D4D0-1D503"),
    Alphabet("Double_struck", STIX, "1D538-1D539 1D53B-1D53E 1D540-1D544 1D546 1D54A-1D550 1D552-1D56B"),
    Alphabet("Calligraphic", CALLIGRAPHIC, "41-5A"),
    Alphabet("Italic", ITALIC, "61-7A"),
    Alphabet("Planets_and_zodiac", SANS, "2609 263D-2653 26B3-26B8"),
    Alphabet("Mathematics", SANS, "2200-22FF"),
    Alphabet("Currencies", SANS, "24 A2-A5 20A0-20B5 20B8-20BA"),
    Alphabet("Digits", SANS, "30-39 660-669 6F4-6F6 7C0-7C9 ED0-ED9"),
)


@dataclass(frozen=True, eq=False)
class Glyphs:
    """Characters and their shapes.

    Attributes:
        alphabets, names: the alphabet of each character, and its name in it such as "character01"; [characters].
        fields: int16 [characters, SIDE, SIDE], the distance to the outline in sixteenths of a cell, inside positive.
    """

    alphabets: list[str]
    names: list[str]
    fields: np.ndarray


def font_file(font: str) -> Path:
    """Where matplotlib keeps a font."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{font}.ttf"


def fingerprint_of_fonts() -> str:
    """Of the font files: with the same ones the characters are the same."""
    whole = hashlib.sha256()
    for font in (SANS, STIX, CALLIGRAPHIC, ITALIC):
        whole.update(font_file(font).read_bytes())
    return whole.hexdigest()[:16]


def glyphs() -> Glyphs:
    """All characters in the order of their alphabets, without mere blots and those that look like an earlier one."""
    alphabets, parts = [], []
    for alphabet in ALPHABETS:
        outlines = read_outlines(alphabet)
        alphabets += [alphabet.name] * len(outlines)
        parts += [rasterised(outlines[start : start + BLOCK]) for start in range(0, len(outlines), BLOCK)]
    fields = np.stack([distance_field(inside) for part in parts for inside in part])
    strokes = np.flatnonzero(fields.max(axis=(1, 2)) < BLOT)
    kept = strokes[distinct(fields[strokes])]
    alphabets = [alphabets[index] for index in kept]
    numbers = [alphabets[: index + 1].count(name) for index, name in enumerate(alphabets)]
    return Glyphs(alphabets, [f"character{number:02d}" for number in numbers], fields[kept])


def read_outlines(alphabet: Alphabet) -> list[np.ndarray]:
    """The outline of each character that the font has: line segments int64 [n, 2, 2] as ((x, y), (x, y)), y upwards."""
    from matplotlib import ft2font

    # matplotlib 3.9 has it under another name.
    flags = ft2font.LoadFlags.NO_SCALE if hasattr(ft2font, "LoadFlags") else getattr(ft2font, "LOAD_NO_SCALE")  # noqa: B009
    font = ft2font.FT2Font(str(font_file(alphabet.font)))
    known = font.get_charmap()
    outlines = []
    for point in alphabet.code_points:
        if point in known:
            font.load_char(point, flags=flags)
            segments = flattened(*font.get_path())
            if len(segments):
                outlines.append(segments)
    return outlines


def flattened(vertices: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """A path of lines, quadratic and cubic curves as line segments int64 [n, 2, 2], in 64ths of the font's unit."""
    points = np.rint(np.asarray(vertices, float) * 64).astype(np.int64).tolist()
    curves: dict[int, list] = {1: [], 2: [], 3: []}
    start = here = [0, 0]
    index = 0
    while index < len(codes):
        code = int(codes[index])
        if code == MOVE:
            start = here = points[index]
        else:
            controls = [start] if code == CLOSE else points[index : index + SIZES[code]]
            curves[len(controls)].append([here, *controls])
            here = controls[-1]
        index += SIZES[code]
    return np.concatenate([bezier(np.array(of_degree)) for of_degree in curves.values() if of_degree] or [NO_LINES])


def bezier(controls: np.ndarray) -> np.ndarray:
    """Line segments [n, 2, 2] along curves whose control points int64 [curves, degree + 1, 2] are given."""
    degree = controls.shape[1] - 1
    steps = 1 if degree == 1 else CURVE_STEPS
    along: np.ndarray = np.arange(steps + 1)
    weights = np.stack([math.comb(degree, k) * along**k * (steps - along) ** (degree - k) for k in range(degree + 1)])
    points = np.einsum("cka,ks->csa", controls, weights) // steps**degree
    return np.stack([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 2, 2)


def rasterised(outlines: list[np.ndarray]) -> np.ndarray:
    """bool [characters, SIDE, SIDE]: the cells whose middle is inside, the character fitted into the square.

    A cell is inside where the outline winds around it: on the way from the left edge to it, lines that go up and lines
    that go down do not cancel.
    """
    winding: np.ndarray = np.zeros((len(outlines), SIDE, SIDE + 1), np.int32)
    for turns, outline in zip(winding, outlines, strict=True):
        (x0, y0), (x1, y1) = fitted(outline).transpose(1, 2, 0)
        height = np.abs(y1 - y0)
        line, row = expanded(-(-(np.minimum(y0, y1) - HALF) // CELL), -(-(np.maximum(y0, y1) - HALF) // CELL))
        middle: np.ndarray = row * CELL + HALF
        direction = np.where(y1 > y0, 1, -1)[line]
        crossing = x0[line] + (x1 - x0)[line] * direction * (middle - y0[line]) // height[line]
        column = np.clip(-(-(crossing - HALF) // CELL), 0, SIDE)
        np.add.at(turns, (row, column), direction)
    return winding.cumsum(axis=2)[:, :, :SIDE] != 0


def expanded(first: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All whole numbers in [first, end) of each line: (which line, which number)."""
    counts = end - first
    line: np.ndarray = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
    return line, first[line] + within


def fitted(outline: np.ndarray) -> np.ndarray:
    """An outline in the middle of the square, y downwards, in units of 1 / CELL of a cell."""
    low, high = outline.min(axis=(0, 1)), outline.max(axis=(0, 1))
    size = int((high - low).max())
    from_middle = (2 * outline - low - high) * INK_SIDE * CELL // (2 * size)
    return from_middle * np.array([1, -1]) + SIDE * CELL // 2


def distinct(fields: np.ndarray) -> list[int]:
    """The characters that no earlier one looks like: all ink of each lies on or close by the ink of the other."""
    coarse = fields[:, ::4, ::4].reshape(len(fields), -1)
    ink = (coarse > 0).astype(np.float32)  # sums of products of 0 and 1: exact
    amount = ink.sum(axis=1)
    common = 2 * (ink @ ink.T) / (amount[:, np.newaxis] + amount)
    kept: list[int] = []
    for index, field in enumerate(coarse):
        candidates = [earlier for earlier in kept if common[index, earlier] > 0.5]
        if not any(is_near(coarse[earlier], field) for earlier in candidates):
            kept.append(index)
    return kept


def is_near(field: np.ndarray, other: np.ndarray) -> bool:
    """Whether all ink of each of two characters lies at most CLOSE_BY outside the ink of the other."""
    return other[field > 0].min() >= -CLOSE_BY and field[other > 0].min() >= -CLOSE_BY


def distance_field(inside: np.ndarray) -> np.ndarray:
    """int16 [SIDE, SIDE], the signed distance of each cell to the edge of a shape, bool [SIDE, SIDE]."""
    from scipy.ndimage import distance_transform_edt

    signed = distance_transform_edt(inside) - distance_transform_edt(~inside)
    return np.clip(np.rint(UNIT * signed), -LARGEST, LARGEST).astype(np.int16)
