"""The switches of the arms."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.config import parse_config
from kgslm.errors import ConfigError
from kgslm.injection import ContextArm, EvidenceArm, Inject
from kgslm.recipes.task import TaskConfig


def test_an_arm_is_on_with_options_or_true_and_off_when_false_or_left_out() -> None:
    inject = Inject.model_validate({"context": {"max_facts": 2}, "embeddings": False, "evidence": True})
    assert inject.on == ("context", "evidence")
    assert inject.context == ContextArm(max_facts=2)
    assert Inject(evidence=EvidenceArm(), context=None).on == ("evidence",)


def test_a_cell_keeps_the_options_of_its_arms() -> None:
    inject = Inject(context=ContextArm(max_facts=2))
    assert inject.only("context", "embeddings").on == ("context", "embeddings")
    assert inject.only("context").context == ContextArm(max_facts=2)


def test_one_concept_may_stand_without_a_list() -> None:
    arm = EvidenceArm.model_validate({"labels": {"heart": "T:4", "lung": ["T:3", "T:2"]}})
    assert arm.labels == {"heart": ["T:4"], "lung": ["T:3", "T:2"]}


def test_an_arm_without_a_value_is_asked_about() -> None:
    data = {"task": "classification", "data": {"train": "x"}, "inject": {"evidence": None}}
    with pytest.raises(ConfigError, match=r"t\.yaml:inject: evidence has no value; write evidence: true"):
        parse_config(data, TaskConfig, where="t.yaml", base=Path())
