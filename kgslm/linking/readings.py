"""What a mention may be read as: its abbreviations written out, the parts of a coordination."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kgslm.linking.abbreviations import Definitions, find_abbreviations, write_out
from kgslm.linking.morphology import derived

WRITTEN, AS_IS, PART, DERIVED = 0, 1, 2, 3
"""Kinds of reading: abbreviations written out; as it stands; a part of a coordination; other words for the same."""

_JOINTS = re.compile(r"\s*,\s*(?:and|or)\s+|\s+(?:and/or|and|or|as well as)\s+|\s*/\s*|\s*,\s+|\s*&\s*")
_BRACKETED = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_SHORT_FORM = re.compile(r"\(\s*([A-Z][A-Za-z]{1,5})\s*[);,]")
_MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """A text to look for, and how the mention came to be read so."""

    text: str
    kind: int


@lru_cache(maxsize=8)
def definitions_of(text: str) -> Definitions:
    """The short forms that a text defines, also those whose letters come in another order: "myotonic dystrophy (DM)".

    The last texts are remembered, as their mentions are asked for one by one.
    """
    strict = find_abbreviations(text)
    loose: dict[str, str] = {}
    for match in _SHORT_FORM.finditer(text):
        letters = match[1].lower()
        words = text[: match.start()].split()[-len(letters) :]
        if match[1] not in strict and sorted(letters) == sorted(word[0].lower() for word in words):
            loose.setdefault(match[1], " ".join(words))
    return {**loose, **strict} if loose else strict


def readings(surface: str, definitions: Definitions) -> tuple[Reading, ...]:
    """The readings of a mention, the likeliest first; never none."""
    whole = " ".join(surface.split()) or surface
    bare = _without_own_abbreviation(whole, definitions)
    written = " ".join(write_out(bare, definitions).split()) if definitions else bare
    found = {written: WRITTEN}
    found.setdefault(whole, AS_IS)
    for part in _parts(written):
        found.setdefault(part, PART)
    for other in derived(written):
        found.setdefault(other, DERIVED)
    return tuple(Reading(text, kind) for text, kind in found.items())


def _without_own_abbreviation(text: str, definitions: Definitions) -> str:
    """ "breast cancer (BC) families" as "breast cancer families"."""

    def drop(match: re.Match[str]) -> str:
        return "" if match[1] in definitions or (match[1].isupper() and " " not in match[1]) else match[0]

    return _BRACKETED.sub(drop, text).strip() or text


def _parts(text: str) -> list[str]:
    """ "breast and ovarian cancer" as "breast cancer", "ovarian cancer"."""
    pieces = [piece for piece in _JOINTS.split(text) if piece.strip()]
    if not 2 <= len(pieces) <= _MOST_PARTS:
        return []
    last, first = pieces[-1].split(), pieces[0].split()
    head = last[-1]
    found = []
    for piece in pieces[:-1]:
        found.append(piece if piece.split()[-1] == head else f"{piece} {head}")
        if len(piece.split()) > 1:
            found.append(piece)
    found.append(pieces[-1])
    if len(first) > 1:
        found.append(" ".join([*first[:-1], *last]))  # "deficiency of C5 and C6"
    return found
