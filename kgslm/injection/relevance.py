"""How much a fact has to do with a text: by shared words, or by the angle between their vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kgslm.embedding.text import Embedder
from kgslm.injection.facts import Fact

_WORD = re.compile(r"\w{3,}")
_ROOM = 50_000


class Relevance(Protocol):
    """Compares facts with texts."""

    def scores(self, texts: Sequence[str], facts: Sequence[Sequence[Fact]]) -> list[list[float]]:
        """For each text the scores of its own facts, in [0, 1], higher is better."""
        ...


class LexicalRelevance:
    """The share of a fact's words that the text has too, whatever their endings; the concept's own name, which the text
    has in any case, does not count.
    """

    def scores(self, texts: Sequence[str], facts: Sequence[Sequence[Fact]]) -> list[list[float]]:
        """See ``Relevance``."""
        return [
            [_share(_stems(fact.words) - _stems(fact.name), stems) for fact in own]
            for stems, own in zip(map(_stems, texts), facts, strict=True)
        ]


class EmbeddedRelevance:
    """The cosine between the vectors of fact and text, 0 where it is negative. Vectors of facts are remembered."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def scores(self, texts: Sequence[str], facts: Sequence[Sequence[Fact]]) -> list[list[float]]:
        """See ``Relevance``. A fact that is alone has nothing to be compared with, and gets 1."""
        compared = [text for text, own in zip(texts, facts, strict=True) if len(own) > 1]
        wholes = iter(self._embedder.embed(compared)) if compared else iter(())
        known = self._vectors([fact.words for own in facts if len(own) > 1 for fact in own])
        found = []
        for own in facts:
            whole = next(wholes) if len(own) > 1 else None
            found.append([1.0 if whole is None else max(0.0, float(known[fact.words] @ whole)) for fact in own])
        return found

    def _vectors(self, sentences: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        fresh = [words for words in dict.fromkeys(sentences) if words not in self._known]
        if fresh:
            if len(self._known) + len(fresh) > _ROOM:
                self._known.clear()
                fresh = list(dict.fromkeys(sentences))
            self._known.update(zip(fresh, self._embedder.embed(fresh), strict=True))
        return self._known


def _share(words: frozenset[str], text: frozenset[str]) -> float:
    return len(words & text) / len(words) if words else 0.0


@lru_cache(maxsize=20_000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(_stemmer().stemWords(_WORD.findall(text.casefold())))


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english", 0)
