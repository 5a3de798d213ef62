"""What features of the pack are worth beside a text, learnt by stacking on out-of-fold logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from kgslm.tuning.heads.probe import Floats
from kgslm.tuning.trust import CrossFit, folds_of, losses_of, out_of_fold

_PENALTY = 1.0
_SCALES = (0.05, 5.0)
_GRID = np.concatenate([[0.0], np.geomspace(0.05, 50, 61)])


@dataclass(frozen=True)
class Worth:
    """What facts are worth beside logits of the text: ``logits + trust * facts @ weights.T + shift``.

    weights: shape (outputs, facts). trust: in [0, 50]; 0 where the facts do not help. shift: shape (outputs,), so that
    facts say nothing on the average. logits: those of text and facts together, out of fold, shape (units, outputs).
    """

    weights: Floats
    trust: float
    shift: Floats
    logits: Floats


def cross_fitted_worth(features: Floats, targets: Floats, facts: Floats, fit: CrossFit) -> Worth:
    """Stacking: what the facts of the pack add to out-of-fold logits, by penalised multinomial regression.

    facts: shape (units, facts), in [0, 1]. The weights are those of all units; trust is chosen with weights that were
    learnt without the fold they are tried on, and is 0 unless that makes the targets likelier by more than two
    standard errors over the origins, so that facts which fit by chance are not trusted.
    """
    folds = folds_of(targets, fit)
    logits = out_of_fold(features, targets, fit)
    nothing = Worth(np.zeros((targets.shape[1], facts.shape[1])), 0.0, np.zeros(targets.shape[1]), logits)
    if len(np.unique(folds)) < 2 or not facts.any():
        return nothing
    mean = facts.mean(axis=0)
    centred = facts - mean
    scaled, scores = np.zeros_like(logits), np.zeros_like(logits)
    for fold in np.unique(folds):
        held_out = folds == fold
        scale, weights = _stack(logits[~held_out], centred[~held_out], targets[~held_out])
        scaled[held_out], scores[held_out] = scale * logits[held_out], centred[held_out] @ weights.T
    losses = np.stack([losses_of(scaled + trust * scores, targets, multi_label=False) for trust in _GRID])
    best = int(losses.mean(axis=1).argmin())
    if not _is_gain(losses[0] - losses[best], fit.origins):
        return nothing
    trust = float(_GRID[best])
    scale, weights = _stack(logits, centred, targets)
    return Worth(weights / scale, trust, -trust * weights @ mean / scale, (scaled + trust * scores) / scale)


def _is_gain(gains: Floats, origins: Sequence[str] | None) -> bool:
    """Whether the mean gain of an origin is more than two of its standard errors. gains: one a unit."""
    if origins is not None:
        _, group = np.unique(np.array(origins), return_inverse=True)
        gains = np.asarray(np.bincount(group, weights=gains), np.float64)
    return bool(gains.mean() > 2 * gains.std() / np.sqrt(len(gains)))


def _stack(logits: Floats, facts: Floats, targets: Floats) -> tuple[float, Floats]:
    """Scale of the logits and weights of the facts, shape (outputs, facts), that make the targets likeliest."""
    shape = (targets.shape[1], facts.shape[1])

    def loss(values: Floats) -> tuple[float, Floats]:
        weights = values[1:].reshape(shape)
        both = values[0] * logits + facts @ weights.T
        both -= both.max(axis=1, keepdims=True)
        whole = np.exp(both).sum(axis=1, keepdims=True)
        wrong = np.exp(both) / whole - targets
        value = float((np.log(whole)[:, 0] - (both * targets).sum(axis=1)).sum() + _PENALTY * (weights**2).sum() / 2)
        slope = wrong.T @ facts + _PENALTY * weights
        return value, np.concatenate([[float((wrong * logits).sum())], slope.ravel()])

    start = np.zeros(1 + shape[0] * shape[1])
    start[0] = 1.0
    bounds = [_SCALES, *[(None, None)] * (len(start) - 1)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
    return float(found.x[0]), np.asarray(found.x[1:].reshape(shape))
