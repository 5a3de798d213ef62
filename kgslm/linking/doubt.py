"""Mentions that the text gives no reason to read as the dictionary does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kgslm.linking.abbreviations import Definitions
from kgslm.linking.languages import Language
from kgslm.linking.matching import is_acronym
from kgslm.linking.settings import LinkSettings
from kgslm.records import Link

_ROOM_TO_DEFINE = 200
"""Characters of a text in which abbreviations of two letters are expected to be explained."""
_ROOM_TO_REPEAT = 5_000
"""Characters of a text that is expected to say what it is about more than once, or in its own words."""
_DOUBTFUL = 0.8
"""What the best reading scores less than where it has other words, endings or another order than a name."""


class Doubt:
    """Leaves out the abbreviations that a text neither defines nor writes out, where there is reason to doubt them.

    One of two letters is doubted in a text that is long enough to explain it, any other where the text uses it for
    the bearer of its name: in a text about "the WT1 gene", WT1 is no tumour. In a long text doubtful readings add up;
    those that nothing else in it supports are left out, too.
    """

    def __init__(self, language: Language, settings: LinkSettings) -> None:
        self._known = language.abbreviations
        self._lone = not settings.lone_abbreviations
        self._lone_doubtful = settings.lone_doubtful
        bearers = "|".join(sorted(language.bearers)) if settings.bearers else ""
        self._bearer = re.compile(rf"[ -](?:{bearers})\b") if bearers else None

    def sift(self, text: str, links: list[Link], definitions: Definitions) -> Sequence[Link]:
        """The links that are not in doubt."""
        if len(text) < _ROOM_TO_DEFINE:
            return links
        if len(text) >= _ROOM_TO_REPEAT and not self._lone_doubtful:
            often = Counter(link.concept for link in links)
            links = [link for link in links if link.score >= _DOUBTFUL or often[link.concept] > 1]
        short = [link for link in links if link.surface[:2].isupper() and _is_short(link.surface)]
        doubtful = {link.surface for link in short if self._is_lone(link.surface)} - definitions.keys()
        if doubtful:
            doubtful -= self._written_out(links, short)
        if self._bearer:
            doubtful |= {it.surface for it in short if self._bearer.match(text, it.end)} - definitions.keys()
        return [link for link in links if link.surface not in doubtful] if doubtful else links

    def _is_lone(self, surface: str) -> bool:
        return self._lone and len(surface) < 3 and surface not in self._known

    @staticmethod
    def _written_out(links: list[Link], short: list[Link]) -> set[str]:
        """The short forms whose concept stands elsewhere in other words."""
        surfaces = {link.surface for link in short}
        concepts = {link.concept for link in links if link.surface not in surfaces}
        return {link.surface for link in short if link.concept in concepts}


def _is_short(surface: str) -> bool:
    return " " not in surface and (is_acronym(surface) or sum(map(str.isupper, surface)) > 1)
