"""Predicting with a pack alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgslm.errors import ConfigError, DataError
from kgslm.packs import KnowledgePack
from kgslm.recipes.explain import Explain
from kgslm.recipes.zero_shot import predict_zero_shot, zero_shot
from kgslm.records import Example
from kgslm.tuning.zero_shot import ZeroShotClassifier

LABELS = ["heart disease", "infection"]
TEXTS = ["a heart attack and pain", "pneumonia with fever", ""]


@pytest.fixture(scope="module")
def classifier(toy_pack: KnowledgePack, tiny_encoder: Path) -> ZeroShotClassifier:
    return zero_shot(toy_pack, LABELS, model=str(tiny_encoder))


def test_the_graph_names_the_label(classifier: ZeroShotClassifier) -> None:
    predictions = classifier.predict(TEXTS)
    assert [it.label for it in predictions[:2]] == LABELS
    for it in predictions:
        assert list(it.scores) == LABELS
        assert sum(it.scores.values()) == pytest.approx(1)
    assert classifier.predict([]) == []


def test_the_names_teach_a_fair_classifier(classifier: ZeroShotClassifier) -> None:
    # Two labels are one direction, seen from either side.
    assert np.allclose(classifier.weight.sum(axis=0), 0) and np.allclose(classifier.bias.sum(), 0)


def test_the_same_again(classifier: ZeroShotClassifier, toy_pack: KnowledgePack, tiny_encoder: Path) -> None:
    again = zero_shot(toy_pack, "heart disease, infection", model=str(tiny_encoder))
    assert again.predict(TEXTS) == classifier.predict(TEXTS)


def test_a_file_says_what_labels_stand_for(toy_pack: KnowledgePack, tiny_encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.yaml").write_text("Herz: [heart disease]\ninfection:\n")
    classifier = zero_shot(toy_pack, tmp_path / "labels.yaml", model=str(tiny_encoder))
    (tmp_path / "texts.jsonl").write_text(
        "".join(json.dumps({"id": f"t{n}", "text": it}) + "\n" for n, it in enumerate(TEXTS))
    )
    assert predict_zero_shot(classifier, tmp_path / "texts.jsonl", tmp_path / "out.jsonl") == 3
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(line["id"], line["label"]) for line in lines[:2]] == [("t0", "Herz"), ("t1", "infection")]


def test_bad_labels_are_one_clear_line(toy_pack: KnowledgePack, tiny_encoder: Path, tmp_path: Path) -> None:
    def refused(labels: str | Path | list[str]) -> str:
        with pytest.raises(ConfigError) as error:
            zero_shot(toy_pack, labels, model=str(tiny_encoder))
        assert "\n" not in str(error.value)
        return str(error.value)

    assert refused(["infection"]) == "labels: at least two are needed"
    assert "labels.astrology: the pack toy has nothing of this name" in refused(["infection", "astrology"])
    assert "no such file" in refused("labels.yaml")
    (tmp_path / "bad.yaml").write_text("a: [infection\n")
    assert f"{tmp_path}/bad.yaml" in refused(tmp_path / "bad.yaml")
    (tmp_path / "odd.yaml").write_text("a: {b: c}\nd: [infection]\n")
    assert "labels" in refused(tmp_path / "odd.yaml")


def test_a_single_text_is_not_a_list(classifier: ZeroShotClassifier) -> None:
    with pytest.raises(DataError, match="put a single text into a list"):
        classifier.predict("a heart attack")


def test_the_command(toy_pack: KnowledgePack, tmp_path: Path, cli: Any) -> None:
    run = cli("predict", toy_pack.path, tmp_path / "x.jsonl", "-o", tmp_path / "o.jsonl", "--zero-shot")
    assert run.status == 2 and "--zero-shot and --labels go together" in run.err


def test_zero_shot_shares_are_exact(classifier: ZeroShotClassifier) -> None:
    explained = list(classifier.explain(TEXTS))
    logits = classifier.logits([Example(str(number), text) for number, text in enumerate(TEXTS)])
    for row, explanation in enumerate(explained):
        (decision,) = explanation.decisions
        assert decision.logit == pytest.approx(logits[row].max())
        assert sum(decision.shares.values()) == pytest.approx(decision.logit) and decision.rest == 0
        assert sum(link.share for link in decision.links) == pytest.approx(decision.shares["evidence"], abs=1e-6)
    attack = explained[0].decisions[0].links[0]
    assert (attack.name, [step.name for step in attack.path]) == ("myocardial infarction", ["heart disease"])
    assert list(classifier.explain([])) == []


def test_the_command_explains(toy_pack: KnowledgePack, tiny_encoder: Path, tmp_path: Path) -> None:
    classifier = zero_shot(toy_pack, LABELS, model=str(tiny_encoder))
    (tmp_path / "texts.jsonl").write_text(json.dumps({"id": "a", "text": TEXTS[0]}) + "\n")
    predict_zero_shot(
        classifier, tmp_path / "texts.jsonl", tmp_path / "out.jsonl", explain=Explain(tmp_path / "page.html")
    )
    record = json.loads((tmp_path / "out.jsonl").read_text())
    assert record["explanation"]["decisions"][0]["label"] == record["label"] == "heart disease"
    assert "myocardial infarction" in (tmp_path / "page.html").read_text()


def test_a_label_that_is_described_is_said(toy_pack: KnowledgePack, tiny_encoder: Path) -> None:
    classifier = zero_shot(toy_pack, ["infection", "diseases of the heart"], model=str(tiny_encoder))
    assert classifier.groundings[1].how == "likeness"
    assert classifier.predict(TEXTS[:1])[0].label == "diseases of the heart"


def test_calibration_changes_probabilities_and_no_label(classifier: ZeroShotClassifier) -> None:
    wrong = [Example("a", TEXTS[0], ("infection",)), Example("b", TEXTS[1], ("heart disease",))]
    humble, calibration = classifier.calibrated([*wrong, Example("c", "fever", ("unknown",))])
    assert calibration.texts == 2 and calibration.temperature > 1
    # Both are wrong, so that every bit of confidence is too much; one half is the least that two labels allow.
    assert calibration.ece_after < calibration.ece_before and calibration.ece_after == pytest.approx(0.5, abs=0.05)
    assert [it.label for it in humble.predict(TEXTS)] == [it.label for it in classifier.predict(TEXTS)]
    sure, right = classifier.calibrated(
        [replace(wrong[0], labels=(LABELS[0],)), replace(wrong[1], labels=(LABELS[1],))]
    )
    assert right.temperature < 1 and right.ece_after < right.ece_before
    (explained,) = sure.explain(TEXTS[:1])
    assert sum(explained.decisions[0].shares.values()) == pytest.approx(explained.decisions[0].logit)
    with pytest.raises(DataError, match="no text has one of the labels heart disease, infection"):
        classifier.calibrated([])


def test_calibrate_is_for_zero_shot(toy_pack: KnowledgePack, tmp_path: Path, cli: Any) -> None:
    run = cli("predict", toy_pack.path, tmp_path / "x.jsonl", "-o", tmp_path / "o.jsonl", "--calibrate", tmp_path / "c")
    assert run.status == 2 and "--calibrate is for --zero-shot" in run.err
