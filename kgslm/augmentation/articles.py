"""The English article before a word that has changed."""

from __future__ import annotations

import re

from kgslm.augmentation.spans import Edit

_ARTICLE = re.compile(r"\b([Aa]n?)(\s+)\Z")
_LONGEST = 8
_SPELT_WITH_VOWEL = frozenset("AEFHILMNORSX")
_VOWEL = re.compile(r"[aeiou]")
_NO_VOWEL_SOUND = re.compile(r"u(?!n(?!i))[^aeiou][aeiou]|eu|one\b|once\b")
"""uterine, unilateral (but not unexplained), eunuch, one."""


def article_edits(text: str, start: int, following: str) -> list[Edit]:
    """The edit that puts "a" or "an" right before ``start``, where ``following`` will stand."""
    match = _ARTICLE.search(text, max(0, start - _LONGEST), start)
    word = re.match(r"\w+", following)
    if not match or not word:
        return []
    article = match.group(1)[0] + ("n" if takes_an(word.group()) else "")
    return [Edit(match.start(1), match.end(1), article)] if article != match.group(1) else []


def takes_an(word: str) -> bool:
    """Whether a word starts with the sound of a vowel; words in capitals are spelt out."""
    if word.isupper() and len(word) > 1:
        return word[0] in _SPELT_WITH_VOWEL
    word = word.lower()
    return bool(_VOWEL.match(word)) and not _NO_VOWEL_SOUND.match(word)
