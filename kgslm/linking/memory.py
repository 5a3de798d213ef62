"""A linker that does not link the same text twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields

from kgslm.caching import Cache, code_version, key_of
from kgslm.caching.space import Space
from kgslm.linking.protocol import Linker, LinkerSpec
from kgslm.packs import KnowledgePack
from kgslm.records import Candidate, Link, LinkedText

_AT_ONCE = 1024
_LINK = tuple(field.name for field in fields(Link))
_CANDIDATE = tuple(field.name for field in fields(Candidate))


class RememberingLinker:
    """Keeps the links of every text that it has seen; for grids that come back to the same texts.

    space: where links are kept on disk as well, for other runs; see ``link_space``.
    """

    def __init__(self, linker: Linker, space: Space | None = None) -> None:
        self._linker = linker
        self._space = space
        self._known: dict[str, LinkedText] = {}

    def link(self, text: str) -> LinkedText:
        """Link, or recall."""
        return next(self.link_many([text]))

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """The links of many texts, in order. All texts are read before the first result."""
        wanted = list(texts)
        missing = [text for text in dict.fromkeys(wanted) if text not in self._known]
        for start in range(0, len(missing), _AT_ONCE):
            self._add(missing[start : start + _AT_ONCE])
        return (self._known[text] for text in wanted)

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """The concept of one given mention."""
        return self._linker.link_mention(text, start, end)

    def _add(self, texts: list[str]) -> None:
        keys = [key_of(text) for text in texts]
        stored = self._space.get(keys) if self._space else {}
        self._known.update(
            (text, _read(text, stored[key].tobytes())) for text, key in zip(texts, keys, strict=True) if key in stored
        )
        new = {key: text for text, key in zip(texts, keys, strict=True) if key not in stored}
        linked = list(self._linker.link_many(new.values()))
        self._known.update(zip(new.values(), linked, strict=True))
        if self._space:
            self._space.put(dict(zip(new, map(_written, linked), strict=True)))


def link_space(cache: Cache, spec: LinkerSpec, pack: KnowledgePack) -> Space:
    """Where the links of texts are kept: for this pack, this linker with its settings and training, and this code."""
    code = code_version("linking", "packs", "records")
    return cache.space("links", {**spec.identity(pack), "code": code})


def _written(linked: LinkedText) -> bytes:
    rows = []
    for link in linked.links:
        row = {name: getattr(link, name) for name in _LINK}
        candidates = [[getattr(candidate, name) for name in _CANDIDATE] for candidate in link.candidates]
        rows.append([*{**row, "candidates": candidates}.values()])
    return json.dumps(rows, separators=(",", ":")).encode()


def _read(text: str, stored: bytes) -> LinkedText:
    links = []
    for row in json.loads(stored):
        values = dict(zip(_LINK, row, strict=True))
        values["candidates"] = tuple(Candidate(*candidate) for candidate in values["candidates"])
        links.append(Link(**values))
    return LinkedText(text, tuple(links))
