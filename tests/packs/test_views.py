"""The pack as RDF: every pattern is answered from the tables as a full copy would answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Literal, URIRef
from rdflib.namespace import RDF, RDFS, SKOS, XSD

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName, SourcePrefix, SourceRelation
from kgslm.packs.iris import Iris
from kgslm.packs.items import NAME_KINDS, Item
from kgslm.packs.views import run_sparql, to_oxigraph, to_rdflib

Triple = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]
Pattern: TypeAlias = Any  # a triple with None for anything; rdflib's own type for it is not exact
MakePack = Callable[[list[Item]], KnowledgePack]
OIO = "http://www.geneontology.org/formats/oboInOwl#"


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> MakePack:
    def build(items: list[Item]) -> KnowledgePack:
        folder: Path = tmp_path_factory.mktemp("rdf") / "pack"
        builder = PackBuilder("rdf")
        builder.add(Origin("rdf", on_missing="skip"), items)
        builder.write(folder)
        return KnowledgePack.open(folder)

    return build


def said(pack: KnowledgePack) -> Iterator[Triple]:
    """What the vocabulary of the module says of the records of a pack."""
    iris = Iris(pack.manifest["prefixes"])
    for concept in pack.concepts():
        subject = URIRef(iris(concept.id))
        yield subject, RDF.type, SKOS.Concept
        yield subject, URIRef("urn:kgslm:id"), Literal(concept.id)
        for name, kind in pack.names_of(concept.id):
            yield subject, SKOS.prefLabel if kind == "preferred" else SKOS.altLabel, Literal(name)
            by_kind = RDFS.label if kind == "preferred" else URIRef(f"{OIO}has{kind.title()}Synonym")
            yield subject, by_kind, Literal(name)
        lists = {
            str(SKOS.definition): pack.tables.definitions[pack.row(concept.id)],
            "urn:kgslm:category": concept.categories,
            "urn:kgslm:tree": concept.tree,
            OIO + "hasDbXref": concept.xrefs,
            OIO + "hasAlternativeId": concept.alt_ids,
            "urn:kgslm:source": concept.sources,
        }
        for predicate, values in lists.items():
            yield from ((subject, URIRef(predicate), Literal(value)) for value in values)
    for edge in pack.relations():
        predicate = RDFS.subClassOf if edge.predicate == "is_a" else URIRef(iris(edge.predicate))
        yield URIRef(iris(edge.subject)), predicate, URIRef(iris(edge.object))


def check(pack: KnowledgePack) -> None:
    """Every pattern that a triple of the pack fits, and some that none fits, is answered as by the set of triples."""
    graph, expected = to_rdflib(pack), set(said(pack))
    assert set(graph) == expected
    assert len(graph) == len(expected) == len(list(graph))
    subjects, predicates, objects = (sorted({triple[place] for triple in expected}, key=str) for place in range(3))
    others: list[Pattern] = [
        *product([None, URIRef("urn:no:x"), *subjects[:2]], predicates, [None, Literal("no"), *objects[:2]]),
        (None, URIRef("urn:no:p"), None),
        (Literal("no"), None, None),
    ]
    for triple in sorted(expected, key=str)[::7]:
        masks = product((False, True), repeat=3)
        others += [tuple(x if keep else None for x, keep in zip(triple, mask, strict=True)) for mask in masks]
    for subject, predicate, object_ in others:
        found = list(graph.triples((subject, predicate, object_)))
        assert len(found) == len(set(found))
        assert set(found) == {
            triple
            for triple in expected
            if subject in (None, triple[0]) and predicate in (None, triple[1]) and object_ in (None, triple[2])
        }


def test_the_toy_pack_says_what_the_vocabulary_lists(toy_pack: KnowledgePack) -> None:
    check(toy_pack)
    graph = to_rdflib(toy_pack)
    concept = URIRef("urn:kgslm:T:5")
    assert {(str(predicate), str(value)) for predicate, value in graph.predicate_objects(concept)} == {
        (str(RDF.type), str(SKOS.Concept)),
        ("urn:kgslm:id", "T:5"),
        (str(SKOS.prefLabel), "myocardial infarction"),
        (str(RDFS.label), "myocardial infarction"),
        (str(SKOS.altLabel), "heart attack"),
        (str(SKOS.altLabel), "MI"),
        (OIO + "hasExactSynonym", "heart attack"),
        (OIO + "hasExactSynonym", "MI"),
        (str(SKOS.definition), "Death of heart muscle for want of blood."),
        ("urn:kgslm:category", "disease"),
        ("urn:kgslm:tree", "C01.300.500"),
        (OIO + "hasDbXref", "UMLS:C0027051"),
        (OIO + "hasAlternativeId", "T:500"),
        ("urn:kgslm:source", "toy"),
        (str(RDFS.subClassOf), "urn:kgslm:T:4"),
    }
    assert set(graph.subjects(URIRef("urn:kgslm:TREATS"), concept)) == {URIRef("urn:kgslm:T:21")}
    assert (URIRef("urn:kgslm:T:8"), None, None) not in graph  # obsolete


def test_ids_of_every_form_have_iris_that_lead_back(make: MakePack) -> None:
    ids = [
        "HP:1",
        "HP:a b",
        "HP:a%20b",
        "x y",
        "é",
        "Q:ü",
        "http://example.org/a?b=c#d",
        "urn:x:1",
        "http://a/{b}",
        "a:b:c",
    ]
    items: list[Item] = [SourceConcept(id_, f"name of {id_}") for id_ in ids]
    items += [SourceRelation(id_, "http://example.org/next", ids[0]) for id_ in ids[1:]]
    items += [SourceRelation(id_, "HP:part of", ids[1]) for id_ in ids[:1]]
    items.append(SourcePrefix("HP", "http://purl.obolibrary.org/obo/HP_"))
    pack = make(items)
    graph = to_rdflib(pack)
    hp = "http://purl.obolibrary.org/obo/HP_"
    assert set(graph.objects(URIRef(hp + "1"), URIRef(hp + "part%20of"))) == {URIRef(hp + "a%20b")}
    for subject in set(graph.subjects()):
        [name] = graph.objects(subject, SKOS.prefLabel)
        [id_] = graph.objects(subject, URIRef("urn:kgslm:id"))
        if str(id_) not in ("HP:a b", "HP:a%20b"):  # these two share an IRI
            assert str(name) == f"name of {id_}"
    assert len(set(graph.objects(None, SKOS.prefLabel))) == len(ids)


TEXTS = st.sampled_from(["x", "y", "two words", "É", "no"])
NAMES = st.tuples(TEXTS, st.sampled_from(NAME_KINDS[1:])).map(lambda name: SourceName(*name))
LISTS = st.lists(TEXTS, max_size=2, unique=True).map(tuple)


def concepts(number: int) -> st.SearchStrategy[SourceConcept]:
    fields: dict[str, st.SearchStrategy[Any]] = {
        "name": TEXTS,
        "names": st.lists(NAMES, max_size=2).map(tuple),
        "definition": TEXTS | st.just(""),
        "categories": LISTS,
        "tree": LISTS.map(lambda texts: tuple(f"{number}.{text}" for text in texts)),
        "xrefs": LISTS,
        "alt_ids": LISTS.map(lambda texts: tuple(f"A{number}:{text}" for text in texts)),
    }
    return st.fixed_dictionaries(fields).map(
        lambda given_: SourceConcept(f"N:{number}", obsolete=number == 5, **given_)
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    described=st.tuples(*(concepts(number) for number in range(6))),
    edges=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["is_a", "p", "category", "skos:related"]), st.integers(0, 5)),
        max_size=20,
    ),
)
def test_patterns_are_answered_as_by_a_full_copy(
    make: MakePack, described: tuple[SourceConcept, ...], edges: list[tuple[int, str, int]]
) -> None:
    check(make([*described, *(SourceRelation(f"N:{head}", predicate, f"N:{tail}") for head, predicate, tail in edges)]))


QUERIES = [
    "SELECT ?drug ?name WHERE { ?drug kg:TREATS T:31 ; skos:prefLabel ?name ; rdfs:subClassOf T:20 }",
    'SELECT ?c WHERE { ?c skos:altLabel "pyrexia" ; skos:definition "High body temperature." }',
    "SELECT ?above WHERE { T:5 rdfs:subClassOf+ ?above }",
    'SELECT ?id WHERE { ?c oboInOwl:hasDbXref "UMLS:C0027051" ; kg:id ?id }',
    'SELECT ?id WHERE { ?c oboInOwl:hasAlternativeId "T:500" ; kg:id ?id }',
    "SELECT ?category (COUNT(*) AS ?count) WHERE { ?c kg:category ?category } GROUP BY ?category",
    "SELECT ?c WHERE { ?c a skos:Concept MINUS { ?c rdfs:subClassOf ?any } } ORDER BY ?c",
    'SELECT ?n WHERE { ?c rdfs:label ?n FILTER(STRSTARTS(?n, "p")) OPTIONAL { ?c oboInOwl:hasBroadSynonym ?b } }',
    'SELECT ?p ?o WHERE { ?c kg:tree "C01.300" ; ?p ?o }',
    "ASK { T:21 kg:TREATS T:6 }",
    "CONSTRUCT { ?b kg:CAUSES ?a } WHERE { ?a kg:HAS_SYMPTOM ?b }",
]


@pytest.mark.parametrize("query", QUERIES)
def test_queries_are_answered_as_over_a_full_copy(toy_pack: KnowledgePack, query: str) -> None:
    graph = to_rdflib(toy_pack)
    copy = rdflib.Graph()
    for triple in said(toy_pack):
        copy.add(triple)
    expected = copy.query(query, initNs=dict(graph.namespaces()))
    for answer in (run_sparql(graph, query), run_sparql(graph, query, to_oxigraph(graph))):
        assert answer.type == expected.type
        assert answer.vars == expected.vars
        assert sorted(map(str, answer)) == sorted(map(str, expected))
        assert bool(answer) or query.startswith("ASK")


def test_literals_match_by_text_without_language(toy_pack: KnowledgePack) -> None:
    graph = to_rdflib(toy_pack)
    assert set(graph.subjects(SKOS.prefLabel, Literal("fever"))) == {URIRef("urn:kgslm:T:31")}
    for other in (Literal("Fever"), Literal("fever", lang="en"), Literal("fever", datatype=XSD.token), Literal(5)):
        assert not list(graph.subjects(None, other))
    assert not list(graph.predicate_objects(Literal("fever")))


def test_the_graph_cannot_be_changed(toy_pack: KnowledgePack) -> None:
    graph = to_rdflib(toy_pack)
    triple = (URIRef("urn:a"), RDFS.label, Literal("a"))
    for change in (graph.add, graph.remove):
        with pytest.raises(PackError, match="a pack cannot be changed by way of its graph"):
            change(triple)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT WHERE", "SPARQL: "),
        ("SELECT * WHERE { ?s none:p ?o }", "SPARQL: .*none"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "leave them out"),
        ("SELECT * WHERE { ?s ?p ?o FILTER EXISTS { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }", "leave them out"),
        ("SELECT * FROM <http://127.0.0.1:9/> WHERE { ?s ?p ?o }", "leave them out"),
        ("DELETE WHERE { ?s ?p ?o }", "SPARQL: "),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(toy_pack: KnowledgePack, query: str, told: str) -> None:
    graph = to_rdflib(toy_pack)
    for engine in (None, to_oxigraph(graph)):
        with pytest.raises(PackError, match=rf"^[^\n]*{told}[^\n]*$"):
            run_sparql(graph, query, engine)


def test_an_empty_pack_says_nothing(make: MakePack) -> None:
    graph = to_rdflib(make([]))
    assert len(graph) == 0
    assert not list(graph)
    assert not list(graph.subjects(None, Literal("x")))


def test_prefixes_of_ids_are_bound(make: MakePack) -> None:
    items: list[Item] = [
        SourceConcept(id_, "x") for id_ in ("A:1", "A:2", "A;3", "B-c:1", "plain", "http://a/b", "Z:1")
    ]
    items.append(SourcePrefix("A", "http://example.org/a/"))
    prefixes = dict(to_rdflib(make([*items, SourceRelation("A:1", "ro:in", "Z:1")])).namespaces())
    assert {prefix: str(prefixes[prefix]) for prefix in ("A", "B-c", "Z", "ro", "kg")} == {
        "A": "http://example.org/a/",
        "B-c": "urn:kgslm:B-c:",
        "Z": "urn:kgslm:Z:",
        "ro": "urn:kgslm:ro:",
        "kg": "urn:kgslm:",
    }
