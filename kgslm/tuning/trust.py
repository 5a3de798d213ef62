"""How much to trust the knowledge, learnt by cross-fitting on the training examples.

Evidence is added to the logits as ``trust * evidence``. On its own training texts a classifier is always right, so
evidence has nothing to add there, or everything where the texts are few; trust is therefore chosen on out-of-fold
logits, for the likelihood. Shuffled knowledge does not help out of fold, and trust goes to zero. In the same way a
context is kept only where texts are told apart better with it, out of fold, than without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgslm.tuning.heads.probe import Floats, fit_probe

_FOLDS = 5
_GRID = np.concatenate([[0.0], np.geomspace(0.05, 50, 61)])


@dataclass(frozen=True)
class CrossFit:
    """How texts are dealt into folds. origins: of each text; texts of one origin, such as an example and what was
    made from it, share a fold. None: each text has its own.
    """

    multi_label: bool
    origins: Sequence[str] | None = None
    seed: int = 0


def cross_fitted_trust(features: Floats, targets: Floats, evidence: Floats, fit: CrossFit) -> float:
    """The trust that makes the training labels likeliest, in [0, 50]; 0 where evidence does not help.

    features: shape (texts, features), frozen vectors. targets: shape (texts, labels), 0 or 1. evidence: shape
    (texts, labels). With fewer than two texts there is nothing to learn from, and trust is 0.
    """
    if len(features) < 2 or not evidence.any():
        return 0.0
    logits = _out_of_fold(features, targets, fit)
    losses = [_loss(logits + trust * evidence, targets, multi_label=fit.multi_label) for trust in _GRID]
    return float(_GRID[int(np.argmin(losses))])


def cross_fitted_loss(features: Floats, targets: Floats, fit: CrossFit) -> float:
    """The mean negative log-likelihood of the labels by out-of-fold logits; lower is better.

    features: shape (texts, features). targets: shape (texts, labels), 0 or 1. Infinite with fewer than two texts.
    """
    if len(features) < 2:
        return float("inf")
    return _loss(_out_of_fold(features, targets, fit), targets, multi_label=fit.multi_label)


def _out_of_fold(features: Floats, targets: Floats, fit: CrossFit) -> Floats:
    folds = _folds(targets, fit)
    logits = np.zeros_like(targets, dtype=float)
    for fold in np.unique(folds):
        held_out = folds == fold
        probe = fit_probe(features[~held_out], targets[~held_out], multi_label=fit.multi_label)
        logits[held_out] = probe.logits(features[held_out])
    return logits


def _folds(targets: Floats, fit: CrossFit) -> NDArray[np.int64]:
    """A fold for each text, so that every label is spread over the folds as evenly as it can be."""
    if fit.origins is None:
        return _dealt(targets, fit.seed)
    numbers = {origin: number for number, origin in enumerate(dict.fromkeys(fit.origins))}
    group = np.array([numbers[origin] for origin in fit.origins])
    _, first = np.unique(group, return_index=True)
    folds: NDArray[np.int64] = _dealt(targets[first], fit.seed)[group]
    return folds


def _dealt(targets: Floats, seed: int) -> NDArray[np.int64]:
    count = min(_FOLDS, len(targets))
    order = np.random.default_rng(seed).permutation(len(targets))
    # Rarest label first: texts of one label then sit side by side and are dealt out in turn.
    rarity = targets.sum(axis=0)
    first = np.array([min(np.flatnonzero(row), key=lambda label: rarity[label], default=-1) for row in targets[order]])
    dealt = order[np.argsort(first, kind="stable")]
    folds = np.empty(len(targets), np.int64)
    folds[dealt] = np.arange(len(targets)) % count
    return folds


def _loss(logits: Floats, targets: Floats, *, multi_label: bool) -> float:
    """The mean negative log-likelihood of the labels."""
    if multi_label:
        return float((np.logaddexp(0, logits) - targets * logits).sum(axis=1).mean())
    chosen = (logits * targets).sum(axis=1)
    return float((np.logaddexp.reduce(logits, axis=1) - chosen).mean())
