"""Abbreviations that a text defines itself: "ataxia telangiectasia (A-T)"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BRACKET = re.compile(r"\(\s*([^()\[\]{}\n]{2,120}?)\s*[)\];,]")
_MOST_LETTERS = 10
_WORD_START = re.compile(r"(?<![^\W_])[^\W_]")


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form with the long form that defines it. start, end: of the long form in the text."""

    short: str
    long: str
    start: int
    end: int


def find_abbreviations(text: str) -> dict[str, Abbreviation]:
    """The short forms that the text defines, each with its first definition.

    After Schwartz and Hearst 2003: the short form stands in brackets behind the long one, or the long one in brackets
    behind the short; its letters are found from right to left in the long form, the first at the start of a word.
    """
    found: dict[str, Abbreviation] = {}
    if "(" not in text:
        return found
    for match in _BRACKET.finditer(text):
        inside = match[1]
        definition = None
        if _is_short(inside):
            definition = _behind(text, match.start(), inside)
        elif len(inside.split()) > 1:
            short = _last_word(text, match.start())
            if _is_short(short):
                definition = _within(text, match.start(1), match.end(1), short)
        if definition is not None:
            found.setdefault(definition.short, definition)
    return found


def _is_short(text: str) -> bool:
    """Whether the text can be a short form: at most two words and ten letters, one of them in capitals or alone."""
    if not 2 <= len(text) <= _MOST_LETTERS or len(text.split()) > 2 or not text[0].isalnum():
        return False
    return any(map(str.isalpha, text)) and not (text.islower() and len(text) > 5)


def _behind(text: str, bracket: int, short: str) -> Abbreviation | None:
    """The long form that ends where the bracket opens."""
    end = len(text[:bracket].rstrip())
    letters = sum(map(str.isalnum, short))
    words = min(letters + 5, letters * 2)
    begin = max(0, end - 200)
    stop = max(text.rfind(sign, begin, end) for sign in ("\n", ". ", "; ", "(", ")"))
    begin = max(begin, stop + 1)
    starts = [place.start() for place in re.finditer(r"\S+", text[begin:end])]
    if not starts:
        return None
    first = begin + starts[max(0, len(starts) - words)]
    return _within(text, first, end, short)


def _within(text: str, first: int, end: int, short: str) -> Abbreviation | None:
    """The shortest part of ``text[first:end]``, up to its end, in which the letters of the short form are found."""
    position = end - 1
    letters = [letter for letter in short.lower() if letter.isalnum()]
    lower = text[first:end].lower()
    if len(lower) != end - first:  # a letter that has another length in lower case
        return None
    for number in range(len(letters) - 1, -1, -1):
        while position >= first and (
            lower[position - first] != letters[number]
            or (number == 0 and position > first and text[position - 1].isalnum())
        ):
            position -= 1
        if position < first:
            return None
        position -= 1
    start = position + 1
    # The word may begin before a hyphen: "non-Hodgkin lymphoma (NHL)".
    while start > first and not text[start - 1].isspace():
        start -= 1
    long = text[start:end]
    if len(long) <= len(short) or short in long.split() or len(long.split()) > len(letters) * 2 + 2:
        return None
    return Abbreviation(short, long, start, end)


def _last_word(text: str, bracket: int) -> str:
    words = text[max(0, bracket - 40) : bracket].split()
    return words[-1] if words else ""
