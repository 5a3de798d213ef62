"""What heads share: a linear layer over the vectors of units, and how a unit's vector is made from tokens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from kgslm.tuning.heads.probe import Probe

if TYPE_CHECKING:
    from kgslm.tuning.batches import Batch


class Head(nn.Module, ABC):
    """A linear layer that starts as the logistic regression on the frozen vectors (Kumar et al. 2022, LP-FT).

    features: the width of a unit's vector.
    """

    def __init__(self, features: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, outputs)

    @abstractmethod
    def pool(self, hidden: Tensor, states: Tensor, batch: Batch) -> Tensor:
        """The units' vectors, shape (units, features).

        hidden, states: shape (batch, tokens, hidden), below and above the trained layers.
        """

    @torch.no_grad()
    def start_from(self, probe: Probe) -> None:
        """Take over the probe's weights."""
        self.linear.weight.copy_(torch.from_numpy(probe.weight))
        self.linear.bias.copy_(torch.from_numpy(probe.bias))

    def forward(self, pooled: Tensor) -> Tensor:
        """Shape (units, features) to (units, outputs)."""
        logits: Tensor = self.linear(pooled)
        return logits


def pooled_ranges(states: Tensor, ranges: Tensor, slots: int) -> Tensor:
    """The mean state of the tokens of each slot, scaled to length one; zero for a slot without tokens.

    states: shape (batch, tokens, hidden). ranges: shape (ranges, 4), int64: slot, row of the batch, first token, the
    one behind the last; a slot may have several. Returns shape (slots, hidden), float32.
    """
    # Differences of running sums: one pass, however the ranges overlap.
    sums = nn.functional.pad(states.float().cumsum(dim=1), (0, 0, 1, 0))
    slot, row, start, end = ranges.unbind(dim=1)
    found = sums.new_zeros(slots, states.shape[2]).index_add(0, slot, sums[row, end] - sums[row, start])
    return nn.functional.normalize(found, dim=1)
