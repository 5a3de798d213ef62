"""How much to trust the knowledge, learnt by cross-fitting on the training examples.

Evidence is added to the logits as ``trust * evidence``. On its own training texts a classifier is always right, so
evidence has nothing to add there, or everything where the texts are few; trust is therefore learnt on out-of-fold
logits, from the likelihood of the labels.

With a few texts the likeliest trust in noise is seldom exactly zero, and each bit of it costs. So evidence has to make
its case first: the likelihood of the labels, averaged over all amounts of trust, must be many times what it is without
evidence (a Bayes factor). Shuffled knowledge does not get there, and its trust is zero. In the same way a context is
kept only where texts are told apart better with it, out of fold, than without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp, softmax

from kgslm.tuning.heads.probe import Floats, fit_probe

_FOLDS = 5
_GRID = np.geomspace(0.05, 20, 61)
_USUAL = 2.0
"""The spread of a half-normal prior: evidence lies within one, and a trust of more than a few is not believable."""
_CASE = 2.5
"""The least logarithm of the Bayes factor, "strong" for Jeffreys. True knowledge had 2.8 to 44, shuffled -1.7 to 2.3,
with 4 to 16 examples a label on four data sets."""
_HOLD = 1.0
"""How strongly a label's trust is held to that of all labels."""


@dataclass(frozen=True)
class CrossFit:
    """How units, which are texts or parts of texts, are dealt into folds. origins: of each unit; those of one origin,
    such as the words of a text, or an example and what was made from it, share a fold. None: each has its own.
    """

    multi_label: bool
    origins: Sequence[str] | None = None
    seed: int = 0


def cross_fitted_trust(features: Floats, targets: Floats, evidence: Floats, fit: CrossFit) -> Floats:
    """The trust in each channel for each label, shape (channels, labels), at least 0; 0 where evidence does not help.

    features: shape (texts, features), frozen vectors. targets: shape (texts, labels), 0 or 1. evidence: shape
    (texts, channels, labels). A channel is asked what it adds to those before it. With fewer than two texts there is
    nothing to learn from.
    """
    trust = np.zeros(evidence.shape[1:])
    if len(features) < 2 or not evidence.any():
        return trust
    folds = folds_of(targets, fit)
    logits = _out_of_fold(features, targets, folds, multi_label=fit.multi_label)
    for channel in range(evidence.shape[1]):
        case = _Case(logits, targets, evidence[:, channel].astype(float), fit.multi_label)
        shared = case.shared()
        if shared:
            trust[channel] = case.by_label(shared) if _labels_differ(case, folds) else shared
            logits = logits + trust[channel] * case.evidence
    return trust


@dataclass(frozen=True)
class _Case:
    """What out-of-fold logits and evidence say of the labels. All shapes are (texts, labels)."""

    logits: Floats
    targets: Floats
    evidence: Floats
    multi_label: bool

    def shared(self) -> float:
        """One trust for all labels: the mean of what is believable, or 0 where the case for any is not strong."""
        if not self.evidence.any():
            return 0.0
        prior = np.exp(-0.5 * (_GRID / _USUAL) ** 2) * np.gradient(_GRID)
        weights = np.log(prior / prior.sum()) - [self.losses(trust).sum() for trust in _GRID]
        factor = logsumexp(weights) + self.losses(0.0).sum()
        return float(_GRID @ softmax(weights)) if factor >= _CASE else 0.0

    def by_label(self, shared: float) -> Floats:
        """A trust for each label, near the shared one unless its texts say otherwise; shape (labels,)."""

        def objective(trust: Floats) -> tuple[float, Floats]:
            logits = self.logits + trust * self.evidence
            chances = expit(logits) if self.multi_label else softmax(logits, axis=1)
            slope = ((chances - self.targets) * self.evidence).sum(axis=0) + 2 * _HOLD * (trust - shared)
            return float(self.losses(trust).sum() + _HOLD * ((trust - shared) ** 2).sum()), slope

        start = np.full(self.targets.shape[1], shared)
        bounds = [(0.0, float(_GRID[-1]))] * len(start)
        return np.asarray(minimize(objective, start, jac=True, bounds=bounds, method="L-BFGS-B").x)

    def losses(self, trust: float | Floats) -> Floats:
        """The negative log-likelihood of each text's labels."""
        return losses_of(self.logits + trust * self.evidence, self.targets, multi_label=self.multi_label)

    def only(self, rows: NDArray[np.bool_]) -> _Case:
        """The case of some of the texts."""
        return _Case(self.logits[rows], self.targets[rows], self.evidence[rows], self.multi_label)


def _labels_differ(case: _Case, folds: NDArray[np.int64]) -> bool:
    """Whether a trust for each label, learnt on the other folds, does better on each fold than a shared one."""
    gain = 0.0
    for fold in np.unique(folds):
        rest, held_out = case.only(folds != fold), case.only(folds == fold)
        shared = rest.shared()
        gain += float((held_out.losses(shared) - held_out.losses(rest.by_label(shared))).sum())
    return gain > 0


def cross_fitted_loss(features: Floats, targets: Floats, fit: CrossFit) -> float:
    """The mean negative log-likelihood of the labels by out-of-fold logits; lower is better.

    features: shape (units, features). targets: shape (units, labels), 0 or 1. Infinite with fewer than two units.
    """
    if len(features) < 2:
        return float("inf")
    return float(losses_of(out_of_fold(features, targets, fit), targets, multi_label=fit.multi_label).mean())


def out_of_fold(features: Floats, targets: Floats, fit: CrossFit) -> Floats:
    """Logits of each unit by a probe that has not seen its fold, shape (units, labels); zeros with only one fold."""
    return _out_of_fold(features, targets, folds_of(targets, fit), multi_label=fit.multi_label)


def _out_of_fold(features: Floats, targets: Floats, folds: NDArray[np.int64], *, multi_label: bool) -> Floats:
    logits = np.zeros_like(targets, dtype=float)
    if len(np.unique(folds)) < 2:
        return logits
    for fold in np.unique(folds):
        held_out = folds == fold
        probe = fit_probe(features[~held_out], targets[~held_out], multi_label=multi_label)
        logits[held_out] = probe.logits(features[held_out])
    return logits


def folds_of(targets: Floats, fit: CrossFit) -> NDArray[np.int64]:
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


def losses_of(logits: Floats, targets: Floats, *, multi_label: bool) -> Floats:
    """The negative log-likelihood of each text's labels, shape (texts,)."""
    if multi_label:
        return np.asarray((np.logaddexp(0, logits) - targets * logits).sum(axis=1))
    return np.asarray(np.logaddexp.reduce(logits, axis=1) - (logits * targets).sum(axis=1))
