"""Information content and similarity against hand-computed values and a plain re-computation."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import networkx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept
from kgslm.packs.reach import Reach
from kgslm.packs.similarity import METHODS, Similarity, corpus_content, intrinsic_content

Parents = dict[int, list[int]]
DIAMOND: Parents = {0: [], 1: [0], 2: [0], 3: [1, 2], 4: [3], 5: [2]}
"""0 above 1 and 2, both above 3, which is above 4; 2 is above 5 also."""


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Parents], KnowledgePack]:
    """A pack of concepts N:0 ... with these parents."""

    def build(parents: Parents) -> KnowledgePack:
        concepts = [
            SourceConcept(f"N:{number}", f"thing {number}", parents=tuple(f"N:{parent}" for parent in above))
            for number, above in parents.items()
        ]
        builder = PackBuilder("hierarchy")
        builder.add(Origin("hierarchy"), concepts)
        folder: Path = tmp_path_factory.mktemp("hierarchy") / "pack"
        builder.write(folder)
        return KnowledgePack.open(folder)

    return build


@pytest.fixture(scope="module")
def diamond(make: Callable[[Parents], KnowledgePack]) -> KnowledgePack:
    return make(DIAMOND)


def test_intrinsic_content_counts_descendants_once(diamond: KnowledgePack) -> None:
    # Descendants: 5, 2, 3, 1, 0, 0 of six concepts.
    expected = [0, 1 - math.log(3, 6), 1 - math.log(4, 6), 1 - math.log(2, 6), 1, 1]
    assert intrinsic_content(diamond).tolist() == pytest.approx(expected)


def test_sanchez_content_counts_leaves_and_subsumers(diamond: KnowledgePack) -> None:
    # Leaves below: 2, 1, 2, 1, 0, 0; subsumers: 1, 2, 2, 4, 5, 3; two leaves in all.
    ratios = [2 / 1, 1 / 2, 2 / 2, 1 / 4, 0, 0]
    assert intrinsic_content(diamond, "sanchez").tolist() == pytest.approx([math.log(3 / (1 + x)) for x in ratios])


def test_corpus_content_propagates_each_count_once(diamond: KnowledgePack) -> None:
    content = corpus_content(diamond, {"N:4": 3, "N:5": 1})
    assert content.tolist() == pytest.approx([0, math.log(4 / 3), 0, math.log(4 / 3), math.log(4 / 3), math.log(4)])
    smooth = corpus_content(diamond, {"N:4": 3, "N:5": 1}, smoothing=1)
    assert smooth.tolist() == pytest.approx([-math.log(seen / 10) for seen in (10, 6, 8, 5, 4, 2)])
    assert corpus_content(diamond, {"N:1": 1})[4] == math.inf


def test_obsolete_concepts_do_not_count(toy_pack: KnowledgePack) -> None:
    content = intrinsic_content(toy_pack)
    assert content[toy_pack.row("T:20")] == pytest.approx(1 - math.log(4, 15))
    assert corpus_content(toy_pack, {"T:8": 1, "T:500": 1, "T:3": 2})[toy_pack.row("T:5")] == pytest.approx(math.log(2))


def test_similarities_of_the_diamond(diamond: KnowledgePack) -> None:
    similar = Similarity(diamond)
    two, three = 1 - math.log(4, 6), 1 - math.log(2, 6)
    assert similar.common_ancestor("N:4", "N:5") == "N:2"
    assert similar("N:4", "N:5", "resnik") == pytest.approx(two)
    assert similar("N:4", "N:5", "lin") == pytest.approx(two)
    assert similar("N:4", "N:5", "jiang-conrath") == pytest.approx(1 / (3 - 2 * two))
    assert similar("N:4", "N:5", "path") == 1 / 4
    assert similar("N:4", "N:5", "wu-palmer") == 2 * 2 / (2 + 1 + 4)
    assert similar.common_ancestor("N:3", "N:4") == "N:3"
    assert similar("N:3", "N:4", "lin") == pytest.approx(2 * three / (three + 1))
    assert similar("N:1", "N:2", "lin") == 0


@pytest.mark.parametrize("method", METHODS)
def test_a_concept_is_like_itself_and_unlike_what_shares_nothing(toy_pack: KnowledgePack, method: str) -> None:
    similar = Similarity(toy_pack)
    assert similar("T:5", "T:500", method) == 1
    assert similar("T:1", "T:1", method) == (similar.content("T:1") if method == "resnik" else 1)
    assert similar("T:5", "T:21", method) == (1 / 3 if method == "jiang-conrath" else 0)
    assert similar.common_ancestor("T:5", "T:21") is None


def test_infinite_content_gives_no_nan(diamond: KnowledgePack) -> None:
    similar = Similarity(diamond, corpus_content(diamond, {"N:5": 1}))
    assert similar.content("N:4") == math.inf
    for method in ("lin", "jiang-conrath", "path", "wu-palmer"):
        assert 0 <= similar("N:4", "N:5", method) <= 1
        assert 0 <= similar("N:3", "N:4", method) <= 1
        assert similar("N:4", "N:4", method) == 1


def test_best_match_average_of_two_sets(diamond: KnowledgePack) -> None:
    similar = Similarity(diamond)
    lin = {pair: similar(*pair) for pair in [("N:4", "N:5"), ("N:4", "N:3"), ("N:2", "N:5"), ("N:2", "N:3")]}
    rows = max(lin["N:4", "N:5"], lin["N:4", "N:3"]), max(lin["N:2", "N:5"], lin["N:2", "N:3"])
    columns = max(lin["N:4", "N:5"], lin["N:2", "N:5"]), max(lin["N:4", "N:3"], lin["N:2", "N:3"])
    expected = (sum(rows) / 2 + sum(columns) / 2) / 2
    assert similar.best_match_average(["N:4", "N:2"], ["N:5", "N:3"]) == pytest.approx(expected)
    assert similar.best_match_average(["N:5", "N:3"], ["N:2", "N:4", "N:4"]) == pytest.approx(expected)
    assert similar.best_match_average([], ["N:5"]) == 0


def test_what_cannot_be_computed_is_told(diamond: KnowledgePack) -> None:
    with pytest.raises(PackError, match="unknown similarity 'linn'; did you mean 'lin'"):
        Similarity(diamond)("N:1", "N:2", "linn")
    with pytest.raises(PackError, match="unknown information content 'zhou'; choose from seco, sanchez"):
        intrinsic_content(diamond, "zhou")
    with pytest.raises(PackError, match="unknown concept 'N:9'"):
        corpus_content(diamond, {"N:9": 1})
    with pytest.raises(PackError, match="N:1: the count -1 is not a number of sightings"):
        corpus_content(diamond, {"N:1": -1})
    with pytest.raises(PackError, match="no concept was seen"):
        corpus_content(diamond, {})
    with pytest.raises(PackError, match="2 information contents for 6 concepts"):
        Similarity(diamond, np.zeros(2))


HIERARCHIES = st.integers(1, 30).flatmap(
    lambda size: st.tuples(*(st.sets(st.integers(0, max(row - 1, 0)), max_size=min(row, 3)) for row in range(size)))
)


@given(HIERARCHIES)
def test_sums_are_those_over_the_descendants_in_networkx(parents: tuple[set[int], ...]) -> None:
    edges = [(child, parent) for child, above in enumerate(parents) for parent in sorted(above) if child]
    graph = networkx.DiGraph(edges)
    graph.add_nodes_from(range(len(parents)))
    values = np.array([[row + 1, row % 3] for row in range(len(parents))], float)
    children, broader = np.array(edges, np.int32).reshape(-1, 2).T
    sums, above = Reach(children, broader, len(parents)).sums(values)
    for row in range(len(parents)):
        below = [row, *networkx.ancestors(graph, row)]  # edges go up, so networkx's ancestors are narrower concepts
        assert sums[row].tolist() == values[below].sum(axis=0).tolist()
        assert above[row] == len(networkx.descendants(graph, row))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HIERARCHIES)
def test_similarities_are_those_of_the_definitions(
    make: Callable[[Parents], KnowledgePack], parents: tuple[set[int], ...]
) -> None:
    pack = make({row: sorted(above) if row else [] for row, above in enumerate(parents)})
    similar = Similarity(pack)
    up = networkx.DiGraph([(child.id, parent) for child in pack.concepts() for parent in child.parents])
    up.add_nodes_from(pack.ids)
    above = {id_: networkx.single_source_shortest_path_length(up, id_) for id_ in up}
    depth = {id_: 1 + min(steps for root, steps in above[id_].items() if not up[root]) for id_ in up}
    content = {id_: similar.content(id_) for id_ in up}
    for first in list(up)[::4]:
        for second in list(up)[::3]:
            if first == second:
                continue
            common = {id_: above[first][id_] + above[second][id_] for id_ in above[first] if id_ in above[second]}
            best = max((content[id_] for id_ in common), default=0.0)
            deep, steps = max(((depth[id_], -common[id_]) for id_ in common), default=(0, -1))
            both = content[first] + content[second]
            assert similar(first, second, "resnik") == best
            assert similar(first, second, "lin") == pytest.approx(2 * best / both if both else 0)
            assert similar(first, second, "path") == (1 / (1 + min(common.values())) if common else 0)
            assert similar(first, second, "wu-palmer") == 2 * deep / (2 * deep - steps)
            assert similar(second, first, "lin") == similar(first, second, "lin")
