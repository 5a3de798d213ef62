"""The controls with knowledge: the same pack with its concepts permuted, or with random vectors for its concepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.entities import EntityVectors
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


class RandomVectors:
    """Vectors of equal norm and random direction in the place of the concepts' own.

    Each concept keeps one direction, so that a model can still tell concepts apart; what it gains from these is not
    what the vectors say. Directions depend on ``seed`` and the concept's id alone.
    """

    def __init__(self, vectors: EntityVectors, *, seed: int = 0) -> None:
        self._vectors = vectors
        self._seed = seed

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self._vectors.dim

    @property
    def checksum(self) -> str:
        """Empty: these vectors are stored nowhere."""
        return ""

    def prepare(self, concepts: Iterable[str]) -> None:
        """Make the norms ready."""
        self._vectors.prepare(concepts)

    def get(self, concepts: Sequence[str]) -> NDArray[np.float32]:
        """See ``EntityVectors``."""
        own = self._vectors.get(concepts)
        directions = np.array([self._direction(concept) for concept in concepts]).reshape(own.shape)
        return np.asarray(directions * np.linalg.norm(own, axis=1, keepdims=True), np.float32)

    def _direction(self, concept: str) -> NDArray[np.float64]:
        drawn = blake2b(concept.encode(), key=str(self._seed).encode(), digest_size=8).digest()
        direction = np.random.default_rng(int.from_bytes(drawn, "little")).normal(size=self.dim)
        return np.asarray(direction / np.linalg.norm(direction))
