"""The pack as a networkx graph and as RDF.

The RDF has the live concepts, in the terms of SKOS, RDFS, oboInOwl and ``kg:`` (``urn:kgslm:``):

==============================  ==============================================================================
``rdf:type``                    skos:Concept, for every concept
``kg:id``                       the id in the pack, such as "HP:0001250"
``skos:prefLabel``              the preferred name; ``rdfs:label`` says it again
``skos:altLabel``               every other name, whatever its kind
``oboInOwl:hasExactSynonym``    the same by kind; also ``hasBroadSynonym``, ``hasNarrowSynonym``, ``hasRelatedSynonym``
``skos:definition``             each definition
``kg:category``                 each category
``kg:tree``                     each tree number
``oboInOwl:hasDbXref``          each cross-reference
``oboInOwl:hasAlternativeId``   each id that was merged into the concept
``kg:source``                   the key of each source that describes the concept
``rdfs:subClassOf``             is_a
==============================  ==============================================================================

All of these but rdf:type and rdfs:subClassOf have plain literals. Every other relation has the IRI of its predicate,
``kg:PREDICATE`` where that has no prefix. The IRI of a concept is that of its prefix, else ``urn:kgslm:ID``. A query
may use the prefixes of the pack, ``kg:``, ``oboInOwl:`` and those that rdflib knows, undeclared:

>>> query = '''SELECT ?drug ?name WHERE { ?drug kg:TREATS T:31 ; skos:prefLabel ?name }'''
>>> for row in run_sparql(to_rdflib(pack), query):
...     print(row.drug, row.name)
urn:kgslm:T:21 aspirin
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kgslm.errors import PackError
from kgslm.packs.iris import NAMESPACE

if TYPE_CHECKING:
    import networkx
    import rdflib

    from kgslm.packs.oxigraph import Oxigraph
    from kgslm.packs.pack import KnowledgePack


def to_networkx(
    pack: KnowledgePack,
    predicates: Iterable[str] | None = None,
    roots: Iterable[str] | None = None,
    depth: int | None = None,
) -> networkx.MultiDiGraph:
    """A read-only networkx graph that copies nothing; see ``graph_view.graph_view``."""
    from kgslm.packs.graph_view import graph_view

    return graph_view(pack, predicates, roots, depth)


def to_rdflib(pack: KnowledgePack) -> rdflib.Graph:
    """The pack as a read-only rdflib graph that copies nothing. The vocabulary is that of this module."""
    import rdflib

    from kgslm.packs.facts import OIO
    from kgslm.packs.rdf_store import PackStore

    graph = rdflib.Graph(store=PackStore(pack))
    for prefix, namespace in {"oboInOwl": str(OIO), "kg": NAMESPACE, **dict(_namespaces(pack))}.items():
        graph.bind(prefix, namespace, override=True, replace=True)
    return graph


def to_oxigraph(graph: rdflib.Graph) -> Oxigraph:
    """What an rdflib graph says, for ``run_sparql``: worth its loading where queries range over much of the pack.

    Loading copies everything: a second and 200 MB for 200,000 triples. Raises PackError where an id makes no IRI.
    """
    from kgslm.packs.oxigraph import Oxigraph

    try:
        return Oxigraph(graph)
    except ValueError as error:
        raise PackError(f"Oxigraph: {error}; use the engine rdflib") from error


def run_sparql(graph: rdflib.Graph, query: str, oxigraph: Oxigraph | None = None) -> Any:
    """Run a query over the graph of ``to_rdflib``, or over a copy of it where that is given; returns rdflib's result.

    Raises PackError where the query is not valid SPARQL, or asks another server or graph.
    """
    from rdflib.plugins.sparql import prepareQuery

    try:
        prepared = prepareQuery(query, initNs=dict(graph.namespaces()))
        if _asks_others(prepared.algebra):
            raise PackError("SERVICE and FROM ask others; leave them out, the pack answers from its own tables alone")
        return graph.query(prepared) if oxigraph is None else oxigraph.query(query)
    except Exception as error:  # pyparsing and rdflib raise many kinds, some of them bare Exception
        raise PackError(f"SPARQL: {' '.join(str(error).split())}") from error


def _asks_others(algebra: Any) -> bool:
    from rdflib.plugins.sparql.algebra import traverse

    found: list[str] = []
    traverse(algebra, visitPre=lambda part: found.append(getattr(part, "name", "")))
    return "ServiceGraphPattern" in found or bool(algebra.datasetClause)


def _namespaces(pack: KnowledgePack) -> Iterator[tuple[str, str]]:
    """Each prefix of the pack's ids and predicates with its namespace."""
    from kgslm.packs.iris import Iris

    iris = Iris(pack.manifest["prefixes"])
    row = 0
    while row < len(pack.ids):
        id_ = pack.ids[row]
        iris(id_)
        prefix, colon, _ = id_.partition(":")
        # Ids are sorted: those of one prefix follow each other, and the sign after a colon is a semicolon.
        row = bisect_left(pack.ids, f"{prefix};", row + 1) if colon else row + 1
    for predicate in pack.tables.predicate_ids:
        iris(predicate)
    yield from iris.used.items()
