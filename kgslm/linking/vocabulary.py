"""Tokens to stem classes: "seizure", "Seizures" and "SEIZURE" are one class, and so are "II" and "2"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
import Stemmer
from numpy.typing import NDArray

from kgslm.linking.hashing import LONGEST_HASHED, CodeTable
from kgslm.linking.languages import Language
from kgslm.linking.tokens import Tokens, join, tokenise

UNKNOWN, FILLER, CONJUNCTION, ALONE, PREFIX = 0, -1, -2, -3, -4
"""Codes that are no class: a word of no name; a word left aside; one that is left aside and joins what is alike. Two
that become another: of a word that is something else where it stands alone, as the article "a" and the numeral "V"; of
one that may be the beginning of a word."""

_REMEMBERED = 1_000_000
_SHORTEST_COMPOUND = 3
_SHORTEST_RESPELLED = 5
_TIES = (" ", "-", "\u2010", "\u2011")
_PLURALS = (
    (re.compile(r"(?<=[a-z]{4})ae$"), "a"),  # vertebrae
    (re.compile(r"(?<=[a-z]{3})mata$"), "ma"),  # stigmata
    (re.compile(r"(?<=[a-z]{3})um$"), "a"),  # diverticulum, as diverticula
    (re.compile(r"(?<=[a-z]{3})(?<!o)us$"), "i"),  # bronchus, as bronchi
    (re.compile(r"^(bon|call|embol|fo?et|foc|hiat|plex|sin|thromb|thym|uter|vir)uses$"), r"\1i"),
    (re.compile(r"^corpora$"), "corpi"),
    (re.compile(r"(?<=[a-z]{3})(?:ices|ix)$"), "ex"),  # cortices, appendix
    (re.compile(r"^(phala|lary|phary|meni)nges$"), r"\1nx"),
    (re.compile(r"^(fora|lu)mina$"), r"\1men"),
    (re.compile(r"(?<=it)ides$"), "is"),  # arthritides
    (re.compile(r"(criteri|phenomen|gangli|chondri|zo)on$"), r"\1a"),  # ganglion, as ganglia
)
"""Latin and Greek plurals, each with its singular brought to one form."""
_BRITISH = (
    (re.compile(r"[ao]e"), "e"),  # haemorrhage, oedema
    (re.compile(r"(?<=[a-z]{2})our"), "or"),  # tumour
    (re.compile(r"is(?=(?:e[ds]?|ing|ations?)$)"), "iz"),  # generalised
    (re.compile(r"(?<=[bt])re(?=s?$)"), "er"),  # fibre
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"alumini(?=um$|a$)"), "alumin"),
    (re.compile(r"^(def|lic|off|pret)ence"), r"\1ense"),
    (re.compile(r"(?<=dg)e(?=ment)"), ""),  # judgement
    (re.compile(r"(?<=[a-z]log)ue(?=s?$)"), ""),  # analogue
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
"""Roman numerals as Arabic ones; not X, which is more often a letter than ten. Single letters only where they stand
alone: "factor V" is a number, "V1" is not."""
_LETTER_NUMERALS = frozenset(numeral for numeral in ROMAN if len(numeral) == 1)
ROMAN.update({numeral.lower(): number for numeral, number in ROMAN.items() if len(numeral) > 1})


class Spelling:
    """The words of a language without what is no difference in meaning."""

    def __init__(self, language: Language) -> None:
        self._english = language.code == "en"
        self._letters = str.maketrans({**_LETTERS, **language.letters})

    def plain(self, surface: str) -> str:
        """The word without case and accents, Greek letters written out; Roman numerals as Arabic ones.

        English is brought to American spelling, and Latin and Greek plurals and singulars to one form.
        """
        if surface in ROMAN and len(surface) > 1:
            return ROMAN[surface]
        word = self.unaccented(surface)
        return _american(_one_number(word)) if self._respells(word) else word

    def one_number(self, surface: str) -> str:
        """As ``plain``, but British and American spelling are left apart."""
        word = self.unaccented(surface)
        return _one_number(word) if self._respells(word) else word

    def american(self, surface: str) -> str:
        """As ``plain``, but singular and plural are left apart."""
        word = self.unaccented(surface)
        return _american(word) if self._respells(word) else word

    def unaccented(self, surface: str) -> str:
        """The word in small letters without accents, other letters written out."""
        word = surface.lower()
        if not word.isascii():
            decomposed = unicodedata.normalize("NFKD", word.translate(self._letters))
            letters = (letter for letter in decomposed if not unicodedata.combining(letter))
            word = "".join(letters).translate(self._letters)
        return word

    def _respells(self, word: str) -> bool:
        return self._english and len(word) >= _SHORTEST_RESPELLED


def _one_number(word: str) -> str:
    for plural, singular in _PLURALS:
        word, changed = plural.subn(singular, word)
        if changed:
            break
    if len(word) > 5 and word.endswith("sis"):
        # diagnosis and diagnoses, metastasis and metastases: Snowball leaves them apart.
        word = word[:-2] + "es"
    return word


def _american(word: str) -> str:
    for british, american in _BRITISH:
        word = british.sub(american, word)
    return word


class Vocabulary:
    """Words to codes, worked out at first sight and remembered.

    classes: stem to class, from 1 on. acronyms: fillers that are names in capitals, such as "AS".
    grow: whether an unknown stem becomes a new class (while names are collected).
    """

    def __init__(
        self, language: Language, classes: dict[str, int], acronyms: Iterable[str] = (), *, grow: bool = False
    ) -> None:
        self._codes = CodeTable()
        self.language = language
        self.classes = classes
        self.acronyms = frozenset(acronyms)
        self._grow = grow
        self._spelling = Spelling(language)
        self._stemmer = Stemmer.Stemmer(language.stemmer, 0) if language.stemmer else None

    def read(self, text: str) -> tuple[Tokens, NDArray[np.int32]]:
        """The tokens of a text, and one code per token: a class from 1 on, or UNKNOWN, FILLER or CONJUNCTION.

        Tokens that make one word with the next one are one token: "by-laws", "pre-auricular", "non Hodgkin"; in a text
        only where a name has that word.
        """
        tokens = tokenise(text)
        codes = self._look_up(tokens)
        compounds: list[int] = []
        for index in np.flatnonzero(codes <= ALONE).tolist():
            surface = tokens.surface(index)
            if codes[index] == ALONE and tokens.opens[index] and tokens.closes[index]:
                codes[index] = self._class(ROMAN[surface]) if surface in ROMAN else FILLER
            elif codes[index] != ALONE and self._opens_compound(text, tokens, index, compounds):
                compounds.append(index)
                codes[index] = self._class(self.stem(surface + tokens.surface(index + 1)))
            else:
                codes[index] = self._class(self.stem(surface)) if codes[index] == ALONE else self._word(surface)
        if compounds:
            codes = np.delete(codes, np.array(compounds) + 1)
        return join(tokens, compounds), codes

    def _look_up(self, tokens: Tokens) -> NDArray[np.int32]:
        if len(self._codes) >= _REMEMBERED:
            self._codes.clear()
        codes, unseen = self._codes.find(tokens.hashes)
        if len(unseen):
            # In the order of the text, so that new classes have the same numbers whatever was read before.
            firsts = unseen[np.sort(np.unique(tokens.hashes[unseen], return_index=True)[1])]
            fresh = [self._code(tokens.surface(index)) for index in firsts.tolist()]
            self._codes.add(tokens.hashes[firsts], np.array(fresh, np.int32))
            codes[unseen] = self._codes.find(tokens.hashes[unseen])[0]
        return codes

    def _opens_compound(self, text: str, tokens: Tokens, index: int, compounds: list[int]) -> bool:
        """Whether a token, which is a prefix, makes one word with the next one."""
        if index + 1 == len(tokens) or (index and tokens.hyphens[index - 1]) or index - 1 in compounds[-1:]:
            return False
        surface, after = tokens.surface(index), tokens.surface(index + 1)
        ties = _TIES if surface.lower() in self.language.loose_prefixes else _TIES[1:]
        if text[tokens.ends[index] : tokens.starts[index + 1]] not in ties:
            return False
        word = len(after) >= _SHORTEST_COMPOUND and after.isalpha()
        return word and (self._grow or self.stem(surface + after) in self.classes)

    def stem(self, surface: str) -> str:
        """The stem of a token, without case and accents; Greek letters are written out."""
        if len(surface) > 2 and _PLURAL_ACRONYM.fullmatch(surface):
            return surface[:-1].lower()
        word = self._spelling.plain(surface)
        return str(self._stemmer.stemWord(word)) if self._stemmer else word

    def _code(self, surface: str) -> int:
        if len(surface) > LONGEST_HASHED:
            return UNKNOWN
        if surface in self.language.alone or surface in _LETTER_NUMERALS:
            return ALONE
        return PREFIX if surface.lower() in self.language.prefixes else self._word(surface)

    def _word(self, surface: str) -> int:
        word = surface.lower()
        if word in self.language.fillers and surface not in self.acronyms:
            return CONJUNCTION if word in self.language.conjunctions else FILLER
        return self._class(self.stem(surface))

    def _class(self, stem: str) -> int:
        if self._grow:
            return self.classes.setdefault(stem, len(self.classes) + 1)
        return self.classes.get(stem, UNKNOWN)
