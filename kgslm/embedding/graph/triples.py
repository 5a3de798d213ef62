"""Relations as numbers: heads, relations and tails, parts to learn from and to test on, and which tails are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kgslm.errors import DataError, PackError
from kgslm.packs.store import vector

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Triples:
    """Facts of a graph.

    array: shape (facts, 3), int64; columns head, relation, tail. entities, relations: how many there are; numbers count
    from 0. Raises DataError where a number lies outside.
    """

    array: Ints
    entities: int
    relations: int

    def __post_init__(self) -> None:
        if self.array.ndim != 2 or self.array.shape[1] != 3:
            raise DataError(f"triples: a table of head, relation and tail was expected, not shape {self.array.shape}")
        limits = np.array([self.entities, self.relations, self.entities])
        if len(self.array) and (self.array.min() < 0 or (self.array.max(axis=0) >= limits).any()):
            raise DataError(f"triples: a number lies outside {self.entities} entities and {self.relations} relations")

    def __len__(self) -> int:
        return len(self.array)

    def only(self, chosen: NDArray[Any]) -> Triples:
        """The facts that a mask or list of places chooses, of the same entities and relations."""
        return Triples(self.array[chosen], self.entities, self.relations)

    def with_inverses(self) -> Triples:
        """Each fact read from both ends: relation ``r + relations`` leads from the tail of ``r`` to its head.

        So heads are predicted as tails are (reciprocal relations, Lacroix et al. 2018).
        """
        turned = self.array[:, ::-1] + np.array([0, self.relations, 0])
        return Triples(np.concatenate([self.array, turned]), self.entities, 2 * self.relations)

    def split(self, share: float, *, seed: int = 0, at_most: int = 2000) -> tuple[Triples, Triples]:
        """The facts to learn from and about a ``share`` of them, in (0, 1), held out, ``at_most`` so many.

        All facts about two entities stay together, so that none is told by its inverse; every entity and relation of
        the held-out part is also learnt from. A graph that is all tree has nothing to hold out.
        """
        wanted = min(int(share * len(self)), at_most)
        low, high = np.sort(self.array[:, [0, 2]], axis=1).T
        _, pair = np.unique(low * self.entities + high, return_inverse=True)
        by_pair = np.argsort(pair, kind="stable")
        starts = np.append(np.flatnonzero(np.diff(pair[by_pair], prepend=-1)), len(self))
        degrees = np.bincount(np.concatenate([low[by_pair[starts[:-1]]], high[by_pair[starts[:-1]]]]))
        uses = np.bincount(self.array[:, 1], minlength=self.relations)
        held = np.zeros(len(self), dtype=bool)
        left = wanted
        for number in np.random.default_rng(seed).permutation(len(starts) - 1).tolist():
            if left <= 0:
                break
            rows = by_pair[starts[number] : starts[number + 1]]
            ends = [low[rows[0]], high[rows[0]]]
            own = np.bincount(self.array[rows, 1], minlength=self.relations)
            if len(rows) > left or degrees[ends].min() < 2 or (uses[own > 0] <= own[own > 0]).any():
                continue
            held[rows] = True
            degrees[ends] -= 1
            uses -= own
            left -= len(rows)
        return self.only(~held), self.only(held)


class TailIndex:
    """Which tails each pair of head and relation has."""

    def __init__(self, triples: Triples) -> None:
        heads, relations, tails = triples.array.T
        keys = heads * triples.relations + relations
        order = np.lexsort((tails, keys))
        self._relations = triples.relations
        self.keys, starts = np.unique(keys[order], return_index=True)
        self._starts = np.append(starts, len(order))
        self._tails = tails[order]

    def __len__(self) -> int:
        """How many different pairs of head and relation there are."""
        return len(self.keys)

    def pairs(self) -> tuple[Ints, Ints]:
        """Heads and relations of the pairs, in order."""
        return self.keys // self._relations, self.keys % self._relations

    def tails(self, heads: Ints, relations: Ints) -> tuple[Ints, Ints]:
        """The known tails of each of some pairs, as two arrays: places in ``heads``, and tails there."""
        keys = heads * self._relations + relations
        places = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        found = self.keys[places] == keys if len(self.keys) else np.zeros(len(keys), dtype=bool)
        counts = np.where(found, self._starts[places + 1] - self._starts[places], 0) if len(self.keys) else found * 0
        rows = np.repeat(np.arange(len(keys)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self._tails[np.repeat(self._starts[places], counts) + within]


@dataclass(frozen=True, eq=False)
class PackGraph:
    """The relations between a pack's live concepts.

    rows: shape (entities,), the pack's row of each entity. predicates: the name of each relation.
    """

    triples: Triples
    rows: Ints
    predicates: tuple[str, ...]

    @classmethod
    def read(cls, pack: KnowledgePack) -> PackGraph:
        """Read the pack's tables; is_a is a relation as any other. Raises PackError where there is no relation."""
        gone = vector(pack.tables.table("concepts"), "obsolete").astype(bool)
        rows = np.flatnonzero(~gone)
        entity = np.full(len(gone), -1)
        entity[rows] = np.arange(len(rows))
        table = pack.tables.table("relations")
        heads, tails = (entity[vector(table, column)] for column in ("subject", "object"))
        used, relations = np.unique(vector(table, "predicate"), return_inverse=True)
        array = np.stack([heads, relations.astype(np.int64), tails], axis=1)
        array = np.unique(array[(heads >= 0) & (tails >= 0) & (heads != tails)], axis=0)
        if not len(array):
            raise PackError(f"{pack.path}: no relation joins two concepts; only --method text works for this pack")
        names = tuple(pack.tables.predicate_ids[code] for code in used.tolist())
        return cls(Triples(array, len(rows), len(used)), rows, names)
