"""How well a stretch of text is a name that has the same stem classes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgslm.linking.stopwords import FILLERS, JOINING
from kgslm.linking.vocabulary import plain_word

EXACT, INFLECTED, DERIVED, REORDERED, REORDERED_DERIVED, ONE_WORD_DERIVED = 1.0, 0.9, 0.8, 0.75, 0.7, 0.5
"""The score of a preferred name as it is; in other case, number, spelling or punctuation; with other endings
("cardiac abnormality" for "cardiac abnormal"); in another order; both; a single word with another ending."""

CERTAIN = 0.55
"""What a reading must score in free text. A single word with another ending ("gingival" for "gingivitis") may be
what a given mention means, but is mostly not worth a mention of its own."""

KIND_WEIGHTS = {"preferred": 1.0, "exact": 0.97, "narrow": 0.92, "broad": 0.88, "related": 0.88}
"""What the score is multiplied by for each kind of name."""

_EXACT_CASE_LETTERS = 4
_WORD = re.compile(r"([^\W\d_]+)(?:['’][sS]\b)?|(\d+)")
_ENDING = re.compile(r"(?:ies|y|es|e|s)$")
_BRACKETS = "()[]{}"


def name_score(surface: str, classes: Sequence[int], name: str, name_classes: Sequence[int]) -> float:
    """The score in [0, 1] of reading ``surface`` as the preferred name ``name``; 0 where it cannot be read so.

    classes, name_classes: the stem classes of both, in order, fillers left aside.
    """
    if is_acronym(name):
        return _acronym_score(surface, name)
    if surface == name or surface.lower() == name.lower():
        return EXACT if surface.isupper() == name.isupper() else INFLECTED
    if any(bracket in surface and bracket not in name for bracket in _BRACKETS):
        return 0.0
    words, name_words = _words(surface), _words(name)
    same_endings = _bare(words) == _bare(name_words)
    if "," in surface and "," not in name:
        inverted = len(words) == len(name_words) and _uninvert(surface) == [_ending(word) for word in name_words]
        return REORDERED if inverted else 0.0
    if tuple(classes) == tuple(name_classes):
        if same_endings:
            return INFLECTED
        return DERIVED if len(classes) > 1 else ONE_WORD_DERIVED
    if sorted(classes) != sorted(name_classes) or JOINING.intersection(words) - set(name_words):
        return 0.0
    return REORDERED if same_endings else REORDERED_DERIVED


def is_acronym(name: str) -> bool:
    """Whether a name is read in its own case only: at most four letters, all capitals."""
    letters = [character for character in name if character.isalnum()]
    return len(letters) <= _EXACT_CASE_LETTERS and all(map(str.isalpha, letters)) and name.isupper()


def _acronym_score(surface: str, name: str) -> float:
    letters = "".join(filter(str.isalnum, surface))
    name_letters = "".join(filter(str.isalnum, name))
    if letters == name_letters:
        return EXACT if surface == name else INFLECTED
    return INFLECTED if letters == name_letters + "s" else 0.0


def _words(text: str) -> list[str]:
    return [(word or digits).lower() for word, digits in _WORD.findall(text)]


def _ending(word: str) -> str:
    """The word without the ending of its number."""
    return _ENDING.sub("", plain_word(word))


def _bare(words: Sequence[str]) -> list[str]:
    return sorted(_ending(word) for word in words if word not in FILLERS and word != "a")


def _uninvert(surface: str) -> list[str]:
    """The words of "seizures, absence" as "absence seizures"."""
    before, _, after = surface.partition(",")
    return [_ending(word) for word in [*_words(after), *_words(before)]]
