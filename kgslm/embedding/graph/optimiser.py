"""Adam for tables of which a step touches a few rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor, nn


class Optimiser(Protocol):
    """What the loop needs."""

    def zero_grad(self) -> None:
        """Forget the gradients."""
        ...

    def step(self) -> object:
        """Move the parameters."""
        ...


class RowAdam:
    """Adam that moves the rows that have a gradient and leaves others, with their moments, as they are.

    After Kingma and Ba 2015; ``torch.optim.SparseAdam`` does the same, through sparse tensors, at twice the cost.
    parameters: tables of ``nn.Embedding(sparse=True)``.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], lr: float, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self._tables = list(parameters)
        self._moments = [(torch.zeros_like(table), torch.zeros_like(table)) for table in self._tables]
        self._lr = lr
        self._betas = betas
        self._steps = 0

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for table in self._tables:
            table.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move the rows. What one batch says of a row in several places is added up."""
        self._steps += 1
        first_left, second_left = (1 - beta**self._steps for beta in self._betas)
        for table, (first, second) in zip(self._tables, self._moments, strict=True):
            if table.grad is None:
                continue
            rows, values = _summed(table.grad)
            mean = first[rows].lerp_(values, 1 - self._betas[0])
            square = second[rows].lerp_(values.square(), 1 - self._betas[1])
            first[rows], second[rows] = mean, square
            table[rows] -= self._lr / first_left * mean / ((square / second_left).sqrt_() + 1e-8)


def _summed(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Rows, each once, and their gradients."""
    rows, places = torch.unique(gradient._indices()[0], return_inverse=True)
    values = gradient._values()
    return rows, values.new_zeros(len(rows), values.shape[1]).index_add_(0, places, values)
