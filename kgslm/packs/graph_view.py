"""The pack as a networkx graph that reads the mapped tables when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import networkx
import numpy as np

from kgslm.errors import PackError
from kgslm.packs.store import vector
from kgslm.packs.walk import Ints, Walker, allowed_predicates
from kgslm.records import IS_A

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack

Neighbours = dict[str, dict[str, "Attributes"]]
_REMEMBERED = 4096
"""So many neighbourhoods are kept, because networkx asks for the same one several times in a row."""


def graph_view(
    pack: KnowledgePack,
    predicates: Iterable[str] | None = None,
    roots: Iterable[str] | None = None,
    depth: int | None = None,
) -> networkx.MultiDiGraph:
    """A read-only networkx graph; making it copies no relation, and each neighbourhood is read when it is asked for.

    Nodes: ids of live concepts, with ``name``. Edges: subject to object, key = predicate, with ``source`` (the keys of
    the sources). predicates: the relations to show; None shows all. roots: show these concepts and narrower ones only,
    down to ``depth`` steps of is_a below them where that is given. ``.copy()`` of it is a plain graph in memory, which
    can be changed, and is faster where an algorithm visits most of the pack many times.

    Raises PackError where the pack does not know a predicate or root, or depth is given without roots.

    >>> import networkx
    >>> graph = graph_view(pack, ["is_a"])
    >>> networkx.shortest_path(graph.to_undirected(as_view=True), "T:3", "T:5")
    ['T:3', 'T:2', 'T:1', 'T:4', 'T:5']
    >>> sorted(networkx.descendants(graph, "T:5"))  # edges lead to broader concepts
    ['T:1', 'T:4']
    >>> part = graph_view(pack, roots=["T:4", "T:20"], depth=1)
    >>> list(part), [edge[:2] for edge in part.edges if edge[2] == "TREATS"]
    (['T:20', 'T:21', 'T:22', 'T:23', 'T:4', 'T:5'], [('T:21', 'T:5')])
    """
    if depth is not None and roots is None:
        raise PackError(f"{pack.path}: depth counts from the roots; give roots, or leave depth out")
    shown = vector(pack.tables.table("concepts"), "obsolete") == 0
    if roots is not None:
        shown &= _below(pack, roots, depth)
    nodes = _Nodes(pack, shown)
    allowed = allowed_predicates(pack, predicates)
    graph = networkx.MultiDiGraph(name=pack.name)
    graph._node = nodes
    graph._adj = _Neighbourhoods(nodes, allowed, incoming=False)
    graph._pred = _Neighbourhoods(nodes, allowed, incoming=True)
    return networkx.freeze(graph)


def _below(pack: KnowledgePack, roots: Iterable[str], depth: int | None) -> Ints:
    """Which rows are roots or at most ``depth`` steps below one; None is any number of steps."""
    walker = Walker(pack, [IS_A], directed=True)
    layer = np.array(sorted({pack.row(root) for root in roots}), np.int64)
    below = np.zeros(len(pack.ids), bool)
    steps = 0
    while len(layer):
        below[layer] = True
        if steps == depth:
            break
        steps += 1
        found = np.zeros(len(below), bool)
        found[walker.back(layer).target] = True
        layer = np.flatnonzero(found & ~below)
    return below


class Attributes(dict[str, str]):
    """Attributes of a node or edge of a graph view: a dict that cannot be changed; copies of it can."""

    def __reduce__(self) -> tuple[Callable[..., dict[str, str]], tuple[dict[str, str]]]:
        return dict, (dict(self),)

    def _fixed(self, *_: Any, **__: Any) -> NoReturn:
        raise networkx.NetworkXError("a view of a pack cannot be changed; take .copy() of the graph")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _fixed


class _Nodes(Mapping[str, Attributes]):
    """Ids of the shown concepts, in order of their rows, with their attributes. shown: one bool for each row."""

    def __init__(self, pack: KnowledgePack, shown: Ints) -> None:
        self.pack = pack
        self.shown = shown
        self._length = int(shown.sum())

    def row(self, id_: object) -> int:
        """The row of a shown concept with exactly this id. Raises KeyError where there is none."""
        if isinstance(id_, str):
            for row in self.pack.tables.by_id.candidates(id_):
                if self.shown[row] and self.pack.ids[row] == id_:
                    return row
        raise KeyError(id_)

    def __getitem__(self, id_: str) -> Attributes:
        return Attributes(name=self.pack.tables.name[self.row(id_)])

    def __iter__(self) -> Iterator[str]:
        ids = self.pack.ids
        return (ids[row] for row in np.flatnonzero(self.shown).tolist())

    def __len__(self) -> int:
        return self._length


class _Neighbourhoods(Mapping[str, Neighbours]):
    """For each node its successors, or its predecessors, each with the attributes of the edges by predicate."""

    def __init__(self, nodes: _Nodes, allowed: Ints | None, *, incoming: bool) -> None:
        self._nodes = nodes
        self._allowed = allowed
        self._incoming = incoming
        self._edges: dict[int, Attributes] = {}
        self._recent: dict[str, Neighbours] = {}

    def __getitem__(self, id_: str) -> Neighbours:
        found = self._recent.get(id_)
        if found is None:
            found = self._read(self._nodes.row(id_))
            if len(self._recent) >= _REMEMBERED:
                self._recent.clear()
            self._recent[id_] = found
        return found

    def __contains__(self, id_: object) -> bool:
        return id_ in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def _read(self, row: int) -> Neighbours:
        pack, shown, allowed = self._nodes.pack, self._nodes.shown, self._allowed
        tables = pack.tables
        if self._incoming:
            relations: Iterable[int] = tables.incoming[tables.object_spans[row] : tables.object_spans[row + 1]]
            ends = tables.subjects
        else:
            relations, ends = range(tables.subject_spans[row], tables.subject_spans[row + 1]), tables.objects
        found: Neighbours = {}
        for relation in relations:
            other, predicate = ends[relation], tables.predicates[relation]
            if shown[other] and (allowed is None or allowed[predicate]):
                edges = found.setdefault(pack.ids[other], {})
                edges[tables.predicate_ids[predicate]] = self._attributes(tables.relation_sources[relation])
        return found

    def _attributes(self, source: int) -> Attributes:
        if source not in self._edges:
            self._edges[source] = Attributes(source=", ".join(self._nodes.pack.tables.source_keys[source]))
        return self._edges[source]
