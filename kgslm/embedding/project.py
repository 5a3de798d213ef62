"""Vectors as points in the plane, to be looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgslm.embedding.store import Vectors
from kgslm.errors import ConfigError, unknown

PROJECTIONS = ("pca", "tsne")


def project(vectors: Vectors, *, how: str = "pca", seed: int = 0) -> NDArray[np.float64]:
    """Shape (vectors, 2). ``pca``: the two directions in which vectors of length one differ most, always the same.

    ``tsne`` keeps near ones together (van der Maaten and Hinton 2008) and takes about a minute for 5,000. Raises
    ConfigError for another name.
    """
    if how not in PROJECTIONS:
        raise ConfigError(f"map: {unknown('projection', how, PROJECTIONS)}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float64)
    if how == "tsne" and len(units) > 3:
        from sklearn.manifold import TSNE

        perplexity = min(30.0, (len(units) - 1) / 3)
        return np.asarray(TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(units), dtype=float)
    return _components(units)


def _components(units: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = units - (units.mean(axis=0) if len(units) else 0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :2]
    # An axis and its opposite are as good: the largest number is made positive, so that a map never flips.
    turned: NDArray[np.float64] = centred @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]]))
    return turned
