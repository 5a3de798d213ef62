"""Stretches of text whose stem classes are those of a name, found for all lengths at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgslm.linking.hashing import KeyTable, running_sums
from kgslm.linking.tokens import Ints, Tokens
from kgslm.linking.vocabulary import UNKNOWN

LONGEST_WINDOW = 16
"""Content tokens; longer names are not looked for in free text."""
_MOST_FILLERS = 4


def find_windows(tokens: Tokens, codes: NDArray[np.int32], table: KeyTable, longest: int) -> Ints:
    """Rows (first content token, last content token, first token, last token, group of names), shape (hits, 5).

    A window holds only known tokens and fillers, at most four fillers in a row, starts and ends with known tokens
    at word boundaries and stays within one sentence. Its length in content tokens is last - first + 1.
    """
    content = np.flatnonzero(codes > 0)
    strangers = np.cumsum(codes == UNKNOWN)
    gaps = np.cumsum(np.diff(content, prepend=content[:1]) > _MOST_FILLERS)
    # Each part never falls, so that the sum is the same at both ends only where nothing changed in between.
    runs = tokens.sentences[content] + strangers[content] + gaps
    sums = running_sums(codes[content])
    opens, closes = tokens.opens[content], tokens.closes[content]
    found = []
    starts = np.flatnonzero(opens)
    for length in range(1, min(longest, LONGEST_WINDOW, len(content)) + 1):
        starts = starts[starts + length <= len(content)]
        ends = starts + length - 1
        starts = starts[runs[starts] == runs[ends]]
        firsts = starts[closes[starts + length - 1]]
        positions, groups = table.find(sums[firsts + length] - sums[firsts])
        firsts = firsts[positions]
        lasts = firsts + length - 1
        found.append(np.stack([firsts, lasts, content[firsts], content[lasts], groups], axis=1))
    return np.concatenate(found) if found else np.empty((0, 5), np.int64)
