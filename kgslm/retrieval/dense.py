"""Search by meaning: the cosine of question and passage vectors, over FAISS."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kgslm.errors import KgslmError, ModelError
from kgslm.records import Hit, Passage

if TYPE_CHECKING:
    from kgslm.embedding import Embedder, Vectors

EXACT_UP_TO = 200_000
"""Vectors that are compared one by one; more of them go into a graph of neighbours (HNSW), which may miss a few."""

_LINKS, _BUILD_EFFORT, _SEARCH_EFFORT = 32, 100, 128


class DenseIndex:
    """Vectors of length one; rows count them in their order."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @staticmethod
    def build(vectors: Vectors, path: Path, *, exact_up_to: int = EXACT_UP_TO) -> None:
        """Index ``vectors``, shape (texts, dim), into a file."""
        import faiss

        count, dim = vectors.shape
        index: Any
        if count <= exact_up_to:
            index = faiss.IndexFlatIP(dim)
        else:
            index = faiss.IndexHNSWFlat(dim, _LINKS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = _BUILD_EFFORT
            index.hnsw.efSearch = _SEARCH_EFFORT
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        faiss.write_index(index, str(path))

    @classmethod
    def open(cls, path: Path) -> DenseIndex:
        """Read an index. Raises KgslmError where the file is damaged."""
        import faiss

        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as error:
            raise KgslmError(f"{path}: the vector index is damaged; build the index again") from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return int(self._index.d)

    def rank(self, vectors: Vectors, top: int, within: range | None = None) -> list[list[tuple[int, float]]]:
        """For each vector, ``(row, cosine)`` of the nearest ``top``, best first; rows break ties.

        within: the rows to choose from; all where None.
        """
        top = min(top, len(self) if within is None else len(within))
        if not top:
            return [[] for _ in vectors]
        scores, rows = self._index.search(
            np.ascontiguousarray(vectors, dtype=np.float32), top, params=self._parameters(within)
        )
        ranked = []
        for own_scores, own_rows in zip(scores, rows, strict=True):
            order = np.lexsort((own_rows, -own_scores))
            ranked.append([(int(own_rows[i]), float(own_scores[i])) for i in order if own_rows[i] >= 0])
        return ranked

    def _parameters(self, within: range | None) -> Any:
        faiss: Any = import_module("faiss")
        if within is None:
            return None
        chosen = faiss.IDSelectorRange(within.start, within.stop)
        if isinstance(self._index, faiss.IndexHNSW):
            return faiss.SearchParametersHNSW(sel=chosen, efSearch=_SEARCH_EFFORT)
        return faiss.SearchParameters(sel=chosen)

    def vectors(self, rows: Sequence[int]) -> Vectors:
        """The stored vectors of some rows. Shape (rows, dim), float32."""
        stored: Vectors = np.stack([self._index.reconstruct(int(row)) for row in rows])
        return stored


class DenseRetriever:
    """Search by meaning over passages. within: the rows to choose from; all where None."""

    def __init__(
        self, passages: Sequence[Passage], index: DenseIndex, embedder: Embedder, within: range | None = None
    ) -> None:
        if embedder.dim != index.dim:
            raise ModelError(
                f"{embedder.name}: gives vectors of {embedder.dim}, the index holds vectors of {index.dim}"
            )
        self._passages = passages
        self._index = index
        self._embedder = embedder
        self._within = within

    @classmethod
    def from_index(cls, index: Any, embedder: Embedder | None = None, within: range | None = None) -> DenseRetriever:
        """The vector search of a ``PassageIndex``. Raises KgslmError where it has no vectors or none can be made."""
        if index.dense is None:
            raise KgslmError(f"{index.path}: built without vectors; use --retriever bm25 or build it with --dense full")
        if embedder is None:
            raise ModelError("search by meaning needs the embedder that the index was made with")
        return cls(index.passages, index.dense, embedder, within)

    def search(self, question: str, top: int = 10) -> list[Hit]:
        """The ``top`` nearest passages. score: cosine in [-1, 1]."""
        return self.search_many([question], top)[0]

    def search_many(self, questions: Sequence[str], top: int = 10) -> list[list[Hit]]:
        """The same as ``search`` on each question."""
        ranked = self._index.rank(self._embedder.embed(list(questions)), top, self._within)
        return [[Hit(self._passages[row], score) for row, score in hits] for hits in ranked]
