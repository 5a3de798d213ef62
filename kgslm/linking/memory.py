"""A linker that does not link the same text twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgslm.linking.protocol import Linker
from kgslm.records import Link, LinkedText


class RememberingLinker:
    """Keeps the links of every text that it has seen; for grids that come back to the same texts."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self._known: dict[str, LinkedText] = {}

    def link(self, text: str) -> LinkedText:
        """Link, or recall."""
        return next(self.link_many([text]))

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """The links of many texts, in order. All texts are read before the first result."""
        wanted = list(texts)
        missing = [text for text in dict.fromkeys(wanted) if text not in self._known]
        self._known.update(zip(missing, self._linker.link_many(missing), strict=True))
        return (self._known[text] for text in wanted)

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """The concept of one given mention."""
        return self._linker.link_mention(text, start, end)
