"""networkx graphs as sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from kgslm.config import parse_config
from kgslm.packs.items import Item
from kgslm.packs.readers.graph_items import GraphItems, GraphSource
from kgslm.packs.readers.memory import MemorySource


class NetworkxSource(MemorySource, GraphSource):
    """A networkx graph of any class; see ``GraphSource`` for the attributes that are read.

    Nodes are texts or whole numbers, which become ids. The key of an edge in a multigraph is its predicate where it is
    a text and no attribute says it. An edge of an undirected graph is one relation, from the end whose id comes first.
    """

    kind: Literal["networkx"] = "networkx"
    graph: Any = Field(repr=False, exclude=True)

    @field_validator("graph")
    @classmethod
    def _is_graph(cls, graph: Any) -> Any:
        if not all(hasattr(graph, name) for name in ("nodes", "edges", "is_directed", "is_multigraph")):
            raise ValueError(f"a networkx graph was expected, not a {type(graph).__name__}")
        return graph

    def items(self) -> Iterator[Item]:
        """Nodes as concepts, edges as relations. Raises PackError where an attribute holds no text."""
        graph, make = self.graph, GraphItems(self, self.title)
        yield from make.graph(graph.graph)
        for node, attributes in graph.nodes(data=True):
            yield make.node(node, attributes)
        directed = graph.is_directed()
        if graph.is_multigraph():
            edges = graph.edges(keys=True, data=True)
        else:
            edges = ((subject, object_, None, attributes) for subject, object_, attributes in graph.edges(data=True))
        for subject, object_, key, attributes in edges:
            # networkx gives the ends of an undirected edge in an order that depends on how the graph was made.
            ends = (subject, object_) if directed else tuple(sorted((subject, object_), key=str))
            yield make.edge(ends, attributes, key, directed=directed)
        yield from make.unused()


def from_networkx(
    graph: Any, *, predicate: str = "related_to", predicates: Mapping[str, str] = {}, id_prefix: str = ""
) -> Iterator[Item]:
    """The items of a networkx graph, for ``PackBuilder.add``; see ``NetworkxSource`` and ``GraphSource``.

    predicate: of edges that name none. predicates: other names for predicates.
    Raises ConfigError where it is no graph, PackError where an attribute holds no text.
    """
    data = {"graph": graph, "predicate": predicate, "predicates": dict(predicates), "id_prefix": id_prefix}
    return parse_config(data, NetworkxSource, where="from_networkx", base=Path()).items()
