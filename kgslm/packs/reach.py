"""Sums over everything below a concept, each concept once however many ways lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kgslm.packs.walk import distinct, spread

Ints = np.ndarray[Any, Any]
Floats = np.ndarray[Any, Any]

_ROWS = 1 << 15
"""As many rows are looked at together, so that memory has a bound."""


class Reach:
    """What lies above and below each concept of a hierarchy without cycles.

    children, parents: the edges, int arrays of equal length, sorted by child; concepts: how many rows there are.
    """

    def __init__(self, children: Ints, parents: Ints, concepts: int) -> None:
        self._concepts = concepts
        self._parents = parents
        self._up = spans(children, concepts)
        self._children = children[np.argsort(parents, kind="stable")]
        self._down = spans(parents, concepts)

    def sums(self, values: Floats) -> tuple[Floats, Ints]:
        """``(sums, ancestors)``: over each concept and all below it, the sum of ``values``; and how many are above it.

        values: shape (concepts, columns), so that several sums cost one walk; sums has the same shape. Exact where
        concepts have several parents: every pair of a concept and one of its ancestors is visited once, from the top
        down, so the number of such pairs is the cost.
        """
        sums = np.array(values, float)
        counts = np.zeros(self._concepts, np.int64)
        kept = _Ancestors(self._concepts)
        for layer in self._layers():
            owners, ancestors = self._pairs(layer, kept)
            for column in range(values.shape[1]):
                sums[:, column] += np.bincount(ancestors, values[owners, column], minlength=self._concepts)
            counts[layer] = np.searchsorted(owners, layer, "right") - np.searchsorted(owners, layer)
            inner = self._down[owners + 1] > self._down[owners]
            kept.add(layer, np.where(self._down[layer + 1] > self._down[layer], counts[layer], 0), ancestors[inner])
        return sums, counts

    def _pairs(self, layer: Ints, kept: _Ancestors) -> tuple[Ints, Ints]:
        """All ``(row, ancestor)`` of the rows of a layer, sorted."""
        child, edge = spread(layer, self._up)
        parent = self._parents[edge]
        ends, above = kept.of(parent)
        owners = np.concatenate([child, np.repeat(child, ends)]).astype(np.int64)
        keys = distinct(owners * self._concepts + np.concatenate([parent, above]))
        owners = keys // self._concepts
        return owners, keys - owners * self._concepts

    def _layers(self) -> Iterator[Ints]:
        """The rows, ascending, in layers such that the parents of each lie in earlier ones."""
        missing = np.diff(self._up)
        layer = np.flatnonzero(missing == 0)
        while len(layer):
            for start in range(0, len(layer), _ROWS):
                yield layer[start : start + _ROWS]
            reached, edges = np.unique(self._children[spread(layer, self._down)[1]], return_counts=True)
            missing[reached] -= edges
            layer = reached[missing[reached] == 0]


class _Ancestors:
    """The ancestors of the rows so far that have children."""

    def __init__(self, concepts: int) -> None:
        self._starts = np.zeros(concepts, np.int64)
        self._counts = np.zeros(concepts, np.int64)
        self._items = np.empty(1024, np.int32)
        self._length = 0

    def add(self, rows: Ints, counts: Ints, items: Ints) -> None:
        """Take in the ancestors of ``rows``, ``counts`` of them for each."""
        needed = self._length + len(items)
        if needed > len(self._items):
            grown = np.empty(max(needed, 2 * len(self._items)), np.int32)
            grown[: self._length] = self._items[: self._length]
            self._items = grown
        self._items[self._length : needed] = items
        self._starts[rows] = self._length + np.cumsum(counts) - counts
        self._counts[rows] = counts
        self._length = needed

    def of(self, rows: Ints) -> tuple[Ints, Ints]:
        """How many ancestors each of ``rows`` has, and all of them one after the other."""
        counts = self._counts[rows]
        first = np.cumsum(counts) - counts
        places = np.arange(int(counts.sum()), dtype=np.int64) + np.repeat(self._starts[rows] - first, counts)
        return counts, self._items[places]


def spans(keys: Ints, rows: int) -> Ints:
    """Where the entries of each of ``rows`` begin in the sorted ``keys``; one item more than there are rows."""
    counts = np.bincount(keys, minlength=rows)
    return np.concatenate([[0], np.cumsum(counts)])
