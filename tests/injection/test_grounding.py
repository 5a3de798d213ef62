"""Labels to concepts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kgslm.errors import ConfigError
from kgslm.injection import ground_labels, grounding_report
from kgslm.injection.likeness import Likeness
from kgslm.packs import KnowledgePack


def members(pack: KnowledgePack, label: str, **options: object) -> set[str]:
    (grounding,) = ground_labels(pack, [label], **options)  # type: ignore[arg-type]
    return set(grounding.members)


def test_a_label_is_an_id_a_tree_number_a_category_or_a_name(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "T:4") == {"T:4", "T:5"}
    assert members(toy_pack, "C01.100") == {"T:2", "T:3"}
    assert members(toy_pack, "finding") == members(toy_pack, "Finding") == {"T:30", "T:31", "T:32", "T:33"}
    assert members(toy_pack, "Heart Attack") == {"T:5"}
    assert members(toy_pack, "heart_disease") == {"T:4", "T:5"}


def test_a_label_name_helps_and_an_unknown_label_has_no_concepts(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "L1") == set()
    assert members(toy_pack, "L1", label_names={"L1": "cardiac disease"}) == {"T:4", "T:5"}


def test_given_concepts_are_used_and_checked(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "heart", given={"heart": ["T:5", "C01.500"]}) == {"T:5", "T:7"}
    with pytest.raises(ConfigError, match=r"inject\.evidence\.labels\.heart: 'T:99' is no concept"):
        ground_labels(toy_pack, ["heart"], {"heart": ["T:99"]})


def test_what_a_label_was_grounded_to_and_why(toy_pack: KnowledgePack) -> None:
    labels = ["T:4", "C01.100", "finding", "Heart Attack", "L1", "asthma", "astrology"]
    grounded = ground_labels(toy_pack, labels, {"asthma": ["T:7"]}, {"L1": "fever"})
    assert [(it.how, it.why) for it in grounded] == [
        ("id", "id T:4"),
        ("tree number", "tree number C01.100"),
        ("category", "category finding"),
        ("synonym", "synonym Heart Attack"),
        ("name", "name fever"),
        ("given", "given as the id T:7"),
        ("", ""),
    ]
    report = grounding_report(toy_pack, grounded)
    assert report[0] == {
        "label": "T:4",
        "how": "id",
        "why": "id T:4",
        "concepts": [{"id": "T:4", "name": "heart disease"}],
        "members": 2,
        "related": 0,
    }
    assert report[-1]["concepts"] == [] and report[-1]["how"] == ""


def test_a_label_that_is_no_name_is_grounded_by_common_words(toy_pack: KnowledgePack) -> None:
    likeness = Likeness(toy_pack)
    (grounding,) = ground_labels(toy_pack, ["diseases of the heart"], likeness=likeness)
    assert grounding.members == {"T:4", "T:5"} and grounding.how == "likeness"
    assert grounding.why == "described like diseases of the heart (1.00)"
    assert not ground_labels(toy_pack, ["tax law"], likeness=likeness)[0].concepts


class Axes:
    """Puts texts that speak of the same thing on the same axis."""

    name, dim, fingerprint = "axes", 3, "axes"

    def embed(self, texts: Sequence[str], batch_size: int = 64, progress: object = None) -> np.ndarray:
        things = ("blood sugar", "lung", "")
        found = [next(place for place, thing in enumerate(things) if thing in text.lower()) for text in texts]
        return np.eye(3, dtype=np.float32)[found]


def test_an_encoder_finds_what_has_no_common_word(toy_pack: KnowledgePack) -> None:
    likeness = Likeness(toy_pack, Axes(), threshold=0.7)
    (by_name,) = ground_labels(toy_pack, ["too much blood sugar"], likeness=likeness)
    # Their definitions speak of it: diabetes and metformin.
    assert set(by_name.concepts) == {"T:6", "T:22"}
    (described,) = ground_labels(
        toy_pack, ["G"], descriptions={"G": "all about blood sugar"}, likeness=Likeness(toy_pack, Axes(), 0.7)
    )
    assert set(described.concepts) == {"T:6", "T:22"}
    assert not ground_labels(toy_pack, ["too much blood sugar"], likeness=Likeness(toy_pack, Axes(), 0.95))[0].concepts


def test_predicates_lead_to_related_concepts(toy_pack: KnowledgePack) -> None:
    (grounding,) = ground_labels(toy_pack, ["infection"], predicates=["TREATS"])
    assert grounding.members == {"T:2", "T:3"} and grounding.related == {"T:23"}
    (drugs,) = ground_labels(toy_pack, ["penicillin"], predicates=["TREATS"])
    assert drugs.related == {"T:3"}
    with pytest.raises(ConfigError, match=r"inject\.evidence\.predicates: .*TREAT.*did you mean 'TREATS'"):
        ground_labels(toy_pack, ["infection"], predicates=["TREAT"])


def test_an_obsolete_id_grounds_to_its_replacement(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "T:8") == {"T:5"}
