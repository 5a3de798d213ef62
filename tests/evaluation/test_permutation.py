"""Permutation tests against scipy's, corrections against those of statsmodels 0.14."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kgslm.errors import DataError
from kgslm.evaluation import accuracy, macro_f1
from kgslm.evaluation.metrics import LabelCounts, Labels, Metric
from kgslm.evaluation.permutation import Permutation, corrected


def labels(text: str) -> Labels:
    return [(letter,) for letter in text]


def scipy_p(gold: str, one: list[str], other: list[str], metric: Metric, resamples: float = np.inf) -> float:
    """The same test with scipy: a sample is a text's number on the one side, its negative on the other."""
    places = np.arange(len(gold))

    def statistic(x: np.ndarray, y: np.ndarray) -> float:
        # 0 or above: the prediction of the first cell stands on this side.
        differences = []
        for first, second in zip(one, other, strict=True):
            sides = []
            for drawn in (x, y):
                said = [first[place] if own >= 0 else second[place] for place, own in zip(places, drawn, strict=True)]
                sides.append(float(metric(LabelCounts(labels(gold), labels("".join(said))).totals())))
            differences.append(sides[0] - sides[1])
        return float(np.mean(differences))

    found = stats.permutation_test(
        (np.zeros(len(gold)), -np.ones(len(gold))),
        statistic,
        permutation_type="samples",
        n_resamples=resamples,
        vectorized=False,
    )
    return float(found.pvalue)


@pytest.mark.parametrize("metric", [accuracy, macro_f1])
def test_all_swaps_of_few_texts_are_tried_as_scipy_does(metric: Metric) -> None:
    gold, one, other = "aabbccab", ["aabbccbb", "aabbacab"], ["abbacbab", "bbbbccaa"]
    p = Permutation().p_value(labels(gold), [labels(x) for x in one], [labels(x) for x in other], metric)
    assert p == pytest.approx(scipy_p(gold, one, other, metric))


def test_many_texts_come_close_to_the_sign_test() -> None:
    """With accuracy and one seed, swaps are coins thrown for the texts on which the two disagree: a binomial."""
    gold = "a" * 100
    one, other = "a" * 70 + "b" * 30, "b" * 22 + "a" * 40 + "b" * 38
    p = Permutation(20_000).p_value(labels(gold), [labels(one)], [labels(other)], accuracy)
    wins, losses = 22 + 8, 0
    exact = stats.binomtest(wins, wins + losses).pvalue
    assert p == pytest.approx(exact, abs=1e-4)
    one = "b" * 8 + "a" * 30 + "b" * 62
    other = "a" * 22 + "b" * 78
    wins, losses = 16, 8
    p = Permutation(20_000).p_value(labels(gold), [labels(one)], [labels(other)], accuracy)
    assert p == pytest.approx(stats.binomtest(wins, wins + losses).pvalue, abs=0.015)


def test_it_is_two_sided_and_what_is_equal_differs_by_chance() -> None:
    gold, one, other = labels("ab" * 30), [labels("ab" * 28 + "bbbb")], [labels("ab" * 20 + "b" * 20)]
    test = Permutation(2_000)
    assert test.p_value(gold, one, other, macro_f1) == pytest.approx(test.p_value(gold, other, one, macro_f1))
    assert test.p_value(gold, one, one, macro_f1) == 1.0
    with pytest.raises(DataError, match="the same seeds"):
        test.p_value(gold, one, [], macro_f1)
    with pytest.raises(ValueError, match="too few"):
        Permutation(10)


def test_under_the_null_hypothesis_p_is_uniform() -> None:
    random = np.random.default_rng(0)
    gold = labels("".join(random.choice(list("abcd"), 80)))
    found = []
    for _ in range(120):
        sides = [[tuple(random.choice(list("abcd"), 1)) if random.random() < 0.4 else it for it in gold] for _ in "12"]
        found.append(Permutation(300).p_value(gold, [sides[0]], [sides[1]], macro_f1))
    assert stats.kstest(found, "uniform").pvalue > 0.01


def test_corrections_are_those_of_statsmodels() -> None:
    p = [0.01, 0.04, 0.03, 0.005, 0.04, 0.9]
    # statsmodels.stats.multitest.multipletests(p, method=...)[1]
    assert corrected(p) == pytest.approx([0.05, 0.12, 0.12, 0.03, 0.12, 0.9])
    assert corrected(p, "benjamini-hochberg") == pytest.approx([0.03, 0.048, 0.048, 0.03, 0.048, 0.9])
    assert corrected(p, "none") == p
    assert corrected([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_corrections_keep_the_order_and_never_find_more(p: list[float]) -> None:
    holm, false_discovery = corrected(p), corrected(p, "benjamini-hochberg")
    assert false_discovery == pytest.approx(list(stats.false_discovery_control(p)))
    for value, strict, mild in zip(p, holm, false_discovery, strict=True):
        assert value - 1e-12 <= mild <= strict + 1e-12 <= 1 + 1e-12
