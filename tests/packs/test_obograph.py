"""The reader of OBO Graphs JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgslm.errors import PackError
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourcePredicate, SourcePrefix, SourceRelation
from kgslm.packs.readers import json_stream
from kgslm.packs.readers.obograph import ObographSource

OBO = "http://purl.obolibrary.org/obo/"
OIO = "http://www.geneontology.org/formats/oboInOwl#"

PAIN = {
    "id": OBO + "HP_1",
    "lbl": "Pain",
    "type": "CLASS",
    "meta": {
        "definition": {"val": "A feeling.", "xrefs": ["PMID:1"]},
        "comments": ["not read"],
        "subsets": [OBO + "hp#core"],
        "synonyms": [
            {"pred": "hasExactSynonym", "val": "Ache", "synonymType": OBO + "hp#layperson", "xrefs": []},
            {"pred": "hasBroadSynonym", "val": "Bodily hurt"},
            {"pred": "hasNarrowSynonym", "val": "Sting", "synonymType": "OMO:0003000"},
            {"pred": OIO + "hasRelatedSynonym", "val": "P", "synonymType": OBO + "OMO_0003000"},
        ],
        "xrefs": [{"val": "UMLS:C1"}, {"val": "http://example.org/t/7"}],
        "basicPropertyValues": [
            {"pred": OIO + "hasAlternativeId", "val": "HP:11"},
            {"pred": OIO + "hasOBONamespace", "val": "phenotypes"},
            {"pred": OBO + "IAO_0000118", "val": "Dolor"},
            {"pred": "http://purl.org/dc/terms/creator", "val": "someone"},
        ],
    },
}
OLD = {
    "id": OBO + "HP_3",
    "lbl": "Old",
    "type": "CLASS",
    "meta": {"deprecated": True, "basicPropertyValues": [{"pred": OBO + "IAO_0100001", "val": OBO + "HP_1"}]},
}
GRAPH: dict[str, Any] = {
    "graphs": [
        {
            "id": OBO + "hp.owl",
            "meta": {"version": "1"},
            "nodes": [
                PAIN,
                OLD,
                {"id": OBO + "BFO_0000050", "lbl": "part of", "type": "PROPERTY", "propertyType": "OBJECT"},
                {"id": OBO + "OMO_0003000", "lbl": "abbreviation", "type": "PROPERTY"},
                {"id": "http://example.org/t/one", "type": "INDIVIDUAL"},
                {"id": OBO + "HP_9"},
                {"id": "http://www.w3.org/2002/07/owl#Thing", "type": "CLASS"},
            ],
            "edges": [
                {"sub": OBO + "HP_1", "pred": "is_a", "obj": OBO + "HP_0", "meta": {"xrefs": [{"val": "PMID:2"}]}},
                {
                    "sub": OBO + "HP_1",
                    "pred": OBO + "BFO_0000050",
                    "obj": OBO + "HP_2",
                    "meta": {
                        "basicPropertyValues": [{"pred": OIO + "source", "val": "A:1"}, {"pred": "x", "val": "y"}]
                    },
                },
                {"sub": "http://example.org/t/one", "pred": "type", "obj": OBO + "HP_1"},
                {"sub": OBO + "BFO_1", "pred": "subPropertyOf", "obj": OBO + "BFO_2"},
            ],
            "equivalentNodesSets": [
                {"representativeNodeId": OBO + "HP_1", "nodeIds": [OBO + "MP_1", OBO + "HP_1"]},
                {"nodeIds": [OBO + "MP_3", OBO + "HP_3", OBO + "MP_4"]},
            ],
            "logicalDefinitionAxioms": [
                {
                    "definedClassId": OBO + "HP_1",
                    "genusIds": [OBO + "HP_5"],
                    "restrictions": [{"propertyId": OBO + "BFO_0000050", "fillerId": OBO + "HP_6"}, None],
                }
            ],
            "domainRangeAxioms": [{"predicateId": OBO + "X_1"}],
            "propertyChainAxioms": [],
        }
    ]
}


def read(folder: Path, data: Any) -> list[Item]:
    path = folder / "hp.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1), encoding="utf-8")
    source = ObographSource(path=path, prefixes={"ex": "http://example.org/t/"})
    with source.files() as files:
        return list(source.read(files))


def test_all_parts_of_a_graph(tmp_path: Path) -> None:
    items = read(tmp_path, GRAPH)
    file = str(tmp_path / "hp.json")
    concepts = [item for item in items if isinstance(item, SourceConcept)]
    # Pain waits for the name of its synonym type, which comes later in the file.
    assert [concept._replace(line=0) for concept in concepts] == [
        SourceConcept("HP:3", "Old", obsolete=True, replaced_by=("HP:1",), file=file),
        SourceConcept("ex:one", file=file),
        SourceConcept(
            "HP:1",
            "Pain",
            (
                SourceName("Ache", "exact", "layperson"),
                SourceName("Bodily hurt", "broad"),
                SourceName("Sting", "narrow", "abbreviation"),
                SourceName("P", "related", "abbreviation"),
                SourceName("Dolor", "exact"),
            ),
            "A feeling.",
            ("core", "phenotypes"),
            xrefs=("UMLS:C1", "ex:7"),
            alt_ids=("HP:11",),
            file=file,
        ),
    ]
    assert [item[:4] for item in items if isinstance(item, SourceRelation)] == [
        ("HP:1", "is_a", "HP:0", "PMID:2"),
        ("HP:1", "BFO:0000050", "HP:2", "A:1"),
        ("ex:one", "instance_of", "HP:1", ""),
        ("HP:1", "equivalent_to", "MP:1", ""),
        ("HP:3", "equivalent_to", "MP:3", ""),
        ("HP:3", "equivalent_to", "MP:4", ""),
        ("HP:1", "is_a", "HP:5", ""),
        ("HP:1", "BFO:0000050", "HP:6", ""),
    ]
    assert [item for item in items if isinstance(item, SourcePredicate)] == [
        SourcePredicate("BFO:0000050", "part of"),
        SourcePredicate("OMO:0003000", "abbreviation"),
    ]
    assert SourcePrefix("HP", OBO + "HP_") in items
    assert SourcePrefix("ex", "http://example.org/t/") in items
    assert [item.message for item in items if isinstance(item, Finding)] == ["'HP:9' has neither label nor type"]


def test_the_line_of_each_node_and_edge_is_known(tmp_path: Path) -> None:
    text = """{ "graphs" : [ {
      "nodes": [
        {"id": "X:1", "lbl": "One"},

        {"id": "X:2",
         "lbl": "Two"} ],
      "edges": [ {"sub": "X:2", "pred": "is_a", "obj": "X:1"}]
    } ] }
    """
    assert [item.line for item in read(tmp_path, text) if isinstance(item, SourceConcept | SourceRelation)] == [3, 5, 7]


def test_pieces_of_any_size_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(tmp_path, GRAPH)
    for size in (1, 2, 7, 100):
        monkeypatch.setattr(json_stream, "_PIECE", size)
        assert read(tmp_path, GRAPH) == whole


def test_one_graph_alone_is_read_too(tmp_path: Path) -> None:
    assert read(tmp_path, GRAPH["graphs"][0])[-4:] == read(tmp_path, GRAPH)[-4:]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "hp.json:1: an object with 'graphs' was expected; this is no OBO graph"),
        ("", "hp.json:1: an object with 'graphs' was expected; this is no OBO graph"),
        ("{}", "hp.json: no graph with nodes in it; this is no OBO graph"),
        ('{"graphs": 5}', "hp.json:1: not valid JSON: [ was expected, not '5'"),
        ('{"graphs": [5]}', "hp.json:1: not valid JSON: { was expected, not '5'"),
        ('{"graphs": [', "hp.json:1: not valid JSON: the document is cut short"),
        ('{"nodes": [{"id": "X:1"},\n{"id": ', "hp.json:2: not valid JSON: Expecting value"),
        ('{"nodes": [{"id": "X:1"}\n{}]}', "hp.json:2: not valid JSON: , or ] was expected, not '{'"),
        ('{"nodes": [] 5}', "hp.json:1: not valid JSON: , or } was expected, not '5'"),
        ('{"nodes": [], 5: 6}', "hp.json:1: not valid JSON: a key in double quotes was expected"),
        ('{"nodes": []}\n}', "hp.json:2: not valid JSON: more text after the end of the document"),
        ('{"nodes": [5]}', "hp.json:1: nodes must be an object with fields"),
        ('{"nodes": [{"lbl": "a"}]}', "hp.json:1: id is missing"),
        ('{"nodes": [{"id": ["a"]}]}', "hp.json:1: id must be a text"),
        ('{"nodes": [{"id": "a", "lbl": "b", "meta": {"synonyms": 5}}]}', "hp.json:1: synonyms must be a list"),
        ('{"nodes": [{"id": "a", "lbl": "\\ud800"}]}', "hp.json:1: lbl holds half of a surrogate pair"),
        ('{"nodes": [], "edges": [{"sub": "a", "pred": "is_a"}]}', "hp.json:1: obj is missing"),
        ('{"nodes": [' + "[" * 100_000, "hp.json:1: not valid JSON: nested too deeply"),
        ('{"nodes": [' + "1" * 5000 + "]}", "hp.json:1: not valid JSON: Exceeds the limit"),
    ],
)
def test_bad_graphs_are_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path}/{message}")


def test_a_value_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_PIECE", 1000)
    monkeypatch.setattr(json_stream, "_LONGEST", 10_000)
    with pytest.raises(PackError, match=r"hp.json:2: not valid JSON: Unterminated string"):
        read(tmp_path, '{"nodes": [\n"' + "x" * 1_000_000)
