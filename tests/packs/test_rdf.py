"""The RDF and SKOS readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import (
    Item,
    SourceConcept,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
    SourceRelations,
)
from kgslm.packs.readers.rdf import RdfSource, SkosSource
from kgslm.packs.readers.shortener import Shortener

PREFIXES = """
@prefix : <http://x.org/> .
@prefix x: <http://x.org/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def read(path: Path, text: str, source: type[RdfSource] = RdfSource, **options: Any) -> list[Item]:
    path.write_text(text, encoding="utf-8")
    config = source(path=path, **options)
    with config.files() as files:
        return [item for item in config.read(files) if not isinstance(item, SourcePrefix)]


def concepts(items: list[Item]) -> list[SourceConcept]:
    return [item for item in items if isinstance(item, SourceConcept)]


def edges(items: list[Item]) -> list[tuple[str, str, str]]:
    return [item[:3] for item in items if isinstance(item, SourceRelation)]


def test_an_ontology(tmp_path: Path) -> None:
    path = tmp_path / "o.ttl"
    text = (
        PREFIXES
        + """
        x: a owl:Ontology ; rdfs:label "The ontology" .
        x:treats a owl:ObjectProperty ; rdfs:label "is used against" .
        x:note a owl:AnnotationProperty .
        obo:HP_1 a owl:Class ; rdfs:label "Pain" ; obo:IAO_0000115 "It hurts." ; rdfs:comment "A remark." ;
            oio:hasExactSynonym "Ache" ; oio:hasBroadSynonym "Hurt" ; oio:hasNarrowSynonym "Sting" ;
            oio:hasRelatedSynonym "Woe" ; x:abbreviation "PN" ; oio:hasDbXref "UMLS:C1" ;
            oio:hasAlternativeId "HP:11" ; oio:hasOBONamespace "phenotypes" ; x:note obo:HP_2 ; rdfs:seeAlso obo:HP_2 .
        obo:HP_2 a owl:Class ; rdfs:label "Headache"@en, "Kopfschmerz"@de ; rdfs:subClassOf obo:HP_1,
            [ a owl:Restriction ; owl:onProperty x:locatedIn ; owl:someValuesFrom x:Head ],
            [ a owl:Restriction ; owl:onProperty x:locatedIn ; owl:someValuesFrom owl:Thing ],
            [ a owl:Class ; owl:unionOf ( x:Head x:Neck ) ] .
        obo:HP_3 a owl:Class ; rdfs:label "Old" ; owl:deprecated "true"^^xsd:boolean ; obo:IAO_0100001 obo:HP_1 .
        x:Head a owl:Class .
        x:asa a owl:NamedIndividual, x:Drug ; rdfs:label "aspirin" ; x:treats obo:HP_1 .
    """
    )
    items = read(path, text)
    file = str(path)
    assert concepts(items) == [
        SourceConcept(
            "HP:1",
            "Pain",
            (
                SourceName("Ache"),
                SourceName("Hurt", "broad"),
                SourceName("Sting", "narrow"),
                SourceName("Woe", "related"),
                SourceName("PN"),
            ),
            "It hurts.",
            ("phenotypes",),
            xrefs=("UMLS:C1",),
            alt_ids=("HP:11",),
            file=file,
        ),
        SourceConcept("HP:2", "Headache", file=file),
        SourceConcept("HP:3", "Old", obsolete=True, replaced_by=("HP:1",), file=file),
        SourceConcept("x:Head", "Head", file=file),
        SourceConcept("x:asa", "aspirin", file=file),
    ]
    assert edges(items) == [
        ("x:asa", "instance_of", "x:Drug"),
        ("HP:2", "is_a", "HP:1"),
        ("HP:2", "x:locatedIn", "x:Head"),
        ("x:asa", "x:treats", "HP:1"),
    ]
    assert [item for item in items if isinstance(item, SourcePredicate)] == [
        SourcePredicate("x:treats", "is used against"),
        SourcePredicate("x:note", "note"),
    ]


