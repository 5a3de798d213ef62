"""GraphML, read as a stream of nodes and edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Finding, Item
from kgslm.packs.readers.graph_items import GraphItems, GraphSource
from kgslm.packs.readers.xml_events import XmlEvents


class GraphmlSource(GraphSource):
    """GraphML; see ``GraphSource`` for the attributes that are read, by the names that the file's keys give them.

    Ids of nodes become ids of concepts. id_is_predicate: take the id of an edge as its predicate where no attribute
    says it, as networkx writes the keys of multigraphs. Edges without direction are taken from source to target, but
    cannot be is_a. Hyperedges and ports are not read.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".graphml",)
    example: ClassVar[tuple[str, str]] = (
        "findings.graphml",
        """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="n" for="node" attr.name="name" attr.type="string"/>
<key id="s" for="node" attr.name="synonyms" attr.type="string"/>
<key id="d" for="node" attr.name="definition" attr.type="string"/>
<key id="p" for="edge" attr.name="predicate" attr.type="string"/>
<graph edgedefault="directed">
<node id="T:1"><data key="n">Fever</data><data key="s">["Pyrexia"]</data>
<data key="d">High body temperature.</data></node>
<node id="T:2"><data key="n">Cough</data></node>
<edge source="T:1" target="T:2"><data key="p">SEEN_WITH</data></edge>
</graph>
</graphml>
""",
    )

    kind: Literal["graphml"] = "graphml"
    id_is_predicate: bool = False

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream nodes and edges. Raises PackError where a file is no sound XML or an attribute holds no text."""
        for file in files:
            make = GraphItems(self, file.name)
            with file.text() as text:
                # Text and not bytes: what is not UTF-8 is told by line, as of any other file.
                source: Any = text
                events = _Graphml(self, file.name, make)
                for _ in events.parse(source):
                    yield from events.found
                    events.found.clear()
            if not events.is_graph:
                raise PackError(f"{file.name}: no GraphML, as it holds no <graph>; check the kind of the source")
            yield from make.unused()


class _Graphml(XmlEvents):
    """One file. found: the items since the last look."""

    def __init__(self, source: GraphmlSource, file: str, make: GraphItems) -> None:
        super().__init__(file)
        self.found: list[Item] = []
        self.is_graph = False
        self._source = source
        self._make = make
        self._names: dict[str, tuple[str, str]] = {}  # key to what it is for and the attribute's name
        self._defaults: dict[str, dict[str, str]] = {"graph": {}, "node": {}, "edge": {}, "all": {}}
        self._open: list[_Element] = []
        self._key = ""
        self._pieces: list[str] | None = None

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """A key is noted; a node, edge or graph begins; a value of one of them begins."""
        if name == "key":
            self._key = attributes.get("id", "")
            self._names[self._key] = (attributes.get("for", "all"), attributes.get("attr.name", self._key))
        elif name in ("graph", "node", "edge"):
            if name == "graph":
                self.is_graph = True
                self.done()
            self._open.append(_Element(name, attributes, self.line, self._directed(attributes)))
        elif name in ("data", "default"):
            if name == "data":
                self._key = attributes.get("key", "")
                if self._key not in self._names:
                    raise PackError(f"{self.here}: the key {self._key!r} is not declared; add <key id=...> for it")
            self._pieces = []
        elif name in ("hyperedge", "port"):
            finding = Finding(f"{name} not read", f"a {name} has no meaning here", "note", self.file, self.line)
            self.found.append(finding)

    def text(self, text: str) -> None:
        """A piece of a value."""
        if self._pieces is not None:
            self._pieces.append(text)

    def closed(self, name: str) -> None:
        """A value ends, or a node, edge or graph, of which all is known then."""
        if name in ("data", "default") and self._pieces is not None:
            value, self._pieces = "".join(self._pieces), None
            for_, attribute = self._names.get(self._key, ("all", ""))
            if name == "default":
                self._defaults.setdefault(for_, {})[attribute] = value
            elif self._open:
                self._open[-1].values[attribute] = value
        elif name in ("graph", "node", "edge") and self._open:
            self._told(self._open.pop())
            self.done()
        elif name == "key":
            self.done()

    def _directed(self, attributes: dict[str, str]) -> bool:
        """Of an edge: as it says itself, else as the graph around it says. Of a graph: by its default."""
        if "directed" in attributes:
            return attributes["directed"] in ("true", "1")
        if "edgedefault" in attributes:
            return attributes["edgedefault"] == "directed"
        return next((element.directed for element in reversed(self._open) if element.name == "graph"), True)

    def _told(self, element: _Element) -> None:
        values: dict[str, Any] = {**self._defaults["all"], **self._defaults[element.name], **element.values}
        given = element.attributes
        if element.name == "graph":
            self.found.extend(self._make.graph(values, element.line))
        elif element.name == "node":
            self.found.append(self._make.node(given.get("id", ""), values, element.line))
        else:
            ends = given.get("source", ""), given.get("target", "")
            key = given.get("id") if self._source.id_is_predicate else None
            self.found.append(self._make.edge(ends, values, key, element.line, directed=element.directed))


class _Element:
    """A graph, node or edge whose end has not come. values: by the names of the attributes."""

    def __init__(self, name: str, attributes: dict[str, str], line: int, directed: bool) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.directed = directed
        self.values: dict[str, str] = {}
