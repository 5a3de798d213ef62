"""networkx graphs and GraphML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx
import pytest

from kgslm.config import parse_config
from kgslm.errors import ConfigError, PackError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourcePredicate, SourcePrefix, SourceRelation
from kgslm.packs.readers.graphml import GraphmlSource
from kgslm.packs.readers.memory import source_from_object
from kgslm.packs.readers.network import NetworkxSource, from_networkx


def no_notes(items: Any) -> list[Item]:
    return [item for item in items if not isinstance(item, Finding)]


def test_all_attributes_of_nodes_and_edges() -> None:
    graph = networkx.DiGraph(predicates={"TREATS": "is used for"}, prefixes={"A": "http://a.org/"})
    graph.add_node(
        "A:1",
        label="Fever",
        synonyms=["Pyrexia", ["FX", "exact", "abbreviation"], ("Heat", "broad")],
        narrow="High fever",
        related=["runs hot"],
        description="Heat, much of it.",
        further_definitions=["A sign."],
        category={"sign", "finding"},
        parents=["Sign"],
        tree="C1.2",
        xrefs=["UMLS:C1"],
        alt_ids='["A:9", "8"]',
        obsolete=True,
        replaced_by=["A:2"],
    )
    graph.add_node(2)
    graph.add_edge("A:1", 2, relation="TREATS", source="FDA")
    assert list(from_networkx(graph, id_prefix="A:")) == [
        SourcePredicate("TREATS", "is used for"),
        SourcePrefix("A", "http://a.org/"),
        SourceConcept(
            "A:1",
            "Fever",
            (
                SourceName("Pyrexia"),
                SourceName("FX", "exact", "abbreviation"),
                SourceName("Heat", "broad"),
                SourceName("High fever", "narrow"),
                SourceName("runs hot", "related"),
            ),
            "Heat, much of it.",
            ("finding", "sign"),
            ("Sign",),
            ("C1.2",),
            ("UMLS:C1",),
            ("A:9", "A:8"),
            True,
            ("A:2",),
            "networkx",
            further_definitions=("A sign.",),
        ),
        SourceConcept("A:2", file="networkx"),
        SourceRelation("A:1", "TREATS", "A:2", "FDA", "networkx"),
    ]


def test_predicates_are_keys_or_attributes_or_the_default() -> None:
    graph = networkx.MultiDiGraph()
    graph.add_edge("a", "b", key="TREATS")
    graph.add_edge("a", "b", key="e1", label="subclass_of")
    graph.add_edge("a", "b", weight=1)
    *items, note = from_networkx(graph, predicates={"subclass_of": "is_a"}, predicate="near")
    assert [item.predicate for item in items if isinstance(item, SourceRelation)] == ["TREATS", "is_a", "near"]
    assert str(note) == "networkx: the attribute 'weight' of edges has no meaning here"


def test_undirected_edges_do_not_depend_on_how_the_graph_was_made() -> None:
    one, other = networkx.Graph(), networkx.Graph()
    one.add_edges_from([("b", "a"), ("b", "c")], predicate="near")
    other.add_nodes_from("cba")
    other.add_edges_from([("b", "c"), ("a", "b")], predicate="near")
    expected = [SourceRelation(subject, "near", object_, "", "networkx") for subject, object_ in ("ab", "bc")]
    for graph in (one, other):
        assert sorted(item for item in from_networkx(graph) if isinstance(item, SourceRelation)) == expected
    one.add_edge("a", "c", predicate="is_a")
    with pytest.raises(
        PackError, match=r"^networkx: edge 'a' to 'c': without a direction, is_a does not say which one"
    ):
        list(from_networkx(one))


def test_a_pack_from_a_graph_has_the_same_checksum_in_any_order(tmp_path: Path) -> None:
    one, other = networkx.DiGraph(), networkx.DiGraph()
    one.add_node("A:1", name="Fever")
    one.add_node("A:2", name="Cough", category=["sign"])
    one.add_edge("A:2", "A:1", predicate="is_a")
    other.add_edge("A:2", "A:1", predicate="is_a")
    other.add_node("A:2", category=["sign"], name="Cough")
    other.add_node("A:1", name="Fever")
    for name, graph in (("one", one), ("other", other)):
        source = source_from_object(graph)
        assert isinstance(source, NetworkxSource)
        build_pack(None, tmp_path / name, [source])
    packs = [KnowledgePack.open(tmp_path / name) for name in ("one", "other")]
    assert packs[0].manifest["sources"] == packs[1].manifest["sources"]
    assert packs[0].fingerprint == packs[1].fingerprint
    assert packs[0].concept("A:2").parents == ("A:1",)
    assert packs[0].manifest["sources"][0]["path"] == "networkx"


def test_a_graph_of_a_pack_is_a_source_again(toy_pack: KnowledgePack, tmp_path: Path) -> None:
    build_pack(None, tmp_path / "pack", [NetworkxSource(graph=toy_pack.graph())])
    again = KnowledgePack.open(tmp_path / "pack")
    assert [concept.name for concept in again.concepts()] == [concept.name for concept in toy_pack.concepts()]
    ends = [
        [edge[:3] for edge in sorted((e.subject, e.predicate, e.object) for e in pack.relations())]
        for pack in (again, toy_pack)
    ]
    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("node", "attributes", "message"),
    [
        (("a", 1), {}, "node \"('a', 1)\": the id is a tuple; ids are texts or whole numbers"),
        ("a", {"name": ["x", "y"]}, "node 'a': name takes one text, not 2"),
        ("a", {"synonyms": [["x", "exakt"]]}, "node 'a': a synonym is [text, kind, type], the kind one of preferred, "),
        ("a", {"synonyms": [["x", "exact", "", ""]]}, "node 'a': a synonym is [text, kind, type], the kind one of"),
        ("a", {"xrefs": {"b": 1}}, "node 'a': xrefs holds a value of type dict; a text, number, date or list"),
        ("a", {"definition": "\ud800"}, "node 'a': definition holds half of a surrogate pair"),
    ],
)
def test_bad_nodes_are_one_clear_line(node: Any, attributes: dict[str, Any], message: str) -> None:
    graph = networkx.DiGraph()
    graph.add_node(node, **attributes)
    with pytest.raises(PackError) as error:
        list(from_networkx(graph))
    assert str(error.value).startswith(f"networkx: {message}")


def test_what_is_no_graph_is_told() -> None:
    with pytest.raises(ConfigError, match=r"^from_networkx:graph: a networkx graph was expected, not a list$"):
        list(from_networkx([]))
    with pytest.raises(PackError, match=r"^networkx: prefixes is no mapping of texts to texts$"):
        list(from_networkx(networkx.DiGraph(prefixes="[1]")))


# GraphML


def read(path: Path, **options: Any) -> list[Item]:
    source = parse_config({"kind": "graphml", "path": str(path), **options}, GraphmlSource, where="here", base=Path())
    with source.files() as files:
        return list(source.read(files))


def test_what_networkx_writes_is_read_as_networkx_reads_it(tmp_path: Path) -> None:
    graph = networkx.MultiDiGraph(name="signs")
    graph.add_node(
        "A:1", name="Fever & <heat>", synonyms='["Pyrexia", ["FX", "exact", "abbreviation"]]', obsolete=False
    )
    graph.add_node("A:2", name="Cough", obsolete=True, rank=3)
    graph.add_edge("A:2", "A:1", key="is_a")
    graph.add_edge("A:1", "A:2", key="x", predicate="SEEN_WITH", source="a book")
    path = tmp_path / "g.graphml"
    networkx.write_graphml(graph, path)
    found = read(path, id_is_predicate=True)
    again = networkx.read_graphml(path, force_multigraph=True)
    plain = [
        item._replace(file="", line=0) for item in no_notes(found) if isinstance(item, SourceConcept | SourceRelation)
    ]
    expected = [
        item._replace(file="")
        for item in no_notes(from_networkx(again))
        if isinstance(item, SourceConcept | SourceRelation)
    ]
    assert sorted(plain, key=repr) == sorted(expected, key=repr)
    assert plain[0].names == (SourceName("Pyrexia"), SourceName("FX", "exact", "abbreviation"))  # type: ignore[union-attr]
    predicates = [item.predicate for item in read(path) if isinstance(item, SourceRelation)]
    assert sorted(predicates) == ["SEEN_WITH", "related_to"]
    assert [str(item) for item in found if isinstance(item, Finding)] == [
        f"{path}: the attribute 'rank' of nodes has no meaning here"
    ]


_HEAD = """<!DOCTYPE graphml SYSTEM "http://x.org/graphml.dtd">
<!-- made by hand -->
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="name"><default>Unnamed</default></key>
<key id="d1" for="all" attr.name="label"/>
"""


def test_defaults_directions_nested_graphs_and_what_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "g.graphml"
    path.write_text(
        _HEAD
        + '<graph edgedefault="undirected"><node id="a"/>\n<node id="b"><data key="d0">Be</data>'
        + '<graph edgedefault="directed"><node id="c"/><edge source="c" target="b"><data key="d1">is_a</data></edge>'
        + '</graph></node>\n<edge source="b" target="a" directed="true"><data key="d1">is_a</data></edge>'
        + '<edge source="b" target="a"/><hyperedge><endpoint node="a"/></hyperedge></graph></graphml>'
    )
    items = read(path)
    assert [(item.id, item.name, item.line) for item in items if isinstance(item, SourceConcept)] == [
        ("a", "Unnamed", 6),
        ("c", "Unnamed", 7),
        ("b", "Be", 7),
    ]
    assert [item[:3] for item in items if isinstance(item, SourceRelation)] == [
        ("c", "is_a", "b"),
        ("b", "is_a", "a"),
        ("b", "related_to", "a"),
    ]
    assert [str(item) for item in items if isinstance(item, Finding)] == [f"{path}:8: a hyperedge has no meaning here"]
    build_pack(None, tmp_path / "pack", [str(path)])
    assert KnowledgePack.open(tmp_path / "pack").manifest["sources"][0]["kind"] == "graphml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_HEAD + "<graph><node></graph>", ":6: not well-formed XML: mismatched tag"),
        (_HEAD + '<graph><node id="a"><data key="x">y</data>', ":6: the key 'x' is not declared; add <key id="),
        (_HEAD + "</graphml>", ": no GraphML, as it holds no <graph>; check the kind of the source"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><graphml/>', ":1: it declares entities, which are not"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "/etc/hosts">]><graphml>&a;</graphml>', ":1: it declares entities, which are"),
        (_HEAD + '<graph edgedefault="undirected"><edge source="a" target="b"><data key="d1">is_a</data></edge>',
         ":6: edge 'a' to 'b': without a direction, is_a does not say which one is broader; use a directed graph"),
        ("<a>" * 300, ":1: elements nested too deeply"),
        (_HEAD + "<graph><node id='" + "a" * 5_000_000, ":6: an entry or header of more than 4,194,304 bytes"),
    ],
)  # fmt: skip
def test_broken_and_hostile_graphml_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "g.graphml"
    path.write_text(text)
    with pytest.raises(PackError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}{message}")
    assert "\n" not in str(error.value)
