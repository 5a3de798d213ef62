"""The arms inside a tiny model: every fusion, every place for the context, long texts, decoders, and the precision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaModel

from kgslm.data.classification import Dataset
from kgslm.injection import ContextArm, EmbeddingsArm, Inject
from kgslm.injection.entities import entity_vectors
from kgslm.injection.fusion import AddFusion
from kgslm.models import load_backbone
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept
from kgslm.records import Example
from kgslm.tuning.alignment import fit_entity_map
from kgslm.tuning.assemble import Base
from kgslm.tuning.finetune import finetune
from kgslm.tuning.frozen import FrozenStates
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning

TEXTS = [
    ("heart disease", "acute myocardial infarction with chest pain"),
    ("heart disease", "the patient had a heart attack"),
    ("infection", "pneumonia with fever and cough"),
    ("infection", "bacterial infection of the lung"),
]
EXAMPLES = [Example(str(number), text, (label,)) for number, (label, text) in enumerate(TEXTS)]
LONG = Example("long", "the patient has had no fever and was in pain " * 6 + "with pneumonia", ("infection",))


@pytest.fixture(scope="session")
def tiny_decoder(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random Llama, 4 layers, hidden size 32, with the tiny encoder's tokenizer."""
    folder = tmp_path_factory.mktemp("tiny-decoder")
    tokenizer = AutoTokenizer.from_pretrained(tiny_encoder)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    shape: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    ends = {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    config = LlamaConfig(**shape, **heads, **ends, vocab_size=len(tokenizer), max_position_embeddings=160)
    LlamaModel(config).save_pretrained(folder)
    return folder


def tuned(model: Path, inject: Inject, pack: KnowledgePack, **options: Any) -> KnowledgeModel:
    train = TrainOptions(epochs=2, batch_size=2, learning_rate=1e-2, **options.pop("train", {}))
    tuning = Tuning(model=str(model), **{"max_length": 32, **options}, inject=inject, train=train)
    return finetune(Dataset(tuple(EXAMPLES)), tuning, pack=pack)


@pytest.mark.parametrize("fusion", ["add", "scale_shift", "attention"])
@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_every_fusion_learns_in_encoders_and_decoders(
    fusion: Any, kind: str, tiny_encoder: Path, tiny_decoder: Path, toy_pack: KnowledgePack, tmp_path: Path
) -> None:
    folder = tiny_encoder if kind == "encoder" else tiny_decoder
    arms = Inject(
        embeddings=EmbeddingsArm(fusion=fusion, start="closed"), context=ContextArm(positions="mention", max_tokens=24)
    )
    model = tuned(folder, arms, toy_pack)
    assert model.facts["gate"] != 0
    model.save(tmp_path / "model")
    texts = [*EXAMPLES, LONG]
    assert np.abs(KnowledgeModel.load(tmp_path / "model").logits(texts) - model.logits(texts)).max() < 1e-6


@pytest.mark.parametrize("positions", ["behind", "mention"])
@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_the_text_sees_its_context(
    positions: Any, kind: str, tiny_encoder: Path, tiny_decoder: Path, toy_pack: KnowledgePack
) -> None:
    folder = tiny_encoder if kind == "encoder" else tiny_decoder
    train = TrainOptions(epochs=0)
    arms = Inject(context=ContextArm(positions=positions, max_tokens=24, learn=False))
    tuning = Tuning(model=str(folder), max_length=32, inject=arms, train=train)
    base = Base.load(tuning, toy_pack)
    model = finetune(Dataset(tuple(EXAMPLES)), tuning, base=base)
    plain = finetune(Dataset(tuple(EXAMPLES)), tuning.model_copy(update={"inject": Inject()}), base=base)
    if model.injector.context is None:
        # It did not help these four texts; what is asked here is whether it is seen at all.
        writer = make_writer(tuning, base)
        model = replace(model, injector=replace(model.injector, context=writer))
    told = model.infer(model.prepare(EXAMPLES), model.network.pooled)
    bare = plain.infer(plain.prepare(EXAMPLES), plain.network.pooled)
    assert np.abs(told - bare).max() > 1e-3


def make_writer(tuning: Tuning, base: Base) -> Any:
    from kgslm.tuning.assemble import make_injector, make_tokeniser
    from kgslm.tuning.tasks.classification import Classification

    return make_injector(tuning.inject, base, Classification(()), make_tokeniser(tuning, base)).context


def test_windows_read_what_one_window_loses(tiny_encoder: Path, toy_pack: KnowledgePack) -> None:
    other = replace(LONG, id="other", text=LONG.text.replace("pneumonia", "aspirin"))
    arms = Inject(embeddings=EmbeddingsArm(start="closed"))
    one = tuned(tiny_encoder, arms, toy_pack).logits([LONG, other])
    assert np.abs(one[0] - one[1]).max() < 1e-6
    model = tuned(tiny_encoder, arms, toy_pack, windows=3)
    many = model.logits([LONG, other])
    assert np.abs(many[0] - many[1]).max() > 1e-4
    # Together with others, in any order, or alone: a text's windows are its own.
    texts = [*EXAMPLES, LONG, other]
    alone = np.concatenate([model.logits([text]) for text in texts])
    assert np.abs(model.logits(texts) - alone).max() < 1e-5


def test_the_pooled_vector_of_windows_is_the_mean_over_all_their_tokens(tiny_encoder: Path) -> None:
    tuning = Tuning(model=str(tiny_encoder), max_length=32, windows=3, train=TrainOptions(epochs=0))
    model = finetune(Dataset((*EXAMPLES, LONG)), tuning)
    (item,) = model.prepare([LONG])
    assert len(item.windows) == 3
    (pooled,) = model.infer([item], model.network.pooled)
    batch = model.batcher.collate([item])
    with torch.no_grad():
        states = model.network.states(batch)
    expected = states[batch.text_mask.bool()].mean(dim=0)
    np.testing.assert_allclose(pooled, expected.numpy(), atol=1e-5)


def test_checkpointing_gives_the_same_model_and_bfloat16_nearly(tiny_encoder: Path, toy_pack: KnowledgePack) -> None:
    arms = Inject(embeddings=EmbeddingsArm(start="closed"), context=ContextArm(max_tokens=24))
    plain = tuned(tiny_encoder, arms, toy_pack).logits(EXAMPLES)
    again = tuned(tiny_encoder, arms, toy_pack, train={"gradient_checkpointing": True}).logits(EXAMPLES)
    assert np.abs(again - plain).max() < 1e-4
    rounded = tuned(tiny_encoder, arms, toy_pack, train={"precision": "bfloat16"}).logits(EXAMPLES)
    assert 0 < np.abs(rounded - plain).max() < 0.1 * np.abs(plain).max()


def test_a_fusion_that_tells_nothing_is_left_out(tiny_encoder: Path, toy_pack: KnowledgePack, tmp_path: Path) -> None:
    texts = Dataset(tuple(replace(example, text="the patient has had no rash") for example in EXAMPLES))
    tuning = Tuning(model=str(tiny_encoder), train=TrainOptions(epochs=1))
    plain = finetune(texts, tuning)
    arms = Inject(embeddings=EmbeddingsArm(layer=2))
    left_out = finetune(texts, tuning.model_copy(update={"inject": arms}), pack=toy_pack)
    assert left_out.facts["gate"] == 0
    assert np.array_equal(left_out.logits(EXAMPLES), plain.logits(EXAMPLES))
    left_out.save(tmp_path / "model")
    opened = KnowledgeModel.load(tmp_path / "model", pack=toy_pack)
    assert np.array_equal(opened.logits(EXAMPLES), plain.logits(EXAMPLES))
    opened.save(tmp_path / "again")
    assert KnowledgeModel.load(tmp_path / "again", pack=toy_pack).tuning.inject == arms


def test_vectors_are_fitted_to_the_states_of_names(tiny_encoder: Path, tmp_path: Path) -> None:
    words = ["fever", "cough", "heart", "lung", "skin", "pain", "drug", "cancer", "liver", "blood", "kidney", "rash"]
    names = [f"{first} {second}" for first in words for second in words if first != second]
    builder = PackBuilder("names")
    builder.add(Origin("names"), [SourceConcept(f"N:{number}", name) for number, name in enumerate(names)])
    builder.write(tmp_path / "names")
    pack = KnowledgePack.open(tmp_path / "names")
    base = Base.load(Tuning(model=str(tiny_encoder)), pack)
    assert base.entities is not None
    for method in ("ridge", "procrustes"):
        fitted = fit_entity_map(method, pack, base.entities, base.frozen, base.backbone)
        assert fitted is not None
        assert fitted.explained > 0.3
    arms = Inject(embeddings=EmbeddingsArm(start="closed"))
    train = TrainOptions(epochs=0)
    model = finetune(Dataset(tuple(EXAMPLES)), Tuning(model=str(tiny_encoder), inject=arms, train=train), base=base)
    assert isinstance(model.network.fusion, AddFusion)
    assert not torch.equal(model.network.fusion.align.linear.weight, torch.eye(32))
    assert model.facts["gate"] == 0


def test_a_small_pack_is_not_fitted_to(tiny_encoder: Path, toy_pack: KnowledgePack) -> None:
    backbone = load_backbone(str(tiny_encoder), device="cpu")
    base = Base(backbone, FrozenStates(backbone, 2), toy_pack)
    entities = entity_vectors(toy_pack, "text", base.embedder)
    assert fit_entity_map("ridge", toy_pack, entities, base.frozen, backbone) is None
