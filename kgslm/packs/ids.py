"""The forms of ids and names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_UNSEEN = re.compile(r"[\s\-\u2010-\u2015\u2212_'\u2018\u2019\u02bc`]+")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212_,;/()\[\]]+")
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`]+")
_PREFIXED = re.compile(r"[^\W\d][\w.+-]*:\S+")


def normal(name: str) -> str:
    """The form in which names are compared: case folded, single spaces."""
    return " ".join(name.casefold().split())


def squeezed(name: str) -> str:
    """The form in which names differ by more than case, spaces, hyphens, apostrophes and Unicode form.

    >>> squeezed("Beta\N{EN DASH}Blocker") == squeezed("beta blocker") == squeezed("betablocker")
    True
    """
    return _UNSEEN.sub("", _folded(name))


def word_set(name: str) -> tuple[str, ...]:
    """The words of a name in the singular and in alphabetical order.

    >>> word_set("Infarctions, Myocardial") == word_set("myocardial infarction")
    True
    """
    return tuple(sorted(singular(word) for word in _BETWEEN.split(_APOSTROPHES.sub("", _folded(name))) if word))


def singular(word: str) -> str:
    """The word without an English plural ending; what looks like one may go as well."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def with_prefix(text: str, prefix: str) -> str:
    """The id with ``prefix`` before it, unless it has a prefix."""
    return text if not prefix or has_prefix(text) else prefix + text


def slug(name: str) -> str:
    """Letters and digits of any script in lower case, joined by hyphens; empty where the name has none."""
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", name).casefold()).strip("-")


def has_prefix(text: str) -> bool:
    """Whether the text is a compact id such as ``HP:0001250`` or an IRI."""
    return _PREFIXED.fullmatch(text) is not None


class NameIds:
    """Makes ids from names: the same name gives the same id, other names with the same slug get a number."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._ids: dict[str, str] = {}
        self._taken: Counter[str] = Counter()

    def __call__(self, name: str) -> str:
        """The id of a name."""
        key = normal(name)
        if key not in self._ids:
            base = slug(name) or "term"
            self._taken[base] += 1
            number = self._taken[base]
            self._ids[key] = self._prefix + (base if number == 1 else f"{base}-{number}")
        return self._ids[key]
