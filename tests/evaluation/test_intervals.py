"""Intervals with known ends, known width and known coverage."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np
import pytest

from kgslm.errors import DataError
from kgslm.evaluation import Bootstrap, LabelCounts, accuracy, difference_interval, macro_f1, score_interval

QUICK = Bootstrap(resamples=300)


def run(right: Sequence[bool] | np.ndarray) -> LabelCounts:
    """A run over texts of one label that is right where told."""
    return LabelCounts([("a",)] * len(right), [("a",) if good else ("b",) for good in right])


def test_a_run_without_errors_has_an_interval_of_no_width() -> None:
    found = score_interval([run([True] * 20)], accuracy)
    assert (found.mean, found.low, found.high) == (1, 1, 1)


def test_the_width_over_texts_is_the_binomial_one() -> None:
    right = np.arange(400) < 300
    found = score_interval([run(right)], accuracy, Bootstrap(resamples=4000))
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert found.mean == 0.75
    assert (found.low, found.high) == pytest.approx((0.75 - half, 0.75 + half), abs=0.006)


def test_the_width_over_seeds_is_that_of_their_mean() -> None:
    # Every text of a run is right or none: the draws of texts change nothing, what is left is the draw of seeds.
    runs = [run([good] * 10) for good in (True, True, False, False)]
    resamples = Bootstrap(resamples=20000).scores(runs, [accuracy]).resamples[0]
    unbiased = np.var([1, 1, 0, 0], ddof=1) / 4
    assert resamples.var() == pytest.approx(unbiased, rel=0.05)


def test_a_constant_gain_has_an_exact_paired_interval() -> None:
    base = [run(np.arange(100) % 4 == seed) for seed in range(3)]
    same = [run(np.arange(100) % 4 == seed) for seed in range(3)]
    found = difference_interval(same, base, macro_f1, QUICK)
    assert (found.mean, found.low, found.high) == (0, 0, 0)


def test_a_paired_difference_is_narrower_than_an_unpaired_one() -> None:
    random = np.random.default_rng(3)
    ease = random.normal(0, 3, 300)
    base = [run(ease + random.normal(0, 0.5, 300) > 0) for _ in range(3)]
    gain = [run(ease + random.normal(0, 0.5, 300) > -0.8) for _ in range(3)]
    paired = difference_interval(gain, base, accuracy, QUICK)
    other = Bootstrap(resamples=300, seed=1)
    unpaired = QUICK.interval(QUICK.scores(gain, [accuracy]) - other.scores(base, [accuracy]))
    assert paired.mean == unpaired.mean > 0
    assert paired.high - paired.low < 0.6 * (unpaired.high - unpaired.low)


@pytest.mark.parametrize(("seeds", "spread"), [(1, 0.0), (3, 0.0), (5, 0.3)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(seeds: int, spread: float) -> None:
    """Accuracy whose truth is known: the logistic mean over the spread of texts and seeds."""
    random = np.random.default_rng(7)
    chance = 1 / (1 + np.exp(-(random.normal(0.5, 1.2, (1_000_000)) + random.normal(0, spread, 1_000_000))))
    truth, inside, repeats = chance.mean(), 0, 150
    for _ in range(repeats):
        ease, luck = random.normal(0.5, 1.2, 120), random.normal(0, spread, seeds)
        runs = [run(random.random(120) < 1 / (1 + np.exp(-(ease + one)))) for one in luck]
        found = score_interval(runs, accuracy, QUICK)
        inside += found.low <= truth <= found.high
    assert 0.89 <= inside / repeats <= 1.0


def test_macro_f1_of_many_rare_labels_is_not_held_too_low() -> None:
    """Resamples repeat texts and so miss rare labels; a percentile interval would lie wholly below the score."""
    random = np.random.default_rng(5)
    gold = random.integers(0, 100, 400)
    said = np.where(random.random(400) < 0.6, gold, random.integers(0, 100, 400))
    scores = QUICK.scores([LabelCounts([(str(g),) for g in gold], [(str(s),) for s in said])], [macro_f1])
    found = QUICK.interval(scores)
    assert found.low <= found.mean <= found.high
    assert scores.resamples.mean() < found.mean < (found.low + found.high) / 2


def test_the_same_seed_gives_the_same_interval() -> None:
    runs = [run(np.arange(50) % 3 > 0), run(np.arange(50) % 5 > 0)]
    assert score_interval(runs, macro_f1, QUICK) == score_interval(runs, macro_f1, QUICK)
    assert score_interval(runs, macro_f1, QUICK) != score_interval(runs, macro_f1, Bootstrap(resamples=300, seed=1))


def test_large_test_sets_are_drawn_in_blocks_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [run(np.arange(50) % 3 > 0)]
    whole = QUICK.scores(runs, [accuracy]).resamples
    monkeypatch.setattr("kgslm.evaluation.intervals._BLOCK", 1000)
    np.testing.assert_array_equal(QUICK.scores(runs, [accuracy]).resamples, whole)


def test_a_comparison_of_usual_size_takes_a_moment() -> None:
    random = np.random.default_rng(0)
    names = [(f"l{number}",) for number in range(23)]
    gold = [names[number] for number in random.integers(0, 23, 800)]
    cells = [
        [LabelCounts(gold, [gold[index] for index in random.permutation(800)]) for _ in range(3)] for _ in range(6)
    ]
    start = perf_counter()
    for runs in cells:
        Bootstrap().scores(runs, [macro_f1, accuracy])
    assert perf_counter() - start < 5


def test_unequal_sides_are_refused() -> None:
    with pytest.raises(DataError, match="same seeds and the same texts"):
        difference_interval([run([True])], [run([True]), run([False])], accuracy)
    with pytest.raises(DataError, match="different numbers of texts"):
        score_interval([run([True]), run([True, False])], accuracy)
    with pytest.raises(DataError, match="no runs"):
        score_interval([], accuracy)
    with pytest.raises(ValueError, match="too few"):
        Bootstrap(resamples=10)
    with pytest.raises(ValueError, match="level"):
        Bootstrap(level=95)
