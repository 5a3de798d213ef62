"""Abbreviations that a text defines itself: "ataxia telangiectasia (A-T)"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

Definitions: TypeAlias = Mapping[str, str]
"""Short form to long form."""

_BRACKET = re.compile(r"\(\s*([^()\[\]{}\n]{2,120}?)\s*[)\];,]")
_PARTS = re.compile(r"\W+")
_LEFT_OF_BRACKET = 200
_MOST_LETTERS = 10
_MOST_WORDS = 8
"""Words of a long form that has the letters of the short one in another order."""
_STOPS = ("\n", ". ", "; ", "(", ")")


class Brackets(NamedTuple):
    """What the brackets of a text say.

    definitions: the short forms that the text defines, each with the long form of its first definition. unexplained:
    short forms in capitals whose letters the words before them hold in another order ("myotonic dystrophy (DM)"), each
    with those words, the most of them first; they are the long form where they are a name.
    """

    definitions: Definitions
    unexplained: tuple[tuple[str, tuple[str, ...]], ...]


def find_abbreviations(text: str) -> Definitions:
    """The short forms that the text defines, each with its long form; see ``read_brackets``."""
    return read_brackets(text).definitions


@lru_cache(maxsize=8)
def read_brackets(text: str) -> Brackets:
    """Find the short forms that the text explains.

    After Schwartz and Hearst 2003: the short form stands in brackets behind the long one, or the long one in brackets
    behind the short; the letters of the short form are found from right to left in the long one, the first of them at
    the start of a word. The last texts are remembered, as their mentions are asked for one by one.
    """
    found: dict[str, str] = {}
    others: list[tuple[str, tuple[str, ...]]] = []
    for match in _BRACKET.finditer(text) if "(" in text else ():
        inside, long, short = match[1], "", ""
        if _is_short(inside):
            left = _left_of(text, match.start())
            short, long = inside, _behind(left, inside)
            if not long and short.isupper() and (longs := tuple(_in_any_order(left, short))):
                others.append((short, longs))
        elif " " in inside:
            short = _word_before(text, match.start())
            long = _within(inside, short) if _is_short(short) else ""
        if long:
            found.setdefault(short, long)
    return Brackets(found, tuple((short, longs) for short, longs in others if short not in found))


def write_out(surface: str, definitions: Definitions) -> str:
    """The surface with its short forms, in the plural too, as the long ones: "cerebral ALD".

    Those in brackets behind other words are left out: "von Hippel-Lindau (VHL) disease".
    """
    pieces, position = [], 0
    for start, end, long in sorted(occurrences(surface, definitions)):
        if start < position:
            continue
        aside = bracketed(surface, start, end)
        if aside is None or not aside[0]:
            pieces += [surface[position:start], long]
            position = end
        else:
            pieces.append(surface[position : aside[0]])
            position = aside[1]
    return "".join([*pieces, surface[position:]])


def bracketed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span of ``start:end`` with its brackets and the space before them; None where it has none."""
    if text[start - 1 : start] != "(" or text[end : end + 1] != ")":
        return None
    spaced = text[max(0, start - 2) : start - 1].isspace()
    return start - 1 - spaced, end + 1


def occurrences(text: str, definitions: Definitions) -> Iterator[tuple[int, int, str]]:
    """``(start, end, long form)`` of each place where a short form stands alone, with or without a plural "s"."""
    # Not one regular expression for all: to compile it takes longer than to look for each.
    for short, long in definitions.items():
        start = text.find(short)
        while start >= 0:
            end = start + len(short)
            end += text[end : end + 1] == "s"
            if not (text[end : end + 1].isalnum() or text[max(0, start - 1) : start].isalnum()):
                yield start, end, long
            start = text.find(short, end)


def _is_short(text: str) -> bool:
    """Whether the text can be a short form: at most two words and ten letters, not a long word in small letters."""
    if not 2 <= len(text) <= _MOST_LETTERS or len(text.split()) > 2 or not text[0].isalnum():
        return False
    return any(map(str.isalpha, text)) and not (text.islower() and len(text) > 5)


def _left_of(text: str, bracket: int) -> str:
    """What stands before a bracket in the same sentence."""
    end = len(text[:bracket].rstrip())
    begin = max(0, end - _LEFT_OF_BRACKET)
    return text[max(begin, *(text.rfind(sign, begin, end) + 1 for sign in _STOPS)) : end]


def _behind(left: str, short: str) -> str:
    """The long form at the end of what stands before a bracket; empty where there is none."""
    letters = sum(map(str.isalnum, short))
    words = left.rsplit(None, min(letters + 5, letters * 2))
    # What rsplit leaves whole in front are the words too far away.
    far = len(words[0]) if len(words) > min(letters + 5, letters * 2) else 0
    return _within(left[far:].lstrip(), short)


def _in_any_order(left: str, short: str) -> Iterator[str]:
    """The last words that hold the letters of the short form, the first of them as the first of a word."""
    letters = Counter(filter(str.isalnum, short.lower()))
    words = left.split()[-_MOST_WORDS:]
    for first in range(len(words)):
        long = " ".join(words[first:])
        initials = {word[0].lower() for word in words[first:]}
        if short[0].lower() in initials and letters <= Counter(long.lower()) and len(long) > 2 * len(short):
            yield long


def _within(text: str, short: str) -> str:
    """The shortest end of the text in which the letters of the short form are found; empty where they are not."""
    lower = text.lower()
    letters = [letter for letter in short.lower() if letter.isalnum()]
    if len(lower) != len(text) or not letters:
        return ""  # a letter that has another length in lower case
    position = len(text)
    for number in reversed(range(len(letters))):
        position = lower.rfind(letters[number], 0, position)
        while number == 0 and position > 0 and text[position - 1].isalnum():
            position = lower.rfind(letters[number], 0, position)
        if position < 0:
            return ""
    # The word may begin before a hyphen: "non-Hodgkin lymphoma (NHL)".
    start = max(text.rfind(" ", 0, position), text.rfind("\n", 0, position)) + 1
    long = text[start:].strip()
    words = long.split()
    # "Na+-binding properties" say nothing about Na.
    itself = short in words or short in _PARTS.split(long)
    return long if len(long) > len(short) and not itself and len(words) <= 2 * len(letters) + 2 else ""


def _word_before(text: str, bracket: int) -> str:
    words = text[max(0, bracket - 40) : bracket].split()
    return words[-1] if words else ""
