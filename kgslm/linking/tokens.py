"""Text to tokens: runs of letters and runs of digits, with exact offsets, found by NumPy for the whole text at once."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.linking.hashing import Keys, word_hashes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GAP, LETTER, DIGIT, IDEOGRAPH, HYPHEN, COMMA, SLASH, STOP, COLON, NEWLINE, UNSEEN = *range(10), 255
_SPECIAL = {
    **dict.fromkeys("-\u2010\u2011", HYPHEN),
    **dict.fromkeys(",、，", COMMA),
    "/": SLASH,
    **dict.fromkeys(".!?。！？", STOP),
    **dict.fromkeys(";:；：", COLON),
    "\n": NEWLINE,
}
_IDEOGRAPHS = (
    (0x3005, 0x3007),
    (0x3041, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
"""Chinese characters and Japanese syllables, which are written without spaces."""
_APOSTROPHES = (ord("'"), ord("’"))


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, as parallel arrays.

    starts, ends: string indices, end exclusive. hashes: one key for each token as it stands in the text.
    opens, closes: whether a word starts or ends there ("B12" is one word and two tokens, "心" is a token of its own).
    sentences: the number of the sentence, paragraph or clause of each token; it never falls.
    hyphens: whether a hyphen, and nothing else, leads from the token to the next one. commas, slashes: whether one
    stands between the two.
    """

    text: str
    starts: Ints
    ends: Ints
    hashes: Keys
    opens: Bools
    closes: Bools
    sentences: Ints
    hyphens: Bools
    commas: Bools
    slashes: Bools

    def __len__(self) -> int:
        return len(self.starts)

    def surface(self, index: int) -> str:
        """A token as it stands in the text."""
        return self.text[self.starts[index] : self.ends[index]]

    @property
    def surfaces(self) -> list[str]:
        """All tokens as they stand in the text."""
        spans = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return [self.text[start:end] for start, end in spans]

    def stands_out(self, index: int) -> bool:
        """Whether a word is in capitals and the words beside it are not, so that capitals mark an acronym here."""
        if not self.surface(index).isupper():
            return False
        beside = [other for other in (index - 1, index + 1) if 0 <= other < len(self)]
        words = [self.surface(other) for other in beside if self.sentences[other] == self.sentences[index]]
        return not any(len(word) > 1 and word.isupper() for word in words)


def tokenise(text: str) -> Tokens:
    """Split a text into tokens. A possessive "'s" belongs to no token."""
    codes = _code_points(text)
    kinds = _kinds(codes)
    words = (kinds >= LETTER) & (kinds <= IDEOGRAPH)
    # A token starts where its kind differs from the kind before, and ends where it differs from the next.
    differ = kinds[1:] != kinds[:-1]
    ideographs = kinds == IDEOGRAPH
    written_together = bool(ideographs.any())
    if written_together:
        differ |= ideographs[1:]
    change = np.flatnonzero(differ) + 1
    starts = change[words[change]]
    ends = change[words[change - 1]]
    closes = ~words[ends]
    opens = ~words[starts - 1]
    if written_together:
        closes |= ideographs[ends] | ideographs[ends - 1]
        opens |= ideographs[starts] | ideographs[starts - 1]
    hyphens = np.zeros(len(starts), np.bool_)
    hyphens[:-1] = (kinds[ends[:-1]] == HYPHEN) & (starts[1:] - ends[:-1] == 1)
    commas, slashes = _leading_on(kinds, COMMA, starts), _leading_on(kinds, SLASH, starts)
    starts, ends = starts - 1, ends - 1  # the kinds carry one gap in front
    hashes = word_hashes(codes[words[1:-1]], ends - starts)
    sentences = np.searchsorted(_breaks(kinds), starts)
    return Tokens(text, starts, ends, hashes, opens, closes, sentences, hyphens, commas, slashes)


def join(tokens: Tokens, indices: list[int]) -> Tokens:
    """The same tokens with each of these and its successor made one; no two of them follow each other.

    The hash of such a token is that of its first part.
    """
    if not indices:
        return tokens
    kept = np.ones(len(tokens), np.bool_)
    kept[np.array(indices) + 1] = False
    last = np.flatnonzero(kept)
    last[~np.append(kept[1:], True)[last]] += 1
    return Tokens(
        tokens.text,
        tokens.starts[kept],
        tokens.ends[last],
        tokens.hashes[kept],
        tokens.opens[kept],
        tokens.closes[last],
        tokens.sentences[kept],
        tokens.hyphens[last],
        tokens.commas[last],
        tokens.slashes[last],
    )


def _leading_on(kinds: NDArray[np.uint8], kind: int, starts: Ints) -> Bools:
    """Whether a sign of this kind stands between each token and the next."""
    found = np.zeros(len(starts), np.bool_)
    after = np.searchsorted(starts, np.flatnonzero(kinds == kind))
    found[after[(after > 0) & (after < len(starts))] - 1] = True
    return found


_table: NDArray[np.uint8] = np.full(0x110000, UNSEEN, dtype=np.uint8)
"""The kind of each code point, filled as they are met."""


def _code_points(text: str) -> NDArray[Any]:
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _kinds(codes: NDArray[Any]) -> NDArray[np.uint8]:
    """The kind of each character, with one gap added in front and behind."""
    kinds = np.zeros(len(codes) + 2, dtype=np.uint8)
    inner = kinds[1:-1]
    np.take(_table, codes, out=inner)
    if (inner == UNSEEN).any():
        for code in np.unique(codes[inner == UNSEEN]).tolist():
            _table[code] = _kind(chr(code))
        np.take(_table, codes, out=inner)
    _drop_possessives(kinds, codes)
    return kinds


def _kind(character: str) -> int:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if any(first <= ord(character) <= last for first, last in _IDEOGRAPHS):
        return IDEOGRAPH
    if character.isalpha() or unicodedata.category(character).startswith("M"):
        return LETTER
    return DIGIT if character.isalnum() else GAP


def _drop_possessives(kinds: NDArray[np.uint8], codes: NDArray[Any]) -> None:
    marks = np.flatnonzero((codes == _APOSTROPHES[0]) | (codes == _APOSTROPHES[1]))
    marks = marks[marks + 1 < len(codes)]
    after = codes[marks + 1]
    # kinds[i + 1] is the kind of codes[i].
    owned = ((after == ord("s")) | (after == ord("S"))) & (kinds[marks] == LETTER) & (kinds[marks + 3] != LETTER)
    kinds[marks[owned] + 2] = GAP


def _breaks(kinds: NDArray[np.uint8]) -> Ints:
    """Where no name runs across: sentence ends, semicolons, colons and blank lines; ascending string indices."""
    marks = np.flatnonzero(kinds >= STOP)
    kind = kinds[marks]
    after = kinds[marks + 1]
    # "p.K307T" is one word; Chinese has no space behind its stops.
    apart = ((after != LETTER) & (after != DIGIT)) | (kinds[marks - 1] == IDEOGRAPH)
    second = kinds[np.minimum(marks + 2, len(kinds) - 1)]
    blank = (kind == NEWLINE) & ((after == NEWLINE) | (second == NEWLINE))
    # A full stop after one or two letters ends an abbreviation: "E. coli", "St. Vitus".
    short = (kinds[marks - 1] == LETTER) & (
        (kinds[np.maximum(marks - 2, 0)] != LETTER) | (kinds[np.maximum(marks - 3, 0)] != LETTER)
    )
    hard = ((kind == STOP) & apart & ~short) | ((kind == COLON) & apart) | blank
    return np.asarray(marks[hard] - 1, dtype=np.int64)
