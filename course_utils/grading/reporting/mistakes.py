"""The commonest mistakes of a class: who loses points in a grade cell in the same way, and which mutant does so too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from course_utils.checks.criteria import DIED, NOT_FILLED_IN, NOT_RUN, TIMED_OUT, Result
from course_utils.grading.outcome import UNREADABLE, Outcome
from course_utils.grading.reporting.signatures import Signature, Words, failures_of, words_of

EXACTLY, NEARLY, UNKNOWN = "exactly", "nearly", "unknown"
BLANK, STOPPED = "not filled in", "did not come to an end"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
NEAR = 0.75  # Jaccard similarity of two sets of failed criteria


@dataclass(frozen=True)
class Mistake:
    """Students who fail the same way in a grade cell, and the mutants that fail so, exactly or nearly."""

    grade_cell: str
    kind: str
    mutants: tuple[Signature, ...]
    failed: tuple[str, ...]
    students: tuple[str, ...]


def group_mistakes(outcomes: Iterable[Outcome], signatures: Sequence[Signature]) -> list[Mistake]:
    """The groups, the largest first. What could not be read is left out: nothing is known about its mistakes."""
    students: dict[tuple, list[str]] = {}
    failed: dict[tuple, list[str]] = {}
    for outcome in outcomes:
        for cell in outcome.cells:
            missed = [result for result in cell.results if not result.passed]
            if outcome.state != UNREADABLE and missed:
                kind, mutants = explain(cell.grade_id, missed, signatures)
                # Without a mutant to name it, a mistake is the set of what it fails.
                own = failures_of(missed) if kind == UNKNOWN else None
                key = (cell.grade_id, kind, mutants, own)
                students.setdefault(key, []).append(outcome.student)
                failed.setdefault(key, [result.title for result in missed])
    groups = [
        Mistake(key[0], key[1], key[2], tuple(failed[key]), tuple(sorted(names))) for key, names in students.items()
    ]
    return sorted(groups, key=lambda group: (-len(group.students), group.grade_cell, group.kind))


def explain(
    grade_cell: str, missed: Sequence[Result], signatures: Sequence[Signature]
) -> tuple[str, tuple[Signature, ...]]:
    """What a set of failed criteria looks like: the kind, and the mutants that fail in this way.

    The same criteria in the same states first, then the same criteria, then the nearest sets by Jaccard similarity,
    not below NEAR. Among mutants that are equally near, those from which the criteria got the same; if that does not
    tell them apart, all are named.
    """
    states = {result.state for result in missed}
    if states == {NOT_FILLED_IN}:
        return BLANK, ()
    if states <= {TIMED_OUT, DIED, NOT_RUN, NOT_FILLED_IN}:
        return STOPPED, ()
    failures = failures_of(missed)
    criteria = frozenset((name, hidden) for name, hidden, _ in failures)
    known = [signature for signature in signatures if signature.grade_cell == grade_cell]
    for same in (lambda s: s.failures == failures, lambda s: s.criteria == criteria):
        found = tuple(filter(same, known))
        if found:
            return EXACTLY, _alike(found, missed)
    kind, found = _nearest(known, lambda s: _jaccard(s.criteria, criteria))
    return kind, _alike(found, missed)


def _nearest(known: Sequence[Signature], nearness: Callable[[Signature], float]) -> tuple[str, tuple[Signature, ...]]:
    best = max(map(nearness, known), default=0.0)
    if best < NEAR:
        return UNKNOWN, ()
    return NEARLY, tuple(signature for signature in known if nearness(signature) == best)


def _alike(found: tuple[Signature, ...], missed: Sequence[Result]) -> tuple[Signature, ...]:
    """Of these mutants, those from which most criteria got the same words, or at least the same but for numbers."""
    words = words_of(missed)
    plain = _without_numbers(words)
    scores = [(len(s.words & words), len(_without_numbers(s.words) & plain)) for s in found]
    best = max(scores, default=(0, 0))
    return tuple(signature for signature, score in zip(found, scores, strict=True) if score == best)


def _without_numbers(words: frozenset[Words]) -> frozenset[Words]:
    return frozenset((name, hidden, _NUMBER.sub("0", got)) for name, hidden, got in words)


def _jaccard(one: frozenset, other: frozenset) -> float:
    return len(one & other) / len(one | other)
