"""A tiny model learns, is saved and opened again, and is honest about its pack."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kgslm.artifacts import MANIFEST
from kgslm.data.classification import Dataset
from kgslm.embedding.graph.config import parse_graph_config
from kgslm.embedding.graph.embed import embed_graph
from kgslm.errors import ConfigError, DataError, KgslmError, ModelError
from kgslm.injection import ContextArm, EmbeddingsArm, EvidenceArm, Inject
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept
from kgslm.records import Example
from kgslm.tuning.finetune import finetune
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning

ALL_ARMS = Inject(context=ContextArm(max_tokens=24), embeddings=EmbeddingsArm(start="closed"), evidence=EvidenceArm())
TEXTS = [
    ("heart disease", "acute myocardial infarction with chest pain"),
    ("heart disease", "the patient had a heart attack"),
    ("heart disease", "chronic heart disease and high blood pressure"),
    ("infection", "pneumonia with fever and cough"),
    ("infection", "bacterial infection of the lung"),
    ("infection", "fever for asthma and pneumonia"),
]
EXAMPLES = [Example(str(number), text, (label,)) for number, (label, text) in enumerate(TEXTS)]
ODD = [Example("empty", ""), Example("long", "fever " * 300), Example("unknown", "\u05d0 \U0001f600 xyz")]


def tuning(model: Path, inject: Inject, **options: object) -> Tuning:
    train = TrainOptions(epochs=2, batch_size=4, learning_rate=1e-2, **options)
    return Tuning(model=str(model), max_length=32, inject=inject, train=train)


@pytest.fixture(scope="module")
def trained(tiny_encoder: Path, toy_pack: KnowledgePack) -> KnowledgeModel:
    return finetune(Dataset(tuple(EXAMPLES)), tuning(tiny_encoder, ALL_ARMS), pack=toy_pack)


def test_with_every_gate_closed_the_logits_are_the_plain_models(tiny_encoder: Path, toy_pack: KnowledgePack) -> None:
    untrained = {"epochs": 0, "batch_size": 4, "learning_rate": 1e-2}
    plain = finetune(
        Dataset(tuple(EXAMPLES)),
        Tuning(model=str(tiny_encoder), train=TrainOptions(**untrained)),
    )
    # No sentence fits into four tokens, so that the context stays empty.
    arms = Inject(context=ContextArm(max_tokens=4), embeddings=EmbeddingsArm(start="closed"), evidence=EvidenceArm())
    full = Tuning(model=str(tiny_encoder), inject=arms, train=TrainOptions(**untrained))
    knowing = finetune(Dataset(tuple(EXAMPLES)), full, pack=toy_pack)
    assert knowing.network.fusion is not None
    assert knowing.network.fusion.openness() == 0
    texts = [*EXAMPLES, *ODD]
    assert not np.allclose(knowing.logits(texts), plain.logits(texts), atol=1e-3)
    knowing.network.trust.zero_()
    assert np.abs(knowing.logits(texts) - plain.logits(texts)).max() < 1e-6


def test_training_opens_the_gate_and_learns(trained: KnowledgeModel) -> None:
    assert trained.facts["gate"] != 0
    assert trained.facts["grounded_labels"] == 2
    assert [prediction.label for prediction in trained.predict(EXAMPLES)] == [label for label, _ in TEXTS]


def test_a_saved_model_gives_the_same_logits(trained: KnowledgeModel, tmp_path: Path) -> None:
    trained.save(tmp_path / "model")
    texts = [*EXAMPLES, *ODD]
    again = KnowledgeModel.load(tmp_path / "model")
    assert np.abs(again.logits(texts) - trained.logits(texts)).max() < 1e-6
    assert again.labels == trained.labels
    assert again.pack is not None
    assert trained.pack is not None
    assert again.pack.fingerprint == trained.pack.fingerprint


def test_graph_vectors_are_those_of_the_training(tiny_encoder: Path, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    pack = KnowledgePack.open(shutil.copytree(toy_pack.path, tmp_path / "toy"))
    arms = Inject(embeddings=EmbeddingsArm(vectors="complex", start="closed"))
    with pytest.raises(ConfigError, match="no complex vectors"):
        finetune(EXAMPLES, tuning(tiny_encoder, arms), pack=pack)
    learning = {"init": "random", "epochs": 1, "dim": 8}
    embed_graph(pack, parse_graph_config("complex", learning), None)
    model = finetune(EXAMPLES, tuning(tiny_encoder, arms), pack=pack)
    assert model.network.fusion is not None
    assert model.network.fusion.align.linear.in_features == 8
    assert model.network.fusion.openness() != 0
    model.save(tmp_path / "model")
    again = KnowledgeModel.load(tmp_path / "model", device="cpu")
    np.testing.assert_allclose(again.logits(EXAMPLES), model.logits(EXAMPLES), atol=1e-6)
    embed_graph(pack, parse_graph_config("complex", {**learning, "seed": 1}), None)
    with pytest.raises(ModelError, match="the concept vectors in the pack are not those of the training"):
        KnowledgeModel.load(tmp_path / "model", device="cpu")


def test_predictions_do_not_depend_on_the_other_texts(trained: KnowledgeModel) -> None:
    texts = [*EXAMPLES, *ODD]
    together = trained.logits(texts)
    alone = np.concatenate([trained.logits([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_strings_empty_and_long_texts_get_predictions(trained: KnowledgeModel) -> None:
    predictions = trained.predict(["", "fever", *(example.text for example in ODD)])
    assert [prediction.id for prediction in predictions] == ["0", "1", "2", "3", "4"]
    assert all(sum(prediction.scores.values()) == pytest.approx(1) for prediction in predictions)
    assert trained.predict([]) == []


def test_the_same_seed_gives_the_same_model(
    trained: KnowledgeModel, tiny_encoder: Path, toy_pack: KnowledgePack
) -> None:
    again = finetune(Dataset(tuple(reversed(EXAMPLES))), tuning(tiny_encoder, ALL_ARMS), pack=toy_pack)
    assert np.abs(again.logits(EXAMPLES) - trained.logits(EXAMPLES)).max() < 1e-5
    other = finetune(Dataset(tuple(EXAMPLES)), tuning(tiny_encoder, ALL_ARMS, seed=1), pack=toy_pack)
    assert np.abs(other.logits(EXAMPLES) - trained.logits(EXAMPLES)).max() > 1e-4


def test_another_pack_is_refused(trained: KnowledgeModel, tmp_path: Path) -> None:
    trained.save(tmp_path / "model")
    builder = PackBuilder("other", version="2")
    builder.add(Origin("terms"), [SourceConcept("X:1", "fever")])
    builder.write(tmp_path / "other")
    with pytest.raises(ModelError, match=r"trained with the pack toy 1 .*not with other 2"):
        KnowledgeModel.load(tmp_path / "model", pack=tmp_path / "other")


def test_a_damaged_or_foreign_folder_is_refused(trained: KnowledgeModel, tmp_path: Path) -> None:
    trained.save(tmp_path / "model")
    weights = tmp_path / "model" / "network.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    with pytest.raises(ModelError, match=r"network\.safetensors: the checksum differs"):
        KnowledgeModel.load(tmp_path / "model")
    (tmp_path / "model" / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="damaged"):
        KnowledgeModel.load(tmp_path / "model")
    with pytest.raises(ModelError, match="no such folder"):
        KnowledgeModel.load(tmp_path / "nothing")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(KgslmError, match="not empty and is no model"):
        trained.save(tmp_path / "mine")


def test_several_labels_a_text(tiny_encoder: Path, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    examples = [replace(example, labels=(*example.labels, "any")) for example in EXAMPLES]
    examples.append(Example("none", "the skin of the patient", ()))
    data = Dataset(tuple(examples), multi_label=True)
    model = finetune(data, tuning(tiny_encoder, ALL_ARMS), pack=toy_pack)
    (prediction,) = model.predict(["pneumonia with fever and cough"])
    assert "any" in prediction.labels
    assert all(0 <= score <= 1 for score in prediction.scores.values())
    model.save(tmp_path / "model")
    assert np.allclose(KnowledgeModel.load(tmp_path / "model").logits(examples), model.logits(examples), atol=1e-6)


def test_development_data_keeps_the_best_epoch(tiny_encoder: Path) -> None:
    data = Dataset(tuple(EXAMPLES))
    model = finetune(data, tuning(tiny_encoder, Inject(), patience=1), dev=data)
    assert model.facts["best_dev_score"] == 1.0


def test_pairs_of_texts_are_read_together(tiny_encoder: Path, toy_pack: KnowledgePack) -> None:
    pairs = [replace(example, text_pair="aspirin for fever") for example in EXAMPLES]
    model = finetune(Dataset(tuple(pairs)), tuning(tiny_encoder, ALL_ARMS), pack=toy_pack)
    first, second = model.logits([pairs[0], EXAMPLES[0]])
    assert np.abs(first - second).max() > 1e-4


def test_what_cannot_be_trained_is_said(tiny_encoder: Path, toy_pack: KnowledgePack) -> None:
    with pytest.raises(DataError, match="at least two labels; the data has infection"):
        finetune(Dataset(tuple(EXAMPLES[3:])), tuning(tiny_encoder, Inject()))
    with pytest.raises(ConfigError, match=r"inject\.context: this needs a pack"):
        finetune(Dataset(tuple(EXAMPLES)), tuning(tiny_encoder, ALL_ARMS))
    too_deep = Inject(embeddings=EmbeddingsArm(layer=4))
    with pytest.raises(ConfigError, match="4 leaves nothing to train; the model has 4 layers"):
        finetune(Dataset(tuple(EXAMPLES)), tuning(tiny_encoder, too_deep), pack=toy_pack)
    with pytest.raises(ModelError, match="max_length: 500 tokens, the model reads at most 160"):
        finetune(Dataset(tuple(EXAMPLES)), Tuning(model=str(tiny_encoder), max_length=500))


def test_evidence_in_several_channels_is_saved(tiny_encoder: Path, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    arms = Inject(evidence=EvidenceArm(predicates=["TREATS"], flagged="separate"))
    model = finetune(Dataset(tuple(EXAMPLES)), tuning(tiny_encoder, arms), pack=toy_pack)
    assert list(model.facts["trust_by_channel"]) == ["concepts", "relations", "flagged"]
    assert [entry["how"] for entry in model.facts["grounding"]] == ["name", "name"]
    assert model.network.trust.shape == (3, 2)
    model.network.trust += torch.tensor([[1.0, 2.0], [3.0, 4.0], [0.5, 0.25]])
    model.save(tmp_path / "model")
    texts = [Example("a", "penicillin but no heart attack"), *ODD]
    again = KnowledgeModel.load(tmp_path / "model")
    assert np.abs(again.logits(texts) - model.logits(texts)).max() < 1e-6


def test_only_the_adapter_head_and_fusion_are_trained(trained: KnowledgeModel) -> None:
    names = {name for name, parameter in trained.network.named_parameters() if parameter.requires_grad}
    assert all("lora" in name or name.startswith(("head.", "fusion.")) for name in names)
    assert any("lora" in name for name in names)
    assert isinstance(trained.network.trust, torch.Tensor)


def test_a_single_string_is_not_taken_for_a_list(trained: KnowledgeModel) -> None:
    with pytest.raises(DataError, match="put a single text into a list"):
        trained.predict("fever")


def test_examples_are_data(tiny_encoder: Path) -> None:
    model = finetune(EXAMPLES, tuning(tiny_encoder, Inject()), dev=EXAMPLES[:2])
    assert model.multi_label is False
    assert finetune([*EXAMPLES, Example("x", "none", ())], tuning(tiny_encoder, Inject())).multi_label is True


def test_weights_that_do_not_fit_the_manifest_are_refused(trained: KnowledgeModel, tmp_path: Path) -> None:
    trained.save(tmp_path / "model")
    manifest = tmp_path / "model" / MANIFEST
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"infection"\n', '"infection", "x"\n', 1))
    with pytest.raises(ModelError, match="weights and manifest do not fit each other"):
        KnowledgeModel.load(tmp_path / "model")
