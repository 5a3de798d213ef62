"""Features, the ranker, and what the document says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgslm.linking.coherence import Graph, Scored, Weights, evidence_of, fit_weights, reweighed
from kgslm.linking.comparison import abbreviates
from kgslm.linking.dense import NameVectors, build_vector_index, open_vectors, save_vectors
from kgslm.linking.feature_names import FEATURES, WIDTH, prior_weights
from kgslm.linking.features import Evidence, Query
from kgslm.linking.names import Memory, Taught, name_table
from kgslm.linking.ngrams import build_index, char_grams
from kgslm.linking.ranker import Ranker, Ranking, train_ranker
from kgslm.linking.readings import WRITTEN, Reading
from kgslm.linking.selfsupervision import exercises
from kgslm.linking.teaching import Labelled, taught_by
from kgslm.linking.word_building import build_words
from kgslm.linking.word_matches import words_of
from kgslm.packs import KnowledgePack

NAMES = [
    ("D:1", "Heart attack", "exact"),
    ("D:1", "Myocardial infarction", "preferred"),
    ("D:2", "Asthma", "preferred"),
    ("D:3", "Heart failure", "preferred"),
]
TAUGHT = [Taught("a", "coronary", ("D:1",)), Taught("b", "coronary", ("D:1",)), Taught("b", "wheeze", ("D:2",))]


def evidence(taught: list[Taught] | None = None) -> Evidence:
    table = name_table(NAMES, [(it.concepts[0], it.surface) for it in taught or ()])
    grams = build_index(table.texts, char_grams, cosine=True)
    return Evidence(table, grams, build_words(table, {}), None, Memory.of(taught or ()))


def ask(text: str, **more: object) -> Query:
    return Query((Reading(text, WRITTEN),), **more)  # type: ignore[arg-type]


def test_the_names_of_a_concept_stand_together() -> None:
    table = name_table(NAMES, [("D:2", "wheeze"), ("D:9", "nothing")])
    assert (table.ids, table.preferred) == (["D:1", "D:2", "D:3"], ["Myocardial infarction", "Asthma", "Heart failure"])
    assert table.texts == ["Heart attack", "Myocardial infarction", "Asthma", "wheeze", "Heart failure"]
    assert (table.firsts.tolist(), table.owners.tolist()) == ([0, 2, 4, 5], [0, 0, 1, 1, 2])
    assert table.learnt.tolist() == [False, False, False, True, False]


def test_a_document_does_not_tell_its_own_mentions() -> None:
    memory = Memory.of(TAUGHT)
    assert memory.meant("Coronary") == {"D:1": 2}
    assert memory.meant("coronary", but="a") == {"D:1": 1}
    assert memory.meant("wheeze", but="b") == {}
    assert memory.prior("D:1") == pytest.approx(np.log(3))
    assert memory.prior("D:2", but="b") == 0


def test_candidates_have_features() -> None:
    found = evidence().describe(ask("heart attacks"), {})
    assert found.values.shape == (len(found.concepts), WIDTH)
    assert found.concepts[0] == 0
    best = dict(zip(FEATURES, found.values[0].tolist(), strict=False))
    assert (best["best_in_name"], best["best_in_mention"], best["exact"]) == pytest.approx((1, 1, 0.9), abs=2e-3)
    failure = found.values[found.concepts.tolist().index(2)]
    assert failure[FEATURES.index("document")] == 0
    said = found.within({"failur"}).values[found.concepts.tolist().index(2)]
    assert said[FEATURES.index("document")] == 1


def test_hidden_names_and_concepts_are_as_if_they_were_not_there() -> None:
    hidden = evidence().describe(ask("heart attack", hidden=frozenset({0})), {})
    assert hidden.values[:, FEATURES.index("exact")].max() == 0
    assert 0 not in evidence().describe(ask("heart attack", gone=frozenset({0})), {}).concepts


def test_a_hidden_taught_name_does_not_tell_its_concept() -> None:
    """Its features are those that it has where nothing was taught, but for how rare words are."""
    told = evidence(TAUGHT)
    taught = told.table.texts.index("coronary")
    hidden = told.describe(ask("coronary attack", hidden=frozenset({taught}), document="a"), {})
    plain = evidence().describe(ask("coronary attack"), {})
    for feature in ("names", "in_concept", "numbers", "weight"):
        column = FEATURES.index(feature)
        values = dict(zip(hidden.concepts.tolist(), hidden.values[:, column].tolist(), strict=True))
        for concept, value in zip(plain.concepts.tolist(), plain.values[:, column].tolist(), strict=True):
            assert values[concept] == pytest.approx(value, abs=0.1), feature


def test_mentions_without_a_text_are_from_one_source_however_they_are_written() -> None:
    bare = [
        Labelled(str(number), text, ((0, len(text), ("C",)),)) for number, text in enumerate(["N.Y.", "n y", "..."])
    ]
    assert [it.source for it in bare] == ["ny", "ny", "2"]
    assert Labelled("a", "N.Y. it is", ((0, 4, ("C",)),)).source == "a"
    assert [it.document for it in taught_by(bare)] == ["ny", "ny", "2"]


def test_taught_mentions_are_candidates() -> None:
    found = evidence(TAUGHT).describe(ask("coronary"), {})
    row = found.concepts.tolist().index(0)
    assert found.values[row, FEATURES.index("learnt_count")] == pytest.approx(np.log(3))


@pytest.mark.parametrize(
    ("text", "name", "share"),
    [
        ("Park. Cr.", "Parker's Criminal Reports", 0.8),
        ("N.D. Ala.", "Northern District of Alabama", 1.0),
        ("heart", "lung", 0.0),
        ("", "lung", 0.0),
    ],
)
def test_words_shorten_each_other(text: str, name: str, share: float) -> None:
    assert abbreviates(words_of(text), words_of(name)) == pytest.approx(share)


def test_exercises_hide_what_they_ask_for() -> None:
    table = name_table(NAMES)
    made = list(exercises(table, 200, seed=1))
    assert len(made) == 200
    assert made == list(exercises(table, 200, seed=1))
    hidden = [it for it in made if it.query.hidden]
    assert hidden
    assert all(it.right == {0} and it.query.hidden < {0, 1} for it in hidden)
    assert all(not it.right or not it.right & it.query.gone for it in made)


def rankings() -> list[Ranking]:
    """The right candidate has the higher second feature; where none has one, NIL is right."""
    drawn = np.random.default_rng(0)
    found = []
    for number in range(300):
        values = drawn.normal(size=(3, 4)).astype(np.float32)
        values[:, 1] = 0
        right = np.zeros(3, np.bool_)
        if number % 3:
            right[number % 2], values[number % 2, 1] = True, 1
        found.append(Ranking(values, right))
    return found


def test_the_odds_of_nil_can_be_changed() -> None:
    ranker = train_ranker(rankings()[:20], np.zeros(4, np.float32))
    values = rankings()[0].values
    single = Ranker(
        {name: value if name in ("mean", "spread") else value[:1] for name, value in ranker.weights.items()}
    )
    (_, before), (_, after) = single.probabilities(values), single.doubting(0.25).probabilities(values)
    assert after / (1 - after) == pytest.approx(0.25 * before / (1 - before), rel=1e-3)


def test_packs_of_shortened_words_start_from_other_weights() -> None:
    plain, short = prior_weights(), prior_weights(1.0)
    np.testing.assert_allclose(prior_weights(0.5), (plain + short) / 2, rtol=1e-5)
    assert evidence().shortened == 0


def test_the_ranker_learns_what_is_right_and_when_nothing_is(tmp_path: Path) -> None:
    ranker = train_ranker(rankings(), np.zeros(4, np.float32))
    values = np.array([[0, 0, 3, 0], [0, 1, 0, 0]], np.float32)
    shares, nil = ranker.probabilities(values)
    assert shares.sum() + nil == pytest.approx(1, abs=1e-5)
    assert shares[1] > 0.8
    assert ranker.probabilities(values[:1])[1] > 0.8
    assert ranker.probabilities(values[:0])[1] == 1
    ranker.save(tmp_path / "r.npz")
    assert np.array_equal(Ranker.load(tmp_path / "r.npz").probabilities(values)[0], shares)


def test_exercises_leave_the_order_of_the_prior() -> None:
    prior = np.array([0, 0, -2, 0], np.float32)
    ranker = train_ranker(rankings(), prior, keep=True)
    shares, _ = ranker.probabilities(np.array([[0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 2, 0]], np.float32))
    assert np.argsort(-shares).tolist() == [1, 0, 2]
    assert len(prior_weights()) == WIDTH


def test_other_mentions_speak_for_a_candidate(toy_pack: KnowledgePack) -> None:
    rows = {id_: row for row, id_ in enumerate(toy_pack.ids)}
    graph = Graph(toy_pack, rows)
    drug, attack, fever = rows["T:21"], rows["T:5"], rows["T:31"]
    assert graph.around(drug) == {rows["T:20"], attack, fever}
    sure = Scored("aspirin", np.array([drug]), np.array([0.8], np.float32), 0.2)
    unsure = Scored("MI", np.array([rows["T:7"], attack]), np.array([0.5, 0.4], np.float32), 0.1)
    seen = evidence_of([sure, unsure, unsure], graph)[1]
    assert seen == pytest.approx(np.array([[0, 0], [0, 0.8]], np.float32))
    after = reweighed(unsure, seen, Weights(1.0, 1.0))
    odds = np.array([0.5, 0.4 * np.exp(0.8), 0.1])
    assert [*after.shares, after.nil] == pytest.approx(odds / odds.sum())
    documents = [([sure, unsure], [frozenset({drug}), frozenset({attack})])]
    assert fit_weights(documents, graph).related > 0
    assert fit_weights([([sure, unsure], [frozenset({drug}), frozenset({rows["T:7"]})])], graph).related == 0


def test_nearest_vectors(tmp_path: Path) -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float16)
    save_vectors(vectors, build_vector_index(vectors), tmp_path)
    opened = open_vectors(tmp_path)
    assert opened.nearest(np.array([[0, 1]], np.float32), 4).tolist() == [[1, 2, 0, -1]]
    assert isinstance(opened, NameVectors) and np.array_equal(opened.vectors, vectors)


def test_many_vectors_are_searched_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgslm.linking.dense._FLAT", 100)
    vectors = np.random.default_rng(0).normal(size=(3000, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near = NameVectors(vectors.astype(np.float16), build_vector_index(vectors))
    assert (near.nearest(vectors[:50], 1)[:, 0] == np.arange(50)).mean() > 0.9
