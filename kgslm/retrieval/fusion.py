"""Several rankings into one: weighted reciprocal rank fusion. After Cormack et al. 2009."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kgslm.records import Hit, Passage
from kgslm.retrieval.bm25 import Bm25Retriever
from kgslm.retrieval.dense import DenseRetriever
from kgslm.retrieval.protocol import Retriever

if TYPE_CHECKING:
    from kgslm.embedding import Embedder

DEPTH = 100
"""How far down each ranking is read."""


def fuse(rankings: Sequence[Sequence[Hit]], weights: Sequence[float], k: float) -> list[Hit]:
    """The hits of all rankings, best first. score: the sum of ``weight / (k + rank)``, ranks from 1.

    k: how much the first ranks stand out; the smaller, the more.
    """
    scores: dict[str, float] = {}
    passages: dict[str, Passage] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, hit in enumerate(ranking, start=1):
            passages.setdefault(hit.passage.id, hit.passage)
            scores[hit.passage.id] = scores.get(hit.passage.id, 0.0) + weight / (k + rank)
    # Sorting is stable: equal scores stay in the order of the first ranking that has them.
    return [Hit(passages[id_], score) for id_, score in sorted(scores.items(), key=lambda item: -item[1])]


class HybridRetriever:
    """Keyword search and search by meaning, fused; keyword search alone where there are no vectors.

    Equal weights lose to search by meaning alone where keywords say little of what is asked for: with many texts on one
    subject, say. These weights and this k were better than either on questions about diseases (MedQuAD) and on
    questions about privacy policies (PolicyQA).
    """

    def __init__(
        self, bm25: Retriever, dense: Retriever | None, *, weights: tuple[float, float] = (0.3, 0.7), k: float = 3
    ) -> None:
        self._parts = (bm25,) if dense is None else (bm25, dense)
        self._weights = weights[: len(self._parts)]
        self._k = k

    @classmethod
    def from_index(cls, index: Any, embedder: Embedder | None = None, within: range | None = None) -> HybridRetriever:
        """Both searches of a ``PassageIndex``, or the one it was built for. Raises ModelError where the embedder for
        its vectors is missing or not the right one."""
        dense = None if index.dense is None else DenseRetriever.from_index(index, embedder, within)
        return cls(Bm25Retriever.from_index(index, embedder, within), dense)

    def search(self, question: str, top: int = 10) -> list[Hit]:
        """At most ``top`` passages. score: see ``fuse``."""
        return self.search_many([question], top)[0]

    def search_many(self, questions: Sequence[str], top: int = 10) -> list[list[Hit]]:
        """The same as ``search`` on each question."""
        depth = max(top, DEPTH)
        rankings = [part.search_many(questions, depth) for part in self._parts]
        return [fuse(each, self._weights, self._k)[:top] for each in zip(*rankings, strict=True)]
