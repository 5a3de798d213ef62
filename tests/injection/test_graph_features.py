"""Kinds of concepts and paths as numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgslm.errors import PackError
from kgslm.injection import ground_labels
from kgslm.injection.graph_features import ConceptGroups, PathFeatures
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept
from kgslm.records import Link, LinkedText

TEXT = "no heart attack but high fever"
LINKS = (Link(3, 15, "heart attack", "T:5", score=0.8), Link(25, 30, "fever", "T:31"))
LINKED = LinkedText(TEXT, LINKS)
TOKENS = [(0, 0), (0, 2), (3, 8), (9, 15), (16, 19), (20, 24), (25, 28), (28, 30), (0, 0)]


def test_tokens_have_the_groups_of_their_concepts(toy_pack: KnowledgePack) -> None:
    groups = ConceptGroups.of_groundings(ground_labels(toy_pack, ["heart disease", "finding", "C01"]))
    assert groups.names == ("heart disease", "finding", "C01")
    rows = groups.features(LINKED, TOKENS)
    assert rows.shape == (9, 5)
    # Myocardial infarction is a heart disease and a disease: 0.8 is divided among the two.
    assert rows[2] == pytest.approx([0.4, 0, 0.4, 1, 1])
    assert rows[3] == pytest.approx([0.4, 0, 0.4, 1, 0])
    assert rows[6] == pytest.approx([0, 1, 0, 1, 1])
    assert rows[7] == pytest.approx([0, 1, 0, 1, 0])
    assert not rows[[0, 1, 4, 5, 8]].any()
    assert groups.features(LINKED, []).shape == (0, 5)


def test_a_concept_without_a_group_is_still_a_mention(toy_pack: KnowledgePack) -> None:
    groups = ConceptGroups.of_groundings(ground_labels(toy_pack, ["infection"]))
    assert groups.features(LINKED, [(25, 30)]).tolist() == [[0, 1, 1]]


def test_a_pack_brings_its_own_groups(toy_pack: KnowledgePack) -> None:
    groups = ConceptGroups.of_pack(toy_pack)
    assert groups.names == ("disease", "clinical finding", "drug", "finding")
    assert groups.members["T:21"] == (2,)
    assert groups.members["T:31"] == (1, 3)
    assert ConceptGroups.of_pack(toy_pack, most=1).names == ("disease",)


def test_a_root_of_everything_makes_way(tmp_path: Path) -> None:
    builder = PackBuilder("rooted")
    edges = {"all": None, "body": "all", "mind": "all", "heart": "body", "mood": "mind"}
    builder.add(
        Origin("rooted"),
        [SourceConcept(f"R:{name}", name, parents=(f"R:{above}",) if above else ()) for name, above in edges.items()],
    )
    folder = tmp_path / "pack"
    builder.write(folder)
    groups = ConceptGroups.of_pack(KnowledgePack.open(folder))
    assert set(groups.names) == {"body", "mind"} and len(groups.members) == 4


def test_paths_by_their_length_and_predicates(toy_pack: KnowledgePack) -> None:
    paths = PathFeatures(toy_pack, ["TREATS", "HAS_SYMPTOM", "is_a"])
    names = list(paths.names)
    assert names[:5] == ["length 0", "length 1", "length 2", "length 3", "no path"]

    def told(start: str, end: str) -> dict[str, float]:
        row = paths.features(start, end)
        assert row.dtype == np.float32
        return {name: round(float(value), 3) for name, value in zip(names, row, strict=True) if value}

    assert told("T:23", "T:3") == {"length 1": 1, "TREATS >": 1}
    assert told("T:3", "T:23") == {"length 1": 1, "TREATS <": 1}
    assert told("T:3", "T:3") == {"length 0": 1}
    # Aspirin treats fever, which pneumonia has.
    assert told("T:21", "T:3") == {"length 2": 1, "TREATS >": 0.5, "HAS_SYMPTOM <": 0.5}
    # By way of pneumonia, and by way of clinical finding.
    assert told("T:31", "T:32") == {
        "length 2": 1, "HAS_SYMPTOM <": 0.25, "HAS_SYMPTOM >": 0.25, "is_a >": 0.25, "is_a <": 0.25,
    }  # fmt: skip
    assert told("T:6", "T:33") == {"no path": 1}
    with pytest.raises(PackError):
        paths.features("T:6", "T:99")
