"""Vectors of concepts, made when they are first needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kgslm.embedding.concepts import concept_text
from kgslm.embedding.text import Embedder
from kgslm.packs import KnowledgePack


class EntityVectors:
    """Vectors of a pack's concepts from their names and definitions.

    A data set mentions a small part of a large pack, so a vector is computed at its first use and remembered.
    """

    def __init__(self, pack: KnowledgePack, embedder: Embedder) -> None:
        self._pack = pack
        self._embedder = embedder
        self._rows: dict[str, int] = {}
        self._vectors: NDArray[np.float32] = np.zeros((0, embedder.dim), np.float32)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self._embedder.dim

    def prepare(self, concepts: Iterable[str]) -> None:
        """Compute the missing vectors of many concepts at once."""
        missing = [concept for concept in dict.fromkeys(concepts) if concept not in self._rows]
        if not missing:
            return
        new = self._embedder.embed([concept_text(self._pack.concept(concept)) for concept in missing])
        for concept in missing:
            self._rows[concept] = len(self._rows)
        self._vectors = np.concatenate([self._vectors, new])

    def get(self, concepts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (concepts, dim), float32, in the given order."""
        self.prepare(concepts)
        return self._vectors[[self._rows[concept] for concept in concepts]]
