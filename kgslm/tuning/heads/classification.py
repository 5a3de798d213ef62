"""One logit a label from the mean of the text's states."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kgslm.tuning.heads.probe import Probe


def pooled_mean(states: Tensor, mask: Tensor) -> Tensor:
    """The mean state of the tokens that ``mask`` counts.

    states: shape (batch, tokens, hidden). mask: shape (batch, tokens), float32. Returns shape (batch, hidden).
    """
    return (states * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp_min(1)


class ClassificationHead(nn.Module):
    """A linear layer that starts as the logistic regression on the frozen vectors (Kumar et al. 2022, LP-FT)."""

    def __init__(self, hidden_size: int, labels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden_size, labels)

    @torch.no_grad()
    def start_from(self, probe: Probe) -> None:
        """Take over the probe's weights."""
        self.linear.weight.copy_(torch.from_numpy(probe.weight))
        self.linear.bias.copy_(torch.from_numpy(probe.bias))

    def forward(self, pooled: Tensor) -> Tensor:
        """Shape (batch, hidden) to (batch, labels)."""
        logits: Tensor = self.linear(pooled)
        return logits


def target_matrix(labels: list[tuple[str, ...]], names: tuple[str, ...]) -> NDArray[Any]:
    """Shape (texts, labels), float32: 1 where a text has the label. Labels that are not in ``names`` are left out."""
    position = {name: column for column, name in enumerate(names)}
    targets = np.zeros((len(labels), len(names)), np.float32)
    for row, own in enumerate(labels):
        for label in own:
            if label in position:
                targets[row, position[label]] = 1
    return targets
