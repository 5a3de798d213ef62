"""The graph itself as evidence for the labels.

For a text, the weights of its linked concepts are summed by label (a concept counts for every label whose part of
the graph it lies in), divided by the whole, and the square root is taken, which keeps one lucky mention from
deciding. A classifier adds ``trust * evidence`` to its logits; see ``kgslm.tuning.trust`` for how trust is learnt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.grounding import Grounding
from kgslm.records import Example, LinkedText


@dataclass(frozen=True)
class EvidenceScorer:
    """Label scores from linked concepts.

    groundings: one for each label. idf: the weight of a concept, by id; a concept that was never seen has
    ``unseen_idf``, the highest weight.
    """

    groundings: tuple[Grounding, ...]
    idf: Mapping[str, float]
    unseen_idf: float
    learnt: ClassVar[bool] = False

    @classmethod
    def fit(cls, groundings: Sequence[Grounding], texts: Iterable[LinkedText]) -> EvidenceScorer:
        """Take the concepts' idf, ``ln((n + 1) / (document frequency + 1))``, from texts, labelled or not."""
        frequency: Counter[str] = Counter()
        count = 0
        for linked in texts:
            frequency.update(set(linked.concepts))
            count += 1
        idf = {concept: float(np.log((count + 1) / (df + 1))) for concept, df in sorted(frequency.items())}
        return cls(tuple(groundings), idf, float(np.log(count + 1)))

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(grounding.label for grounding in self.groundings)

    @property
    def grounded(self) -> int:
        """How many labels the pack has concepts for."""
        return sum(bool(grounding.concepts) for grounding in self.groundings)

    def read(self, examples: Sequence[Example], linked: Sequence[LinkedText]) -> list[NDArray[np.float32]]:
        """The scores of each text, shape (1, labels), float32."""
        return list(self.score(linked)[:, None])

    def facts(self) -> dict[str, Any]:
        """As plain data for JSON."""
        labels = {
            grounding.label: {"concepts": list(grounding.concepts), "members": sorted(grounding.members)}
            for grounding in self.groundings
        }
        return {"labels": labels, "idf": dict(self.idf), "unseen_idf": self.unseen_idf}

    def score(self, texts: Iterable[LinkedText]) -> NDArray[np.float32]:
        """Shape (texts, labels), float32: the square root of each label's share, less the mean over the labels.

        A row of zeros says that no linked concept lies under any label.
        """
        rows = [self._shares(linked) for linked in texts]
        if not rows:
            return np.zeros((0, len(self.groundings)), np.float32)
        scores = np.sqrt(np.stack(rows))
        return np.asarray(scores - scores.mean(axis=1, keepdims=True), np.float32)

    def _shares(self, linked: LinkedText) -> NDArray[np.float64]:
        shares = np.zeros(len(self.groundings))
        for concept, count in Counter(linked.concepts).items():
            positions = self._positions.get(concept)
            if positions:
                # A mention repeated ten times says more than one, not ten times as much.
                weight = (1 + np.log(count)) * self.idf.get(concept, self.unseen_idf)
                shares[list(positions)] += weight / len(positions)
        total = shares.sum()
        return np.asarray(shares / total if total > 0 else shares)

    @cached_property
    def _positions(self) -> Mapping[str, tuple[int, ...]]:
        """Concept id to the positions of the labels that it counts for."""
        found: dict[str, list[int]] = {}
        for position, grounding in enumerate(self.groundings):
            for concept in grounding.members:
                found.setdefault(concept, []).append(position)
        return {concept: tuple(positions) for concept, positions in found.items()}
