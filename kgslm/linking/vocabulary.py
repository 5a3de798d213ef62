"""Tokens to stem classes: "seizure", "Seizures" and "SEIZURE" are one class, and so are "II" and "2"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np
import Stemmer
from numpy.typing import NDArray

from kgslm.linking.languages import Language
from kgslm.linking.tokens import Tokens, join, tokenise

UNKNOWN, FILLER, ALONE, CONJUNCTION = 0, -1, -2, -3
"""Codes that are no class: a word of no name; a word left aside; one that is left aside where it stands alone, as the
article "a"; one that is left aside and joins what is alike."""

_LONGEST = 64
"""Letters; a longer token is no word, and is not worth stemming."""
_REMEMBERED = 1_000_000
_SHORTEST_COMPOUND = 3
_SHORTEST_RESPELLED = 5
_TIES = (" ", "-", "\u2010", "\u2011")
_BRITISH = (
    (re.compile(r"[ao]e"), "e"),  # haemorrhage, oedema
    (re.compile(r"(?<=[a-z]{2})our"), "or"),  # tumour
    (re.compile(r"is(?=(?:e[ds]?|ing|ations?)$)"), "iz"),  # generalised
    (re.compile(r"(?<=[bt])re(?=s?$)"), "er"),  # fibre
)
_PLURAL_ACRONYM = re.compile(r"[A-Z]{2,}s")
_LETTERS = {
    "æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda",
    "µ": "mu", "μ": "mu", "σ": "sigma", "ς": "sigma", "ω": "omega",
}  # fmt: skip
_ROMAN = "I II III IV V VI VII VIII IX XI XII XIII XIV XV XVI XVII XVIII XIX XX"
ROMAN = {
    **{numeral: str(number) for number, numeral in enumerate(_ROMAN.split()[:9], 1)},
    **{numeral: str(number) for number, numeral in enumerate(_ROMAN.split()[9:], 11)},
}
"""Roman numerals as Arabic ones; not X, which is more often a letter than ten."""
ROMAN.update({numeral.lower(): number for numeral, number in ROMAN.items() if len(numeral) > 1})


class Spelling:
    """The words of a language without what is no difference in meaning."""

    def __init__(self, language: Language) -> None:
        self._english = language.code == "en"
        self._letters = str.maketrans({**_LETTERS, **language.letters})

    def plain(self, surface: str) -> str:
        """The word without case and accents, Greek letters written out; Roman numerals as Arabic ones.

        English is brought to American spelling, and "-sis" to "-ses".
        """
        if surface in ROMAN:
            return ROMAN[surface]
        word = surface.lower()
        if not word.isascii():
            decomposed = unicodedata.normalize("NFKD", word.translate(self._letters))
            letters = (letter for letter in decomposed if not unicodedata.combining(letter))
            word = "".join(letters).translate(self._letters)
        return _american(word) if self._english and len(word) >= _SHORTEST_RESPELLED else word


def _american(word: str) -> str:
    for british, american in _BRITISH:
        word = british.sub(american, word)
    if len(word) > 5 and word.endswith("sis"):
        # diagnosis and diagnoses, metastasis and metastases: Snowball leaves them apart.
        word = word[:-2] + "es"
    return word


class Vocabulary(dict[str, int]):
    """Surface to code, worked out at first sight and remembered.

    classes: stem to class, from 1 on. acronyms: fillers that are names in capitals, such as "AS".
    grow: whether an unknown stem becomes a new class (while names are collected).
    """

    def __init__(
        self, language: Language, classes: dict[str, int], acronyms: Iterable[str] = (), *, grow: bool = False
    ) -> None:
        super().__init__()
        self.language = language
        self.classes = classes
        self.acronyms = frozenset(acronyms)
        self._grow = grow
        self._spelling = Spelling(language)
        self._stemmer = Stemmer.Stemmer(language.stemmer, 0) if language.stemmer else None
        self._prefixes = frozenset(_cased(language.prefixes))
        self._loose = frozenset(_cased(language.loose_prefixes))

    def __missing__(self, surface: str) -> int:
        code = self._code(surface)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[surface] = code
        return code

    def tokens(self, text: str) -> Tokens:
        """The tokens of a text; those that make one word are one token."""
        tokens = tokenise(text)
        return join(tokens, self._compounds(text, tokens)) if self._prefixes else tokens

    def codes(self, tokens: Tokens) -> NDArray[np.int32]:
        """One code per token: a class from 1 on, or UNKNOWN, FILLER or CONJUNCTION."""
        codes = np.fromiter(map(self.__getitem__, tokens.surfaces), dtype=np.int32, count=len(tokens))
        articles = np.flatnonzero(codes == ALONE)
        for index in articles.tolist():
            alone = tokens.opens[index] and tokens.closes[index]
            codes[index] = FILLER if alone else self._class(self.stem(tokens.surfaces[index]))
        return codes

    def _compounds(self, text: str, tokens: Tokens) -> list[int]:
        """The tokens that make one word with the next one: "by-laws", "pre-auricular", "non Hodgkin".

        In a text only where a name has that word.
        """
        surfaces, hyphens = tokens.surfaces, tokens.hyphens
        loose = [index for index, surface in enumerate(surfaces[:-1]) if surface in self._loose]
        tied = [index for index in np.flatnonzero(hyphens).tolist() if surfaces[index] in self._prefixes]
        found: list[int] = []
        for index in sorted({*loose, *tied}):
            after = surfaces[index + 1]
            near = text[tokens.ends[index] : tokens.starts[index + 1]] in _TIES
            opens = not (index and hyphens[index - 1]) and not (found and found[-1] == index - 1)
            word = opens and len(after) >= _SHORTEST_COMPOUND and after.isalpha()
            if near and word and (self._grow or self.stem(surfaces[index] + after) in self.classes):
                found.append(index)
        return found

    def stem(self, surface: str) -> str:
        """The stem of a token, without case and accents; Greek letters are written out."""
        if len(surface) > 2 and _PLURAL_ACRONYM.fullmatch(surface):
            return surface[:-1].lower()
        word = self._spelling.plain(surface)
        return str(self._stemmer.stemWord(word)) if self._stemmer else word

    def _code(self, surface: str) -> int:
        if len(surface) > _LONGEST:
            return UNKNOWN
        if surface in self.language.alone:
            return ALONE
        word = surface.lower()
        if word in self.language.fillers and surface not in self.acronyms:
            return CONJUNCTION if word in self.language.conjunctions else FILLER
        return self._class(self.stem(surface))

    def _class(self, stem: str) -> int:
        if self._grow:
            return self.classes.setdefault(stem, len(self.classes) + 1)
        return self.classes.get(stem, UNKNOWN)


def _cased(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from (word, word.capitalize(), word.upper())
