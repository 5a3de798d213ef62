"""The forms of ids and names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_PREFIXED = re.compile(r"[^\W\d][\w.+-]*:\S+")


def normal(name: str) -> str:
    """The form in which names are compared: case folded, single spaces."""
    return " ".join(name.casefold().split())


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
