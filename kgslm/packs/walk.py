"""Many steps at once along the relations of a pack, on the mapped tables.

A breadth-first walk takes one NumPy call a layer and not one Python call a relation, so that a layer of a hundred
thousand concepts costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kgslm.errors import PackError, unknown
from kgslm.packs.store import vector

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack

Ints = np.ndarray[Any, Any]


class Taken(NamedTuple):
    """Steps that were taken: parallel int arrays of concept rows, relation rows and concept rows."""

    origin: Ints
    relation: Ints
    target: Ints


class Walker:
    """Steps along relations of some predicates.

    predicates: those to follow; None follows all. directed: follow relations from subject to object only. max_degree:
    concepts with more relations than this are not walked through, though a walk may begin or end at one.
    Raises PackError where the pack has no such predicate.
    """

    def __init__(
        self,
        pack: KnowledgePack,
        predicates: Iterable[str] | None = None,
        *,
        directed: bool = False,
        max_degree: int | None = None,
    ) -> None:
        tables = pack.tables
        spans, relations = tables.table("spans"), tables.table("relations")
        self._out, self._in = vector(spans, "subjects"), vector(spans, "objects")
        self._subjects, self._objects = vector(relations, "subject"), vector(relations, "object")
        self._predicates = vector(relations, "predicate")
        self._incoming = vector(tables.table("incoming"), "relation")
        self._allowed = allowed_predicates(pack, predicates)
        self._directed = directed
        self._max_degree = max_degree

    def onward(self, rows: Ints) -> Taken:
        """Every step that leads on from ``rows``."""
        return self._steps(rows, backwards=False)

    def back(self, rows: Ints) -> Taken:
        """Every step that leads to ``rows``, walked backwards: origin is the one of ``rows``."""
        return self._steps(rows, backwards=True)

    def passable(self, rows: Ints) -> Ints:
        """The ``rows`` that a walk may go through."""
        return rows if self._max_degree is None else rows[self.degrees(rows) <= self._max_degree]

    def degrees(self, rows: Ints) -> Ints:
        """How many relations each of ``rows`` has, of any predicate and in both directions."""
        degrees: Ints = self._out[rows + 1] - self._out[rows] + self._in[rows + 1] - self._in[rows]
        return degrees

    def _steps(self, rows: Ints, backwards: bool) -> Taken:
        parts = []
        if not (self._directed and backwards):
            owner, relation = spread(rows, self._out)
            parts.append((owner, relation, self._objects))
        if not self._directed or backwards:
            owner, place = spread(rows, self._in)
            parts.append((owner, self._incoming[place], self._subjects))
        steps = [self._follow(*part) for part in parts]
        return steps[0] if len(steps) == 1 else Taken(*(np.concatenate(pair) for pair in zip(*steps, strict=True)))

    def _follow(self, owner: Ints, relation: Ints, ends: Ints) -> Taken:
        if self._allowed is not None:
            chosen = self._allowed[self._predicates[relation]]
            owner, relation = owner[chosen], relation[chosen]
        return Taken(owner, relation, ends[relation])


def spread(rows: Ints, spans: Ints) -> tuple[Ints, Ints]:
    """``(row, place)`` of every place from ``spans[row]`` to before ``spans[row + 1]``, for each of ``rows``."""
    starts = spans[rows]
    counts = spans[rows + 1] - starts
    first = np.cumsum(counts) - counts
    places = np.arange(int(counts.sum()), dtype=np.int64) + np.repeat(starts - first, counts)
    return np.repeat(rows, counts), places


def distinct(values: Ints) -> Ints:
    """The different values, ascending. np.unique hashes since NumPy 2.3, which is many times slower than sorting."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def allowed_predicates(pack: KnowledgePack, predicates: Iterable[str] | None) -> Ints | None:
    """A bool array that says of each predicate row whether it was named; None where nothing was.

    Raises PackError where the pack has no such predicate.
    """
    if predicates is None:
        return None
    known = {id_: row for row, id_ in enumerate(pack.tables.predicate_ids)}
    allowed = np.zeros(len(known), bool)
    for predicate in [predicates] if isinstance(predicates, str) else predicates:
        if predicate not in known:
            raise PackError(f"{pack.path}: {unknown('predicate', predicate, known)}")
        allowed[known[predicate]] = True
    return allowed
