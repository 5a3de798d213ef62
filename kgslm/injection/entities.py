"""Vectors of concepts for the embeddings arm: made from words when they are first needed, or read from the pack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgslm.embedding.concepts import concept_text
from kgslm.embedding.store import load_vectors, vectors_checksum
from kgslm.embedding.text import Embedder
from kgslm.packs import KnowledgePack


class EntityVectors(Protocol):
    """Vectors of a pack's concepts.

    dim: the width of a vector. checksum: of vectors that are stored in the pack, empty for those made from its words.
    """

    @property
    def dim(self) -> int: ...  # noqa: D102

    @property
    def checksum(self) -> str: ...  # noqa: D102

    def prepare(self, concepts: Iterable[str]) -> None:
        """Make the vectors of many concepts ready at once."""
        ...

    def get(self, concepts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (concepts, dim), float32, in the given order."""
        ...


def entity_vectors(pack: KnowledgePack, source: str, embedder: Embedder) -> EntityVectors:
    """The vectors called ``source``, one of ``kgslm.embedding.store.METHODS``.

    Raises ConfigError, with the command that makes them, where they are not in the pack. ``text`` is always there.
    """
    return TextVectors(pack, embedder) if source == "text" else StoredVectors(pack, source)


class TextVectors:
    """Vectors from names and definitions.

    A data set mentions a small part of a large pack, so a vector is computed at its first use and remembered.
    """

    checksum = ""

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
        """See ``EntityVectors``."""
        self.prepare(concepts)
        return self._vectors[[self._rows[concept] for concept in concepts]]


class StoredVectors:
    """Vectors that ``kgslm pack embed`` left in the pack."""

    def __init__(self, pack: KnowledgePack, source: str) -> None:
        self._pack = pack
        self._vectors = load_vectors(pack, source)
        self.checksum = vectors_checksum(pack, source)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return int(self._vectors.shape[1])

    def prepare(self, concepts: Iterable[str]) -> None:
        """Nothing to do: they are there."""

    def get(self, concepts: Sequence[str]) -> NDArray[np.float32]:
        """See ``EntityVectors``."""
        rows = np.array([self._pack.row(concept) for concept in concepts], dtype=np.int64)
        return np.asarray(self._vectors[rows])
