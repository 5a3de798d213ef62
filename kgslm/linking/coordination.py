"""Names that share a word: "breast and ovarian cancer", "malformations of the kidney or ureter"."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

import numpy as np

from kgslm.linking.hashing import KeyTable
from kgslm.linking.tokens import Bools, Ints
from kgslm.linking.windows import ReadText

_MOST_APART = 3
_MOST_SHARED = 3
"""Content tokens of the part that stands apart, and of the part that it shares with the others."""
_MOST_BETWEEN, _MOST_BEFORE = 6, 2
"""Content tokens of the other parts, where the shared one stands at the end and where it stands at the beginning."""
_MOST_IN_PART = 2


class Coordinated(NamedTuple):
    """A name in two stretches. apart, shared: their first and last content tokens. group: of names, in the table."""

    apart: tuple[int, int]
    shared: tuple[int, int]
    group: int

    @property
    def shared_behind(self) -> bool:
        """Whether the shared part is the end of the name."""
        return self.apart < self.shared


def find_coordinated(reading: ReadText, table: KeyTable, known: Set[tuple[int, int]]) -> Iterator[Coordinated]:
    """Names made of two stretches with another part between them.

    The part apart stands before "and", "or" or a comma, and the shared one at the end; or the shared one at the
    beginning, and the part apart behind "and" or "or". The whole must look like a list: what is listed last or first
    is itself a name with the shared part, or one word.
    known: the first and last content tokens of the names that stand in one stretch.
    """
    parts = np.flatnonzero(reading.parted[1:]) + 1
    if not len(parts) or not reading.joined.any():
        return
    partings = _running(reading.parted)
    latest = np.maximum.accumulate(np.where(reading.parted, np.arange(len(reading.parted)), 0))
    for between in range(1, _MOST_BETWEEN + 1):
        middles = _lists(reading, parts, between, partings, latest)
        hits = _hits(reading, table, middles, between, (_MOST_APART, _MOST_SHARED))
        hits = hits[partings[hits[:, 3]] == partings[hits[:, 2]]]
        lasts = latest[hits[:, 2] - 1].tolist()
        for last, (left, middle, right, end, group) in zip(lasts, hits.tolist(), strict=True):
            if right - last == 1 or (last, end - 1) in known:
                yield Coordinated((left, middle - 1), (right, end - 1), group)
    for between in range(1, _MOST_BEFORE + 1):
        joined = np.flatnonzero(reading.joined)
        middles = joined[joined > between] - between
        hits = _hits(reading, table, middles, between, (_MOST_SHARED, _MOST_APART))
        hits = hits[partings[hits[:, 2]] == partings[hits[:, 1] + 1]]
        for left, middle, right, end, group in hits.tolist():
            if (left, right - 1) in known:
                yield Coordinated((right, end - 1), (left, middle - 1), group)


def _lists(reading: ReadText, parts: Ints, between: int, partings: Ints, latest: Ints) -> Ints:
    """Of the tokens that a sign stands before, those at which a list of short parts begins that is so many tokens long,
    with "and" or "or" before its last part. latest: the last token at or before each one that a sign stands before.
    """
    middles = parts[parts + between < len(reading.content)]
    middles = middles[reading.joined[latest[middles + between - 1]]]
    for first in range(1, between - _MOST_IN_PART + 1):
        middles = middles[partings[middles + first + _MOST_IN_PART] > partings[middles + first]]
    return middles


def _running(signs: Bools) -> Ints:
    """``sums[j] - sums[i]`` is how many of ``signs[i:j]`` are set."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(signs)])


def _hits(reading: ReadText, table: KeyTable, middles: Ints, between: int, most: tuple[int, int]) -> Ints:
    """Rows (left, middle, right, end, group) of the names in ``left:middle`` and ``right:end``, for these middles.

    most: content tokens of both stretches.
    """
    if not len(middles):
        return np.empty((0, 5), np.int64)
    sums, runs, count = reading.sums, reading.runs, len(reading.content)
    lengths = np.indices(most).reshape(2, -1) + 1
    # One row for each middle, one column for each pair of lengths.
    lefts = middles[:, np.newaxis] - lengths[0]
    ends = middles[:, np.newaxis] + between + lengths[1]
    rows, columns = np.nonzero((lefts >= 0) & (ends <= count))
    lefts, ends, fit = lefts[rows, columns], ends[rows, columns], middles[rows]
    rights = fit + between
    whole = (runs[lefts] == runs[ends - 1]) & reading.opens[lefts] & reading.closes[ends - 1]
    whole &= reading.closes[fit - 1] & reading.opens[rights]
    lefts, fit, rights, ends = lefts[whole], fit[whole], rights[whole], ends[whole]
    positions, groups = table.find(sums[fit] - sums[lefts] + sums[ends] - sums[rights])
    return np.stack([lefts[positions], fit[positions], rights[positions], ends[positions], groups], axis=1)