def test_a_thesaurus(tmp_path: Path) -> None:
    text = (
        PREFIXES
        + """
        x:scheme a skos:ConceptScheme ; rdfs:label "Scheme" ; skos:hasTopConcept x:1 .
        x:Topic rdfs:label "no concept" .
        x:1 a skos:Concept, x:Topic ; skos:prefLabel "Economy"@en, "Wirtschaft"@de ; skos:narrower x:2 ;
            skos:altLabel "Economic system"@en-GB, "Ökonomie"@de ; skos:hiddenLabel "Econommy"@en ;
            skos:notation "E1" ; skos:exactMatch <http://y.org/7> .
        x:2 a skos:Concept ; skos:prefLabel "Bank" ; skos:broader x:1 ; skos:related x:3 ; skos:inScheme x:scheme .
        x:3 a skos:Concept ; skos:prefLabel "Kredit"@de .
    """
    )
    items = read(tmp_path / "t.ttl", text, SkosSource)
    economy, bank, credit = concepts(items)
    assert economy[:5] == (
        "x:1",
        "Economy",
        (SourceName("Economic system"), SourceName("Econommy", "related")),
        "",
        ("Topic",),
    )
    assert economy.xrefs == ("E1", "http://y.org/7")
    assert (bank.name, credit.name) == ("Bank", "")
    assert edges(items) == [("x:1", "is_a", "x:2")[::-1], ("x:2", "is_a", "x:1"), ("x:2", "related", "x:3")]
    german = concepts(read(tmp_path / "t.ttl", text, SkosSource, language="de"))
    assert [concept.name for concept in german] == ["Wirtschaft", "Bank", "Kredit"]
    every = concepts(read(tmp_path / "t.ttl", text, SkosSource, language="*"))
    assert every[0].name == "Economy"
    assert SourceName("Wirtschaft") in every[0].names


def test_types_as_relation_category_or_nothing(tmp_path: Path) -> None:
    text = PREFIXES + 'x:usd a owl:NamedIndividual, x:Currency ; rdfs:label "US dollar" . x:Currency a owl:Class .'
    items = read(tmp_path / "o.ttl", text)
    assert edges(items) == [("x:usd", "instance_of", "x:Currency")]
    items = read(tmp_path / "o.ttl", text, types="category")
    assert (edges(items), concepts(items)[0].categories) == ([], ("Currency",))
    items = read(tmp_path / "o.ttl", text, types="ignore")
    assert (edges(items), concepts(items)[0].categories) == ([], ())


RDF_XML = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY x "http://x.org/">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
    xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:x="&x;">
  <owl:Class rdf:about="&x;LegalRole"><rdfs:subClassOf rdf:resource="http://x.org/Role"/></owl:Class>
  <owl:Class rdf:about="http://x.org/Role"><rdfs:label xml:lang="en">role</rdfs:label></owl:Class>
