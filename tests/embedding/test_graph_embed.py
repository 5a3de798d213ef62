from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgslm.embedding.graph.config import GraphConfig
from kgslm.embedding.graph.embed import embed_graph, embed_text_graph, refresh_config
from kgslm.embedding.graph.propagate import propagate
from kgslm.embedding.graph.text_start import place_by_text, reduce_text
from kgslm.embedding.graph.triples import Triples
from kgslm.embedding.store import load_part, load_vectors, stored_facts, vectors_checksum
from kgslm.embedding.text import Progress, Vectors
from kgslm.errors import ConfigError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceFacts, SourceRelation

RANDOM = GraphConfig(dim=8, init="random", epochs=4, batch_size=4, held_out=0.2)


class Letters:
    """The vector of a text: how often each of six letters is in it."""

    name = "letters"
    dim = 6
    fingerprint = "letters"

    def embed(self, texts: Sequence[str], batch_size: int = 64, progress: Progress | None = None) -> Vectors:
        return np.array([[text.count(letter) for letter in "aeinor"] for text in texts], dtype=np.float32)


DISEASES = ("fever", "cough", "asthma", "pneumonia", "rash")
DRUGS = ("aspirin", "codeine", "salbutamol", "penicillin")


def items(later: bool) -> Iterator[SourceConcept | SourceRelation]:
    """Drugs and what they treat; the later build has one disease, one drug and one predicate more."""
    for number, name in enumerate((*DISEASES, *(["angina"] if later else []))):
        yield SourceConcept(f"A:{number}", name, definition=f"An illness called {name}.")
    for number, name in enumerate((*DRUGS, *(["insulin"] if later else []))):
        yield SourceConcept(f"B:{number}", name, definition=f"A drug called {name}.")
    yield SourceConcept("C:0", "gone", obsolete=True)
    yield SourceConcept("C:1", "lonely")
    for drug in range(4):
        for disease in (drug, (drug + 1) % 5, (drug + 3) % 5):
            yield SourceRelation(f"B:{drug}", "TREATS", f"A:{disease}")
    if later:
        yield SourceRelation("B:0", "TREATS", "A:5")
        yield SourceRelation("B:4", "TREATS", "A:5")
        yield SourceRelation("B:4", "CAUSES", "A:0")


def build(folder: Path, later: bool = False) -> KnowledgePack:
    builder = PackBuilder("drugs", version="2" if later else "1")
    builder.add(Origin("drugs"), items(later), SourceFacts("items", licence="CC0-1.0"))
    builder.write(folder)
    return KnowledgePack.open(folder)


@pytest.fixture
def pack(tmp_path: Path) -> KnowledgePack:
    return build(tmp_path / "old")


@pytest.fixture
def later(tmp_path: Path) -> KnowledgePack:
    return build(tmp_path / "new", later=True)


def vector(pack: KnowledgePack, id_: str, method: str = "complex") -> list[float]:
    found: list[float] = load_vectors(pack, method)[pack.row(id_)].tolist()
    return found


def test_vectors_are_kept_in_the_pack(pack: KnowledgePack) -> None:
    facts = embed_graph(pack, RANDOM, None)
    vectors = load_vectors(pack, "complex")
    assert isinstance(vectors, np.memmap)
    assert vectors.shape == (len(pack.ids), 8)
    assert not vectors[list(pack.ids).index("C:0")].any()
    assert load_part(pack, "complex", "relations").shape == (2, 8)
    assert facts["predicates"] == ["TREATS"]
    assert facts["concepts"] == facts["new_concepts"] == 10
    stored = stored_facts(pack, "complex") or {}
    assert stored["pack"] == pack.fingerprint
    assert stored["config"] == RANDOM.model_dump(mode="json")
    assert len(vectors_checksum(pack, "complex")) == 64


def test_vectors_of_another_build_are_not_taken(pack: KnowledgePack) -> None:
    embed_graph(pack, RANDOM, None)
    pack.fingerprint = "other"
    with pytest.raises(ConfigError, match=r"make them with: kgslm pack embed .* --method complex"):
        load_vectors(pack, "complex")


@pytest.mark.parametrize("method", ["complex", "rotate"])
@pytest.mark.parametrize("init", ["random", "text"])
@pytest.mark.parametrize("loss", ["1vsall", "negatives"])
def test_a_refresh_keeps_old_vectors_and_adds_new_ones(
    pack: KnowledgePack, later: KnowledgePack, method: Any, init: Any, loss: Any
) -> None:
    config = RANDOM.model_copy(update={"method": method, "init": init, "loss": loss, "negatives": 4})
    embed_graph(pack, config, Letters())
    facts = embed_graph(later, config, Letters(), old=pack)
    for concept in pack.concepts():
        assert vector(later, concept.id, method) == vector(pack, concept.id, method)
    old, new = (load_part(it, method, "relations") for it in (pack, later))
    # CAUSES comes before TREATS, inverses behind.
    assert facts["predicates"] == ["CAUSES", "TREATS"]
    assert new[[1, 3]].tobytes() == old.tobytes()
    assert np.abs(vector(later, "A:5", method)).min() > 0
    assert (facts["new_concepts"], facts["refreshed_from"]) == (2, pack.fingerprint)


