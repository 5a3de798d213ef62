"""Shares that add up."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from kgslm.errors import MissingExtra
from kgslm.injection import ContextArm, EmbeddingsArm, EvidenceArm, Inject
from kgslm.injection.fusion import GatedFusion
from kgslm.packs import KnowledgePack
from kgslm.records import Example, Explanation
from kgslm.tuning.finetune import finetune
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning

TEXTS = [
    ("heart disease", "acute myocardial infarction with chest pain"),
    ("heart disease", "the patient had a heart attack"),
    ("heart disease", "chronic heart disease and high blood pressure"),
    ("heart disease", "no heart attack but cardiac disease"),
    ("heart disease", "MI in the acute patient"),
    ("infection", "pneumonia with fever and cough"),
    ("infection", "bacterial infection of the lung"),
    ("infection", "fever for pneumonia"),
    ("infection", "an infection of the skin"),
    ("infection", "acute infection with rash"),
]


def examples(*, several: bool = False) -> list[Example]:
    found = [Example(str(number), text, (label,)) for number, (label, text) in enumerate(TEXTS)]
    return [*found, Example("none", "the drug and the liver", ())] if several else found


@pytest.fixture(scope="module")
def model(tiny_encoder: Path, toy_pack: KnowledgePack) -> KnowledgeModel:
    arms = Inject(context=ContextArm(max_tokens=24), embeddings=EmbeddingsArm(start="closed"), evidence=EvidenceArm())
    train = TrainOptions(epochs=3, batch_size=4, learning_rate=1e-2)
    model = finetune(
        examples(), Tuning(model=str(tiny_encoder), max_length=32, inject=arms, train=train), pack=toy_pack
    )
    # So that every arm has a share, whatever so few texts have taught.
    assert isinstance(model.network.fusion, GatedFusion)
    model.network.fusion.gate.data.fill_(0.5)
    model.network.trust.fill_(2.0)
    return model


def check(explanation: Explanation, model: KnowledgeModel, example: Example) -> None:
    logits = model.logits([example])[0]
    for decision in explanation.decisions:
        label = model.labels.index(decision.label)
        assert decision.logit == pytest.approx(logits[label], abs=1e-4)
        assert decision.baseline + sum(decision.shares.values()) + decision.rest == pytest.approx(
            decision.logit, abs=1e-4
        )
        inside = sum(share for arm, share in decision.shares.items() if arm != "evidence")
        assert abs(decision.rest) <= 0.02 * max(1, abs(inside + decision.rest)) + 1e-6
        assert sum(link.share for link in decision.links) == pytest.approx(decision.shares.get("evidence", 0), abs=1e-5)


def test_the_shares_make_up_the_logit(model: KnowledgeModel) -> None:
    pytest.importorskip("captum")
    texts = [examples()[3], Example("empty", "")]
    found = list(model.explain(texts))
    assert [it.id for it in found] == ["3", "empty"]
    for explanation, example in zip(found, texts, strict=True):
        check(explanation, model, example)
        assert {"text", "evidence", "embeddings"} <= set(explanation.decisions[0].shares)
    (decision,) = found[0].decisions
    assert decision.label == model.predict([texts[0]])[0].label
    assert decision.shares["embeddings"] != 0
    attack = decision.links[0]
    assert (attack.surface, attack.flags) == ("heart attack", ("negated",))
    if decision.label == "heart disease":
        assert [step.name for step in attack.path] == ["heart disease"] and attack.share > 0


def test_the_evidence_is_trust_times_evidence(model: KnowledgeModel) -> None:
    pytest.importorskip("captum")
    example = examples()[0]
    (explanation,) = model.explain([example])
    (known,) = model.injector.read([example])
    assert known.evidence is not None
    expected = (model.network.trust.numpy() * known.evidence).sum(axis=0)
    (decision,) = explanation.decisions
    assert decision.shares["evidence"] == pytest.approx(expected[model.labels.index(decision.label)], abs=1e-6)


def test_the_same_again(model: KnowledgeModel) -> None:
    pytest.importorskip("captum")
    assert list(model.explain(["fever"])) == list(model.explain(["fever"]))


def test_every_chosen_label_is_explained(tiny_encoder: Path) -> None:
    pytest.importorskip("captum")
    data = examples(several=True)
    model = finetune(data, Tuning(model=str(tiny_encoder), max_length=32, train=TrainOptions(epochs=0)))
    for example, explanation in zip(data, model.explain(data), strict=True):
        check(explanation, model, example)
        chosen = model.predict([example])[0].labels
        names = tuple(decision.label for decision in explanation.decisions)
        assert names == chosen if chosen else len(names) == 1 and not explanation.decisions[0].chosen
        assert set(explanation.decisions[0].shares) == {"text"}


def test_without_captum_it_says_how_to_get_it(model: KnowledgeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(MissingExtra, match=r"captum: .*pip install 'kgslm\[explain\]'"):
        list(model.explain(["fever"]))
    assert np.isfinite(model.logits([Example("1", "fever")])).all()
