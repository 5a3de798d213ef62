"""An opened pack answers as its sources say."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName
from kgslm.recipes.packs import describe, look_up, view
from kgslm.records import Concept, Relation


def test_a_concept_has_everything_that_the_source_says(toy_pack: KnowledgePack) -> None:
    assert toy_pack.concept("T:5") == Concept(
        id="T:5",
        name="myocardial infarction",
        synonyms=("heart attack", "MI"),
        definition="Death of heart muscle for want of blood.",
        categories=("disease",),
        parents=("T:4",),
        tree=("C01.300.500",),
        xrefs=("UMLS:C0027051",),
        alt_ids=("T:500",),
        sources=("toy",),
    )


def test_length_counts_live_concepts(toy_pack: KnowledgePack) -> None:
    assert len(toy_pack) == 15
    assert [concept.id for concept in toy_pack.concepts()] == [id_ for id_ in toy_pack.ids if id_ != "T:8"]
    assert [concept.id for concept in toy_pack.concepts(obsolete=True)] == list(toy_pack.ids)
    assert list(toy_pack.ids) == sorted(toy_pack.ids)
    assert toy_pack.ids[-1] == "T:8"
    assert toy_pack.ids[1:3] == ["T:2", "T:20"]


@pytest.mark.parametrize("id_", ["T:500", "T:8"])
def test_alternative_and_obsolete_ids_lead_to_their_replacement(toy_pack: KnowledgePack, id_: str) -> None:
    assert id_ in toy_pack
    assert toy_pack.concept(id_).id == "T:5"
    assert toy_pack.ids[toy_pack.row(id_)] == "T:5"
    assert toy_pack.parents(id_) == ("T:4",)


def test_an_unknown_id_suggests_what_was_meant(toy_pack: KnowledgePack) -> None:
    assert "T:99" not in toy_pack
    with pytest.raises(PackError, match=r"unknown concept 'T:55'; did you mean T:5 \(myocardial infarction\)\?"):
        toy_pack.concept("T:55")
    with pytest.raises(PackError, match=r"unknown concept 'Fever'; did you mean T:31 \(fever\)\?"):
        toy_pack.concept("Fever")
    with pytest.raises(PackError, match=r"unknown concept 'quite other'; look it up with kgslm pack search$"):
        toy_pack.concept("quite other")


def test_names_come_with_their_kind(toy_pack: KnowledgePack) -> None:
    names = list(toy_pack.names())
    assert len(names) == 25
    assert [name for name in names if name[0] == "T:3"] == [
        ("T:3", "pneumonia", "preferred"),
        ("T:3", "lung infection", "broad"),
    ]
    assert not [name for name in names if name[0] == "T:8"]
    assert toy_pack.names_of("T:5") == (
        ("myocardial infarction", "preferred"),
        ("heart attack", "exact"),
        ("MI", "exact"),
    )


def test_find_ignores_case_and_spaces_and_obsolete_concepts(toy_pack: KnowledgePack) -> None:
    assert toy_pack.find("Heart  ATTACK") == ("T:5",)
    assert toy_pack.find("diabetes") == ("T:6",)
    assert toy_pack.find("cardiac infarct") == ()
    assert toy_pack.find("heart") == ()
    assert toy_pack.find("") == ()


def test_find_gives_concepts_that_prefer_the_name_first(tmp_path: Path) -> None:
    builder = PackBuilder("homonyms")
    concepts = [
        SourceConcept("A:1", "cold temperature", (SourceName("cold"),)),
        SourceConcept("A:2", "Cold"),
        SourceConcept("A:3", "common cold", (SourceName("COLD", "related"),)),
    ]
    builder.add(Origin("a"), concepts)
    builder.write(tmp_path / "pack")
    assert KnowledgePack.open(tmp_path / "pack").find("cold") == ("A:2", "A:1", "A:3")


def test_the_hierarchy_is_nearest_first(toy_pack: KnowledgePack) -> None:
    assert toy_pack.parents("T:5") == ("T:4",)
    assert toy_pack.ancestors("T:5") == ("T:4", "T:1")
    assert toy_pack.ancestors("T:1") == ()
    assert toy_pack.children("T:1") == ("T:2", "T:4", "T:6", "T:7")
    assert toy_pack.descendants("T:1") == ("T:2", "T:4", "T:6", "T:7", "T:3", "T:5")
    assert toy_pack.descendants("T:31") == ()


def test_is_a_edges_are_rows(toy_pack: KnowledgePack) -> None:
    children, parents = toy_pack.is_a_edges()
    assert children.dtype == parents.dtype == np.int32
    edges = {(toy_pack.ids[child], toy_pack.ids[parent]) for child, parent in zip(children, parents, strict=True)}
    assert edges == {(concept.id, parent) for concept in toy_pack.concepts() for parent in concept.parents}
    assert len(children) == 12


def test_neighbours_go_both_ways(toy_pack: KnowledgePack) -> None:
    assert toy_pack.neighbours("T:3") == (
        Relation("T:3", "is_a", "T:2", ("toy",)),
        Relation("T:3", "HAS_SYMPTOM", "T:31", ("toy",)),
        Relation("T:3", "HAS_SYMPTOM", "T:32", ("toy",)),
        Relation("T:23", "TREATS", "T:3", ("toy",)),
    )
    assert toy_pack.neighbours("T:3", "TREATS") == (Relation("T:23", "TREATS", "T:3", ("toy",)),)
    assert toy_pack.neighbours("T:3", "CAUSES") == ()


def test_relations_and_predicates(toy_pack: KnowledgePack) -> None:
    assert toy_pack.predicates() == {"HAS_SYMPTOM": 2, "TREATS": 4, "is_a": 12}
    assert len(list(toy_pack.relations())) == 18
    assert [(edge.subject, edge.object) for edge in toy_pack.relations("TREATS")] == [
        ("T:21", "T:31"),
        ("T:21", "T:5"),
        ("T:22", "T:6"),
        ("T:23", "T:3"),
    ]


def test_tree_numbers_and_categories(toy_pack: KnowledgePack) -> None:
    assert toy_pack.by_tree("C01.300") == "T:4"
    assert toy_pack.by_tree("C99") is None
    assert toy_pack.categories() == {"disease": 7, "drug": 4, "finding": 4}
    assert toy_pack.by_category("drug") == ("T:20", "T:21", "T:22", "T:23")
    assert toy_pack.by_category("none") == ()


def test_the_graph_view_has_live_concepts_and_all_relations(toy_pack: KnowledgePack) -> None:
    graph = toy_pack.graph()
    assert set(graph.nodes) == {concept.id for concept in toy_pack.concepts()}
    assert graph.nodes["T:31"] == {"name": "fever"}
    assert graph.edges["T:21", "T:31", "TREATS"] == {"source": "toy"}
    assert graph.number_of_edges() == 18


def test_sparql_sees_names_definitions_hierarchy_and_facts(toy_pack: KnowledgePack) -> None:
    query = """
        SELECT ?drug ?name WHERE {
            ?drug kg:TREATS T:31 ; skos:prefLabel ?name ; rdfs:subClassOf T:20 .
            T:31 skos:altLabel "pyrexia" ; skos:definition "High body temperature." .
        }"""
    assert [(str(drug), str(name)) for drug, name in toy_pack.sparql(query)] == [("urn:kgslm:T:21", "aspirin")]
    with pytest.raises(PackError, match=r"^SPARQL: [^\n]*$"):
        toy_pack.sparql("SELECT WHERE")


def test_a_pack_can_be_pickled(toy_pack: KnowledgePack) -> None:
    again = pickle.loads(pickle.dumps(toy_pack))
    assert again.fingerprint == toy_pack.fingerprint
    assert again.concept("T:5") == toy_pack.concept("T:5")


def test_derived_things_live_inside(toy_pack: KnowledgePack) -> None:
    assert toy_pack.derived("lexicon") == toy_pack.path / "derived" / "lexicon"


def test_opening_loads_neither_torch_nor_rdflib(toy_pack: KnowledgePack) -> None:
    code = (
        "import sys; from kgslm.packs import KnowledgePack; "
        "pack = KnowledgePack.open(sys.argv[1]); pack.concept('T:5'); pack.predicates(); "
        "print(sorted({'torch', 'rdflib', 'networkx', 'pandas', 'pyoxigraph', 'transformers'} & set(sys.modules)))"
    )
    out = subprocess.check_output([sys.executable, "-c", code, str(toy_pack.path)], text=True)
    assert out.strip() == "[]"


def test_look_up_takes_ids_and_names(toy_pack: KnowledgePack) -> None:
    assert look_up(toy_pack, "T:8") == "T:5"
    assert look_up(toy_pack, "Heart Attack") == "T:5"
    with pytest.raises(PackError, match=r"no concept 'infarct'; did you mean T:5 \(myocardial infarction\)\?"):
        look_up(toy_pack, "infarct")
    with pytest.raises(PackError, match=r"no concept 'pneumona'; did you mean T:3 \(pneumonia\)\?"):
        look_up(toy_pack, "pneumona")


def test_a_view_shows_the_surroundings(toy_pack: KnowledgePack) -> None:
    found = view(toy_pack, "T:3")
    assert found.names == {"preferred": ("pneumonia",), "broad": ("lung infection",)}
    assert found.ancestors == (("T:2", "infection"), ("T:1", "disease"))
    assert (found.children, found.descendants) == (0, 0)
    assert [(group.predicate, group.phrase, group.concepts) for group in found.related] == [
        ("HAS_SYMPTOM", "has the symptoms", (("T:31", "fever"), ("T:32", "cough"))),
        ("TREATS", "is treated by", (("T:23", "penicillin"),)),
    ]


def test_describe_lists_licences(toy_pack: KnowledgePack) -> None:
    facts = describe(toy_pack)
    assert facts["licences"] == {"CC0-1.0": ["toy"]}
    assert facts["counts"] == {"concepts": 15, "obsolete": 1, "names": 26, "relations": 18}
