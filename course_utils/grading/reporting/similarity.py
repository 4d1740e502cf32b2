"""Submissions that share unusual code, found by fingerprints: a hint for a person who looks at both, never a verdict.

Winnowing (Schleimer, Wilkerson, Aiken: Local Algorithms for Document Fingerprinting, 2003) over the tokens of the
solution cells, names replaced, comments and docstrings dropped. What the release or the solution contains, and what
many submissions have in common, does not count. Nothing that was handed in is run or compiled.
"""

from __future__ import annotations

import builtins
import io
import itertools
import keyword
import math
import token
import tokenize
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Name, Number, String, Text

GRAM = 10  # tokens that make a fingerprint: shorter matches are noise
WINDOW = 6  # a match of GRAM + WINDOW - 1 tokens is never missed
MAX_TOKENS = 20_000  # in a cell
COMMON_SHARE, COMMON_LEAST = 0.1, 3  # what more submissions than this have in common is an idiom
# Fewer unusual fingerprints in common are chance: LEAST in any case, MANY where they are no large share of one's own.
LEAST_SHARED, LARGE_SHARE, MANY_SHARED = 8, 0.2, 12
MOST_PAIRS = 15
_SKIPPED = {
    token.NEWLINE, token.INDENT, token.DEDENT, token.ENDMARKER, tokenize.NL, tokenize.COMMENT, token.ENCODING,
}  # fmt: skip
_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))


@dataclass(frozen=True)
class Fingerprint:
    """A hash of GRAM tokens, with the lines (from 1) of the cell that they come from."""

    hash: int
    grade_id: str
    first_line: int
    last_line: int


@dataclass(frozen=True)
class Passage:
    """The same cell of two submissions, and the lines in each that are alike."""

    grade_id: str
    left: str
    right: str
    left_lines: frozenset[int]
    right_lines: frozenset[int]


@dataclass(frozen=True)
class Pair:
    """Two submissions, the number of unusual fingerprints in both, and the larger share that these are of one's own."""

    left: str
    right: str
    shared: int
    share: float
    passages: tuple[Passage, ...]


Cells = Mapping[str, str]  # the sources of the solution cells, by grade_id


def solution_cells(notebook: Mapping[str, Any]) -> dict[str, str]:
    """The code cells that students fill in, by grade_id."""
    found = {}
    for cell in notebook["cells"]:
        mark = cell.get("metadata", {}).get("nbgrader", {})
        if cell["cell_type"] == "code" and mark.get("solution"):
            found[str(mark.get("grade_id", ""))] = "".join(cell["source"])
    return found


def similar_pairs(submissions: Mapping[str, Cells], known: Iterable[Cells] = ()) -> list[Pair]:
    """The pairs that share the most unusual code, at most MOST_PAIRS; `known` is code that everybody has."""
    given = {mark.hash for cells in known for mark in fingerprints(cells)}
    prints = {name: [p for p in fingerprints(cells) if p.hash not in given] for name, cells in submissions.items()}
    owners: dict[int, set[str]] = defaultdict(set)
    for student, found in prints.items():
        for mark in found:
            owners[mark.hash].add(student)
    usual = max(COMMON_LEAST, COMMON_SHARE * len(submissions))
    unusual = {value: names for value, names in owners.items() if len(names) <= usual}
    own = {student: {p.hash for p in found if p.hash in unusual} for student, found in prints.items()}
    shared: Counter[tuple[str, str]] = Counter()
    weight: dict[tuple[str, str], float] = defaultdict(float)
    for names in unusual.values():
        for pair in itertools.combinations(sorted(names), 2):
            shared[pair] += 1
            weight[pair] += math.log(1 + len(submissions) / len(names))
    share = {(a, b): count / min(len(own[a]), len(own[b])) for (a, b), count in shared.items()}
    likely = [pair for pair in shared if shared[pair] >= (LEAST_SHARED if share[pair] >= LARGE_SHARE else MANY_SHARED)]
    return [
        Pair(
            left,
            right,
            shared[left, right],
            share[left, right],
            _passages(submissions[left], submissions[right], prints[left], prints[right], own[left] & own[right]),
        )
        for left, right in sorted(likely, key=lambda pair: -weight[pair])[:MOST_PAIRS]
    ]


