"""Cue phrases in text, all at once by an Aho-Corasick automaton, with exact offsets in the text as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick

Meaning = TypeVar("Meaning")

_NO_WORD = re.compile(r"[\W_]")
_LATIN = bytes(range(256)).decode("latin-1")
# One byte for one character: letters in lower case, digits, and a space for everything else.
_PLAIN_LATIN = _NO_WORD.sub(" ", _LATIN.lower()).encode("latin-1")


def plain_phrase(phrase: str) -> str:
    """A phrase as it is looked for: words in lower case, with one space for whatever stands between them."""
    return " ".join(_plain(phrase).split())


class CueFinder(Generic[Meaning]):
    """Finds phrases as whole words, in any case, with any one sign between the words ("rule-out", "rule out").

    phrases: plain phrases (see ``plain_phrase``) with what they mean. spaces: whether words are written apart; where
    they are not, a phrase is found wherever it stands.
    """

    def __init__(self, phrases: Mapping[str, Meaning], *, spaces: bool = True) -> None:
        self._meanings = list(phrases.values())
        self._pad = int(spaces)
        patterns = [f" {phrase} " if spaces else phrase for phrase in phrases]
        self._latin: BytesAhoCorasick | None = None
        try:
            self._latin = BytesAhoCorasick([pattern.encode("latin-1") for pattern in patterns])
        except UnicodeEncodeError:
            self._wide = AhoCorasick(patterns)

    def find(self, text: str) -> list[tuple[int, int, Meaning]]:
        """(start, end, meaning) in order; of those that overlap, the first, and of those the longest."""
        # The signs around a phrase are part of a match, and one more stands before the text.
        before, behind = self._pad - 1, self._pad + 1
        strange = self._latin is not None and not text.isascii()
        kept: list[tuple[int, int, Meaning]] = []
        for index, start, end in self._matches(text):  # in order of their ends
            start += before
            end -= behind
            if strange and self._inside_word(text, start, end):
                continue  # a letter beyond Latin-1 looks like a sign: "noβ" has no "no"
            shorter = len(kept)
            while shorter and kept[shorter - 1][0] >= start:
                shorter -= 1
            if not shorter or kept[shorter - 1][1] <= start:
                kept[shorter:] = [(start, end, self._meanings[index])]
        return kept

    def _matches(self, text: str) -> list[tuple[int, int, int]]:
        if self._latin is None:
            return self._wide.find_matches_as_indexes(f" {_plain(text)} ", overlapping=True)
        codes = text.encode("latin-1", "replace").translate(_PLAIN_LATIN)
        return self._latin.find_matches_as_indexes(b" " + codes + b" ", overlapping=True)

    def _inside_word(self, text: str, start: int, end: int) -> bool:
        return bool(self._pad) and (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())


def _plain(text: str) -> str:
    # The capital I with a dot is the one letter that is longer in lower case.
    return _NO_WORD.sub(" ", text.replace("İ", "I").lower())
