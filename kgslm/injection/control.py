"""The shuffled control: the same pack with its concepts permuted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Candidate, Link, LinkedText


class ShuffledLinker:
    """A linker whose mentions stay where they are while every concept is swapped for another one.

    All arms then work as before, on equally many facts of the same pack, only that they are about the wrong
    concepts. What a model gains from them is not knowledge. The permutation is one cycle over all live concepts, so
    that none stays what it was; it depends on ``seed`` and the pack alone.
    """

    def __init__(self, linker: Linker, pack: KnowledgePack, *, seed: int = 0) -> None:
        self._linker = linker
        self._names = {concept.id: concept.name for concept in pack.concepts()}
        ids = sorted(self._names)
        cycle = [ids[place] for place in np.random.default_rng(seed).permutation(len(ids)).tolist()]
        self._swapped = dict(zip(cycle, [*cycle[1:], *cycle[:1]], strict=True))

    def link(self, text: str) -> LinkedText:
        """Link, then swap the concepts."""
        return self._swap(self._linker.link(text))

    def link_many(self, texts: Iterable[str]) -> Iterator[LinkedText]:
        """Stream the links of many texts, in order."""
        return map(self._swap, self._linker.link_many(texts))

    def link_mention(self, text: str, start: int, end: int) -> Link:
        """Link one given mention, then swap its concept."""
        return self._swap_link(self._linker.link_mention(text, start, end))

    def _swap(self, linked: LinkedText) -> LinkedText:
        return replace(linked, links=tuple(self._swap_link(link) for link in linked.links))

    def _swap_link(self, link: Link) -> Link:
        if link.concept is None:
            return link
        concept = self._swapped.get(link.concept, link.concept)
        candidates = tuple(self._swap_candidate(candidate) for candidate in link.candidates)
        return replace(link, concept=concept, name=self._names.get(concept, ""), candidates=candidates)

    def _swap_candidate(self, candidate: Candidate) -> Candidate:
        concept = self._swapped.get(candidate.concept, candidate.concept)
        return replace(candidate, concept=concept, name=self._names.get(concept, ""))
