"""Logistic regression on frozen vectors: where a head starts, and what trust in the graph is learnt against."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_INVERSE_PENALTY = 8.0
_ABSENT = -4.0
_LEAST = 1e-4
"""What weighs less is left out."""


@dataclass(frozen=True)
class Probe:
    """A linear classifier. weight: shape (labels, features). bias: shape (labels,)."""

    weight: Floats
    bias: Floats

    def logits(self, features: Floats) -> Floats:
        """Shape (texts, labels)."""
        return np.asarray(features @ self.weight.T + self.bias)


@dataclass(frozen=True)
class Likely:
    """Texts whose labels are not known, only likely.

    features: shape (texts, features). chances: shape (texts, labels), in [0, 1]. weight: of a text, beside one whose
    labels are known.
    """

    features: Floats
    chances: Floats
    weight: float


def fit_probe(features: Floats, targets: Floats, *, multi_label: bool, likely: Likely | None = None) -> Probe:
    """Fit L2-penalised logistic regression: multinomial, or one for each label where a text may have several.

    features: shape (texts, features); they are scaled to a mean norm of one for the penalty, which makes it mean the
    same for every backbone. targets: shape (texts, labels), 0 or 1. likely: further texts. A label without examples
    gets a low bias. Where a text may have several labels, the few texts of a label weigh more; see ``rarity``.
    """
    scale = float(np.linalg.norm(features, axis=1).mean()) or 1.0
    likely = likely or Likely(features[:0], targets[:0], 0.0)
    scaled = np.concatenate([features, likely.features]) / scale
    having = np.concatenate([targets, likely.weight * likely.chances])
    if multi_label:
        # Chances were told by a model in which rare labels weighed more already.
        having[: len(targets)] *= rarity(targets)
        lacking = np.concatenate([1 - targets, likely.weight * (1 - likely.chances)])
        weight, bias = _one_by_one(scaled, having, lacking)
    else:
        weight, bias = _multinomial(scaled, having)
    return Probe(weight / scale, bias)


def _multinomial(features: Floats, having: Floats) -> tuple[Floats, Floats]:
    """having: what each text weighs as one that has the label, shape (texts, labels)."""
    rows, classes = np.nonzero(having > _LEAST)
    present = np.unique(classes)
    weight = np.zeros((having.shape[1], features.shape[1]))
    bias = np.full(having.shape[1], _ABSENT)
    if len(present) == 1:
        bias[present] = -_ABSENT
        return weight, bias
    weight[present], bias[present] = one_row_a_class(*_logistic(features[rows], classes, having[rows, classes]))
    return weight, bias


def one_row_a_class(coefficients: Floats, intercepts: Floats) -> tuple[Floats, Floats]:
    """Of a fitted multinomial regression. Two classes come as one direction; half of it for either side gives the same
    probabilities.
    """
    if len(coefficients) > 1:
        return coefficients, intercepts
    return np.concatenate([-coefficients, coefficients]) / 2, np.concatenate([-intercepts, intercepts]) / 2


def _one_by_one(features: Floats, having: Floats, lacking: Floats) -> tuple[Floats, Floats]:
    """having, lacking: what each text weighs as one that has the label and one that has not, shape (texts, labels)."""
    weight = np.zeros((having.shape[1], features.shape[1]))
    bias = np.full(having.shape[1], _ABSENT)
    for label in range(having.shape[1]):
        weights = np.stack([lacking[:, label], having[:, label]])
        classes, rows = np.nonzero(weights > _LEAST)
        if len(np.unique(classes)) == 1:
            bias[label] = -_ABSENT if classes[0] else _ABSENT
            continue
        coefficients, intercepts = _logistic(features[rows], classes, weights[classes, rows])
        weight[label], bias[label] = coefficients[0], intercepts[0]
    return weight, bias


def rarity(targets: Floats) -> Floats:
    """How much more a text that has a label weighs than one that has not, shape (labels,): the square root of how many
    times more there are of the others.

    With equal weights, and a few examples of each of many labels, hardly any label ever reaches a probability of one
    half; with the whole number, too many do.
    """
    having = targets.sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(len(targets) - having, 1) / np.maximum(having, 1)))


def _logistic(features: Floats, classes: NDArray[np.int64], weights: Floats) -> tuple[Floats, Floats]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # Stopping early is fine: the head is a start, and the penalty keeps it tame.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=500).fit(features, classes, sample_weight=weights)
    return np.asarray(model.coef_, float), np.asarray(model.intercept_, float)
