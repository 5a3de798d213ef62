"""How two concepts hang together: the shortest paths between them, with the relations along the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from kgslm.packs.walk import Ints, Walker, distinct
from kgslm.records import Relation

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack


@dataclass(frozen=True, slots=True)
class Step:
    """One relation of a path. forwards: whether the path goes from its subject to its object."""

    relation: Relation
    forwards: bool

    @property
    def start(self) -> str:
        """The concept that the step leaves."""
        return self.relation.subject if self.forwards else self.relation.object

    @property
    def end(self) -> str:
        """The concept that the step reaches."""
        return self.relation.object if self.forwards else self.relation.subject

    def __str__(self) -> str:
        predicate = self.relation.predicate
        return f"-{predicate}-> {self.end}" if self.forwards else f"<-{predicate}- {self.end}"


@dataclass(frozen=True, slots=True)
class ConceptPath:
    """A walk from the concept ``start``; without steps it stays there."""

    start: str
    steps: tuple[Step, ...] = ()

    @property
    def end(self) -> str:
        """The concept that the path reaches."""
        return self.steps[-1].end if self.steps else self.start

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts along the way, both ends included."""
        return (self.start, *(step.end for step in self.steps))

    def __len__(self) -> int:
        """The number of steps."""
        return len(self.steps)

    def __str__(self) -> str:
        return " ".join([self.start, *map(str, self.steps)])


class PathFinder:
    """Finds shortest paths; see ``Walker`` for what the parameters mean.

    >>> finder = PathFinder(pack, ["TREATS", "HAS_SYMPTOM"])
    >>> for path in finder.paths("T:23", "T:21"):
    ...     print(path)
    T:23 -TREATS-> T:3 -HAS_SYMPTOM-> T:31 <-TREATS- T:21
    >>> PathFinder(pack, max_degree=2).paths("T:21", "T:23")  # not by way of T:20 drug, which has three relations
    ()
    """

    def __init__(
        self,
        pack: KnowledgePack,
        predicates: Iterable[str] | None = None,
        *,
        directed: bool = False,
        max_degree: int | None = None,
    ) -> None:
        self._pack = pack
        self._walker = Walker(pack, predicates, directed=directed, max_degree=max_degree)

    def paths(self, start: str, end: str, *, max_length: int = 20, max_paths: int = 10) -> tuple[ConceptPath, ...]:
        """All shortest paths from ``start`` to ``end``, at most ``max_paths``; empty where none is short enough.

        Two relations between the same two concepts make two paths. max_length: steps at most. Raises PackError where
        the pack does not know a concept.
        """
        first, last = self._pack.row(start), self._pack.row(end)
        if first == last:
            return (ConceptPath(self._pack.ids[first]),)[:max_paths]
        layers = _meet(self._walker, first, last, len(self._pack.ids), max_length)
        if not layers:
            return ()
        found = islice(self._trails(first, layers), max_paths)
        return tuple(ConceptPath(self._pack.ids[first], tuple(self._steps(first, trail))) for trail in found)

    def _trails(self, first: int, layers: list[Ints]) -> Iterator[tuple[int, ...]]:
        """The relations of each path. layers: for each number of steps, the rows that lie on a shortest path."""
        onward: dict[int, list[tuple[int, int]]] = {}

        def steps(row: int, depth: int) -> Iterator[tuple[int, int]]:
            if row not in onward:
                taken = self._walker.onward(np.array([row]))
                useful = np.isin(taken.target, layers[depth])
                pairs = zip(taken.target[useful].tolist(), taken.relation[useful].tolist(), strict=True)
                onward[row] = sorted(pairs)
            return iter(onward[row])

        stack, trail = [steps(first, 1)], list[int]()
        while stack:
            target, relation = next(stack[-1], (-1, -1))
            if target < 0:
                stack.pop()
                del trail[-1:]
            elif len(stack) == len(layers) - 1:
                yield (*trail, relation)
            else:
                trail.append(relation)
                stack.append(steps(target, len(stack) + 1))

    def _steps(self, row: int, trail: Iterable[int]) -> Iterator[Step]:
        tables = self._pack.tables
        for index in trail:
            forwards = tables.subjects[index] == row
            row = tables.objects[index] if forwards else tables.subjects[index]
            yield Step(self._pack.relation_at(index), forwards)


def find_paths(
    pack: KnowledgePack,
    start: str,
    end: str,
    predicates: Iterable[str] | None = None,
    *,
    max_length: int = 20,
    max_paths: int = 10,
    directed: bool = False,
) -> tuple[ConceptPath, ...]:
    """All shortest paths between two concepts, at most ``max_paths``; see ``PathFinder.paths``.

    predicates: those to follow; None follows all, is_a among them. directed: follow relations from subject to object
    only. Raises PackError where the pack does not know a concept or a predicate.

    >>> for path in find_paths(pack, "T:21", "T:32"):
    ...     print(path)
    T:21 -TREATS-> T:31 <-HAS_SYMPTOM- T:3 -HAS_SYMPTOM-> T:32
    T:21 -TREATS-> T:31 -is_a-> T:30 <-is_a- T:32
    >>> path.concepts
    ('T:21', 'T:31', 'T:30', 'T:32')
    >>> [(step.start, step.relation.predicate, step.end, step.forwards) for step in path.steps][-1]
    ('T:30', 'is_a', 'T:32', False)
    >>> find_paths(pack, "T:21", "T:32", directed=True)
    ()
    """
    finder = PathFinder(pack, predicates, directed=directed)
    return finder.paths(start, end, max_length=max_length, max_paths=max_paths)


def _meet(walker: Walker, first: int, last: int, concepts: int, max_length: int) -> list[Ints]:
    """For each number of steps from ``first``, the rows that lie on a shortest path; empty where there is none.

    Breadth first from both ends, each time from the end whose next layer has fewer relations to look at.
    """
    seen = np.zeros((2, concepts), bool)
    seen[0, first] = seen[1, last] = True
    layers = [[np.array([first])], [np.array([last])]]
    edges = [np.array([first]), np.array([last])]  # of each side, the rows to go on from
    for _ in range(max_length):
        work = [int(walker.degrees(rows).sum()) for rows in edges]
        side = int(work[1] < work[0])
        if not work[side]:
            return []
        step = walker.back if side else walker.onward
        reached = distinct(step(edges[side]).target)
        reached = reached[~seen[side, reached]]
        met = reached[seen[1 - side, reached]]
        if len(layers[1 - side]) > 1:
            met = walker.passable(met)
        if len(met):
            layers[side].append(met)
            layers[1 - side][-1] = met
            return _trim(walker, layers[0], layers[1])
        seen[side, reached] = True
        layers[side].append(reached)
        edges[side] = walker.passable(reached)
    return []


def _trim(walker: Walker, forwards: list[Ints], backwards: list[Ints]) -> list[Ints]:
    """Join the layers of both sides, whose last ones are the rows where they met, and keep what leads there."""
    for layers, step in ((forwards, walker.back), (backwards, walker.onward)):
        for depth in range(len(layers) - 1, 0, -1):
            near = distinct(step(layers[depth]).target)
            walked = walker.passable(layers[depth - 1]) if depth > 1 else layers[0]
            layers[depth - 1] = near[np.isin(near, walked)]
    return [*forwards, *reversed(backwards[:-1])]
