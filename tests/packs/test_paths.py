"""Shortest paths between concepts, with their predicates."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceRelation
from kgslm.packs.paths import ConceptPath, PathFinder, find_paths

MakePack = Callable[[int, list[tuple[int, str, int]]], KnowledgePack]
EDGES = st.lists(st.tuples(st.integers(0, 11), st.sampled_from("pqr"), st.integers(0, 11)), max_size=40)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> MakePack:
    """A pack of so many concepts N:0 ... with these relations."""
    return lambda size, edges: graph_pack(tmp_path_factory.mktemp("graph") / "pack", size, edges)


def graph_pack(folder: Path, size: int, edges: list[tuple[int, str, int]]) -> KnowledgePack:
    builder = PackBuilder("graph")
    concepts = [SourceConcept(f"N:{number}", f"thing {number}") for number in range(size)]
    relations = [SourceRelation(f"N:{head}", predicate, f"N:{tail}") for head, predicate, tail in edges]
    builder.add(Origin("graph"), [*concepts, *relations])
    builder.write(folder)
    return KnowledgePack.open(folder)


def shown(paths: tuple[ConceptPath, ...]) -> list[str]:
    return [str(path) for path in paths]


def test_a_path_goes_up_and_down_the_hierarchy(toy_pack: KnowledgePack) -> None:
    [path] = find_paths(toy_pack, "T:3", "T:5", ["is_a"])
    assert str(path) == "T:3 -is_a-> T:2 -is_a-> T:1 <-is_a- T:4 <-is_a- T:5"
    assert path.concepts == ("T:3", "T:2", "T:1", "T:4", "T:5")
    assert (path.start, path.end, len(path)) == ("T:3", "T:5", 4)
    assert [step.forwards for step in path.steps] == [True, True, False, False]
    assert path.steps[2].relation.subject == "T:4"
    assert (path.steps[2].start, path.steps[2].end) == ("T:1", "T:4")


def test_all_shortest_paths_are_found_up_to_a_limit(make: MakePack) -> None:
    pack = make(4, [(0, "p", 1), (0, "q", 1), (0, "p", 2), (3, "p", 1), (2, "p", 3)])
    expected = ["N:0 -p-> N:1 <-p- N:3", "N:0 -q-> N:1 <-p- N:3", "N:0 -p-> N:2 -p-> N:3"]
    assert shown(find_paths(pack, "N:0", "N:3")) == expected
    assert shown(find_paths(pack, "N:0", "N:3", max_paths=2)) == expected[:2]
    assert find_paths(pack, "N:0", "N:3", max_paths=0) == ()
    assert shown(find_paths(pack, "N:0", "N:3", directed=True)) == expected[2:]
    assert shown(find_paths(pack, "N:0", "N:3", ["p"])) == [expected[0], expected[2]]
    assert find_paths(pack, "N:3", "N:0", directed=True) == ()


def test_a_path_may_be_one_step_or_none(toy_pack: KnowledgePack) -> None:
    assert find_paths(toy_pack, "T:3", "T:3") == (ConceptPath("T:3"),)
    assert len(ConceptPath("T:3")) == 0
    assert ConceptPath("T:3").end == "T:3"
    assert shown(find_paths(toy_pack, "T:3", "T:31")) == ["T:3 -HAS_SYMPTOM-> T:31"]
    assert shown(find_paths(toy_pack, "T:500", "T:4")) == ["T:5 -is_a-> T:4"]


def test_length_and_reach_are_limited(make: MakePack) -> None:
    pack = make(6, [(0, "p", 1), (1, "p", 2), (2, "p", 3), (3, "p", 4)])
    assert find_paths(pack, "N:0", "N:4", max_length=3) == ()
    assert len(find_paths(pack, "N:0", "N:4", max_length=4)) == 1
    assert find_paths(pack, "N:0", "N:5") == ()


def test_hubs_can_be_left_aside(make: MakePack) -> None:
    hub = [(0, "p", spoke) for spoke in range(1, 7)]
    pack = make(9, [*hub, (1, "q", 7), (7, "q", 8), (8, "q", 2)])
    assert shown(find_paths(pack, "N:1", "N:2")) == ["N:1 <-p- N:0 -p-> N:2"]
    around = PathFinder(pack, max_degree=5)
    assert shown(around.paths("N:1", "N:2")) == ["N:1 -q-> N:7 -q-> N:8 -q-> N:2"]
    assert shown(around.paths("N:0", "N:3")) == ["N:0 -p-> N:3"]
    assert shown(around.paths("N:3", "N:0")) == ["N:3 <-p- N:0"]
    assert around.paths("N:3", "N:4") == ()


def test_unknown_concepts_and_predicates_are_told(toy_pack: KnowledgePack) -> None:
    with pytest.raises(PackError, match="unknown predicate 'TREAT'; did you mean 'TREATS'"):
        find_paths(toy_pack, "T:21", "T:31", ["TREAT"])
    with pytest.raises(PackError, match="unknown concept 'T:99'"):
        find_paths(toy_pack, "T:21", "T:99")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edges=EDGES,
    directed=st.booleans(),
    chosen=st.sampled_from(["pqr", "pq", "r"]),
    max_degree=st.sampled_from([None, 4, 6]),
)
def test_paths_are_those_of_networkx(
    make: MakePack, edges: list[tuple[int, str, int]], directed: bool, chosen: str, max_degree: int | None
) -> None:
    pack = make(12, [*edges, *((0, predicate, 1) for predicate in "pqr")])
    finder = PathFinder(pack, list(chosen), directed=directed, max_degree=max_degree)
    for end in range(1, 12):
        graph = networkx.MultiDiGraph() if directed else networkx.MultiGraph()
        graph.add_nodes_from(pack.ids)
        kept = [edge for edge in pack.relations() if edge.predicate in chosen]
        graph.add_edges_from((edge.subject, edge.object, (edge.subject, edge.predicate)) for edge in kept)
        hubs = [id_ for id_ in pack.ids if max_degree is not None and len(pack.neighbours(id_)) > max_degree]
        graph.remove_nodes_from({*hubs} - {"N:0", f"N:{end}"})
        expected = set()
        if networkx.has_path(graph, "N:0", f"N:{end}"):
            trails = networkx.all_shortest_paths(graph, "N:0", f"N:{end}")
            expected = {trail for nodes in {*map(tuple, trails)} for trail in edge_trails(graph, nodes)}
        steps = [
            tuple((step.start, step.end, step.relation.subject, step.relation.predicate) for step in path.steps)
            for path in finder.paths("N:0", f"N:{end}", max_length=12, max_paths=10_000)
        ]
        assert len(set(steps)) == len(steps)
        assert set(steps) == expected


def edge_trails(graph: networkx.MultiGraph, nodes: tuple[str, ...]) -> list[tuple[tuple[str, str, str, str], ...]]:
    """Every choice of edges along the nodes, each edge as start, end, subject, predicate."""
    trails: list[tuple[tuple[str, str, str, str], ...]] = [()]
    for start, end in pairwise(nodes):
        trails = [(*trail, (start, end, *key)) for trail in trails for key in graph[start][end]]
    return trails
