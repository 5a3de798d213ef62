"""Text to words: what a tagger labels. Whatever the backbone's tokenizer, the borders are the same."""

from __future__ import annotations

import re

_IDEOGRAPHS = "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W\d_{_IDEOGRAPHS}]+|\d+|[^\w\s]|_")


def word_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of each word: a run of letters or of digits, an ideograph, or one other visible character.

    Every character that is not white space is in exactly one word.
    """
    return [match.span() for match in _WORD.finditer(text)]


def words_within(words: list[tuple[int, int]], start: int, end: int) -> range:
    """The positions of the words that share a character with ``start:end``; empty where none does."""
    first = _first(words, start)
    last = first
    while last < len(words) and words[last][0] < end:
        last += 1
    return range(first, last)


def _first(words: list[tuple[int, int]], start: int) -> int:
    """The first word that ends behind ``start``."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high) // 2
        if words[middle][1] <= start:
            low = middle + 1
        else:
            high = middle
    return low
