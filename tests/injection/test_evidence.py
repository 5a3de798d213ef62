"""Evidence by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.injection import EvidenceArm, EvidenceScorer, Grounding
from kgslm.injection.evidence import Flagged
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceRelation
from kgslm.records import Link, LinkedText

GROUNDINGS = (
    Grounding("heart", ("H",), frozenset({"H", "H1"})),
    Grounding("lung", ("L",), frozenset({"L", "HL"})),
    Grounding("both", ("HL",), frozenset({"HL", "H1"})),
)


def linked(concepts: Sequence[str]) -> LinkedText:
    text = "x " * len(concepts)
    links = tuple(Link(2 * place, 2 * place + 1, "x", concept) for place, concept in enumerate(concepts))
    return LinkedText(text, links)


def test_shares_are_split_over_labels_weighted_and_square_rooted() -> None:
    scorer = EvidenceScorer(GROUNDINGS, {"H": 1.0, "H1": 2.0}, unseen_idf=4.0)
    # H counts 1 for heart; H1 counts 2 / 2 = 1 for heart and both; HL (unseen) 4 / 2 = 2 for lung and both.
    ((row,),) = scorer.score([linked(["H", "H1", "HL", "nothing"])])
    shares = np.array([2.0, 2.0, 3.0]) / 7
    expected = np.sqrt(shares) - np.sqrt(shares).mean()
    assert row == pytest.approx(expected, abs=1e-6)


def test_repeated_mentions_count_by_the_logarithm() -> None:
    scorer = EvidenceScorer(GROUNDINGS[:2], {"H": 1.0, "L": 1.0}, unseen_idf=1.0)
    ((row,),) = scorer.score([linked(["H", "H", "H", "L"])])
    heart = 1 + np.log(3)
    shares = np.array([heart, 1.0]) / (heart + 1)
    assert row == pytest.approx(np.sqrt(shares) - np.sqrt(shares).mean(), abs=1e-6)


def test_a_text_without_a_concept_of_any_label_has_no_evidence() -> None:
    scorer = EvidenceScorer(GROUNDINGS, {}, unseen_idf=1.0)
    assert not scorer.score([linked([]), linked(["other"])]).any()
    assert scorer.score([]).shape == (0, 1, 3)


def test_idf_counts_documents_once() -> None:
    scorer = EvidenceScorer.fit(GROUNDINGS, [linked(["H", "H"]), linked(["H", "L"]), linked([])])
    assert scorer.idf == pytest.approx({"H": np.log(4 / 3), "L": np.log(4 / 2)})
    assert scorer.unseen_idf == pytest.approx(np.log(4))
    assert EvidenceScorer.fit(GROUNDINGS, [linked(["H"])]).score([linked(["H"])]).any()


def test_a_concept_of_a_later_build_weighs_as_much_as_the_usual_mention() -> None:
    old = (Grounding("A", ("a",), frozenset({"a", "b"})), Grounding("B", ("c",), frozenset({"c", "d"})))
    saved = EvidenceScorer.fit(old, [linked(["a"]), linked(["a"]), linked(["a", "c"]), linked([])])
    fresh = replace(saved, groundings=(replace(old[0], members=frozenset({"a", "b", "new"})), old[1]), idf={})
    renewed = saved.renewed(fresh)
    assert renewed.groundings == fresh.groundings
    assert {id_: renewed.idf[id_] for id_ in ("a", "c")} == dict(saved.idf)
    # "a" was mentioned three times and "c" once.
    assert renewed.idf["new"] == pytest.approx((3 * saved.idf["a"] + saved.idf["c"]) / 4)
    assert not {"b", "d"} & renewed.idf.keys(), "these could be seen and were not"
    nothing = EvidenceScorer.fit(old, [linked([])])
    assert nothing.renewed(fresh).idf["new"] == nothing.unseen_idf


def denied(linked_text: LinkedText, *places: int) -> LinkedText:
    """The text with some of its mentions negated."""
    links = tuple(replace(link, negated=place in places) for place, link in enumerate(linked_text.links))
    return replace(linked_text, links=links)


def shares(scorer: EvidenceScorer, text: LinkedText, split: int | None = None) -> list[list[float]]:
    """The shares that were square-rooted and centred, where at least one label has none."""
    rows = scorer.score([text], [split])[0]
    return [[round(float(value), 5) for value in (row - row.min()) ** 2] for row in rows]


@pytest.mark.parametrize(
    ("flagged", "expected"),
    [("count", [[0.5, 0.5]]), ("ignore", [[1, 0]]), ("separate", [[1, 0], [0, 1]])],
)
def test_denied_mentions_count_or_not_or_by_themselves(flagged: Flagged, expected: list[list[float]]) -> None:
    scorer = EvidenceScorer(GROUNDINGS[:2], {"H": 1.0, "L": 1.0}, 1.0, flagged)
    rows = scorer.score([denied(linked(["H", "L"]), 1)])[0]
    assert len(rows) == len(scorer.channels)
    wanted = np.sqrt(np.array(expected, float))
    assert rows == pytest.approx(wanted - wanted.mean(axis=1, keepdims=True), abs=1e-6)


def test_a_related_concept_has_a_channel_of_its_own() -> None:
    groundings = (replace(GROUNDINGS[0], related=frozenset({"pill"})), GROUNDINGS[1])
    scorer = EvidenceScorer(groundings, {}, 1.0)
    assert scorer.channels == ("concepts", "relations")
    assert shares(scorer, linked(["pill", "L"])) == [[0, 1], [1, 0]]


def test_a_pair_agrees_differs_or_says_something_new() -> None:
    states = [
        Grounding(name, (f"pair:{name}",), frozenset({f"pair:{name}"})) for name in ("agrees", "differs", "absent")
    ]
    scorer = EvidenceScorer(tuple(states), {}, 1.0)
    # The first text ends behind its second mention; H is said again, L is denied in the second text, N is new.
    text = denied(linked(["H", "L", "H", "L", "N"]), 3)
    assert shares(scorer, linked(["H", "H"]), split=2) == [[1, 0, 0]]
    assert shares(scorer, denied(linked(["H", "H"]), 1), split=2) == [[0, 1, 0]]
    assert shares(scorer, linked(["H", "N"]), split=2) == [[0, 0, 1]]
    (row,) = scorer.score([text], [4])[0]
    # H and L are mentioned twice each in all, so that a mention of theirs weighs (1 + ln 2) / 2, and N weighs 1.
    assert row[2] > row[0] == row[1] and row.sum() == pytest.approx(0, abs=1e-6)
    assert not scorer.score([linked(["H", "H"])]).any()


@given(
    st.lists(st.sampled_from(["H", "H1", "L", "HL", "none"]), max_size=8),
    st.sampled_from(["count", "separate"]),
    st.data(),
)
def test_the_mentions_add_up_to_the_score(concepts: list[str], flagged: Flagged, data: st.DataObject) -> None:
    scorer = EvidenceScorer(GROUNDINGS, {"H": 0.3, "L": 2.0}, 1.0, flagged, {"H": (1,)})
    places = data.draw(st.sets(st.integers(0, 7)))
    text = denied(linked(concepts), *places)
    dealt = scorer.contributions(text)
    assert dealt.shape == (len(concepts), len(scorer.channels), 3)
    assert dealt.sum(axis=0) == pytest.approx(scorer.score([text])[0], abs=1e-6)


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> KnowledgePack:
    """Good and bad words, which a relation calls opposite."""
    builder = PackBuilder("tones")
    concepts = [
        SourceConcept("W:good", "good tone"),
        SourceConcept("W:bad", "bad tone"),
        SourceConcept("W:profit", "profitable", categories=("positive",), parents=("W:good",)),
        SourceConcept("W:loss", "unprofitable", categories=("negative",), parents=("W:bad",)),
        SourceConcept("W:seat", "seated", categories=("neutral",)),
    ]
    builder.add(Origin("tones"), [*concepts, SourceRelation("W:good", "OPPOSITE_OF", "W:bad")])
    folder = tmp_path_factory.mktemp("tones") / "pack"
    builder.write(folder)
    return KnowledgePack.open(folder)


def test_a_denied_mention_counts_for_the_opposite(tones: KnowledgePack) -> None:
    arm = EvidenceArm()
    groundings = arm.ground(tones, ["negative", "neutral", "positive"])
    scorer = arm.scorer(tones, groundings, [linked(["W:profit"]), linked([])])
    assert scorer.flips == {"W:bad": (2,), "W:good": (0,), "W:loss": (2,), "W:profit": (0,)}
    assert shares(scorer, linked(["W:profit"])) == [[0, 0, 1]]
    assert shares(scorer, denied(linked(["W:profit"]), 0)) == [[1, 0, 0]]
    assert shares(scorer, denied(linked(["W:seat"]), 0)) == [[0, 1, 0]]
    assert EvidenceArm(opposites=False).scorer(tones, groundings, []).flips == {}


def test_plain_data_and_back(tones: KnowledgePack, tmp_path: Path) -> None:
    arm = EvidenceArm(flagged="separate")
    scorer = arm.scorer(tones, arm.ground(tones, ["positive", "unknown", "negative"]), [linked(["W:profit"])])
    facts = json.loads(json.dumps(scorer.facts()))
    assert EvidenceScorer.from_facts(facts) == scorer
    # As version 0.1.0 wrote it.
    old = {"labels": {"a": {"concepts": ["H"], "members": ["H"]}}, "idf": {"H": 1.0}, "unseen_idf": 2.0}
    assert EvidenceScorer.from_facts(old).score([linked(["H"])]).shape == (1, 1, 1)
