"""Writing a name of the pack as it would stand in the place of a mention."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kgslm.linking.languages import language

_WORD = re.compile(r"[^\W\d_]+(?:['’]s\b)?")
_MOST_ACRONYM_LETTERS = 5


class Casing:
    """Knows which words of the names are proper nouns, from the names themselves.

    A capitalised word is one where it is a possessive ("Crohn's disease"), or stands inside a name that is otherwise
    in lower case ("Positive Babinski sign") and is nowhere in lower case itself. In other names ("Acute Abdomen")
    capitals say nothing, and are left out in running text.
    """

    def __init__(self, names: Iterable[str]) -> None:
        everyday = language("en").everyday
        proper: set[str] = set()
        lower: set[str] = set()
        for name in names:
            words = _WORD.findall(name)
            capitals = [word for word in words[1:] if _capitalised(word)]
            common = [word for word in words if word.islower()]
            lower.update(common)
            proper.update(_bare(word) for word in words if _capitalised(word) and word != _bare(word))
            if len(capitals) <= sum(word not in everyday for word in common):
                proper.update(map(_bare, capitals))
        self._proper = frozenset(word for word in proper if word.lower() not in lower)

    def fit(self, name: str, surface: str, *, opens_sentence: bool) -> str:
        """``name`` as it would be written where ``surface`` stands. opens_sentence: whether a sentence starts there."""
        letters = [letter for letter in surface if letter.isalpha()]
        if len(letters) > _MOST_ACRONYM_LETTERS and surface.isupper():
            return name.upper()
        if len(_WORD.findall(surface)) > 1 and all(_capitalised(word) for word in _WORD.findall(surface)):
            return name
        fitted = _WORD.sub(lambda match: self._running(match.group(), name), name)
        return fitted[:1].upper() + fitted[1:] if opens_sentence and surface[:1].isupper() else fitted

    def _running(self, word: str, name: str) -> str:
        """The word as it is written in running text."""
        shouted = name.isupper() and sum(map(str.isalpha, name)) > _MOST_ACRONYM_LETTERS
        if shouted:
            return word.lower()
        common = _capitalised(word) and _bare(word) not in self._proper and len(word) > 1
        return word.lower() if common else word


def _bare(word: str) -> str:
    """The word without its possessive."""
    return word[:-2] if word[-2:] in ("'s", "’s") else word


def _capitalised(word: str) -> bool:
    return word[:1].isupper() and not any(map(str.isupper, word[1:]))
