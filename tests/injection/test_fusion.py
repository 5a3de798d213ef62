"""The fusion by hand."""

from __future__ import annotations

import torch

from kgslm.injection.fusion import EntityFusion


def test_a_closed_gate_changes_nothing_at_all() -> None:
    hidden = torch.randn(2, 3, 4)
    fused = EntityFusion(4, 4)(hidden, torch.randn(2, 4), torch.tensor([[0, 1, 2], [1, 0, 0]]))
    assert torch.equal(fused, hidden)


def test_an_open_gate_adds_the_unit_vector_times_the_norm_at_mentions_only() -> None:
    fusion = EntityFusion(2, 2)
    with torch.no_grad():
        fusion.gate.fill_(0.5)
    hidden = torch.tensor([[[3.0, 4.0], [1.0, 0.0]]])
    fused = fusion(hidden, torch.tensor([[0.0, 10.0]]), torch.tensor([[1, 0]]))
    gate = torch.tanh(torch.tensor(0.5)).item()
    assert torch.allclose(fused, torch.tensor([[[3.0, 4.0 + 5 * gate], [1.0, 0.0]]]))


def test_no_concepts_and_other_widths_are_fine() -> None:
    hidden = torch.randn(1, 2, 6)
    fusion = EntityFusion(4, 6)
    assert torch.equal(fusion(hidden, torch.zeros(0, 4), torch.zeros(1, 2, dtype=torch.long)), hidden)
    assert fusion.align.weight.shape == (6, 4)
