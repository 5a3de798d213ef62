"""The is_a hierarchy: what tree numbers imply, and which edges would close a cycle."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgslm.packs.collect import Collector
from kgslm.packs.items import Finding, SourceRelation
from kgslm.records import IS_A

_SHALLOW = 64


def add_tree_relations(collector: Collector) -> dict[str, str]:
    """Turn tree numbers such as ``C14.280`` into is_a relations; returns the concept id of each number.

    The broader concept is the one at the longest existing prefix, cut at dots. A number that two concepts claim
    stays with the first of them; the second claim is noted.
    """
    numbers = [
        (id_, number, source)
        for id_, draft in collector.drafts.items()
        if draft.tree and not draft.obsolete
        for number, source in draft.tree.items()
    ]
    owners: dict[str, str] = {}
    for id_, number, source in numbers:
        first = owners.setdefault(number, id_)
        if first != id_:
            section = collector.section_of(source)
            message = f"{id_}: the tree number {number} belongs to {first} already"
            section.report.note(Finding("tree number of another concept", message, "note", section.origin.key))
    for id_, number, source in numbers:
        broader = _broader(number, owners)
        if broader is not None:
            collector.relation(collector.section_of(source), SourceRelation(id_, IS_A, broader), source)
    return owners


def _broader(number: str, owners: dict[str, str]) -> str | None:
    while "." in number:
        number = number.rpartition(".")[0]
        if number in owners:
            return owners[number]
    return None


def closing_edges(children: np.ndarray[Any, Any], parents: np.ndarray[Any, Any], concepts: int) -> np.ndarray[Any, Any]:
    """Positions of the edges without which no concept is its own ancestor.

    children, parents: int arrays of equal length, rows below ``concepts``; children ascending. A depth-first walk
    upwards from each row in turn; an edge back to a concept on the current path is a closing one.
    """
    if _is_acyclic(children, parents, concepts):
        return np.empty(0, np.int64)
    starts = np.searchsorted(children, np.arange(concepts + 1)).tolist()
    targets = parents.tolist()
    new, open_, done = 0, 1, 2
    state = bytearray(concepts)
    closing = []
    for root in range(concepts):
        if state[root] != new or starts[root] == starts[root + 1]:
            continue
        state[root] = open_
        path = [(root, starts[root])]
        while path:
            node, edge = path.pop()
            if edge == starts[node + 1]:
                state[node] = done
                continue
            path.append((node, edge + 1))
            target = targets[edge]
            if state[target] == open_:
                closing.append(edge)
            elif state[target] == new:
                state[target] = open_
                path.append((target, starts[target]))
    return np.array(closing, np.int64)


def _is_acyclic(children: np.ndarray[Any, Any], parents: np.ndarray[Any, Any], concepts: int) -> bool:
    """Whether taking away what has no children left, layer by layer, takes away everything (Kahn 1962).

    A few steps of NumPy, as hierarchies are shallow; a deep one is left to the walk.
    """
    waiting = np.bincount(parents, minlength=concepts)
    for _ in range(_SHALLOW):
        bare = waiting[children] == 0
        if not bare.any():
            break
        waiting -= np.bincount(parents[bare], minlength=concepts)
        children, parents = children[~bare], parents[~bare]
    return not len(children)
