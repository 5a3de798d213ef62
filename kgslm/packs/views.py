"""The pack as a networkx graph and as RDF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kgslm.errors import PackError
from kgslm.records import IS_A

if TYPE_CHECKING:
    import networkx
    import rdflib

    from kgslm.packs.pack import KnowledgePack

NAMESPACE = "urn:kgslm:"
_ABSOLUTE = re.compile(r"(https?|urn):\S+")


def to_networkx(pack: KnowledgePack) -> networkx.MultiDiGraph:
    """Nodes: ids of live concepts, with ``name``. Edges: subject to object, key = predicate, with ``source``."""
    import networkx

    graph = networkx.MultiDiGraph(name=pack.name)
    tables = pack.tables
    graph.add_nodes_from(
        (id_, {"name": tables.name[row]}) for row, id_ in enumerate(pack.ids) if not tables.obsolete[row]
    )
    graph.add_edges_from(
        (edge.subject, edge.object, edge.predicate, {"source": ", ".join(edge.sources)}) for edge in pack.relations()
    )
    return graph


def to_rdflib(pack: KnowledgePack) -> rdflib.Graph:
    """The live part of the pack in SKOS terms, for SPARQL.

    Names are skos:prefLabel and skos:altLabel, definitions skos:definition, is_a is rdfs:subClassOf. Concepts are
    the IRIs of the pack's prefixes, others ``urn:kgslm:ID``; predicates without a prefix are ``kg:PREDICATE``.
    """
    import rdflib
    from rdflib.namespace import RDFS, SKOS

    graph = rdflib.Graph()
    iris = _Iris(pack.manifest["prefixes"])
    preferred: dict[bool, rdflib.URIRef] = {True: SKOS.prefLabel, False: SKOS.altLabel}
    for id_, name, kind in pack.names():
        graph.add((iris(id_), preferred[kind == "preferred"], rdflib.Literal(name)))
    for row, id_ in enumerate(pack.ids):
        for definition in () if pack.tables.obsolete[row] else pack.tables.definitions[row]:
            graph.add((iris(id_), SKOS.definition, rdflib.Literal(definition)))
    for edge in pack.relations():
        predicate = RDFS.subClassOf if edge.predicate == IS_A else iris(edge.predicate)
        graph.add((iris(edge.subject), predicate, iris(edge.object)))
    graph.bind("kg", NAMESPACE)
    for prefix, namespace in iris.used.items():
        graph.bind(prefix, namespace, override=True, replace=True)
    return graph


def run_sparql(graph: rdflib.Graph, query: str) -> Any:
    """Run a query. Raises PackError where it is not valid SPARQL."""
    try:
        return graph.query(query)
    except Exception as error:  # pyparsing and rdflib raise many kinds, some of them bare Exception
        raise PackError(f"SPARQL: {' '.join(str(error).split())}") from error


class _Iris:
    """Compact ids to IRIs; ``used`` are the prefixes that occurred."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        self._prefixes = prefixes
        self.used: dict[str, str] = {}

    def __call__(self, id_: str) -> rdflib.URIRef:
        import rdflib

        if _ABSOLUTE.fullmatch(id_):
            return rdflib.URIRef(id_)
        prefix, colon, local = id_.partition(":")
        if not colon:
            return rdflib.URIRef(NAMESPACE + quote(id_))
        namespace = self.used.setdefault(prefix, self._prefixes.get(prefix, f"{NAMESPACE}{quote(prefix)}:"))
        return rdflib.URIRef(namespace + quote(local, safe="/#?=&%~"))
