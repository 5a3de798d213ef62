"""How well a stretch of text is a name that has the same stem classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from kgslm.linking.languages import Language
from kgslm.linking.settings import LinkSettings
from kgslm.linking.vocabulary import ROMAN, Spelling

EXACT, INFLECTED, DERIVED, REORDERED, REORDERED_DERIVED, ONE_WORD_DERIVED = 1.0, 0.9, 0.8, 0.75, 0.7, 0.5
"""The score of a preferred name as it is; in other case, number, spelling or punctuation; with other endings
("cardiac abnormality" for "cardiac abnormal"); in another order; both; a single word with another ending."""

SYNONYMOUS, REORDERED_SYNONYMOUS, ONE_WORD_SYNONYMOUS = 0.72, 0.65, 0.45
"""With a word for another of the same meaning; in another order, too; a single word for another."""

FREELY_REORDERED = 0.54
"""As those two, but not as "of" reorders: "inherited breast cancer" for "Breast cancer, familial"."""

CERTAIN = 0.55
"""What a reading must score in free text. A single word with another ending ("gingival" for "gingivitis") may be
what a given mention means, but is mostly not worth a mention of its own."""

KIND_WEIGHTS = {"preferred": 1.0, "exact": 0.97, "narrow": 0.92, "broad": 0.88, "related": 0.88, "shortened": 0.86}
"""What the score is multiplied by for each kind of name; shortened: without its legal form or qualifier."""

_EXACT_CASE_LETTERS = 5
_MOST_OTHERS = 2
"""Words of a name that others may stand for."""
_ROOT = 4
"""Letters at the beginning of words of one root; one such word must be left where others stand for two."""
_REMEMBERED = 200_000
_SHORTEST_MOVED = 3
"""Letters of the longest word of a name that may change its order: "3 s" is not "S3"."""
_WORD = re.compile(r"([^\W\d_]+)(?:['’][sS]\b)?|(\d+)")
_ENDING = re.compile(r"(?:ies|y|es|e|s)$")
_TIED = re.compile(r"(?<=\w)[-\u2010\u2011/](?=\w)")
_BRACKETS = "()[]{}"
_IDEOGRAPHS = re.compile(r"[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


class NameMatcher:
    """Compares stretches of text with names, in one language."""

    def __init__(self, language: Language, settings: LinkSettings) -> None:
        self._language = language
        self._settings = settings
        self._spelling = Spelling(language)
        self._endings: dict[str, str] = {}
        self._strict = not (settings.spelling and settings.plurals and settings.hyphens and settings.compounds)
        self._left_aside = language.fillers | language.alone

    def score(self, surface: str, classes: Sequence[int], name: str, name_classes: Sequence[int]) -> float:
        """The score in [0, 1] of reading ``surface`` as the preferred name ``name``; 0 where it cannot be read so.

        classes, name_classes: the stem classes of both, in order, fillers left aside. They need not be the same ones:
        those that differ are known to mean the same.
        """
        if is_acronym(name):
            return _acronym_score(surface, name)
        if surface == name or surface.lower() == name.lower():
            return EXACT if surface.isupper() == name.isupper() else INFLECTED
        if any(bracket in surface and bracket not in name for bracket in _BRACKETS):
            return 0.0
        if not name.isascii() and _IDEOGRAPHS.search(name):
            return self._together(surface, name)
        if not self._settings.numerals and _numerals(surface) != _numerals(name):
            return 0.0
        if self._strict and not self._allowed(surface, name):
            return 0.0
        return self._spaced(surface, classes, name, name_classes)

    def _allowed(self, surface: str, name: str) -> bool:
        """Whether the two differ in nothing that is switched off."""
        settings, spelling = self._settings, self._spelling
        words, name_words = self._words(surface), self._words(name)
        if len(words) == len(name_words):
            if not settings.hyphens and len(_TIED.findall(surface)) != len(_TIED.findall(name)):
                return False
        elif not settings.compounds and self._ending("".join(words)) == self._ending("".join(name_words)):
            return False
        if self._bare(words) != self._bare(name_words):
            return True
        if not settings.spelling and not self._same(words, name_words, lambda it: _singular(spelling.one_number(it))):
            return False
        return settings.plurals or self._same(words, name_words, spelling.american)

    def _same(self, words: Sequence[str], name_words: Sequence[str], fold: Callable[[str], str]) -> bool:
        """Whether both have the same words but for what ``fold`` takes for the same."""
        ours, theirs = (sorted(fold(it) for it in some if it not in self._left_aside) for some in (words, name_words))
        return ours == theirs

    def _spaced(self, surface: str, classes: Sequence[int], name: str, name_classes: Sequence[int]) -> float:
        settings = self._settings
        words, name_words = self._words(surface), self._words(name)
        # "bylaws" and "by-laws" have other words and the same letters.
        same_endings = self._bare(words) == self._bare(name_words) or (
            self._ending("".join(words)) == self._ending("".join(name_words))
        )
        if "," in surface and "," not in name:
            turned = len(words) == len(name_words) and self._uninvert(surface) == list(map(self._ending, name_words))
            return REORDERED if turned and settings.word_order else 0.0
        # "Cancer, breast" is written in its order with its comma only.
        inverted = "," in name and "," not in surface and len(classes) > 1
        in_order = tuple(classes) == tuple(name_classes) and not inverted
        if in_order and same_endings:
            return INFLECTED
        if in_order:
            score = DERIVED if len(classes) > 1 else ONE_WORD_DERIVED
            return score if settings.other_endings else 0.0
        same = sorted(classes) == sorted(name_classes)
        if not same:
            return self._synonymous(name, words, classes, name_classes)
        if self._language.joining.intersection(words) - set(name_words) or not settings.word_order:
            return 0.0
        if max(map(len, name_words)) < _SHORTEST_MOVED:
            return 0.0
        if same_endings:
            return REORDERED
        if not settings.other_endings:
            return 0.0
        return REORDERED_DERIVED if len(words) > len(classes) and "," not in name else FREELY_REORDERED

    def _synonymous(
        self, name: str, words: Sequence[str], classes: Sequence[int], name_classes: Sequence[int]
    ) -> float:
        joining = self._language.joining
        if len(classes) != len(name_classes):
            return 0.0  # two keys that are the same by chance
        if not self._settings.word_synonyms or joining.intersection(words) - set(self._words(name)):
            return 0.0
        if len(classes) == 1:
            return ONE_WORD_SYNONYMOUS
        others = len(set(classes) - set(name_classes))
        if others > _MOST_OTHERS or (others > 1 and not _share_a_root(words, self._words(name))):
            return 0.0
        pairs = zip(classes, name_classes, strict=True)
        if sum(ours != theirs for ours, theirs in pairs) == others and "," not in name:
            return SYNONYMOUS
        if not self._settings.word_order:
            return 0.0
        # Words are moved for a reason: "disease of the kidney", "Breast cancer, familial", "patellar dysplasia" for
        # "Dysplastic patella".
        if "," in name:
            return FREELY_REORDERED
        return REORDERED_SYNONYMOUS if len(words) > len(classes) or others == len(classes) else 0.0

    def _together(self, surface: str, name: str) -> float:
        """Written without spaces: the same characters in the same order, but for spaces and fillers."""
        same = self._squeezed(surface) == self._squeezed(name)
        return INFLECTED if same else 0.0

    def _squeezed(self, text: str) -> str:
        return "".join(it for it in text.lower() if not it.isspace() and it not in self._language.fillers)

    def _words(self, text: str) -> list[str]:
        return [_numeral(match).lower() for match in _WORD.finditer(text)]

    def _ending(self, word: str) -> str:
        """The word without the ending of its number."""
        ending = self._endings.get(word)
        if ending is None:
            if len(self._endings) >= _REMEMBERED:
                self._endings.clear()
            ending = self._endings[word] = _singular(self._spelling.plain(word))
        return ending

    def _bare(self, words: Sequence[str]) -> list[str]:
        return sorted(self._ending(word) for word in words if word not in self._left_aside)

    def _uninvert(self, surface: str) -> list[str]:
        """The words of "seizures, absence" as "absence seizures"."""
        before, _, after = surface.partition(",")
        return [self._ending(word) for word in [*self._words(after), *self._words(before)]]


def _share_a_root(words: Iterable[str], others: Iterable[str]) -> bool:
    starts = {word[:_ROOT] for word in words if len(word) >= _ROOT}
    return any(word[:_ROOT] in starts for word in others)


def _singular(word: str) -> str:
    return _ENDING.sub("", word)


def is_acronym(name: str) -> bool:
    """Whether a name is read in its own case only: one word of at most five letters, all capitals, and digits."""
    if not name.isupper() or " " in name:
        return False
    return sum(map(str.isalpha, name)) <= _EXACT_CASE_LETTERS


def _acronym_score(surface: str, name: str) -> float:
    letters = "".join(filter(str.isalnum, surface))
    name_letters = "".join(filter(str.isalnum, name))
    if letters == name_letters:
        return EXACT if surface == name else INFLECTED
    return INFLECTED if letters == name_letters + "s" else 0.0


def _numerals(text: str) -> list[str]:
    """The Roman and Arabic numbers of a text, as they stand."""
    found = ((match, match[1] or match[2]) for match in _WORD.finditer(text))
    return sorted(word for match, word in found if match[2] or _numeral(match) != word)


def _numeral(match: re.Match[str]) -> str:
    """A word or number, Roman numerals as Arabic ones; a single letter is one where it stands alone."""
    word = match[1] or match[2]
    if word not in ROMAN:
        return word
    beside = match.string[max(0, match.start() - 1) : match.start()] + match.string[match.end() : match.end() + 1]
    return word if len(word) == 1 and any(map(str.isalnum, beside)) else ROMAN[word]
