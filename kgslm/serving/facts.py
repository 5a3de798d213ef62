"""Which facts a question asks for: whether a predicate fits its words, and in which direction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kgslm.packs.verbalise import Wording
from kgslm.retrieval.bm25 import words
from kgslm.serving.question import Mention, Question, Word


@dataclass(frozen=True, slots=True)
class FactWords:
    """Stems that ask for facts of one predicate: those of its two readings, and its cues."""

    wording: Wording
    readings: frozenset[str]
    cues: frozenset[str]


@lru_cache(maxsize=256)
def fact_words(found: Wording) -> FactWords:
    """The words of a predicate that reads so."""
    return FactWords(found, frozenset(words(f"{found.forward} {found.inverse}")), frozenset(words(found.cues)))


def fits_direction(question: Question, subject: Mention, found: Wording, inverse: bool) -> bool | None:
    """Whether a list of facts about ``subject`` reads the way the question asks; None where that is open.

    ``What treats X`` asks for what X is treated by, ``what does X treat`` for what X treats; ``how is X treated`` is
    passive, as is the inverse reading. found: how the predicate reads. inverse: the list reads from the object.
    """
    if found.forward == found.inverse:
        return True
    if not found.inverse:
        return None
    readings = ((found.forward, False), (found.inverse, True))
    for word in question.words:
        for reading, reads_inverse in readings:
            # A noun that belongs to the subject, "the symptoms of X", unless it is what X is: "has the symptom X".
            if reading.startswith("has the ") and word.stem in words(reading):
                between = question.text[word.start + len(word.text) : subject.start]
                is_one = word.start < subject.start and not between.strip()
                return True if (inverse != reads_inverse) == is_one else None
        for reading, reads_inverse in readings:
            if _same_verb(word, reading):
                before = word.start < subject.start
                return inverse == (reads_inverse != before)
    return None


def _same_verb(word: Word, reading: str) -> bool:
    """The same stem in the same voice."""
    for other in reading.split():
        if words(other) == [word.stem] and other.endswith("ed") == word.text.endswith("ed"):
            return True
    return False
