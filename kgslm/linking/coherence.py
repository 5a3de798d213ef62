"""What the other mentions of a document say about a candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kgslm.linking.ngrams import Floats, Ints
from kgslm.packs import KnowledgePack


@dataclass(frozen=True, slots=True)
class Scored:
    """A mention's candidates. text: its first reading. concepts: rows. shares: their probabilities. nil: of none."""

    text: str
    concepts: Ints
    shares: Floats
    nil: float


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a candidate's log odds grow where other mentions of the document are surely this very concept, and
    where they are one that a relation or the hierarchy joins to it.
    """

    same: float = 0.7
    related: float = 0.3


class Graph:
    """The concepts one step away in a pack. rows: concept id to its row in a table of names."""

    def __init__(self, pack: KnowledgePack, rows: Mapping[str, int]) -> None:
        self._pack = pack
        self._rows = rows
        self._ids = list(rows)
        self._known: dict[int, frozenset[int]] = {}

    @cached_property
    def empty(self) -> bool:
        """Whether the pack has no relation at all."""
        return not self._pack.predicates()

    def around(self, row: int) -> frozenset[int]:
        """Rows of the concepts that a relation, is_a included, joins to this one."""
        if self.empty:
            return frozenset()
        if row not in self._known:
            id_ = self._ids[row]
            ends = {end for edge in self._pack.neighbours(id_) for end in (edge.subject, edge.object)}
            self._known[row] = frozenset(self._rows[end] for end in ends if end != id_ and end in self._rows)
        return self._known[row]


def evidence_of(mentions: Sequence[Scored], graph: Graph) -> list[Floats]:
    """For each mention, shape (candidates, 2) in [0, 1]: how surely another mention is this very concept, and one that
    is joined to it. Mentions that are read alike say nothing about each other.
    """
    by_text: dict[str, dict[int, float]] = {}
    for mention in mentions:
        own = by_text.setdefault(mention.text.lower(), {})
        for row, share in zip(mention.concepts.tolist(), mention.shares.tolist(), strict=True):
            own[row] = max(share, own.get(row, 0.0))
    found = []
    for mention in mentions:
        others: dict[int, float] = {}
        for text, shares in by_text.items():
            if text != mention.text.lower():
                for row, share in shares.items():
                    others[row] = max(share, others.get(row, 0.0))
        found.append(_of_one(mention.concepts.tolist(), others, graph))
    return found


def _of_one(candidates: Iterable[int], others: Mapping[int, float], graph: Graph) -> Floats:
    pairs = []
    for row in candidates:
        joined = graph.around(row) & others.keys() if others else ()
        pairs.append((others.get(row, 0.0), max((others[other] for other in joined), default=0.0)))
    return np.array(pairs, np.float32).reshape(-1, 2)


def reweighed(mention: Scored, evidence: Floats, weights: Weights) -> Scored:
    """The probabilities after the evidence of the document."""
    if not len(mention.concepts):
        return mention
    gain = np.exp(weights.same * evidence[:, 0] + weights.related * evidence[:, 1])
    odds = np.append(mention.shares * gain, mention.nil)
    odds = odds / max(float(odds.sum()), 1e-12)
    return Scored(mention.text, mention.concepts, odds[:-1].astype(np.float32), float(odds[-1]))


def fit_weights(documents: Sequence[tuple[Sequence[Scored], Sequence[frozenset[int]]]], graph: Graph) -> Weights:
    """The weights that make the right answers of labelled documents likeliest.

    documents: their mentions, scored by a ranker that did not learn from them, with the rows of the right concepts of
    each, none for NIL.
    """
    best, highest = Weights(0.0, 0.0), -np.inf
    evidence = [evidence_of(mentions, graph) for mentions, _ in documents]
    for same in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0):
        for related in (0.0,) if graph.empty else (0.0, 0.3, 0.6, 1.0, 1.5):
            weights = Weights(same, related)
            value = 0.0
            for (mentions, right), own in zip(documents, evidence, strict=True):
                for mention, gold, seen in zip(mentions, right, own, strict=True):
                    after = reweighed(mention, seen, weights)
                    hit = np.isin(after.concepts, list(gold))
                    share = float(after.shares[hit].sum()) if gold else after.nil
                    value += float(np.log(max(share, 1e-3)))
            if value > highest + 1e-6:
                best, highest = weights, value
    return best
