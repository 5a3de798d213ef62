"""The concepts that a stretch of text may name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from kgslm.linking.coordination import Coordinated
from kgslm.linking.hashing import KeyTable
from kgslm.linking.languages import language
from kgslm.linking.lexicon import ROW_KINDS, SHORTENED, Lexicon
from kgslm.linking.matching import KIND_WEIGHTS, NameMatcher
from kgslm.linking.settings import LinkSettings
from kgslm.linking.tokens import Ints
from kgslm.linking.vocabulary import UNKNOWN
from kgslm.linking.windows import ReadText
from kgslm.records import Candidate

Candidates = tuple[Candidate, ...]
NIL: Candidates = ()

SEPARATOR = "\n\n"
"""Ends a sentence, so that no name runs from one text into the next."""

_REMEMBERED = 200_000
_SHORT = 200
"""Characters of a text whose reading is remembered."""
_SHORTEST_SHARED = 3
_COMMON, _MANY = 0.02, 20
"""The share of the names, and their number, that a common head must have."""


class CandidateFinder:
    """Scored concepts of surfaces.

    known: what was found before, by surface, group and ``ordered``; it depends on these alone. heads: classes of words
    that head so many names that they say little alone, such as "syndrome".
    """

    def __init__(self, lexicon: Lexicon, settings: LinkSettings) -> None:
        self.lexicon = lexicon
        self.words = language(lexicon.language)
        self.table = KeyTable(lexicon.keys)
        self._vocabulary = lexicon.vocabulary()
        self._matcher = NameMatcher(self.words, settings)
        self._ordered = NameMatcher(self.words, replace(settings, word_order=False))
        self._most = settings.max_candidates
        self._shortened = settings.shortened
        self.heads = np.empty(0, np.int64) if settings.bare_heads else _common_heads(lexicon)
        # A given mention is read as a whole, as a part of a name and for the names in it, one after the other.
        self._read_again = lru_cache(maxsize=8)(self._read)
        self.known: dict[tuple[str, int, bool], Candidates] = {}

    def read(self, text: str, asides: Sequence[tuple[int, int]] = ()) -> ReadText:
        """The text as the lexicon sees it. asides: spans that are left aside as fillers are."""
        if asides or len(text) > _SHORT:
            return self._read(text, asides)
        return self._read_again(text)

    def _read(self, text: str, asides: Sequence[tuple[int, int]] = ()) -> ReadText:
        return ReadText.of(text, self._vocabulary, self.lexicon.clusters, asides)

    def of_group(self, surface: str, classes: Sequence[int], group: int, *, ordered: bool = False) -> Candidates:
        """The concepts that ``surface``, with these stem classes, may name, best first.

        group: the row of its key in the lexicon. ordered: whether the words must be in the order of the name.
        """
        found = self.known.get((surface, group, ordered))
        if found is None:
            found = self._score(surface, classes, group, self._ordered if ordered else self._matcher)
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[surface, group, ordered] = found
        return found

    def of_coordinated(self, text: str, reading: ReadText, name: Coordinated) -> Candidates:
        """The concepts that a name in two stretches of a text may mean, best first."""
        tokens, content = reading.tokens, reading.content
        stretches = sorted((name.apart, name.shared))
        words = [text[tokens.starts[content[first]] : tokens.ends[content[last]]] for first, last in stretches]
        # "5% and 1.1": what is shared is a word.
        if sum(map(str.isalpha, words[name.shared_behind])) < _SHORTEST_SHARED:
            return NIL
        classes = [reading.codes[content[first : last + 1]] for first, last in stretches]
        return self.of_group(" ".join(words), np.concatenate(classes).tolist(), name.group, ordered=name.shared_behind)

    def wholes(self, surfaces: Sequence[str]) -> list[Candidates]:
        """What each surface means where all of it is one name."""
        reading = self.read(SEPARATOR.join(surfaces))
        ends = np.cumsum([len(surface) + len(SEPARATOR) for surface in surfaces])
        owners = np.searchsorted(ends, reading.tokens.starts, side="right")
        firsts = np.searchsorted(owners[reading.content], np.arange(len(surfaces) + 1))
        positions, groups = self.table.find(reading.sums[firsts[1:]] - reading.sums[firsts[:-1]])
        strange = set(owners[reading.codes == UNKNOWN].tolist())
        found = [NIL] * len(surfaces)
        for at, group in zip(positions.tolist(), groups.tolist(), strict=True):
            classes = reading.codes[reading.content[firsts[at] : firsts[at + 1]]].tolist()
            if classes and at not in strange:
                found[at] = self.of_group(surfaces[at], classes, group)
        return found

    def _score(self, surface: str, classes: Sequence[int], group: int, matcher: NameMatcher) -> Candidates:
        lexicon = self.lexicon
        best: dict[int, float] = {}
        first, end = int(lexicon.firsts[group]), int(lexicon.firsts[group + 1])
        names = lexicon.names[first:end].to_pylist()
        for row, name in enumerate(names, first):
            kind = int(lexicon.kinds[row])
            if kind == SHORTENED and (surface[0].islower() or not self._shortened):
                continue  # "Target Corporation" may be "Target", and is no target
            own = lexicon.classes[lexicon.class_firsts[row] : lexicon.class_firsts[row + 1]].tolist()
            score = matcher.score(surface, classes, name, own)
            if score:
                concept = int(lexicon.concepts[row])
                weighted = score * KIND_WEIGHTS[ROW_KINDS[kind]]
                best[concept] = max(weighted, best.get(concept, 0.0))
        if len(best) > self._most:
            # The names of the concepts, which settle ties, are read for those that may be kept.
            least = sorted(best.values(), reverse=True)[self._most - 1]
            best = {concept: score for concept, score in best.items() if score >= least}
        ranked = sorted(
            (-score, lexicon.preferred[concept].as_py(), lexicon.ids[concept].as_py())
            for concept, score in best.items()
        )
        return tuple(Candidate(id_, name, round(-score, 4)) for score, name, id_ in ranked[: self._most])


def _common_heads(lexicon: Lexicon) -> Ints:
    ends = lexicon.class_firsts[1:]
    longer = np.diff(lexicon.class_firsts) > 1
    counts = np.bincount(lexicon.classes[ends[longer] - 1])
    stems = lexicon.stems
    common = np.flatnonzero(counts >= max(_MANY, _COMMON * len(lexicon))).tolist()
    return np.array([it for it in common if stems[it - 1].as_py().isalpha()], np.int64)
