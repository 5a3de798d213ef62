"""What a text and a name have in common beside their words: shortened words, numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kgslm.linking.languages import language
from kgslm.linking.matching import NameMatcher, is_acronym
from kgslm.linking.settings import DEFAULT_SETTINGS
from kgslm.linking.shortenings import shortens
from kgslm.linking.vocabulary import ROMAN

_PIECES = re.compile(r"[^\W\d_]+|\d+")
_NUMERALS = {**{numeral.lower(): number for numeral, number in ROMAN.items()}, "x": "10"}
"""Where numbers are compared, and not looked for in running text, X is ten."""


def abbreviates(own: Sequence[str], other: Sequence[str]) -> float:
    """The share of words of which each is the other's start, or begins and goes on with its letters, in order.

    In [0, 1]: "Park. Cr." and "Parker's Criminal Reports" share two of three words.
    """
    if not own or not other:
        return 0.0
    at, matched = 0, 0
    for word in own:
        for place in range(at, len(other)):
            found = other[place]
            if word == found or (word[0] == found[0] and (shortens(word, found) or shortens(found, word))):
                matched += 1
                at = place + 1
                break
    return 2 * matched / (len(own) + len(other))


def same_name(text: str, own: Sequence[str], name: str, other: Sequence[str]) -> float:
    """The dictionary's score in [0, 1] of reading a text as a name. own, other: the stems of both."""
    if sorted(own) != sorted(other) and not is_acronym(name):
        return 0.0
    numbers = {stem: number for number, stem in enumerate(dict.fromkeys([*own, *other]), start=1)}
    return _matcher().score(text, [numbers[stem] for stem in own], name, [numbers[stem] for stem in other])


@lru_cache(maxsize=1)
def _matcher() -> NameMatcher:
    return NameMatcher(language("en"), DEFAULT_SETTINGS)


def same_numbers(text: str, name: str) -> float:
    """1 where both have the same numbers and single letters, -1 where these differ, 0 where one side has none."""
    own, other = _marks(text), _marks(name)
    if not own and not other:
        return 0.5
    if not own or not other:
        return 0.0
    return 1.0 if own == other else -1.0


@lru_cache(maxsize=50_000)
def _marks(text: str) -> frozenset[str]:
    return frozenset(
        _NUMERALS.get(word, word)
        for word in _PIECES.findall(text.lower())
        if word.isdigit() or word in _NUMERALS or (len(word) == 1 and word != "a")
    )
