"""One logit a tag for each word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgslm.tuning.heads.base import Head, pooled_ranges

if TYPE_CHECKING:
    from kgslm.tuning.batches import Batch

PARTS = 3
"""Slots of a word: itself, the one before and the one behind."""
_LOOKS = 6
_WEIGHT = 0.5


class TaggingHead(Head):
    """A word's vector: its states below and above the trained layers, its neighbours' states below, and how the three
    words look.

    With few examples the lower states and the neighbours are worth as much as the upper ones; how words look matters
    where the backbone does not see capitals.
    """

    def __init__(self, hidden_size: int, outputs: int) -> None:
        super().__init__(4 * hidden_size + PARTS * _LOOKS, outputs)

    def pool(self, hidden: Tensor, states: Tensor, batch: Batch) -> Tensor:
        """See ``Head``."""
        if batch.ranges is None or batch.looks is None:
            raise ValueError("a batch of words was expected")
        units = len(batch.looks)
        both = pooled_ranges(hidden, batch.ranges, units * PARTS).view(units, -1)
        own = batch.ranges[:, 0] % PARTS == 0
        upper = batch.ranges[own] // batch.ranges.new_tensor([PARTS, 1, 1, 1])
        return torch.cat([pooled_ranges(states, upper, units), both, _WEIGHT * batch.looks], dim=1)


def shapes(text: str, words: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """How each word and its neighbours look, shape (words, looks), float32, 0 or 1."""
    looks = np.zeros((len(words) + 2, _LOOKS), np.float32)
    for place, (start, end) in enumerate(words, 1):
        word = text[start:end]
        looks[place] = (
            len(word) > 1 and word.isupper(),
            word[0].isupper(),
            word.isdecimal(),
            not word.isalnum(),
            len(word) == 1,
            place == 1,
        )
    return np.concatenate([looks[1:-1], looks[:-2], looks[2:]], axis=1)
