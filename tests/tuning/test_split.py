"""The two halves of a transformer are the whole."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel, LlamaConfig, LlamaModel

from kgslm.tuning.split import Bottom, depth, top_of

SMALL: dict[str, Any] = {"vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 3, "intermediate_size": 32}


def models() -> list[Any]:
    torch.manual_seed(0)
    return [
        BertModel(BertConfig(**SMALL, num_attention_heads=2)),
        DistilBertModel(DistilBertConfig(vocab_size=20, dim=16, n_layers=3, n_heads=2, hidden_dim=32)),
        LlamaModel(LlamaConfig(**SMALL, num_attention_heads=2, num_key_value_heads=2)),
    ]


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
def test_top_of_bottom_is_the_whole_model(model: Any, layers: int) -> None:
    model.eval()
    ids = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    with torch.no_grad():
        whole = model(input_ids=ids, attention_mask=mask).last_hidden_state
        hidden = Bottom(model, layers)(ids, mask, torch.zeros_like(ids))
        parts = top_of(model, layers).eval()(inputs_embeds=hidden, attention_mask=mask).last_hidden_state
    assert torch.allclose(whole[mask.bool()], parts[mask.bool()], atol=1e-5)
    assert depth(model) == 3
