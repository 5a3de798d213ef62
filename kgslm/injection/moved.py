"""The shuffled control where spans are what is learnt: as many mentions, as long, but elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.words import word_spans, words_within
from kgslm.linking import Linker
from kgslm.records import Link, LinkedText


class MovedLinker:
    """A linker whose links keep their concepts and their lengths in words, while each stands at a random place.

    Where every concept of a pack is of one type, a mention's place is all that the pack knows, and swapping concepts
    takes nothing away. Put around a ``ShuffledLinker``, neither place nor concept is right. Moved links do not
    overlap. The places depend on ``seed`` and the text alone.
    """

    def __init__(self, linker: Linker, *, seed: int = 0) -> None:
        self._linker = linker
        self._seed = seed

    def link(self, text: str) -> LinkedText:
        """Link, then move."""
        return self._move(self._linker.link(text))

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """Stream the links of many texts, in order."""
        return map(self._move, self._linker.link_many(texts))

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """A given mention stays where it is."""
        return self._linker.link_mention(text, start, end)

    def _move(self, linked: LinkedText) -> LinkedText:
        words = word_spans(linked.text)
        longest_first = sorted(linked.links, key=lambda link: -len(words_within(words, link.start, link.end)))
        random = np.random.default_rng(_number(f"{self._seed}\0{linked.text}"))
        taken = np.zeros(len(words), bool)
        moved = []
        for link in longest_first:
            length = len(words_within(words, link.start, link.end))
            free = _free(taken, length)
            if not len(free):
                continue
            first = int(free[random.integers(len(free))])
            taken[first : first + length] = True
            moved.append(_at(link, linked.text, words[first : first + length]))
        return replace(linked, links=tuple(sorted(moved, key=lambda link: link.start)))


def _free(taken: NDArray[np.bool_], length: int) -> NDArray[np.int64]:
    """Where ``length`` words in a row are free; nowhere for none."""
    sums = np.concatenate([[0], np.cumsum(taken)])
    return np.flatnonzero(sums[length:] == sums[: len(sums) - length]) if 0 < length < len(sums) else np.zeros(0, int)


def _at(link: Link, text: str, words: Sequence[tuple[int, int]]) -> Link:
    start, end = words[0][0], words[-1][1]
    return replace(link, start=start, end=end, surface=text[start:end])


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
