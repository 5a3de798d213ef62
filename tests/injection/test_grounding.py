"""Labels to concepts."""

from __future__ import annotations

import pytest

from kgslm.errors import ConfigError
from kgslm.injection import ground_labels
from kgslm.packs import KnowledgePack


def members(pack: KnowledgePack, label: str, **options: object) -> set[str]:
    (grounding,) = ground_labels(pack, [label], **options)  # type: ignore[arg-type]
    return set(grounding.members)


def test_a_label_is_an_id_a_tree_number_a_category_or_a_name(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "T:4") == {"T:4", "T:5"}
    assert members(toy_pack, "C01.100") == {"T:2", "T:3"}
    assert members(toy_pack, "finding") == {"T:30", "T:31", "T:32", "T:33"}
    assert members(toy_pack, "Heart Attack") == {"T:5"}
    assert members(toy_pack, "heart_disease") == {"T:4", "T:5"}


def test_a_label_name_helps_and_an_unknown_label_has_no_concepts(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "L1") == set()
    assert members(toy_pack, "L1", label_names={"L1": "cardiac disease"}) == {"T:4", "T:5"}


def test_given_concepts_are_used_and_checked(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "heart", given={"heart": ["T:5", "C01.500"]}) == {"T:5", "T:7"}
    with pytest.raises(ConfigError, match=r"inject\.evidence\.labels\.heart: 'T:99' is no concept"):
        ground_labels(toy_pack, ["heart"], {"heart": ["T:99"]})


def test_an_obsolete_id_grounds_to_its_replacement(toy_pack: KnowledgePack) -> None:
    assert members(toy_pack, "T:8") == {"T:5"}
