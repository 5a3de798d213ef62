"""Words that stand for other words of a pack's names: shortened, misspelt, or used for each other there.

"M D Ala." shares no word with "Middle District of Alabama". Which long word a short one stands for is learnt from the
names themselves, as most concepts have a full name beside a shortened one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from kgslm.linking.ngrams import Floats, Ints, stems
from kgslm.linking.shortenings import SHORT, shortens

_ORDINAL = frozenset(("d", "nd", "rd", "st", "th"))
"""What follows a number: "F.2d" and "F.2nd" have the same words."""
_STARTING = 200
"""Words that may begin with a word for it to be read as the beginning of any of them."""
_MOST = 64
"""Words that one word may stand for."""
_SYNONYM = 0.9
_ALIKE, _SHORTEST_ALIKE = 0.8, 5
"""The least similarity of a misspelt word, and its fewest letters."""
_REMEMBERED = 50_000
_ARRAYS = (
    "name_firsts", "name_words", "firsts", "rows", "concept_firsts", "concepts", "totals", "idf", "telling", "clusters"
)  # fmt: skip
_STRANGE = 8.0
"""What a word that no name has weighs at most."""


class Cover(NamedTuple):
    """What a text and names have in common, all in [0, 1].

    in_name: the share of the text that each name has. in_mention: the share of each name that the text has. both: their
    harmonic mean. in_concept: the share of the text that is in any name or the description of each concept.
    Shapes: (names,), and (concepts,) for the last one.
    """

    in_name: Floats
    in_mention: Floats
    both: Floats
    in_concept: Floats


Match = tuple[Ints, Floats]
"""(numbers of words, how well each matches, in (0, 1])."""


@dataclass(frozen=True)
class WordIndex:
    """The words of names, in sorted order, with the rows of the names that have them.

    name_firsts: shape (names + 1,), int64, where the words of a name start. name_words: int32, in the name's order, as
    often as it has them.
    firsts: shape (words + 1,), int64. rows: int32. concept_firsts, concepts: the same for the concepts of whose names
    or description a word is; names that only mentions say are left out. totals: shape (names,), float32, the sum of
    the idf of a name's words. idf, telling, clusters: one entry a word; how rare it is; the same times the share of a
    concept's other names that keep it; words of one cluster mean the same. shares: short word to long ones to how
    surely it stands for each of them, in [0, 1].
    """

    words: list[str]
    name_firsts: Ints
    name_words: NDArray[np.int32]
    firsts: Ints
    rows: NDArray[np.int32]
    concept_firsts: Ints
    concepts: NDArray[np.int32]
    totals: Floats
    idf: Floats
    telling: Floats
    clusters: NDArray[np.int32]
    shares: Mapping[str, Mapping[str, float]]
    _known: dict[str, Match] = field(default_factory=dict)

    def cover(self, text: str, size: int) -> Cover:
        """How much of the text each name has. Words count by their idf, and by how well they match.

        size: how many concepts there are.
        """
        in_name, in_concept = np.zeros(len(self.totals), np.float32), np.zeros(size, np.float32)
        here, there = np.zeros_like(in_name), np.zeros_like(in_concept)
        whole, best = 0.0, dict[int, float]()
        for word in dict.fromkeys(words_of(text)):
            numbers, values = self.match(word)
            weight = float(self.idf[numbers[-1]]) if len(numbers) else self._unknown
            whole += weight
            for number, value in zip(numbers.tolist(), values.tolist(), strict=True):
                # From the worst to the best, so that the best one stays.
                here[self.rows[self.firsts[number] : self.firsts[number + 1]]] = value
                there[self.concepts[self.concept_firsts[number] : self.concept_firsts[number + 1]]] = value
                best[number] = max(value, best.get(number, 0.0))
            if len(numbers):
                in_name += weight * here
                in_concept += weight * there
                here[:] = there[:] = 0
        in_mention = np.zeros_like(in_name)
        for number, value in best.items():
            in_mention[self.rows[self.firsts[number] : self.firsts[number + 1]]] += value * self.idf[number]
        in_name /= max(whole, 1e-6)
        in_mention = np.minimum(in_mention / np.maximum(self.totals, 1e-6), 1)
        both = 2 * in_name * in_mention / np.maximum(in_name + in_mention, 1e-6)
        return Cover(in_name, in_mention, both, in_concept / max(whole, 1e-6))

    def numbers(self, row: int) -> list[int]:
        """The numbers of a name's words, in its order."""
        found: list[int] = self.name_words[self.name_firsts[row] : self.name_firsts[row + 1]].tolist()
        return found

    def of_name(self, row: int) -> list[str]:
        """The words of a name, each once."""
        return [self.words[it] for it in dict.fromkeys(self.numbers(row))]

    def meanings(self, word: str) -> dict[int, float]:
        """The numbers of the words that a word may stand for, with how well each matches."""
        numbers, values = self.match(word)
        return dict(zip(numbers.tolist(), values.tolist(), strict=True))

    def weight(self, word: str) -> float:
        """How much a word tells."""
        place = self._places.get(word)
        return float(self.telling[place]) if place is not None else min(self._unknown, _STRANGE) * self._kept

    @cached_property
    def _kept(self) -> float:
        return float(self.telling.sum() / max(float(self.idf.sum()), 1e-6))

    def match(self, word: str) -> Match:
        """The words of names that a word stands for, the best one last."""
        if word not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._matched(word)
            order = sorted(found, key=lambda number: (found[number], -number))[-_MOST:]
            values = np.array([found[number] for number in order], np.float32)
            self._known[word] = np.array(order, np.int64), values
        return self._known[word]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def _unknown(self) -> float:
        return float(np.log(1 + len(self.totals)) + 1)

    @cached_property
    def _members(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, cluster in enumerate(self.clusters.tolist()):
            found.setdefault(cluster, []).append(number)
        return {cluster: members for cluster, members in found.items() if len(members) > 1}

    @cached_property
    def _short(self) -> dict[str, list[str]]:
        """The words of few letters by the first of them."""
        found: dict[str, list[str]] = {}
        for word in self.words:
            if len(word) <= SHORT:
                found.setdefault(word[0], []).append(word)
        return found

    @cached_property
    def _shorter(self) -> dict[str, list[str]]:
        """The short words that are known to stand for a long one."""
        found: dict[str, list[str]] = {}
        for short, own in self.shares.items():
            for long in own:
                found.setdefault(long, []).append(short)
        return found

    def _matched(self, word: str) -> dict[int, float]:
        places, found = self._places, dict[int, float]()
        exact = places.get(word)
        if not word.isdigit():
            for other, value in self._shortened(word, known=exact is not None):
                if value > 0:
                    found[places[other]] = value
            if exact is None and len(word) >= _SHORTEST_ALIKE:
                for number, value in self._misspelt(word):
                    others, likes = self.match(self.words[number])
                    for other_number, like in zip(others.tolist(), likes.tolist(), strict=True):
                        found[other_number] = max(value * like, found.get(other_number, 0.0))
        if exact is not None:
            for member in self._members.get(int(self.clusters[exact]), ()):
                found[member] = _SYNONYM
            found[exact] = 1.0
        return found

    def _shortened(self, word: str, *, known: bool) -> Iterator[tuple[str, float]]:
        """Words that may be the word shortened, or the other way round.

        known: whether names have the word; only for one that they do not have any word with its letters will do.
        """
        long = dict.fromkeys(self.shares.get(word, ()))
        short = dict.fromkeys(self._shorter.get(word, ()))
        starting = self._starting(word)
        if len(starting) <= _STARTING:
            long.update(dict.fromkeys(starting))
        short.update(dict.fromkeys(start for end in range(1, SHORT + 1) if (start := word[:end]) in self._places))
        if not known:
            long.update(dict.fromkeys(self._starting(word[0]) if len(word) <= SHORT else ()))
            short.update(dict.fromkeys(self._short.get(word[0], ())))
        for other in long:
            yield other, self._shortening(word, other)
        for other in short:
            yield other, self._shortening(other, word)

    def _starting(self, start: str) -> list[str]:
        first = bisect_left(self.words, start)
        return self.words[first : bisect_left(self.words, start + "\U0010ffff", first)]

    def _shortening(self, short: str, long: str) -> float:
        """How well a word of a text and one of a name match where one of them may be the other, shortened."""
        if len(short) >= len(long) or not shortens(short, long):
            return 0.0
        share = self.shares.get(short, {}).get(long, 0.0)
        start = long.startswith(short)
        if start:
            least = 0.3 + 0.15 * min(len(short) - 1, 3)
        elif len(short) > 1 and short[-1] == long[-1]:
            least = 0.4
        else:
            least = 0.2
        return least + (0.95 - least) * share

    def _misspelt(self, word: str) -> list[tuple[int, float]]:
        found = process.extract(word, self.words, scorer=Indel.normalized_similarity, score_cutoff=_ALIKE, limit=5)
        return [(place, 0.9 * float(value)) for _, value, place in found if not self.words[place].isdigit()]

    def save(self, folder: Path) -> None:
        """Write the index."""
        shares = [(short, long, share) for short, own in self.shares.items() for long, share in own.items()]
        np.savez(
            folder / "words.npz",
            allow_pickle=False,
            words=np.array(self.words, np.str_),
            shorts=np.array([it[0] for it in shares], np.str_),
            longs=np.array([it[1] for it in shares], np.str_),
            shares=np.array([it[2] for it in shares], np.float32),
            **{name: getattr(self, name) for name in _ARRAYS},
        )

    @classmethod
    def load(cls, folder: Path) -> WordIndex:
        """Read what ``save`` wrote."""
        with np.load(folder / "words.npz", allow_pickle=False) as stored:
            shares: dict[str, dict[str, float]] = {}
            pairs = (stored[name].tolist() for name in ("shorts", "longs", "shares"))
            for short, long, share in zip(*pairs, strict=True):
                shares.setdefault(short, {})[long] = share
            return cls(stored["words"].tolist(), shares=shares, **{name: stored[name] for name in _ARRAYS})


def words_of(text: str) -> list[str]:
    """The stems of a text without what makes an ordinal of a number."""
    found = stems(text)
    return [
        word for before, word in zip(["", *found], found, strict=False) if not (before.isdigit() and word in _ORDINAL)
    ]
