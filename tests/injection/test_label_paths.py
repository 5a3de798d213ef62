"""From a mention to its label, step by step."""

from __future__ import annotations

import pytest

from kgslm.injection import EvidenceArm
from kgslm.injection.evidence import EvidenceScorer
from kgslm.injection.label_paths import label_path, link_shares
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceRelation
from kgslm.records import IS_A, Link, PathStep


def link(concept: str | None, *, negated: bool = False) -> Link:
    return Link(0, 1, "x", concept, concept or "", negated=negated)


@pytest.fixture
def scorer(toy_pack: KnowledgePack) -> EvidenceScorer:
    arm = EvidenceArm(predicates=["TREATS"])
    return arm.scorer(toy_pack, arm.ground(toy_pack, ["infection", "heart disease", "finding"]), [])


def test_up_the_hierarchy(toy_pack: KnowledgePack, scorer: EvidenceScorer) -> None:
    assert label_path(toy_pack, scorer, link("T:3"), 0) == (PathStep(IS_A, True, "T:2", "infection"),)
    assert label_path(toy_pack, scorer, link("T:2"), 0) == ()
    assert label_path(toy_pack, scorer, link("T:5"), 0) == ()
    assert label_path(toy_pack, scorer, link("T:31"), 2) == ()
    assert label_path(toy_pack, scorer, link(None), 0) == ()


def test_by_way_of_a_chosen_relation(toy_pack: KnowledgePack, scorer: EvidenceScorer) -> None:
    assert label_path(toy_pack, scorer, link("T:23"), 0) == (
        PathStep("TREATS", True, "T:3", "pneumonia"),
        PathStep(IS_A, True, "T:2", "infection"),
    )


def test_by_way_of_an_opposite(tmp_path_factory: pytest.TempPathFactory) -> None:
    builder = PackBuilder("tones")
    concepts = [
        SourceConcept("W:good", "good"),
        SourceConcept("W:bad", "bad"),
        SourceConcept("W:profit", "profit", parents=("W:good",)),
    ]
    builder.add(Origin("tones"), [*concepts, SourceRelation("W:bad", "opposite_of", "W:good")])
    folder = tmp_path_factory.mktemp("tones") / "pack"
    builder.write(folder)
    pack = KnowledgePack.open(folder)
    arm = EvidenceArm()
    scorer = arm.scorer(pack, arm.ground(pack, ["good", "bad"]), [])
    assert label_path(pack, scorer, link("W:profit", negated=True), 1) == (
        PathStep(IS_A, True, "W:good", "good"),
        PathStep("opposite_of", False, "W:bad", "bad"),
    )
    assert label_path(pack, scorer, link("W:profit"), 1) == ()


def test_links_with_their_shares(toy_pack: KnowledgePack, scorer: EvidenceScorer) -> None:
    links = [link("T:3", negated=True), link(None)]
    (found,) = link_shares(toy_pack, scorer, links, [0.5, 0.25], 0)
    assert (found.concept, found.share, found.flags) == ("T:3", 0.5, ("negated",))
    assert [step.name for step in found.path] == ["infection"]
    whys = [
        found.why for found in link_shares(toy_pack, scorer, [link("T:3"), link("T:2"), link("T:31")], [0.5] * 3, 0)
    ]
    assert whys == [scorer.groundings[0].why, scorer.groundings[0].why, ""] and whys[0]
