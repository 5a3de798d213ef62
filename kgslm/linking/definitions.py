"""What the short forms in a text stand for, and where they stand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kgslm.linking.abbreviations import Definitions, bracketed, occurrences, read_brackets
from kgslm.linking.back_off import BackOff
from kgslm.linking.candidates import NIL, SEPARATOR, CandidateFinder, Candidates
from kgslm.linking.matching import CERTAIN
from kgslm.linking.settings import LinkSettings

_REMEMBERED = 100_000
_CLOSE = 0.75
"""What the name inside a long form must score for the long form to mean just that."""


class ShortForm(NamedTuple):
    """A place of a short form that the text defines. candidates: what its long form means."""

    end: int
    long: str
    candidates: Candidates

    def allows(self, end: int, candidates: Candidates) -> bool:
        """Whether a mention with this end may mean what the lexicon says.

        It may where the long form is a part of the name: "von Hippel-Lindau (VHL)" for von Hippel-Lindau Disease.
        """
        if end != self.end:
            return True
        return not self.candidates and any(self.long.lower() in it.name.lower() for it in candidates[:1])


@dataclass(frozen=True)
class ShortForms:
    """The short forms of texts that were joined, by their start there.

    asides: the spans, in order, of those that stand in brackets, with the brackets: names run on behind them.
    """

    places: dict[int, ShortForm] = field(default_factory=dict)
    asides: tuple[tuple[int, int], ...] = ()

    def without_asides(self, text: str, start: int, end: int) -> str:
        """``text[start:end]`` without the short forms in brackets that lie inside."""
        surface = text[start:end]
        if "(" not in surface:
            return surface
        pieces = []
        for first, last in self.asides[bisect_left(self.asides, (start,)) :]:
            if last > end:
                break
            pieces.append(text[start:first])
            start = last
        return "".join([*pieces, text[start:end]])


class Definer:
    """Finds out what the texts' short forms mean in the words of a lexicon."""

    def __init__(self, finder: CandidateFinder, back_off: BackOff, settings: LinkSettings) -> None:
        self._finder = finder
        self._settings = settings
        self._back_off = back_off
        self._long_forms: dict[str, Candidates] = {}
        self._last: tuple[str, Definitions] = ("", {})

    def of_text(self, text: str) -> Definitions:
        """The long form of each short form; the last text is remembered, as its mentions are asked for one by one."""
        if self._last[0] != text:
            self._last = (text, self.of_texts([text])[0])
        return self._last[1]

    def of_texts(self, texts: Sequence[str]) -> list[Definitions]:
        """The long forms of each text's short forms: those that it spells, and names that stand before a bracket."""
        if not self._settings.abbreviations:
            return [{} for _ in texts]
        read = [read_brackets(text) for text in texts]
        fresh = list(dict.fromkeys(long for it in read for _, longs in it.unexplained for long in longs))
        names = {long for long, found in zip(fresh, self._finder.wholes(fresh), strict=True) if _is_name(found)}
        if not names:
            return [it.definitions for it in read]
        return [{**dict(_named(it.unexplained, names)), **it.definitions} for it in read]

    def places(self, texts: Sequence[str], definitions: Sequence[Definitions]) -> ShortForms:
        """Where the short forms stand in the texts joined."""
        places: list[tuple[int, int, str]] = []
        asides: list[tuple[int, int]] = []
        base = 0
        for text, defined in zip(texts, definitions, strict=True):
            for start, end, long in occurrences(text, defined) if defined else ():
                places.append((base + start, base + end, long))
                if aside := bracketed(text, start, end):
                    asides.append((base + aside[0], base + aside[1]))
            base += len(text) + len(SEPARATOR)
        if not places:
            return ShortForms()
        if len(self._long_forms) >= _REMEMBERED:
            self._long_forms.clear()
        fresh = list(dict.fromkeys(long for _, _, long in places if long not in self._long_forms))
        self._long_forms.update(zip(fresh, map(self._meant, fresh, self._finder.wholes(fresh)), strict=True))
        meant = {start: ShortForm(end, long, self._long_forms[long]) for start, end, long in places}
        return ShortForms(meant, tuple(sorted(asides)))

    def _meant(self, long: str, candidates: Candidates) -> Candidates:
        """What a long form means, given what it means as a whole."""
        if candidates:
            return candidates if candidates[0].score >= CERTAIN else NIL
        return tuple(it for it in self._back_off.parts(long) if it.score >= _CLOSE)


def _is_name(candidates: Candidates) -> bool:
    return bool(candidates) and candidates[0].score >= _CLOSE


def _named(forms: tuple[tuple[str, tuple[str, ...]], ...], names: set[str]) -> Iterator[tuple[str, str]]:
    for short, longs in forms:
        long = next((long for long in longs if long in names), "")
        if long:
            yield short, long
