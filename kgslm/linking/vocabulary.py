"""Tokens to stem classes: "seizure", "Seizures" and "SEIZURE" are one class."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
import Stemmer
from numpy.typing import NDArray

from kgslm.linking.stopwords import FILLERS
from kgslm.linking.tokens import Tokens

UNKNOWN, FILLER, ARTICLE = 0, -1, -2
"""Codes that are no class: a word of no name; a word left aside; the article "a", left aside where it stands alone."""

_LONGEST = 64
"""Letters; a longer token is no word, and is not worth stemming."""
_REMEMBERED = 1_000_000
_BRITISH = (
    (re.compile(r"[ao]e"), "e"),  # haemorrhage, oedema
    (re.compile(r"(?<=[a-z]{2})our"), "or"),  # tumour
    (re.compile(r"is(?=(?:e[ds]?|ing|ations?)$)"), "iz"),  # generalised
    (re.compile(r"(?<=[bt])re(?=s?$)"), "er"),  # fibre
)
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s")
_LETTERS = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d",
        "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda",
        "µ": "mu", "μ": "mu", "σ": "sigma", "ς": "sigma", "ω": "omega",
    }
)  # fmt: skip


class Vocabulary(dict[str, int]):
    """Surface to code, worked out at first sight and remembered.

    classes: stem to class, from 1 on. acronyms: fillers that are names in capitals, such as "AS".
    grow: whether an unknown stem becomes a new class (while names are collected).
    """

    def __init__(self, classes: dict[str, int], acronyms: Iterable[str] = (), *, grow: bool = False) -> None:
        super().__init__()
        self.classes = classes
        self.acronyms = frozenset(acronyms)
        self._grow = grow
        self._stemmer = Stemmer.Stemmer("english", 0)

    def __missing__(self, surface: str) -> int:
        code = self._code(surface)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[surface] = code
        return code

    def codes(self, tokens: Tokens) -> NDArray[np.int32]:
        """One code per token: a class from 1 on, or UNKNOWN or FILLER."""
        codes = np.fromiter(map(self.__getitem__, tokens.surfaces), dtype=np.int32, count=len(tokens))
        articles = np.flatnonzero(codes == ARTICLE)
        if len(articles):
            alone = tokens.opens[articles] & tokens.closes[articles]
            codes[articles] = np.where(alone, FILLER, self._class("a"))
        return codes

    def stem(self, surface: str) -> str:
        """The stem of a token, without case and accents; Greek letters are written out."""
        if len(surface) > 2 and _PLURAL_ACRONYM.fullmatch(surface):
            return surface[:-1].lower()
        return str(self._stemmer.stemWord(plain_word(surface)))

    def _code(self, surface: str) -> int:
        if len(surface) > _LONGEST:
            return UNKNOWN
        if surface == "a":
            return ARTICLE
        if surface.lower() in FILLERS and surface not in self.acronyms:
            return FILLER
        return self._class(self.stem(surface))

    def _class(self, stem: str) -> int:
        if self._grow:
            return self.classes.setdefault(stem, len(self.classes) + 1)
        return self.classes.get(stem, UNKNOWN)


def plain_word(surface: str) -> str:
    """The word without case and accents, in American spelling, Greek letters written out, "-ses" for "-sis"."""
    word = surface.lower()
    if not word.isascii():
        decomposed = unicodedata.normalize("NFKD", word.translate(_LETTERS))
        word = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(_LETTERS)
    for british, american in _BRITISH:
        word = british.sub(american, word)
    if len(word) > 5 and word.endswith("sis"):
        # diagnosis and diagnoses, metastasis and metastases: Snowball leaves them apart.
        word = word[:-2] + "es"
    return word
