"""What a given mention means that is no name itself: "severe asthma", "fracture of the left femur"."""

from __future__ import annotations

import numpy as np

from kgslm.linking.candidates import CandidateFinder, Candidates
from kgslm.linking.coordination import find_coordinated
from kgslm.linking.shortened import shortened
from kgslm.linking.vocabulary import FILLER
from kgslm.linking.windows import ReadText, find_windows
from kgslm.records import Candidate

_OTHER_THAN_HEAD = 0.8
"""What a name that is not the head of the mention is weighed with."""
_LEAST_COVER = 0.3


def back_off(finder: CandidateFinder, surface: str) -> Candidates:
    """The concepts of the names inside a mention, best first; scores fall with the words left over.

    Names with the head of the mention, its last word or the one before "of" or "in", come before others. Parts that
    share a word ("breast and ovarian cancer") are read as the names that they stand for.
    """
    surface = shortened(surface) or surface
    reading = finder.read(surface)
    letters = np.array([len(token) for token in reading.tokens.surfaces]) * (reading.codes >= 0)
    total = int(letters.sum())
    head = _head(reading)
    best: dict[str, Candidate] = {}
    for tokens, candidates in _inside(finder, surface, reading):
        cover = letters[tokens].sum() / total
        if cover < _LEAST_COVER:
            continue
        weight = (0.5 + 0.5 * cover) * (1 if head in tokens else _OTHER_THAN_HEAD)
        for it in candidates:
            score = round(it.score * float(weight), 4)
            if it.concept not in best or best[it.concept].score < score:
                best[it.concept] = Candidate(it.concept, it.name, score)
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
