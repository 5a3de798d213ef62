"""One logit a relation label for each pair of entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from kgslm.tuning.heads.base import Head, pooled_ranges

if TYPE_CHECKING:
    from kgslm.tuning.batches import Batch

PARTS = 4
"""Slots of a pair: the head's mentions, the tail's, what stands between them, and the whole text."""
LOOKS = 3
"""Whether the head comes first, how far the two are apart, and whether nothing is between them."""


class RelationHead(Head):
    """A pair's vector: the states of its slots above the trained layers and below them, and how it looks."""

    def __init__(self, hidden_size: int, outputs: int) -> None:
        super().__init__(2 * PARTS * hidden_size + LOOKS, outputs)

    def pool(self, hidden: Tensor, states: Tensor, batch: Batch) -> Tensor:
        """See ``Head``."""
        if batch.ranges is None or batch.looks is None:
            raise ValueError("a batch of pairs was expected")
        units = len(batch.looks)
        sides = [pooled_ranges(side, batch.ranges, units * PARTS).view(units, -1) for side in (states, hidden)]
        return torch.cat([*sides, batch.looks], dim=1)
