from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgslm.embedding.graph.triples import PackGraph, TailIndex, Triples
from kgslm.errors import DataError, PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceFacts


def triples(rows: list[tuple[int, int, int]], entities: int = 4, relations: int = 2) -> Triples:
    return Triples(np.array(rows, dtype=np.int64).reshape(-1, 3), entities, relations)


def test_a_number_outside_is_refused() -> None:
    for row in [(4, 0, 0), (0, 2, 0), (0, 0, 4), (-1, 0, 0)]:
        with pytest.raises(DataError, match="outside 4 entities and 2 relations"):
            triples([row])
    with pytest.raises(DataError, match=r"not shape \(3,\)"):
        Triples(np.array([0, 0, 1]), 4, 2)


def test_inverses_lead_back() -> None:
    both = triples([(0, 1, 2)]).with_inverses()
    assert both.array.tolist() == [[0, 1, 2], [2, 3, 0]]
    assert (both.entities, both.relations) == (4, 4)


def test_the_tails_of_pairs() -> None:
    index = TailIndex(triples([(0, 0, 3), (0, 0, 1), (2, 1, 0)]))
    assert len(index) == 2
    assert [part.tolist() for part in index.pairs()] == [[0, 2], [0, 1]]
    rows, tails = index.tails(np.array([2, 1, 0]), np.array([1, 0, 0]))
    assert (rows.tolist(), tails.tolist()) == ([0, 2, 2], [0, 1, 3])


def test_no_pairs_at_all() -> None:
    rows, tails = TailIndex(triples([])).tails(np.array([0]), np.array([1]))
    assert (rows.tolist(), tails.tolist()) == ([], [])


def random_graph(seed: int) -> Triples:
    dice = np.random.default_rng(seed)
    rows = np.stack([dice.integers(30, size=200), dice.integers(3, size=200), dice.integers(30, size=200)], axis=1)
    rows = rows[rows[:, 0] != rows[:, 2]]
    return Triples(np.unique(rows, axis=0), 30, 3)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_held_out_is_learnt_about_and_told_by_nothing_else(seed: int) -> None:
    facts = random_graph(seed)
    train, held = facts.split(0.2, seed=seed)
    assert len(train) + len(held) == len(facts)
    assert 0.15 * len(facts) < len(held) <= 0.2 * len(facts)
    assert set(held.array[:, [0, 2]].ravel()) <= set(train.array[:, [0, 2]].ravel())
    assert set(held.array[:, 1]) <= set(train.array[:, 1])
    pairs = [{frozenset(row) for row in part.array[:, [0, 2]].tolist()} for part in (train, held)]
    assert not pairs[0] & pairs[1]
    assert facts.split(0.2, seed=seed)[1].array.tolist() == held.array.tolist()


def test_a_chain_has_little_to_hold_out_and_a_share_of_0_nothing() -> None:
    pair = triples([(0, 0, 1)])
    assert len(pair.split(0.9)[1]) == 0
    assert len(random_graph(0).split(0)[1]) == 0
    assert len(triples([]).split(0.5)[0]) == 0
    assert len(random_graph(0).split(0.4, at_most=3)[1]) <= 3


def test_the_relations_of_a_pack(toy_pack: KnowledgePack) -> None:
    graph = PackGraph.read(toy_pack)
    ids = [toy_pack.ids[row] for row in graph.rows.tolist()]
    assert ids == [concept.id for concept in toy_pack.concepts()]
    found = {
        (ids[head], graph.predicates[relation], ids[tail]) for head, relation, tail in graph.triples.array.tolist()
    }
    assert found == {(it.subject, it.predicate, it.object) for it in toy_pack.relations()}


def test_a_pack_without_relations(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    builder = PackBuilder("lone")
    builder.add(Origin("lone"), [SourceConcept("T:1", "fever")], SourceFacts("items", licence="CC0-1.0"))
    builder.write(folder)
    with pytest.raises(PackError, match="no relation joins two concepts"):
        PackGraph.read(KnowledgePack.open(folder))
