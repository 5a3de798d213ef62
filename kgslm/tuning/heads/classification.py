"""One logit a label from the mean of the text's states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from kgslm.tuning.heads.base import Head

if TYPE_CHECKING:
    from kgslm.tuning.batches import Batch


def pooled_mean(states: Tensor, mask: Tensor, texts: Tensor | None = None) -> Tensor:
    """The mean state of the tokens that ``mask`` counts.

    states: shape (rows, tokens, hidden). mask: shape (rows, tokens), float32. texts: shape (rows,), int64, the text
    that each row is a part of, 0 to the last; None where each row is a text. Returns shape (texts, hidden).
    """
    sums, counts = (states * mask[:, :, None]).sum(dim=1), mask.sum(dim=1, keepdim=True)
    if texts is not None:
        size = int(texts.max()) + 1
        sums = sums.new_zeros(size, sums.shape[1]).index_add(0, texts, sums)
        counts = counts.new_zeros(size, 1).index_add(0, texts, counts)
    return sums / counts.clamp_min(1)


class ClassificationHead(Head):
    """A text's vector is the mean of its tokens' states."""

    def pool(self, hidden: Tensor, states: Tensor, batch: Batch) -> Tensor:
        """See ``Head``."""
        return pooled_mean(states, batch.text_mask, batch.texts)


def target_matrix(labels: list[tuple[str, ...]], names: tuple[str, ...]) -> NDArray[Any]:
    """Shape (texts, labels), float32: 1 where a text has the label. Labels that are not in ``names`` are left out."""
    position = {name: column for column, name in enumerate(names)}
    targets = np.zeros((len(labels), len(names)), np.float32)
    for row, own in enumerate(labels):
        for label in own:
            if label in position:
                targets[row, position[label]] = 1
    return targets
