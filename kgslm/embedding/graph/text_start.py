"""Vectors that begin from words, so that concepts with few relations or none have a place too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kgslm.embedding.store import Vectors

SPREAD = 0.02
"""Of text vectors where training begins: smaller than chance's, or what words suggest is not unlearnt again. On the
shipped financial pack, ComplEx then ranks held-out facts as well as from chance after a quarter of the time."""

_RIDGE = 0.1


def reduce_text(text: Vectors, dim: int, spread: float = SPREAD, seed: int = 0) -> Vectors:
    """The principal components of text vectors, shape (entities, dim), with standard deviation ``spread``.

    Where there are fewer components than ``dim``, the others are drawn. Rotated by chance, so that the two halves of
    complex numbers carry as much.
    """
    dice = np.random.default_rng(seed)
    centred = text - text.mean(axis=0)
    kept = min(dim, *text.shape)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    found = centred @ axes[:, ::-1][:, :kept].astype(np.float32)
    found /= found.std() or 1.0
    drawn = dice.standard_normal((len(text), dim - kept), dtype=np.float32)
    turn = np.linalg.qr(dice.standard_normal((dim, dim)))[0].astype(np.float32)
    reduced: Vectors = (np.concatenate([found, drawn], axis=1) @ turn * spread).astype(np.float32)
    return reduced


def place_by_text(text: Vectors, vectors: Vectors, known: NDArray[np.bool_]) -> Vectors:
    """Vectors of the concepts that are not ``known``, as their words let one expect: shape (unknown, dim), float32.

    By ridge regression from the text vectors to the graph vectors of the known ones, which share one space then.
    """
    mean_text, mean = text[known].mean(axis=0), vectors[known].mean(axis=0)
    inputs, outputs = (text[known] - mean_text).astype(np.float64), (vectors[known] - mean).astype(np.float64)
    gram = inputs.T @ inputs
    gram += np.eye(len(gram)) * (_RIDGE * np.trace(gram) / len(gram) + 1e-9)
    weights = np.linalg.solve(gram, inputs.T @ outputs)
    placed: Vectors = ((text[~known] - mean_text) @ weights + mean).astype(np.float32)
    return placed