def test_a_refresh_without_news_learns_nothing(pack: KnowledgePack, tmp_path: Path) -> None:
    embed_graph(pack, RANDOM, None)
    again = build(tmp_path / "again")
    facts = embed_graph(again, RANDOM, None, old=pack)
    assert facts["facts"] == facts["epochs"] == 0
    assert load_vectors(again, "complex").tobytes() == load_vectors(pack, "complex").tobytes()


def test_a_refresh_takes_the_old_settings(pack: KnowledgePack, later: KnowledgePack) -> None:
    with pytest.raises(ConfigError, match="no complex vectors"):
        refresh_config(pack, "complex", {})
    embed_graph(pack, RANDOM, None)
    assert refresh_config(pack, "complex", {"epochs": 2}) == RANDOM.model_copy(update={"epochs": 2})
    with pytest.raises(ConfigError, match=r"dim: the vectors of .* have 8 numbers"):
        refresh_config(pack, "complex", {"dim": 16})


def test_a_refresh_from_a_strange_pack(pack: KnowledgePack, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    embed_graph(pack, RANDOM, None)
    builder = PackBuilder("strange")
    strange = iter((SourceConcept("X:1", "a"), SourceConcept("X:2", "b"), SourceRelation("X:1", "TREATS", "X:2")))
    builder.add(Origin("strange"), strange, SourceFacts("items", licence="CC0-1.0"))
    builder.write(tmp_path / "strange")
    with pytest.raises(ConfigError, match="shares no concept"):
        embed_graph(KnowledgePack.open(tmp_path / "strange"), RANDOM, None, old=pack)


def test_words_place_a_concept_without_relations(pack: KnowledgePack) -> None:
    text = RANDOM.model_copy(update={"init": "text"})
    with pytest.raises(ConfigError, match="needs an encoder"):
        embed_graph(pack, text, None)
    facts = embed_graph(pack, text, Letters())
    assert facts["model"] == "letters"
    lonely = vector(pack, "C:1")
    assert np.isfinite(lonely).all()
    # Where its words put it among the trained ones, not where training began.
    assert np.std(lonely) > 0


def test_place_by_text_finds_a_linear_map() -> None:
    dice = np.random.default_rng(0)
    text, turn = dice.standard_normal((200, 3)).astype(np.float32), dice.standard_normal((3, 2)).astype(np.float32)
    known = np.arange(200) < 190
    placed = place_by_text(text, text @ turn + 5, known)
    assert np.corrcoef(placed.ravel(), (text[~known] @ turn + 5).ravel())[0, 1] > 0.99


@pytest.mark.parametrize("dim", [2, 3, 8])
def test_reduced_text_has_the_width_and_spread_that_are_asked_for(dim: int) -> None:
    text = np.random.default_rng(0).standard_normal((500, 6)).astype(np.float32)
    reduced = reduce_text(text, dim, 0.1)
    assert reduced.shape == (500, dim)
    assert reduced.dtype == np.float32
    assert 0.05 < reduced.std() < 0.15
    assert reduce_text(text, dim, 0.1).tobytes() == reduced.tobytes()


def test_near_texts_stay_near_when_reduced() -> None:
    text = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    text[1] = text[0]
    reduced = reduce_text(text, 4, 0.1)
    np.testing.assert_allclose(reduced[0], reduced[1], atol=1e-6)


def test_propagation_by_hand() -> None:
    """0 and 1 are neighbours by two relations, 2 is alone: a step mixes 0 and 1 evenly."""
    facts = Triples(np.array([[0, 0, 1], [1, 1, 0]]), 3, 2)
    text = np.array([[1, 0], [0, 1], [3, 4]], dtype=np.float32)
    # 0.5 * (0.5, 0.5) + 0.5 * (1, 0) = (0.75, 0.25), then length one.
    one = propagate(text, facts, restart=0.5, steps=1)
    assert one.ravel().tolist() == pytest.approx([0.948683, 0.316228, 0.316228, 0.948683, 0.6, 0.8])
    assert propagate(text, facts, restart=1).ravel().tolist() == pytest.approx([1, 0, 0, 1, 0.6, 0.8])


def test_text_spread_over_the_graph(pack: KnowledgePack) -> None:
    facts = embed_text_graph(pack, Letters())
    assert facts["method"] == "text+graph"
    vectors = load_vectors(pack, "text+graph")
    rows = [pack.row("A:0"), pack.row("C:1")]
    assert np.linalg.norm(vectors[rows], axis=1).tolist() == pytest.approx([1, 1])
