"""Concepts that are described like a label which is none of their names.

Two things speak for a concept: how much of the label's words one of its names has, rare words counting more, and how
near an encoder finds its name and definition to the label's. Words find the candidates, so that a pack of a million
concepts needs no vectors of its own; in a small pack the encoder looks at all concepts, and finds those without a
common word too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kgslm.embedding.concepts import concept_text
from kgslm.embedding.text import Embedder
from kgslm.packs import KnowledgePack
from kgslm.packs.ids import word_set

_CANDIDATES = 40
_SMALL = 3000
_SAMPLE = 100
_NEAR = 0.9
_MOST = 3


@dataclass(frozen=True, slots=True)
class Alike:
    """A concept that is described like a label. score: in [0, 1], higher is more alike."""

    concept: str
    score: float


class Likeness:
    """Looks up what a label may mean in a pack.

    embedder: None judges by words alone. threshold: the least score; at most three concepts that score nearly as high
    as the best one are given.
    """

    def __init__(self, pack: KnowledgePack, embedder: Embedder | None = None, threshold: float = 0.55) -> None:
        self._pack = pack
        self._embedder = embedder
        self._threshold = threshold

    def find(self, name: str, description: str = "") -> tuple[Alike, ...]:
        """The concepts that are most like a label, best first; empty where none is alike enough."""
        words = self._overlaps(name)
        scores = words if self._embedder is None else self._with_vectors(self._embedder, name, description, words)
        ranked = sorted((-score, concept) for concept, score in scores.items() if score >= self._threshold)
        return tuple(Alike(concept, -score) for score, concept in ranked[:_MOST] if score <= ranked[0][0] * _NEAR)

    def _overlaps(self, name: str) -> dict[str, float]:
        """For the likeliest concepts, the share of weight that the label and a name have in common."""
        wanted = _words(name)
        if not wanted:
            return {}
        best: dict[str, float] = {}
        for place in {place for word in wanted for place in self._index[word]}:
            concept, own = self._names[place]
            common = sum(self._weight(word) for word in wanted & own)
            best[concept] = max(best.get(concept, 0.0), common / sum(self._weight(word) for word in wanted | own))
        return dict(sorted(best.items(), key=lambda item: (-item[1], item[0]))[:_CANDIDATES])

    def _with_vectors(
        self, embedder: Embedder, name: str, description: str, words: dict[str, float]
    ) -> dict[str, float]:
        """The mean of both views, where the words have a say; where no name has a common word, the encoder's alone."""
        concepts = [concept.id for concept in self._pack.concepts()] if len(self._pack) <= _SMALL else [*words]
        if not concepts:
            return {}
        label = f"{name}: {description}" if description else name
        usual = self._usual(embedder)
        (own,) = _units(embedder.embed([label]) - usual)
        found = (_units(self._vectors(embedder, concepts) - usual) @ own).tolist()
        return {
            concept: (words[concept] + cosine) / 2 if concept in words else cosine * _NEAR
            for concept, cosine in zip(concepts, found, strict=True)
        }

    def _usual(self, embedder: Embedder) -> np.ndarray:
        """What the vectors of the pack's concepts have in common, which with some encoders is most of them."""
        ids = [concept.id for concept in self._pack.concepts()]
        return np.asarray(self._vectors(embedder, ids[:: max(1, len(ids) // _SAMPLE)]).mean(axis=0))

    def _vectors(self, embedder: Embedder, concepts: Sequence[str]) -> np.ndarray:
        missing = [concept for concept in concepts if concept not in self._known]
        texts = [concept_text(self._pack.concept(concept), "name+definition") for concept in missing]
        self._known.update(zip(missing, embedder.embed(texts) if texts else (), strict=True))
        return np.stack([self._known[concept] for concept in concepts])

    def _weight(self, word: str) -> float:
        """Rare words say more; one that no name has is as rare as can be."""
        return math.log((len(self._names) + 1) / (self._frequency[word] + 0.5))

    @cached_property
    def _names(self) -> list[tuple[str, frozenset[str]]]:
        return [(id_, words) for id_, name, kind in self._pack.names() if kind != "related" and (words := _words(name))]

    @cached_property
    def _frequency(self) -> Counter[str]:
        return Counter(word for _, words in self._names for word in words)

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for place, (_, words) in enumerate(self._names):
            for word in words:
                index[word].append(place)
        return index

    @cached_property
    def _known(self) -> dict[str, np.ndarray]:
        return {}


def _words(name: str) -> frozenset[str]:
    """The words of a name in the singular, without those that mean little."""
    return frozenset(word_set(name)) - _FILLERS


_FILLERS = frozenset(
    ["a", "an", "and", "by", "due", "for", "from", "in", "not", "nos", "of", "on", "or", "other", "the", "to", "with"]
)


def _units(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