</rdf:RDF>
"""


@pytest.mark.parametrize("name", ["o.owl", "o.rdf", "o.xml"])
def test_rdf_xml_with_entities_and_names_from_iris(tmp_path: Path, name: str) -> None:
    items = read(tmp_path / name, RDF_XML)
    assert [(concept.id, concept.name) for concept in concepts(items)] == [
        ("x:LegalRole", "Legal Role"),
        ("x:Role", "role"),
    ]
    assert edges(items) == [("x:LegalRole", "is_a", "x:Role")]


def test_n_triples_and_turtle_behind_an_owl_ending(tmp_path: Path) -> None:
    text = '<http://x.org/1> <http://www.w3.org/2000/01/rdf-schema#label> "One" .\n'
    for name in ("o.nt", "o.owl"):
        assert [(concept.id, concept.name) for concept in concepts(read(tmp_path / name, text))] == [
            ("http://x.org/1", "One")
        ]


def test_files_of_a_folder_make_one_ontology(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    # Blank nodes of the same name in two files are two nodes; a label may be in another file than the class.
    for name, target in (("a", "A"), ("b", "B")):
        text = f"""x:{target} a owl:Class . x:{name} a owl:Class ; rdfs:subClassOf _:r .
            _:r owl:onProperty x:p ; owl:someValuesFrom x:{target} ."""
        (tmp_path / "in" / f"{name}.ttl").write_text(PREFIXES + text)
    (tmp_path / "in" / "labels.ttl").write_text(PREFIXES + 'x:A rdfs:label "Alpha" .')
    report = build_pack(None, tmp_path / "pack", [f"rdf={tmp_path / 'in'}"])
    pack = KnowledgePack.open(tmp_path / "pack")
    assert [(edge.subject, edge.object) for edge in pack.relations()] == [("x:a", "x:A"), ("x:b", "x:B")]
    assert pack.concept("x:A").name == "Alpha"
    assert pack.manifest["prefixes"] == {"x": "http://x.org/"}
    assert report.sources[0].key == "in"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("o.ttl", "x:a a x:b .\n", "o.ttl:1: not valid RDF (Turtle): "),
        ("o.ttl", "<http://a> <http://b> <http://c> .\nfoo bar\n", "o.ttl:2: not valid RDF (Turtle): "),
        ("o.rdf", '<?xml version="1.0"?><a><b></a>', "o.rdf: not valid RDF (RDF/XML): "),
        (
            "o.owl",
            '<?xml version="1.0"?><Ontology xmlns="http://www.w3.org/2002/07/owl#"/>',
            "o.owl:1: this is OWL/XML; save it as RDF/XML or Turtle first",
        ),
        (
            "o.owl",
            '<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [<!ENTITY a "aaaa">\n<!ENTITY b "&a;&a;">]><rdf:RDF/>',
            "o.owl:3: the XML entity 'b' is long or nested; write its text out",
        ),
    ],
)
def test_broken_rdf_is_one_clear_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path / name, text)
    assert str(error.value).startswith(f"{tmp_path}/{message}")
    assert "\n" not in str(error.value)


def test_ids_are_shortened_by_the_longest_namespace() -> None:
    short = Shortener({"ex": "http://x.org/", "deep": "http://x.org/a/b#", "own": "http://purl.obolibrary.org/obo/HP_"})
    short.declare({"ex": "http://other.org/", "again": "http://x.org/", "go": "http://go.org/"})
    assert short("http://x.org/a/b#c") == "deep:c"
    assert short("http://x.org/a/c") == "ex:a/c"
    assert short("http://other.org/1") == "http://other.org/1"
    assert short("http://go.org/1") == "go:1"
    assert short("http://purl.obolibrary.org/obo/HP_0001") == "own:0001"
    assert short("http://purl.obolibrary.org/obo/MONDO_0001") == "MONDO:0001"
    assert short("http://x.org/") == "http://x.org/"
    assert short("HP:1") == "HP:1"


@pytest.mark.parametrize("first", ["http://x.org/a/1", "http://x.org/a/", "http://x.org/a-1"])
def test_short_ids_do_not_depend_on_those_before(first: str) -> None:
    short = Shortener(
        {"ex": "http://x.org/", "dash": "http://x.org/a-", "deep": "http://x.org/a/b_c#", "own": "urn:x:"}
    )
    short(first)
    assert short("http://x.org/a/") == "ex:a/"
    assert short("http://x.org/a/2") == "ex:a/2"
    assert short("http://x.org/a-2") == "dash:2"
    assert short("http://x.org/a/b_c#d") == "deep:d"
    assert short("http://x.org/a/b_c#") == "ex:a/b_c#"
    short.declare({"late": "http://x.org/a/"})
    assert short("http://x.org/a/2") == "late:2"


def test_a_build_reads_the_same_relations_many_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "o.ttl"
    pairs = "".join(f"x:{number} a owl:Class ; rdfs:subClassOf x:{number // 2} .\n" for number in range(1, 6000))
    path.write_text(PREFIXES + pairs, encoding="utf-8")
    config = RdfSource(path=path)
    with config.files() as files:
        one_by_one, many = list(config.read(files)), list(config.read_many(files))
    assert len(edges(one_by_one)) == 5999
    assert [item for item in many if isinstance(item, SourceRelation)] == []
    assert [ends for item in many if isinstance(item, SourceRelations) for ends in item.ends] == edges(one_by_one)


def test_what_the_language_excludes_is_counted(tmp_path: Path) -> None:
    text = (
        PREFIXES
        + """
:a a owl:Class ; rdfs:label "Fever"@en, "Fieber"@de ; skos:altLabel "Fièvre"@fr, "Temperature" ;
   skos:definition "Hohe Temperatur."@de .
:b a :Kind ; rdfs:label "Husten"@de .
:p a owl:ObjectProperty ; rdfs:label "hat"@de .
"""
    )
    (tmp_path / "t.ttl").write_text(text, encoding="utf-8")
    report = build_pack(None, tmp_path / "pack", [f"rdf={tmp_path / 't.ttl'}"])
    (source,) = report.sources
    assert (source.concepts.read, source.concepts.kept, source.concepts.filtered) == (2, 1, 1)
    assert (source.names.read, source.names.kept, source.names.filtered) == (4, 2, 2)
    assert source.reasons == {"no licence": 1, "other language": 3, "definition in other language": 1}
    assert sorted(source.examples["other language"]) == [
        f"{tmp_path}/t.ttl: x:a has 'Fieber' in de and 1 more",
        f"{tmp_path}/t.ttl: x:b has no label but 'Husten' in de",
    ]
