"""Which of the mentions that share words are kept."""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple

from kgslm.linking.candidates import Candidates


class Mention(NamedTuple):
    """Sorts the better mention first: longest in content tokens, then the better reading, then the left one.

    first, last: the tokens that no other mention may have. start, end: what is linked.
    """

    shortness: int
    doubt: float
    first: int
    last: int
    start: int
    end: int
    candidates: Candidates


_BETTER_FIRST = itemgetter(0, 1, 2, 3)


def choose(mentions: list[Mention], count: int, overlap: str) -> list[Mention]:
    """The mentions that the overlap policy keeps, in order of start, longer ones before those inside them.

    count: the tokens of the text.
    """
    mentions.sort(key=_BETTER_FIRST)
    taken = bytearray(count)
    chosen, ends = [], {}
    for mention in mentions:
        first, last = mention.first, mention.last
        if not any(taken[first : last + 1]):
            taken[first : last + 1] = b"\x01" * (last + 1 - first)
            ends[last] = first
        elif overlap == "longest" or (overlap == "nested" and first < ends.get(last, count)):
            continue
        chosen.append(mention)
    chosen.sort(key=lambda mention: (mention.start, -mention.end))
    return chosen
