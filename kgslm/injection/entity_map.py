"""From the space of entity vectors to a backbone's: a linear map in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float64]

_PENALTIES = np.geomspace(1e-3, 1e2, 11)
_HELD_OUT = 5


@dataclass(frozen=True)
class FittedMap:
    """``(vector - centre) @ weight.T`` lies near the state of the same concept's name, less the states' mean.

    weight: shape (hidden, vector). centre: shape (vector,). explained: the share of the states' variance that it
    explains on names it was not fitted on; at most 1, negative where it is worse than the mean.
    """

    weight: Floats
    centre: Floats
    explained: float


class EntityMap(nn.Module):
    """A linear map of entity vectors that starts as the identity where the widths agree, else as a random rotation."""

    centre: Tensor

    def __init__(self, vector_size: int, hidden_size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(vector_size, hidden_size, bias=False)
        if vector_size == hidden_size:
            nn.init.eye_(self.linear.weight)
        else:
            nn.init.orthogonal_(self.linear.weight)
        self.register_buffer("centre", torch.zeros(vector_size))

    @torch.no_grad()
    def start_from(self, fitted: FittedMap) -> None:
        """Take over a fitted map."""
        self.linear.weight.copy_(torch.from_numpy(fitted.weight))
        self.centre.copy_(torch.from_numpy(fitted.centre))

    def forward(self, vectors: Tensor) -> Tensor:
        """Shape (concepts, vector) to (concepts, hidden)."""
        mapped: Tensor = self.linear(vectors - self.centre)
        return mapped


def fit_ridge(vectors: Floats, states: Floats) -> FittedMap:
    """The least-squares map with a penalty, as Poerner et al. 2020 (E-BERT) fit one between word spaces.

    vectors: shape (names, vector). states: shape (names, hidden). The penalty is the one that explains a held-out
    fifth best; it counts in mean variances of the vectors, so that it means the same for every space.
    """

    def solve(left: Floats, right: Floats, penalty: float) -> Floats:
        gram = left.T @ left
        gram[np.diag_indices_from(gram)] += penalty * max(float(np.trace(gram)) / len(gram), 1e-12)
        return np.asarray(np.linalg.solve(gram, left.T @ right).T, np.float64)

    kept, out = _split(len(vectors))
    left, right, centre, mean = _centred(vectors[kept], states[kept])
    scores = [
        _explained((vectors[out] - centre) @ solve(left, right, penalty).T, states[out] - mean)
        for penalty in _PENALTIES
    ]
    best = int(np.argmax(scores))
    left, right, centre, _ = _centred(vectors, states)
    return FittedMap(solve(left, right, float(_PENALTIES[best])), centre, scores[best])


def fit_procrustes(vectors: Floats, states: Floats) -> FittedMap:
    """The rotation, with one scale, that brings the vectors nearest to the states (Schönemann 1966)."""

    def solve(left: Floats, right: Floats) -> Floats:
        u, singular, v = np.linalg.svd(right.T @ left, full_matrices=False)
        return np.asarray(u @ v * (singular.sum() / max(float((left**2).sum()), 1e-12)))

    kept, out = _split(len(vectors))
    left, right, centre, mean = _centred(vectors[kept], states[kept])
    explained = _explained((vectors[out] - centre) @ solve(left, right).T, states[out] - mean)
    left, right, centre, _ = _centred(vectors, states)
    return FittedMap(solve(left, right), centre, explained)


def _split(count: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    out = np.arange(count) % _HELD_OUT == _HELD_OUT - 1
    return ~out, out if out.any() else ~out


def _centred(vectors: Floats, states: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    centre, mean = vectors.mean(axis=0), states.mean(axis=0)
    return vectors - centre, states - mean, centre, mean


def _explained(predicted: Floats, states: Floats) -> float:
    spread = float((states**2).sum())
    return 1 - float(((states - predicted) ** 2).sum()) / spread if spread else 0.0