def identical_groups(submissions: Mapping[str, Cells], known: Iterable[Cells] = ()) -> list[tuple[str, ...]]:
    """Who handed in the same tokens in all solution cells; cells as in the release or the solution do not count."""
    given = {_texts(source) for cells in known for source in cells.values()}
    groups: dict[tuple, list[str]] = defaultdict(list)
    for student, cells in submissions.items():
        whole = ((name, _texts(source)) for name, source in sorted(cells.items()))
        groups[tuple(cell for cell in whole if cell[1] not in given)].append(student)
    return sorted(tuple(sorted(names)) for key, names in groups.items() if key and len(names) > 1)


def _texts(source: str) -> tuple[str, ...]:
    return tuple(text for text, _ in tokens(source))


def fingerprints(cells: Cells) -> Iterator[Fingerprint]:
    """The winnowed fingerprints of every cell."""
    for grade_id, source in cells.items():
        found = tokens(source)
        grams = [" ".join(text for text, _ in found[i : i + GRAM]) for i in range(len(found) - GRAM + 1)]
        hashes = [zlib.crc32(gram.encode("utf-8", "replace")) for gram in grams]
        for position in winnow(hashes):
            yield Fingerprint(hashes[position], grade_id, found[position][1], found[position + GRAM - 1][1])


def winnow(hashes: Sequence[int], window: int = WINDOW) -> list[int]:
    """The positions of the hashes that are kept: the rightmost smallest one of each window.

    >>> winnow([77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98], window=4)
    [3, 6, 8, 11, 15]
    """
    kept: list[int] = []
    for start in range(max(1, len(hashes) - window + 1) if hashes else 0):
        places = range(start, min(start + window, len(hashes)))
        smallest = min(places, key=lambda place: (hashes[place], -place))
        if not kept or kept[-1] != smallest:
            kept.append(smallest)
    return kept


def tokens(source: str) -> list[tuple[str, int]]:
    """The tokens of a cell with their lines: names become "n", texts "s"; attributes, keywords and numbers stay.

    What Python cannot tokenize is split up by Pygments' lexer, which takes any text.
    """
    try:
        found = list(_python_tokens(source))
    except (tokenize.TokenError, SyntaxError, ValueError):
        found = list(_lexical_tokens(source))
    return found[:MAX_TOKENS]


def _python_tokens(source: str) -> Iterator[tuple[str, int]]:
    previous, statement_begins = "", True
    for item in tokenize.generate_tokens(io.StringIO(source).readline):
        if item.type in _SKIPPED:
            statement_begins = statement_begins or item.type in {token.NEWLINE, token.INDENT, token.DEDENT}
            continue
        if item.type == token.STRING and statement_begins:
            statement_begins = False
            continue
        statement_begins = False
        yield _normal(item.string, item.type == token.NAME, item.type == token.STRING, previous), item.start[0]
        previous = item.string


def _lexical_tokens(source: str) -> Iterator[tuple[str, int]]:
    line, previous = 1, ""
    for kind, text in PythonLexer(stripnl=False).get_tokens(source):
        dropped = kind in Comment or kind in Text or kind in String.Doc
        if text.strip() and not dropped:
            is_name = kind in Name or (text.isidentifier() and kind not in Number)
            yield _normal(text.strip(), is_name, kind in String, previous), line
            previous = text.strip()
        line += text.count("\n")


def _normal(text: str, is_name: bool, is_text: bool, previous: str) -> str:
    if is_text:
        return "s"
    return "n" if is_name and previous != "." and text not in _KEPT else text


def _passages(
    left: Cells, right: Cells, left_prints: list[Fingerprint], right_prints: list[Fingerprint], hashes: set[int]
) -> tuple[Passage, ...]:
    """The cells in which two submissions are alike, with the lines of the shared fingerprints."""
    left_lines, right_lines = _lines(left_prints, hashes), _lines(right_prints, hashes)
    return tuple(
        Passage(name, left[name], right[name], frozenset(left_lines[name]), frozenset(right_lines[name]))
        for name in left
        if name in left_lines and name in right_lines
    )


def _lines(prints: list[Fingerprint], hashes: set[int]) -> dict[str, set[int]]:
    lines: dict[str, set[int]] = defaultdict(set)
    for mark in prints:
        if mark.hash in hashes:
            lines[mark.grade_id].update(range(mark.first_line, mark.last_line + 1))
    return lines
