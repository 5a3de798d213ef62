"""What every retriever can do, and the retrievers by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from kgslm.records import Hit
from kgslm.registry import Registry


@runtime_checkable
class Retriever(Protocol):
    """Finds the passages that may answer a question."""

    def search(self, question: str, top: int = 10) -> list[Hit]:
        """At most ``top`` hits, best first; scores compare within this list only."""
        ...

    def search_many(self, questions: Sequence[str], top: int = 10) -> list[list[Hit]]:
        """The same as ``search`` on each question, faster."""
        ...


RETRIEVERS = Registry(
    "kgslm.retrievers",
    {
        "hybrid": "kgslm.retrieval.fusion:HybridRetriever",
        "bm25": "kgslm.retrieval.bm25:Bm25Retriever",
        "dense": "kgslm.retrieval.dense:DenseRetriever",
    },
)
"""Classes with ``from_index(index, embedder, within)`` that give a ``Retriever`` over an open ``PassageIndex``.

embedder: None where none is at hand. within: the range of rows to choose passages from, None for all.
"""
