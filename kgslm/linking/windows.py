"""Stretches of text whose stem classes are those of a name, found for all lengths at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgslm.linking.hashing import Keys, KeyTable, running_sums
from kgslm.linking.tokens import Bools, Ints, Tokens
from kgslm.linking.vocabulary import CONJUNCTION, FILLER, UNKNOWN, Vocabulary

LONGEST_WINDOW = 16
"""Content tokens; longer names are not looked for in free text."""
_MOST_FILLERS = 4


@dataclass(frozen=True)
class ReadText:
    """A text as the linker reads it: its content tokens, those that are words of some name.

    codes: one for each token. content: the indices of the content tokens. sums: running sums of the numbers of their
    clusters, one longer than ``content``. runs: two content tokens with the same number have neither a sentence end
    nor a word of no name nor many fillers between them.
    joined: whether "and", a slash or the like stands before the content token; parted: whether that or a comma does.
    opens, closes: whether a word starts or ends with the content token.
    """

    tokens: Tokens
    codes: NDArray[np.int32]
    content: Ints
    sums: Keys
    runs: Ints
    joined: Bools
    parted: Bools
    opens: Bools
    closes: Bools

    @classmethod
    def of(
        cls,
        text: str,
        vocabulary: Vocabulary,
        clusters: NDArray[np.int32],
        asides: Sequence[tuple[int, int]] = (),
    ) -> ReadText:
        """Read a text. clusters: the cluster of each class. asides: spans whose tokens are fillers."""
        tokens, codes = vocabulary.read(text)
        if asides:
            spans = np.array(asides)
            first = np.searchsorted(tokens.starts, spans[:, 0])
            for low, high in zip(first.tolist(), np.searchsorted(tokens.starts, spans[:, 1]).tolist(), strict=True):
                codes[low:high] = FILLER
        content = np.flatnonzero(codes > 0)
        strangers = np.cumsum(codes == UNKNOWN)
        gaps = np.cumsum(np.diff(content, prepend=content[:1]) > _MOST_FILLERS)
        # Each part never falls, so that the sum is the same at both ends only where nothing changed in between.
        runs = tokens.sentences[content] + strangers[content] + gaps
        joined = _before(np.flatnonzero(codes == CONJUNCTION), content)
        joined |= _before(np.flatnonzero(tokens.slashes) + 1, content)
        parted = joined | _before(np.flatnonzero(tokens.commas) + 1, content)
        return cls(
            tokens,
            codes,
            content,
            running_sums(clusters[codes[content]]),
            runs,
            joined,
            parted,
            tokens.opens[content],
            tokens.closes[content],
        )


def _before(places: Ints, content: Ints) -> Bools:
    """Whether one of the token indices lies at or before a content token and behind the content token before it."""
    found = np.zeros(len(content), np.bool_)
    after = np.searchsorted(content, places)
    found[after[after < len(content)]] = True
    return found


def find_windows(reading: ReadText, table: KeyTable, longest: int) -> Ints:
    """Rows (first content token, last content token, group of names), shape (hits, 3).

    A window holds only known tokens and fillers, at most four fillers in a row, starts and ends with known tokens
    at word boundaries and stays within one sentence. Its length in content tokens is last - first + 1.
    """
    content, sums, runs = reading.content, reading.sums, reading.runs
    opens, closes = reading.opens, reading.closes
    found = []
    starts = np.flatnonzero(opens)
    for length in range(1, min(longest, LONGEST_WINDOW, len(content)) + 1):
        starts = starts[starts + length <= len(content)]
        ends = starts + length - 1
        starts = starts[runs[starts] == runs[ends]]
        firsts = starts[closes[starts + length - 1]]
        positions, groups = table.find(sums[firsts + length] - sums[firsts])
        firsts = firsts[positions]
        found.append(np.stack([firsts, firsts + length - 1, groups], axis=1))
    return np.concatenate(found) if found else np.empty((0, 3), np.int64)
