"""A table in a text file of which a few cells are replaced: all the rest of the file stays as it was, to the byte."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

SEPARATORS = (",", ";", "\t")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_QUOTE = '"'


@dataclass(frozen=True)
class Cell:
    """A cell's text, and where it stands in the file: [start, end), its quotes included."""

    text: str
    start: int
    end: int

    @property
    def quoted(self) -> bool:
        """Whether it is written between quotes."""
        return self.end - self.start > len(self.text)


@dataclass(frozen=True)
class Delimited:
    """A file of separated values as it was read: `mark` is its byte-order mark, `separator` one of `, ; tab`."""

    text: str
    encoding: str
    mark: bytes
    separator: str

    @staticmethod
    def read(data: bytes) -> Delimited:
        """Read UTF-8, UTF-16 with its mark, or, where it is neither, Windows-1252 or Latin-1."""
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return Delimited._of(data[len(mark) :].decode(encoding), encoding, mark)
        for encoding in ("utf-8", "cp1252"):
            try:
                return Delimited._of(data.decode(encoding), encoding, b"")
            except UnicodeDecodeError:
                continue
        return Delimited._of(data.decode("latin-1"), "latin-1", b"")

    @staticmethod
    def _of(text: str, encoding: str, mark: bytes) -> Delimited:
        """The separator is the one that gives the first row most cells."""
        separator = max(SEPARATORS, key=lambda separator: len(next(iter(_rows(text, separator, 1)), ())))
        return Delimited(text, encoding, mark, separator)

    @cached_property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """Every row that has something in it, the headings first."""
        return tuple(row for row in _rows(self.text, self.separator) if any(cell.text for cell in row))

    def with_cells(self, changes: Mapping[Cell, str]) -> bytes:
        """The file with other texts in these cells; a cell is quoted where it was, or where it has to be.

        A text that the file's encoding does not have raises UnicodeEncodeError.
        """
        parts: list[str] = []
        position = 0
        for cell in sorted(changes, key=lambda cell: cell.start):
            new = changes[cell]
            needed = any(character in new for character in (self.separator, _QUOTE, "\n", "\r"))
            quoted = _QUOTE + new.replace(_QUOTE, 2 * _QUOTE) + _QUOTE if needed or cell.quoted else new
            parts += [self.text[position : cell.start], quoted]
            position = cell.end
        return self.mark + "".join([*parts, self.text[position:]]).encode(self.encoding)


def _rows(text: str, separator: str, most: int | None = None) -> list[tuple[Cell, ...]]:
    """The cells of each row, as RFC 4180 (2005) has them; the rows of any of the three kinds of line ends."""
    rows: list[tuple[Cell, ...]] = []
    row: list[Cell] = []
    position = 0
    while position < len(text) and (most is None or len(rows) < most):
        cell = _cell(text, position, separator)
        row.append(cell)
        position = cell.end
        if text.startswith(separator, position):
            position += 1
            if position < len(text):
                continue
            row.append(Cell("", position, position))
        position += 2 if text.startswith("\r\n", position) else 1
        rows.append(tuple(row))
        row = []
    return rows


def _cell(text: str, start: int, separator: str) -> Cell:
    """The cell that begins at `start`; after a closing quote, what is left up to the separator belongs to it."""
    end, parts = start, list[str]()
    if text.startswith(_QUOTE, start):
        end += 1
        while True:
            close = text.find(_QUOTE, end)
            if close < 0:
                return Cell("".join([*parts, text[end:]]), start, len(text))
            parts.append(text[end:close])
            end = close + 1
            if not text.startswith(_QUOTE, end):
                break
            parts.append(_QUOTE)
            end += 1
    stop = end
    while stop < len(text) and text[stop] not in (separator, "\n", "\r"):
        stop += 1
    return Cell("".join([*parts, text[end:stop]]), start, stop)
