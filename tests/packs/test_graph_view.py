"""The networkx view of a pack answers as a full copy would, and copies nothing."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceRelation
from kgslm.packs.graph_view import graph_view

Edges = list[tuple[int, str, int]]
EDGES = st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["is_a", "p", "q"]), st.integers(0, 11)), max_size=40)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Edges], KnowledgePack]:
    """A pack of twelve concepts, the last one obsolete, with these relations."""

    def build(edges: Edges) -> KnowledgePack:
        concepts = [SourceConcept(f"N:{number}", f"thing {number}", obsolete=number == 11) for number in range(12)]
        relations = [SourceRelation(f"N:{head}", predicate, f"N:{tail}") for head, predicate, tail in edges]
        folder: Path = tmp_path_factory.mktemp("graph") / "pack"
        builder = PackBuilder("graph")
        builder.add(Origin("graph", on_missing="skip"), [*concepts, *relations])
        builder.write(folder)
        return KnowledgePack.open(folder)

    return build


def full_copy(pack: KnowledgePack) -> networkx.MultiDiGraph:
    graph = networkx.MultiDiGraph(name=pack.name)
    graph.add_nodes_from((concept.id, {"name": concept.name}) for concept in pack.concepts())
    for edge in pack.relations():
        graph.add_edge(edge.subject, edge.object, edge.predicate, source=", ".join(edge.sources))
    return graph


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=EDGES)
def test_the_view_equals_a_full_copy(make: Callable[[Edges], KnowledgePack], edges: Edges) -> None:
    pack = make(edges)
    view, full = graph_view(pack), full_copy(pack)
    assert networkx.utils.graphs_equal(view, full)
    assert networkx.utils.graphs_equal(view.copy(), full)
    assert list(view) == list(full)
    assert view.number_of_edges() == full.number_of_edges()
    assert dict(view.in_degree()) == dict(full.in_degree())
    assert networkx.number_weakly_connected_components(view) == networkx.number_weakly_connected_components(full)
    assert networkx.pagerank(view) == pytest.approx(networkx.pagerank(full))
    for node in full:
        assert networkx.ancestors(view, node) == networkx.ancestors(full, node)
        assert networkx.descendants(view, node) == networkx.descendants(full, node)
        lengths = networkx.single_source_shortest_path_length(full, node)
        assert networkx.single_source_shortest_path_length(view, node) == lengths
        for other in lengths:
            found = networkx.shortest_path(view, node, other)
            assert len(found) == lengths[other] + 1
            assert networkx.is_path(full, found)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=EDGES, predicates=st.sets(st.sampled_from(["p", "q"]), min_size=1), depth=st.integers(0, 3) | st.none())
def test_a_part_equals_the_part_of_a_full_copy(
    make: Callable[[Edges], KnowledgePack], edges: Edges, predicates: set[str], depth: int | None
) -> None:
    pack = make([*edges, (0, "p", 1), (0, "q", 1)])
    full = full_copy(pack)
    chosen = full.edge_subgraph(edge for edge in full.edges if edge[2] in predicates)
    view = graph_view(pack, predicates)
    assert set(view) == set(full)
    assert sorted(view.edges) == sorted(chosen.edges)

    narrower = networkx.MultiDiGraph((head, tail) for tail, head, key in full.edges if key == "is_a")
    narrower.add_nodes_from(full)
    nodes = {
        node for root in ("N:1", "N:2") for node in networkx.single_source_shortest_path_length(narrower, root, depth)
    }
    part = graph_view(pack, roots=["N:2", "N:1"], depth=depth)
    assert networkx.utils.graphs_equal(part, full.subgraph(nodes))
    assert len(part) == len(nodes)
    both = graph_view(pack, predicates, ["N:2", "N:1"], depth)
    assert sorted(both.edges) == sorted(edge for edge in full.subgraph(nodes).edges if edge[2] in predicates)


def test_the_view_cannot_be_changed_and_its_copy_can(toy_pack: KnowledgePack) -> None:
    view = graph_view(toy_pack)
    changes: list[Callable[[], object]] = [
        lambda: view.add_edge("T:1", "T:2"),
        lambda: view.remove_node("T:1"),
        lambda: view.nodes["T:1"].update(colour="red"),
        lambda: view.edges["T:21", "T:31", "TREATS"].__setitem__("weight", 1),
        lambda: networkx.set_node_attributes(view, "red", "colour"),
    ]
    for change in changes:
        with pytest.raises(networkx.NetworkXError):
            change()
    plain = view.copy()
    plain.nodes["T:1"]["colour"] = "red"
    plain.add_edge("T:1", "T:2", "SEES")
    assert plain.nodes["T:1"] == {"name": "disease", "colour": "red"}
    assert view.nodes["T:1"] == {"name": "disease"}


def test_what_is_no_node_is_told_as_networkx_does(toy_pack: KnowledgePack) -> None:
    view = graph_view(toy_pack)
    assert "T:5" in view
    others: tuple[object, ...] = ("T:500", "T:8", "T:99", 5, None, [])  # alternative, obsolete, unknown
    assert not any(node in view for node in others)
    with pytest.raises(networkx.NetworkXError):
        networkx.ancestors(view, "T:99")
    with pytest.raises(KeyError):
        view["T:8"]


def test_other_forms_of_the_graph_can_be_made(toy_pack: KnowledgePack) -> None:
    view, full = graph_view(toy_pack), full_copy(toy_pack)
    assert networkx.utils.graphs_equal(view.to_undirected(), full.to_undirected())
    assert networkx.utils.graphs_equal(view.reverse(), full.reverse())
    assert networkx.utils.graphs_equal(networkx.DiGraph(view), networkx.DiGraph(full))
    assert networkx.utils.graphs_equal(view.subgraph(["T:3", "T:31"]), full.subgraph(["T:3", "T:31"]))
    assert networkx.utils.graphs_equal(copy.deepcopy(view), full)
    assert networkx.utils.graphs_equal(pickle.loads(pickle.dumps(view)), full)
    assert networkx.node_link_data(view) == networkx.node_link_data(full)


def test_many_neighbourhoods_can_be_visited(toy_pack: KnowledgePack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgslm.packs.graph_view._REMEMBERED", 2)
    assert networkx.utils.graphs_equal(graph_view(toy_pack), full_copy(toy_pack))


def test_unknown_parts_are_told(toy_pack: KnowledgePack) -> None:
    with pytest.raises(PackError, match="unknown predicate 'treats'; choose from is_a, HAS_SYMPTOM, TREATS"):
        graph_view(toy_pack, ["treats"])
    with pytest.raises(PackError, match="unknown concept 'T:99'"):
        graph_view(toy_pack, roots=["T:99"])
    with pytest.raises(PackError, match="depth counts from the roots"):
        graph_view(toy_pack, depth=2)
