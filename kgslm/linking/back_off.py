"""What a given mention means that is no name itself: "severe asthma", "nephropathy", "incontinence"."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from kgslm.linking.candidates import NIL, CandidateFinder, Candidates
from kgslm.linking.completion import Completions
from kgslm.linking.coordination import find_coordinated
from kgslm.linking.morphology import derived
from kgslm.linking.settings import LinkSettings
from kgslm.linking.shortened import shortened
from kgslm.linking.vocabulary import FILLER, UNKNOWN
from kgslm.linking.windows import ReadText, find_windows
from kgslm.records import Candidate

_OTHER_THAN_HEAD = 0.8
"""What a name that is not the head of the mention is weighed with."""
_LEAST_COVER = 0.3
_IN_OTHER_WORDS = 0.7
"""What a name in other words than the mention is weighed with."""


class BackOff:
    """Finds other names for a mention: other words for the same, names that it is a part of, and names inside it."""

    def __init__(self, finder: CandidateFinder, settings: LinkSettings) -> None:
        self._finder = finder
        self._settings = settings

    def meant(self, surface: str) -> Candidates:
        """The concepts that a mention, which is no name, may mean, best first."""
        if self._settings.other_words and self._finder.words.code == "en":
            for found in self._finder.wholes(derived(surface)):
                if found:
                    return tuple(replace(it, score=round(it.score * _IN_OTHER_WORDS, 4)) for it in found)
        return _best(self._completed(surface), self.parts(surface))

    def parts(self, surface: str) -> Candidates:
        """The concepts of the names inside a mention, best first; scores fall with the words left over.

        Names with the head of the mention, its last word or the one before "of" or "in", come before others. Parts
        that share a word ("breast and ovarian cancer") are read as the names that they stand for.
        """
        return _best(_parts(self._finder, shortened(surface) or surface)) if self._settings.back_off else NIL

    def _completed(self, surface: str) -> Candidates:
        reading = self._finder.read(surface)
        codes = reading.codes
        if not self._settings.completion or not len(reading.content) or np.any(codes == UNKNOWN):
            return NIL
        return self._completions.find(codes[reading.content].tolist())

    @cached_property
    def _completions(self) -> Completions:
        # Only given mentions need them, and they take a while in a large lexicon.
        return Completions(self._finder.lexicon, self._settings.max_candidates)


def _parts(finder: CandidateFinder, surface: str) -> Candidates:
    reading = finder.read(surface)
    letters = np.array([len(token) for token in reading.tokens.surfaces]) * (reading.codes >= 0)
    total = int(letters.sum())
    head = _head(reading)
    found = []
    for tokens, candidates in _inside(finder, surface, reading):
        cover = letters[tokens].sum() / total
        if cover < _LEAST_COVER:
            continue
        weight = (0.5 + 0.5 * cover) * (1 if head in tokens else _OTHER_THAN_HEAD)
        found += [Candidate(it.concept, it.name, round(it.score * float(weight), 4)) for it in candidates]
    return tuple(found)


def _best(*found: Candidates) -> Candidates:
    """Each concept with its best score, best first."""
    best: dict[str, Candidate] = {}
    for it in (candidate for candidates in found for candidate in candidates):
        if it.concept not in best or best[it.concept].score < it.score:
            best[it.concept] = it
    return tuple(sorted(best.values(), key=lambda it: (-it.score, it.name, it.concept)))


def _head(reading: ReadText) -> int:
    """The token of the head: the last one before a preposition, or the last one of all."""
    words = np.flatnonzero(reading.codes >= 0)
    prepositions = np.flatnonzero(reading.codes == FILLER)
    inner = prepositions[prepositions > words[0]] if len(words) else prepositions
    before = words[words < inner[0]] if len(inner) else words
    return int(before[-1]) if len(before) else -1


def _inside(finder: CandidateFinder, surface: str, reading: ReadText) -> list[tuple[list[int], Candidates]]:
    """(tokens, concepts) of each name in the mention."""
    tokens, content = reading.tokens, reading.content
    classes = reading.codes[content]
    found, known = [], set()
    for low, high, group in find_windows(reading, finder.table, finder.lexicon.longest).tolist():
        first, last = int(content[low]), int(content[high])
        words = surface[tokens.starts[first] : tokens.ends[last]]
        candidates = finder.of_group(words, classes[low : high + 1].tolist(), group)
        if candidates and words.lower() not in finder.words.everyday:
            known.add((low, high))
            found.append((content[low : high + 1].tolist(), candidates))
    for name in find_coordinated(reading, finder.table, known):
        candidates = finder.of_coordinated(surface, reading, name)
        if candidates:
            parts = [content[first : last + 1] for first, last in (name.apart, name.shared)]
            found.append((np.concatenate(parts).tolist(), candidates))
    return found
