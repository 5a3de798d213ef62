"""The graph as features for tasks on spans: which kind of concept a token names, and how two concepts hang together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.evidence import positions
from kgslm.injection.grounding import Grounding
from kgslm.packs import KnowledgePack
from kgslm.packs.paths import ConceptPath, PathFinder
from kgslm.records import LinkedText

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ConceptGroups:
    """Kinds of concepts. names: of the groups. members: concept id to the positions of its groups."""

    names: tuple[str, ...]
    members: Mapping[str, tuple[int, ...]]

    @classmethod
    def of_groundings(cls, groundings: Sequence[Grounding]) -> ConceptGroups:
        """A group for each label."""
        members = positions(grounding.members for grounding in groundings)
        return cls(tuple(grounding.label for grounding in groundings), members)

    @classmethod
    def of_pack(cls, pack: KnowledgePack, most: int = 64) -> ConceptGroups:
        """The pack's own groups, the ``most`` largest: its categories, and the broadest concepts with all below them.

        A concept with a single broader one at the top, such as a root of everything, makes way for those below it.
        """
        groups: dict[str, frozenset[str]] = {name: frozenset(pack.by_category(name)) for name in pack.categories()}
        for root in _tops(pack):
            if below := pack.descendants(root):
                groups.setdefault(pack.concept(root).name, frozenset((root, *below)))
        largest = sorted(groups, key=lambda name: (-len(groups[name]), name))[:most]
        return cls(tuple(largest), positions(groups[name] for name in largest))

    def features(self, linked: LinkedText, spans: Iterable[tuple[int, int]]) -> Floats:
        """What the links say of each span, usually a token's: shape (spans, groups + 2), float32.

        The first columns are the link's score for each group of its concept, divided among them; the last two are 1
        where the span lies in a linked mention and where it begins one. Empty spans, such as special tokens', have
        zeros. A span in several links has the highest of each.
        """
        wanted = list(spans)
        rows = np.zeros((len(wanted), len(self.names) + 2), np.float32)
        starts, ends = np.array(wanted, np.int64).reshape(-1, 2).T
        for link in linked.links:
            inside = np.flatnonzero((starts < link.end) & (ends > link.start) & (ends > starts))
            if link.concept is None or not len(inside):
                continue
            row = np.zeros(rows.shape[1], np.float32)
            groups = self.members.get(link.concept, ())
            row[list(groups)] = link.score / max(len(groups), 1)
            row[-2] = 1
            rows[inside] = np.maximum(rows[inside], row)
            rows[inside[0], -1] = 1
        return rows


def _tops(pack: KnowledgePack) -> list[str]:
    """The concepts without a broader one; below a single root, its children."""
    tops = [concept.id for concept in pack.concepts() if not concept.parents and pack.children(concept.id)]
    while len(tops) == 1 and (narrower := [id_ for id_ in pack.children(tops[0]) if pack.children(id_)]):
        tops = narrower
    return tops


class PathFeatures:
    """How two concepts hang together, as numbers.

    names: of the features. ``length n`` is 1 for the pairs whose shortest paths have n steps, ``no path`` for those
    without one of at most ``max_length``; ``is_a >`` is the share of the steps on the shortest paths, at most ten,
    that follow is_a from subject to object, and ``is_a <`` of those against it. predicates: None takes all of the pack.
    max_degree: concepts with more relations than this are not walked through; they connect everything.
    """

    def __init__(
        self,
        pack: KnowledgePack,
        predicates: Sequence[str] | None = None,
        *,
        max_length: int = 3,
        max_degree: int | None = 1000,
    ) -> None:
        self._finder = PathFinder(pack, predicates, max_degree=max_degree)
        self._predicates = tuple(sorted(predicates if predicates is not None else pack.predicates()))
        self._max_length = max_length

    @cached_property
    def names(self) -> tuple[str, ...]:
        """One for each column of ``features``."""
        lengths = [f"length {length}" for length in range(self._max_length + 1)]
        return (*lengths, "no path", *(f"{it} {way}" for it in self._predicates for way in "><"))

    def features(self, start: str, end: str) -> Floats:
        """Shape (features,), float32. Raises PackError where the pack does not know a concept."""
        paths = self._finder.paths(start, end, max_length=self._max_length)
        row = np.zeros(len(self.names), np.float32)
        row[len(paths[0]) if paths else self._max_length + 1] = 1
        for path in paths:
            self._add(row, path, 1 / len(paths))
        return row

    def _add(self, row: Floats, path: ConceptPath, weight: float) -> None:
        for step in path.steps:
            place = 2 * self._predicates.index(step.relation.predicate) + (not step.forwards)
            row[self._max_length + 2 + place] += weight / len(path)
