"""Probe and trust on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from kgslm.tuning.heads.probe import Likely, fit_probe
from kgslm.tuning.trust import CrossFit, cross_fitted_loss, cross_fitted_trust, out_of_fold
from kgslm.tuning.worth import cross_fitted_worth


def one_hot(classes: np.ndarray, labels: int) -> np.ndarray:
    return np.asarray(np.eye(labels, dtype=np.float32)[classes])


@pytest.mark.parametrize("labels", [2, 4])
def test_the_probe_is_logistic_regression(labels: int) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60, 5))
    classes = rng.integers(0, labels, 60)
    probe = fit_probe(features, one_hot(classes, labels), multi_label=False)
    scaled = features / np.linalg.norm(features, axis=1).mean()
    expected = LogisticRegression(C=8.0, max_iter=500).fit(scaled, classes).predict_proba(scaled)
    logits = probe.logits(features)
    found = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("multi_label", [False, True])
def test_a_certain_text_counts_like_a_labelled_one(multi_label: bool) -> None:
    rng = np.random.default_rng(0)
    features, targets = rng.normal(size=(60, 5)), one_hot(rng.integers(0, 3, 60), 3)
    # Every label is as rare as the next, so that none weighs more.
    targets = targets if not multi_label else one_hot(np.arange(60) % 2, 2)
    known = fit_probe(features, targets, multi_label=multi_label)
    likely = Likely(features[40:], targets[40:].astype(float), 1.0)
    both = fit_probe(features[:40], targets[:40], multi_label=multi_label, likely=likely)
    assert both.logits(features) == pytest.approx(known.logits(features), abs=0.1)


@pytest.mark.parametrize("multi_label", [False, True])
def test_likely_labels_teach_what_the_known_ones_do_not(multi_label: bool) -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(400, 8))
    classes = (features[:, 0] > 0).astype(int)
    few = np.concatenate([np.flatnonzero(classes == 0)[:2], np.flatnonzero(classes == 1)[:2]])
    chances = np.where(one_hot(classes, 2) == 1, 0.8, 0.2)
    alone = fit_probe(features[few], one_hot(classes[few], 2), multi_label=multi_label)
    likely = Likely(features[:200], chances[:200], 0.1)
    taught = fit_probe(features[few], one_hot(classes[few], 2), multi_label=multi_label, likely=likely)
    right = [(it.logits(features[200:]).argmax(axis=1) == classes[200:]).mean() for it in (alone, taught)]
    assert right[1] > max(0.95, right[0])


def test_a_label_without_examples_is_never_chosen() -> None:
    features = np.random.default_rng(0).normal(size=(20, 3))
    targets = one_hot(np.arange(20) % 2, 3)
    assert set(fit_probe(features, targets, multi_label=False).logits(features).argmax(axis=1)) <= {0, 1}
    several = fit_probe(features, targets, multi_label=True).logits(features)
    assert (several[:, 2] < 0).all()


@pytest.mark.parametrize("multi_label", [False, True])
def test_trust_is_high_for_true_evidence_and_nothing_for_noise(multi_label: bool) -> None:
    rng = np.random.default_rng(1)
    classes = np.arange(80) % 4
    targets = one_hot(classes, 4)
    features = targets @ rng.normal(size=(4, 16)) + 2 * rng.normal(size=(80, 16))
    true = targets - 0.25 + 0.2 * rng.normal(size=(80, 4))
    noise = rng.permutation(true)
    both = np.stack([true, noise], axis=1)
    trust = cross_fitted_trust(features, targets, both, CrossFit(multi_label))
    assert trust.shape == (2, 4) and (trust[0] > 2).all() and not trust[1].any()
    for nothing in (noise, np.zeros((80, 4))):
        assert not cross_fitted_trust(features, targets, nothing[:, None], CrossFit(multi_label)).any()


def test_noise_is_hardly_ever_trusted() -> None:
    trusted = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        targets = one_hot(np.arange(24) % 3, 3)
        features = targets @ rng.normal(size=(3, 16)) + 2 * rng.normal(size=(24, 16))
        noise = one_hot(rng.integers(0, 3, 24), 3)[:, None] - 1 / 3
        trusted += bool(cross_fitted_trust(features, targets, noise, CrossFit(False, seed=seed)).any())
    assert trusted <= 2


def test_a_label_for_which_the_graph_is_wrong_is_trusted_less() -> None:
    rng = np.random.default_rng(3)
    targets = one_hot(np.arange(160) % 4, 4)
    features = targets @ rng.normal(size=(4, 16)) + 2.5 * rng.normal(size=(160, 16))
    evidence = targets - 0.25
    # Where the last label is meant, the graph speaks of any.
    evidence[3::4] = one_hot(rng.integers(0, 4, 40), 4) - 0.25
    (trust,) = cross_fitted_trust(features, targets, evidence[:, None], CrossFit(False))
    assert trust[3] < trust[:3].min()


def test_copies_of_a_text_are_held_out_with_it() -> None:
    rng = np.random.default_rng(2)
    features, targets = rng.normal(size=(40, 30)), one_hot(rng.integers(0, 2, 40), 2)
    origins = [str(number) for number in range(40)] * 3
    tripled, labels = np.tile(features, (3, 1)), np.tile(targets, (3, 1))
    honest = cross_fitted_loss(tripled, labels, CrossFit(False, origins))
    # Labels of noise cannot be told; where copies are in other folds they are known by heart.
    assert honest > 0.8
    assert cross_fitted_loss(tripled, labels, CrossFit(False)) < 0.5 * honest


def test_features_are_worth_what_they_tell_and_noise_is_not_trusted() -> None:
    rng = np.random.default_rng(3)
    classes = rng.integers(0, 3, 240)
    targets = one_hot(classes, 3).astype(float)
    features = targets @ rng.normal(size=(3, 16)) + 3 * rng.normal(size=(240, 16))
    telling = np.stack([np.ones(240), classes == 1, rng.random(240) < 0.5], axis=1).astype(float)
    origins = [str(number // 4) for number in range(240)]
    worth = cross_fitted_worth(features, targets, telling, CrossFit(False, origins))
    assert worth.trust > 0.5
    assert worth.weights[1, 1] - worth.weights[0, 1] > 2
    assert np.ptp(worth.weights[:, 2]) < np.ptp(worth.weights[:, 1]) / 4
    plain = out_of_fold(features, targets, CrossFit(False, origins))
    assert (worth.logits.argmax(axis=1) == classes).mean() > (plain.argmax(axis=1) == classes).mean() + 0.1
    noise = cross_fitted_worth(features, targets, rng.permutation(telling), CrossFit(False, origins))
    found = (noise.logits.argmax(axis=1) == classes).mean()
    assert found == pytest.approx((plain.argmax(axis=1) == classes).mean(), abs=0.03)
    nothing = cross_fitted_worth(features, targets, np.zeros((240, 3)), CrossFit(False, origins))
    assert nothing.trust == 0
    assert not nothing.weights.any()
