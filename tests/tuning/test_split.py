"""The two halves of a transformer are the whole."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers

from kgslm.errors import ModelError
from kgslm.tuning.split import Bottom, check_cut, depth, looks_ahead, takes_positions, top_of

SMALL: dict[str, Any] = {
    "vocab_size": 20,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "initializer_range": 0.5,
}
ENDS: dict[str, Any] = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
ENCODERS: dict[str, dict[str, Any]] = {
    "Bert": SMALL,
    "Roberta": SMALL,
    "DistilBert": {"vocab_size": 20, "dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 32},
    "ModernBert": {**SMALL, **ENDS, "cls_token_id": 1, "sep_token_id": 2},
    "DebertaV2": {**SMALL, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
    "Electra": {**SMALL, "embedding_size": 8},
}
DECODERS: dict[str, dict[str, Any]] = {
    "GPT2": {"vocab_size": 20, "n_embd": 16, "n_layer": 3, "n_head": 2, "n_inner": 32, **ENDS},
    "Llama": {**SMALL, "num_key_value_heads": 2},
    "Qwen2": {**SMALL, "num_key_value_heads": 2},
    "Qwen3": {**SMALL, "num_key_value_heads": 2, "head_dim": 8},
}
IDS = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])


def model_of(family: str) -> Any:
    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(**{**ENCODERS, **DECODERS}[family])
    return getattr(transformers, f"{family}Model")(config).eval()


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("family", [*ENCODERS, *DECODERS])
def test_top_of_bottom_is_the_whole_model(family: str, layers: int) -> None:
    model = model_of(family)
    with torch.no_grad():
        whole = model(input_ids=IDS, attention_mask=MASK).last_hidden_state
        hidden = Bottom(model, layers)(IDS, MASK, torch.zeros_like(IDS))
        parts = top_of(model, layers).eval()(inputs_embeds=hidden, attention_mask=MASK).last_hidden_state
    assert torch.allclose(whole[MASK.bool()], parts[MASK.bool()], atol=1e-5)
    assert depth(model) == 3
    check_cut(model, layers)


@pytest.mark.parametrize("family", [*ENCODERS, *DECODERS])
def test_an_encoder_looks_ahead_and_a_decoder_does_not(family: str) -> None:
    assert looks_ahead(model_of(family)) == (family in ENCODERS)


@pytest.mark.parametrize("family", [*ENCODERS, *DECODERS])
def test_positions_count_from_zero_for_every_model(family: str) -> None:
    model = model_of(family)
    assert takes_positions(model)
    bottom, types = Bottom(model, 1), torch.zeros_like(IDS[:1])
    ids, mask = IDS[:1], MASK[:1]
    usual = bottom(ids, mask, types)
    assert torch.allclose(bottom(ids, mask, types, torch.arange(4)[None]), usual, atol=1e-6)
    moved = bottom(ids, mask, types, torch.tensor([[0, 1, 1, 2]]))
    assert not torch.allclose(moved[0, 2:], usual[0, 2:], atol=1e-4)


def test_a_model_that_does_more_than_layers_is_refused() -> None:
    config = transformers.OPTConfig(
        vocab_size=20, hidden_size=16, num_hidden_layers=2, ffn_dim=32, num_attention_heads=2, word_embed_proj_dim=16
    )
    with pytest.raises(ModelError, match="OPTModel: it cannot be cut at layer 1"):
        check_cut(transformers.OPTModel(config).eval(), 1)
