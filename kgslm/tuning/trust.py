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
_PENALTY = 1.0
_SCALES = (0.05, 5.0)
_GRID = np.concatenate([[0.0], np.geomspace(0.05, 50, 61)])


@dataclass(frozen=True)
class CrossFit:
    """How units, which are texts or parts of texts, are dealt into folds. origins: of each unit; those of one origin,
    such as the words of a text, or an example and what was made from it, share a fold. None: each has its own.
    """

    multi_label: bool
    origins: Sequence[str] | None = None
    seed: int = 0


def cross_fitted_trust(features: Floats, targets: Floats, evidence: Floats, fit: CrossFit) -> float:
    """The trust that makes the training labels likeliest, in [0, 50]; 0 where evidence does not help.

    features: shape (units, features), frozen vectors. targets: shape (units, labels), 0 or 1. evidence: shape
    (units, labels). With fewer than two units there is nothing to learn from, and trust is 0.
    """
    if len(features) < 2 or not evidence.any():
        return 0.0
    logits = out_of_fold(features, targets, fit)
    losses = [_loss(logits + trust * evidence, targets, multi_label=fit.multi_label) for trust in _GRID]
    return float(_GRID[int(np.argmin(losses))])


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
    folds = _folds(targets, fit)
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
    losses = np.stack([_losses(scaled + trust * scores, targets) for trust in _GRID])
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


def _losses(logits: Floats, targets: Floats) -> Floats:
    """The negative log-likelihood of each unit's label."""
    return np.asarray(np.logaddexp.reduce(logits, axis=1) - (logits * targets).sum(axis=1))


def _stack(logits: Floats, facts: Floats, targets: Floats) -> tuple[float, Floats]:
    """Scale of the logits and weights of the facts, shape (outputs, facts), that make the targets likeliest."""
    from scipy.optimize import minimize

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


def cross_fitted_loss(features: Floats, targets: Floats, fit: CrossFit) -> float:
    """The mean negative log-likelihood of the labels by out-of-fold logits; lower is better.

    features: shape (units, features). targets: shape (units, labels), 0 or 1. Infinite with fewer than two units.
    """
    if len(features) < 2:
        return float("inf")
    return _loss(out_of_fold(features, targets, fit), targets, multi_label=fit.multi_label)


def out_of_fold(features: Floats, targets: Floats, fit: CrossFit) -> Floats:
    """Logits of each unit by a probe that has not seen its fold, shape (units, labels); zeros with only one fold."""
    folds = _folds(targets, fit)
    logits = np.zeros_like(targets, dtype=float)
    if len(np.unique(folds)) < 2:
        return logits
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
    own = np.zeros((len(numbers), targets.shape[1]))
    np.maximum.at(own, group, targets)
    folds: NDArray[np.int64] = _dealt(own, fit.seed)[group]
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
    return float(_losses(logits, targets).mean())
