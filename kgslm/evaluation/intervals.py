"""95% bootstrap intervals of scores and of paired differences, over test texts and seeds.

*Texts.* Each resample draws as many test texts as there are, with replacement, and scores every run on the drawn
texts (Efron & Tibshirani 1993, An Introduction to the Bootstrap). The interval is the basic one, ``2 * mean`` minus the
upper and lower percentile (Davison & Hinkley 1997, Bootstrap Methods and their Application, section 5.2): macro-F1 over
many rare labels falls when texts repeat, and this interval takes that fall out where a percentile interval doubles it.

*Seeds.* A run's seed chose its training examples, so another seed gives another score. Each resample also draws
seeds, independently of the texts, and averages the scores of the drawn seeds (a two-way bootstrap: Owen 2007, The
pigeonhole bootstrap). Of n seeds it draws n - 1 with replacement, because drawing n of so few would understate their
variance by the factor (n - 1) / n (McCarthy & Snowden 1985, The bootstrap and finite population sampling). Noise that
is peculiar to one text in one run is counted under both heads, so the intervals err on the wide side. With one seed
they speak of the texts alone.

*Pairs.* Resamples depend only on the numbers of texts and seeds and on the bootstrap's own seed. So two cells with the
same test texts and training seeds are scored on the same draws, what is hard or lucky for both cancels out, and the
interval of their difference is the paired one (Koehn 2004, Statistical significance tests for machine translation
evaluation).

Three seeds remain three seeds: an interval cannot show what none of them has seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kgslm.errors import DataError
from kgslm.evaluation.metrics import Floats, Integers, LabelCounts, Metric

_BLOCK = 4_000_000
"""How many text weights are held at once: 32 MB."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its interval. mean: over seeds, on the whole test set. low, high: the ends of the interval."""

    mean: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """``{"mean", "low", "high"}``."""
        return {"mean": self.mean, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Resampled:
    """The scores of one cell. mean: shape (metrics,). resamples: shape (metrics, resamples). least: the lowest possible
    figure; the highest is 1."""

    mean: Floats
    resamples: Floats
    least: float = 0.0

    def spread(self, metric: int = 0) -> float:
        """The standard error of one metric, by its position."""
        return float(self.resamples[metric].std(ddof=1))

    def __sub__(self, other: Resampled) -> Resampled:
        """The paired difference; both sides must come from the same bootstrap, texts and seeds."""
        return Resampled(self.mean - other.mean, self.resamples - other.resamples, least=-1.0)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the test texts. of: how many texts there are in all. rows: for each seed, the positions of its own."""

    of: int
    rows: Sequence[Integers | slice]


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How intervals are made. resamples: at least 100. seed: of the draws. level: the interval's coverage in (0, 1)."""

    resamples: int = 1000
    seed: int = 0
    level: float = 0.95

    def __post_init__(self) -> None:
        if self.resamples < 100:
            raise ValueError(f"{self.resamples} resamples are too few for an interval; use 1000")
        if not 0 < self.level < 1:
            raise ValueError(f"the level must be between 0 and 1, not {self.level}")

    def scores(self, runs: Sequence[LabelCounts], metrics: Sequence[Metric], part: Part | None = None) -> Resampled:
        """Score one cell. runs: one for each seed, in the order of the seeds, all on the same texts.

        part: where the runs are about a part of the texts alone, which part of which; texts are drawn from all.
        Raises DataError where there are no runs or they differ in their number of texts.
        """
        if not runs:
            raise DataError("there are no runs to score")
        if part is None and len({run.texts for run in runs}) > 1:
            raise DataError("the runs of one cell were scored on different numbers of texts")
        part = part or Part(runs[0].texts, [slice(None)] * len(runs))
        mean = np.array([[metric(run.totals()) for run in runs] for metric in metrics]).mean(axis=1)
        blocks = [
            # Each seed's scores under the drawn texts, then the mean over the drawn seeds.
            sum(
                share * _score(run, texts[:, rows], metrics)
                for run, rows, share in zip(runs, part.rows, shares.T, strict=True)
            )
            for texts, shares in self._draws(part.of, len(runs))
        ]
        return Resampled(mean, np.concatenate(blocks, axis=1))

    def interval(self, scores: Resampled, metric: int = 0) -> Interval:
        """The basic interval of one metric, by its position; within the possible figures and around the mean."""
        tail = (1 - self.level) / 2
        mean = float(scores.mean[metric])
        below, above = np.quantile(scores.resamples[metric], [tail, 1 - tail])
        low, high = max(scores.least, 2 * mean - float(above)), min(1.0, 2 * mean - float(below))
        return Interval(mean, min(low, mean), max(high, mean))

    def _draws(self, texts: int, seeds: int) -> Iterator[tuple[Integers, Floats]]:
        """Blocks of text weights, shape (block, texts), and seed shares, shape (block, seeds), rows adding up to 1."""
        for_texts, for_seeds = (np.random.default_rng(child) for child in np.random.SeedSequence(self.seed).spawn(2))
        drawn = max(1, seeds - 1)
        for start in range(0, self.resamples, size := max(1, _BLOCK // texts)):
            rows = min(size, self.resamples - start)
            picks = for_texts.integers(0, texts, size=(rows, texts)) + texts * np.arange(rows)[:, None]
            weights = np.bincount(picks.ravel(), minlength=rows * texts).reshape(rows, texts)
            yield weights, for_seeds.multinomial(drawn, [1 / seeds] * seeds, size=rows) / drawn


def _score(run: LabelCounts, weights: Integers, metrics: Sequence[Metric]) -> Floats:
    totals = run.totals(weights)
    return np.array([metric(totals) for metric in metrics])


def score_interval(runs: Sequence[LabelCounts], metric: Metric, bootstrap: Bootstrap | None = None) -> Interval:
    """The interval of one score. runs: one for each seed, all on the same texts."""
    bootstrap = bootstrap or Bootstrap()
    return bootstrap.interval(bootstrap.scores(runs, [metric]))


def difference_interval(
    runs: Sequence[LabelCounts],
    baseline: Sequence[LabelCounts],
    metric: Metric,
    bootstrap: Bootstrap | None = None,
) -> Interval:
    """The interval of ``runs - baseline``, paired: both with the same seeds and texts in the same order.

    Raises DataError where the numbers of seeds or texts differ.
    """
    bootstrap = bootstrap or Bootstrap()
    if [run.texts for run in runs] != [run.texts for run in baseline]:
        raise DataError("a paired difference needs the same seeds and the same texts on both sides")
    return bootstrap.interval(bootstrap.scores(runs, [metric]) - bootstrap.scores(baseline, [metric]))
