"""What a pack says of two entities of a text: the sorts of their concepts and the paths between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.groups import ConceptGroups
from kgslm.injection.pairs import Patterns
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.packs.paths import ConceptPath, PathFinder
from kgslm.records import Example, LinkedText

_MOST_PATHS = 24
_ENOUGH = 1000
"""Texts from which paths and groups are chosen."""
_LONGEST = 3
_SAME, _UNKNOWN = "same concept", "no concept"
# A concept with thousands of relations leads anywhere.
_MAX_DEGREE = 500


class PairEvidence:
    """Features of candidate pairs. What they are worth for each label is learnt; see ``kgslm.tuning.trust``.

    patterns: which pairs of a text are looked at. The linker is asked for the concept of every mention, so that the
    shuffled control speaks of wrong concepts here too, whatever ids the data has.
    """

    learnt = True

    def __init__(
        self, groups: ConceptGroups, paths: Sequence[str], patterns: Patterns, pack: KnowledgePack, linker: Linker
    ) -> None:
        self._groups = groups
        self._paths = {key: place for place, key in enumerate(paths)}
        self._patterns = patterns
        self._finder = PathFinder(pack, max_degree=_MAX_DEGREE)
        self._linker = linker
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    @classmethod
    def fit(cls, pack: KnowledgePack, linker: Linker, patterns: Patterns, examples: Iterable[Example]) -> PairEvidence:
        """Choose the paths and concept groups from texts with entities; their relations are not looked at."""
        blank = cls(ConceptGroups(pack, (), ()), (), patterns, pack, linker)
        concepts: list[str] = []
        paths: Counter[str] = Counter()
        for example in islice(examples, _ENOUGH):
            found = blank._concepts(example)
            concepts += [concept for concept in found.values() if concept]
            for head, tail in patterns.pairs(example):
                paths.update(blank._between(found[head], found[tail]))
        common = [path for path, count in sorted(paths.items(), key=lambda item: (-item[1], item[0])) if count > 1]
        return cls(ConceptGroups.choose(pack, (), concepts), common[:_MOST_PATHS], patterns, pack, linker)

    @property
    def names(self) -> tuple[str, ...]:
        """One a feature."""
        return (
            "any",
            *(f"head {name}" for name in self._groups.names),
            *(f"tail {name}" for name in self._groups.names),
            *self._paths,
        )

    @property
    def grounded(self) -> None:
        """Relation labels are not grounded."""
        return None

    def read(self, examples: Sequence[Example], linked: Sequence[LinkedText]) -> list[NDArray[np.float32]]:
        """For each text, shape (pairs, features), float32, 0 or 1."""
        return [self._of(example) for example in examples]

    def facts(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return {**self._groups.facts(), "paths": list(self._paths)}

    @classmethod
    def from_facts(
        cls, facts: Mapping[str, Any], patterns: Patterns, pack: KnowledgePack, linker: Linker
    ) -> PairEvidence:
        """As it was. Raises KeyError or TypeError for facts of another form."""
        return cls(ConceptGroups.from_facts(facts, pack), facts["paths"], patterns, pack, linker)

    def _of(self, example: Example) -> NDArray[np.float32]:
        pairs = self._patterns.pairs(example)
        features = np.zeros((len(pairs), len(self.names)), np.float32)
        if not pairs:
            return features
        features[:, 0] = 1
        concepts = self._concepts(example)
        width = len(self._groups)
        for row, (head, tail) in enumerate(pairs):
            for place, concept in ((1, concepts[head]), (1 + width, concepts[tail])):
                if concept:
                    features[row, place : place + width] = self._groups.of(concept)
            found = [self._paths[key] for key in self._between(concepts[head], concepts[tail]) if key in self._paths]
            features[row, [1 + 2 * width + place for place in found]] = 1
        return features

    def _concepts(self, example: Example) -> dict[str, str]:
        """The concept of each entity id, by its first mention that has one; empty where none has."""
        concepts: dict[str, str] = {}
        for entity in example.entities:
            if not concepts.get(entity.id):
                concepts[entity.id] = self._linker.link_mention(example.text, entity.start, entity.end).concept or ""
        return concepts

    def _between(self, head: str, tail: str) -> tuple[str, ...]:
        """What connects two concepts: the predicates along shortest paths, and their number."""
        if not (head and tail):
            return (_UNKNOWN,)
        if head == tail:
            return (_SAME,)
        key = (head, tail)
        if key not in self._known:
            paths = self._finder.paths(head, tail, max_length=_LONGEST)
            steps = (f"{len(paths[0])} steps",) if paths else ()
            self._known[key] = (*steps, *dict.fromkeys(map(_signature, paths)))
        return self._known[key]


def _signature(path: ConceptPath) -> str:
    """``-treats-> <-is_a-``: the predicates without the concepts."""
    return " ".join(
        f"-{step.relation.predicate}->" if step.forwards else f"<-{step.relation.predicate}-" for step in path.steps
    )
