"""What differs between languages when names are compared with texts: words left aside, stems, spellings.

One YAML file a language lies beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from kgslm.errors import LinkError, unknown

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Language:
    """The words of a language with a part of their own.

    stemmer: the Snowball algorithm, None for none. fillers: left aside when names and texts are compared. joining:
    fillers that join two things; conjunctions: of these, the ones that join what is alike. alone: fillers only where
    they stand alone and in small letters. prefixes: beginnings of words, written with a hyphen or without;
    loose_prefixes: with a space, too. everyday: words that are never a mention on their own, fillers among them.
    abbreviations: those of two letters that need no explanation. bearers: what an abbreviation before them is the name
    of. headings: what sections are called, in small letters. letters: how letters are written out. opposites: stems
    that are never learnt to be one.
    """

    code: str
    stemmer: str | None = None
    fillers: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset()
    conjunctions: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    loose_prefixes: frozenset[str] = frozenset()
    everyday: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    bearers: frozenset[str] = frozenset()
    headings: frozenset[str] = frozenset()
    letters: Mapping[str, str] = field(default_factory=dict)
    opposites: tuple[frozenset[str], ...] = ()

    def are_opposites(self, first: str, second: str) -> bool:
        """Whether two stems are opposites."""
        return any(first in group and second in group for group in self.opposites)


@cache
def language(code: str) -> Language:
    """The language with this ISO 639 code, ``de`` or ``de-CH``. Raises LinkError where its words are not known."""
    name = code.lower().replace("_", "-").partition("-")[0]
    if name not in languages():
        raise LinkError(f"language: {unknown('code', code, languages())}")
    found = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    words = {
        key: frozenset(found.get(key, "").split())
        for key in (
            "fillers",
            "joining",
            "conjunctions",
            "alone",
            "prefixes",
            "loose_prefixes",
            "everyday",
            "abbreviations",
            "bearers",
        )
    }
    words["joining"] |= words["conjunctions"]
    words["fillers"] |= words["joining"]
    words["everyday"] |= words["fillers"]
    return Language(
        code=name,
        stemmer=found.get("stemmer"),
        headings=frozenset(found.get("headings", ())),
        letters=found.get("letters", {}),
        opposites=tuple(map(frozenset, found.get("opposites", ()))),
        **words,
    )


@cache
def languages() -> tuple[str, ...]:
    """The codes of all languages whose words are known."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))
