"""Groups of concepts: the parts of a pack by which a concept's type can be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.grounding import Grounding
from kgslm.packs import KnowledgePack

_MOST = 24
_RARE = 0.02


class ConceptGroups:
    """A vector of memberships for each concept: what the labels are grounded in, categories, and broader concepts.

    names: of the groups, in the order of the vector. Which groups tell something is chosen from the linked concepts
    of texts, labelled or not: those that hold neither nearly all nor nearly none of them, and of several with the
    same concepts one.
    """

    def __init__(self, pack: KnowledgePack, groundings: Sequence[Grounding], chosen: Sequence[str]) -> None:
        self._pack = pack
        self._groundings = tuple(groundings)
        self._chosen = {key: place for place, key in enumerate(chosen, len(self._groundings))}
        self._known: dict[str, NDArray[np.float32]] = {}

    @classmethod
    def choose(cls, pack: KnowledgePack, groundings: Sequence[Grounding], concepts: Iterable[str]) -> ConceptGroups:
        """Choose the groups. concepts: the linked concepts of texts, repeats kept."""
        counts = Counter(concepts)
        total = sum(counts.values())
        covered: dict[str, list[str]] = {}
        for concept in sorted(counts):
            for key in _keys(pack, concept):
                covered.setdefault(key, []).append(concept)
        shares: dict[tuple[str, ...], tuple[float, str]] = {}
        for key, own in sorted(covered.items()):
            share = sum(counts[concept] for concept in own) / total
            if len(own) > 1 and _RARE <= share <= 1 - _RARE:
                shares.setdefault(tuple(own), (share * (1 - share), key))
        best = sorted(shares.values(), key=lambda found: (-found[0], found[1]))[:_MOST]
        return cls(pack, groundings, [key for _, key in best])

    @property
    def names(self) -> tuple[str, ...]:
        """One a group."""
        return (*(f"label {grounding.label}" for grounding in self._groundings), *self._chosen)

    @property
    def groundings(self) -> tuple[Grounding, ...]:
        """What the labels stand for."""
        return self._groundings

    def __len__(self) -> int:
        """The number of groups."""
        return len(self._groundings) + len(self._chosen)

    def of(self, concept: str) -> NDArray[np.float32]:
        """Shape (groups,), float32: 1 for each group that the concept is in."""
        if concept not in self._known:
            vector = np.zeros(len(self), np.float32)
            vector[: len(self._groundings)] = [concept in grounding.members for grounding in self._groundings]
            vector[[self._chosen[key] for key in _keys(self._pack, concept) if key in self._chosen]] = 1
            self._known[concept] = vector
        return self._known[concept]

    def facts(self) -> dict[str, Any]:
        """As plain data for JSON."""
        labels = {
            grounding.label: {"concepts": list(grounding.concepts), "members": sorted(grounding.members)}
            for grounding in self._groundings
        }
        return {"labels": labels, "groups": list(self._chosen)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], pack: KnowledgePack) -> ConceptGroups:
        """As they were. Raises KeyError or TypeError for facts of another form."""
        groundings = [
            Grounding(label, tuple(own["concepts"]), frozenset(own["members"]))
            for label, own in facts["labels"].items()
        ]
        return cls(pack, groundings, facts["groups"])


def _keys(pack: KnowledgePack, concept: str) -> list[str]:
    """The groups that a concept is in: its categories, itself and every broader concept."""
    categories = [f"category {category}" for category in pack.concept(concept).categories]
    return [*categories, *(f"under {id_}" for id_ in (concept, *pack.ancestors(concept)))]
