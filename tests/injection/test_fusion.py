"""The three fusions by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from kgslm.injection.fusion import AddFusion, AttentionFusion, EntityFusion, GatedFusion, Mentioned, make_fusion

KINDS = ("add", "scale_shift", "attention")


def mentioned(vectors: Any, candidates: Any, weights: Any, index: Any) -> Mentioned:
    return Mentioned(torch.tensor(vectors), torch.tensor(candidates), torch.tensor(weights), torch.tensor(index))


def one_each(vectors: Tensor, index: list[list[int]]) -> Mentioned:
    """Each mention has one candidate."""
    count = len(vectors)
    return Mentioned(vectors, torch.arange(1, count + 1)[:, None], torch.ones(count, 1), torch.tensor(index))


@pytest.mark.parametrize("kind", KINDS)
def test_an_untrained_fusion_changes_nothing_to_the_last_bit(kind: str) -> None:
    generator = torch.Generator().manual_seed(1)
    hidden = torch.randn(2, 3, 4, generator=generator) * 1e3
    fusion = make_fusion(kind, 6, 4)
    known = one_each(torch.randn(2, 6, generator=generator), [[0, 1, 2], [1, 0, 0]])
    assert fusion(hidden, known).detach().numpy().tobytes() == hidden.numpy().tobytes()
    assert fusion.openness() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_one_step_of_training_changes_mentions_and_nothing_else(kind: str) -> None:
    hidden = torch.randn(1, 4, 8, generator=torch.Generator().manual_seed(2))
    fusion = make_fusion(kind, 8, 8)
    known = mentioned(torch.randn(3, 8).tolist(), [[1, 2], [3, 0]], [[0.75, 0.25], [1.0, 0.0]], [[0, 1, 1, 2]])
    optimiser = torch.optim.SGD(fusion.parameters(), lr=0.1)
    fusion(hidden, known).square()[..., 0].sum().backward()
    optimiser.step()
    fused = fusion(hidden, known)
    assert torch.equal(fused[0, 0], hidden[0, 0])
    assert all(not torch.equal(fused[0, at], hidden[0, at]) for at in (1, 2, 3))
    assert fusion.openness() != 0
    assert torch.isfinite(fused).all()


def test_an_open_gate_adds_the_unit_vector_times_the_norm_at_mentions_only() -> None:
    fusion = AddFusion(2, 2)
    fusion.open(0.5)
    assert fusion.openness() == pytest.approx(0.5)
    hidden = torch.tensor([[[3.0, 4.0], [1.0, 0.0]]])
    fused = fusion(hidden, one_each(torch.tensor([[0.0, 10.0]]), [[1, 0]]))
    assert torch.allclose(fused, torch.tensor([[[3.0, 4.0 + 5 * 0.5], [1.0, 0.0]]]))


def test_candidates_count_by_their_scores() -> None:
    fusion = AddFusion(2, 2)
    fusion.open(0.5)
    known = mentioned([[2.0, 0.0], [0.0, 3.0]], [[1, 2]], [[0.8, 0.2]], [[1]])
    fused = fusion(torch.tensor([[[0.0, 1.0]]]), known)
    assert torch.allclose(fused, torch.tensor([[[0.5 * 0.8, 1 + 0.5 * 0.2]]]))


def attention(query: float) -> Tensor:
    """What the token (0, 1) makes of two candidates along the axes, liked equally by the linker, and the sentinel."""
    fusion = AttentionFusion(2, 2)
    fusion.open(0.5)
    with torch.no_grad():
        fusion.query.weight.copy_(torch.eye(2) * query)
        fusion.key.weight.copy_(torch.eye(2))
        fusion.sentinel_prior.fill_(0.0)
    known = mentioned([[1.0, 0.0], [0.0, 1.0]], [[1, 2]], [[0.5, 0.5]], [[1]])
    fused: Tensor = fusion(torch.tensor([[[0.0, 1.0]]]), known).detach()
    return fused[0, 0]


def test_attention_starts_from_the_linkers_scores_and_the_sentinel() -> None:
    # Logits log .5, log .5 and 0: a quarter each for the candidates, half for none of these.
    assert torch.allclose(attention(0.0), torch.tensor([0.5 / 4, 1 + 0.5 / 4]))


def test_attention_chooses_the_candidate_that_fits_the_token() -> None:
    chosen = attention(50.0)
    assert torch.allclose(chosen, torch.tensor([0.0, 1.5]), atol=1e-4)


def test_attention_may_choose_none_of_these() -> None:
    fusion = AttentionFusion(2, 2)
    fusion.open(0.9)
    with torch.no_grad():
        fusion.sentinel_prior.fill_(50.0)
    known = mentioned([[1.0, 0.0]], [[1]], [[1.0]], [[1]])
    hidden = torch.tensor([[[0.0, 1.0]]])
    assert torch.allclose(fusion(hidden, known), hidden)


@pytest.mark.parametrize("kind", KINDS)
def test_no_concepts_and_other_widths_are_fine(kind: str) -> None:
    hidden = torch.randn(1, 2, 6)
    fusion = make_fusion(kind, 4, 6)
    nothing = Mentioned(
        torch.zeros(0, 4), torch.zeros(0, 1, dtype=torch.long), torch.zeros(0, 1), torch.zeros(1, 2, dtype=torch.long)
    )
    assert torch.equal(fusion(hidden, nothing), hidden)
    assert fusion.align.linear.weight.shape == (6, 4)


def test_what_is_added_does_not_depend_on_the_batch() -> None:
    fusion = AttentionFusion(4, 4)
    fusion.open(0.3)
    hidden = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(3))
    vectors = torch.randn(2, 4, generator=torch.Generator().manual_seed(4))
    together = fusion(hidden, one_each(vectors, [[1, 0, 2], [0, 2, 0]]))
    alone = fusion(hidden[1:], one_each(vectors[1:], [[0, 1, 0]]))
    assert torch.allclose(together[1:], alone, atol=1e-6)
    assert isinstance(fusion, GatedFusion)
    assert isinstance(fusion, EntityFusion)
