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
_FIRST, _START, _END = itemgetter(2), itemgetter(4), itemgetter(5)


def choose(mentions: list[Mention], overlap: str) -> list[Mention]:
    """The mentions that the overlap policy keeps, in order of start, longer ones before those inside them."""
    mentions.sort(key=_FIRST)
    chosen: list[Mention] = []
    group: list[Mention] = []
    last = -1
    for mention in mentions:
        if mention.first > last:
            chosen += _best(group, last, overlap) if len(group) > 1 else group
            group = []
        group.append(mention)
        if mention.last > last:
            last = mention.last
    chosen += _best(group, last, overlap) if len(group) > 1 else group
    chosen.sort(key=_END, reverse=True)
    chosen.sort(key=_START)
    return chosen


def _best(mentions: list[Mention], last: int, overlap: str) -> list[Mention]:
    """The kept ones of mentions that are sorted by their first token and hang together. last: of their tokens."""
    if overlap == "longest":
        best = min(mentions, key=_BETTER_FIRST)
        if best.first == mentions[0].first and best.last == last:
            return [best]  # it has all their words
    mentions.sort(key=_BETTER_FIRST)
    taken: set[int] = set()
    chosen: list[Mention] = []
    ends: dict[int, int] = {}
    for mention in mentions:
        first, last = mention.first, mention.last
        words = range(first, last + 1)
        if taken.isdisjoint(words):
            taken.update(words)
            ends[last] = first
        elif overlap == "longest" or (overlap == "nested" and first < ends.get(last, last + 1)):
            continue
        chosen.append(mention)
    return chosen
