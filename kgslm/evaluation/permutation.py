"""Paired permutation tests, and p-values corrected for how many comparisons were made.

*Permutation.* If two cells were equally good, it would make no difference which of them said what of a text. So the
predictions of the two cells are swapped for texts drawn by coin, for all seeds of a text together, and the difference
is taken anew; p is the share of such differences that are at least as far from zero as the one that was seen
(approximate randomisation: Noreen 1989, Computer-intensive methods for testing hypotheses; Yeh 2000, More accurate
tests for the statistical significance of result differences). With few texts all swaps are tried and p is exact. The
test speaks of these trained models on such texts; how another draw of training examples would turn out is in the
intervals (see ``intervals``), which is why a verdict asks for both.

*Correction.* Holm 1979 keeps the chance of even one false finding among all comparisons below the level; Benjamini and
Hochberg 1995 keep the expected share of false ones among the findings below it, which finds more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kgslm.errors import DataError
from kgslm.evaluation.metrics import Decision, Floats, Labels, Metric, Totals, label_of

Correction = Literal["holm", "benjamini-hochberg", "none"]
_BLOCK = 8_000_000
"""Swaps that are held at once, as float32: 32 MB."""
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Permutation:
    """How a test is made. permutations: swaps that are drawn, or all there are where these are no more. seed: of the
    draws."""

    permutations: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.permutations < 100:
            raise ValueError(f"{self.permutations} permutations are too few for a test; use 10000")

    def p_value(self, gold: Labels, one: Sequence[Labels], other: Sequence[Labels], metric: Metric) -> float:
        """The two-sided p of the mean difference between two cells, in (0, 1].

        gold: the labels of each text. one, other: the predictions of each seed, in the same order on both sides.
        Raises DataError where the numbers of seeds or texts differ.
        """
        if len(one) != len(other) or any(len(said) != len(gold) for said in (*one, *other)):
            raise DataError("a paired test needs the same seeds and the same texts on both sides")
        sides = [_Pair(gold, *pair) for pair in zip(one, other, strict=True)]
        texts = np.flatnonzero(np.any([side.differs for side in sides], axis=0))
        if not len(texts):
            return 1.0
        seen = abs(float(_difference(sides, np.zeros((1, len(texts)), np.float32), texts, metric)[0]))
        exact = len(texts) < 31 and 2 ** len(texts) <= self.permutations
        beyond = total = 0
        for swaps in self._swaps(len(texts), exact=exact):
            differences = np.abs(_difference(sides, swaps, texts, metric))
            beyond += int((differences >= seen - _ROUNDING).sum())
            total += len(swaps)
        return beyond / total if exact else (beyond + 1) / (total + 1)

    def _swaps(self, texts: int, *, exact: bool) -> Iterator[NDArray[np.float32]]:
        """Blocks of shape (swaps, texts), 1 where a text is swapped."""
        if exact:
            numbers = np.arange(2**texts)
            yield (numbers[:, None] >> np.arange(texts) & 1).astype(np.float32)
            return
        random = np.random.default_rng(self.seed)
        size = max(1, _BLOCK // texts)
        for start in range(0, self.permutations, size):
            yield random.integers(0, 2, (min(size, self.permutations - start), texts)).astype(np.float32)


class _Pair:
    """What two runs said of the same texts, as counts for each label.

    hits, said: shape (texts, labels), what the second side has more than the first. exact: shape (texts,). gold: shape
    (labels,). base: the totals of the two sides unswapped. differs: shape (texts,), whether swapping changes anything.
    """

    def __init__(self, gold: Labels, one: Labels, other: Labels) -> None:
        truth, first, second = ([frozenset(found) for found in side] for side in (gold, one, other))
        names = sorted({label_of(decision) for side in (truth, first, second) for found in side for decision in found})
        column = {label: number for number, label in enumerate(names)}
        self.gold = _table(truth, column).sum(axis=0, dtype=np.float64)
        self.texts = len(truth)
        right = [[own & found for own, found in zip(truth, side, strict=True)] for side in (first, second)]
        hits, said = ([_table(side, column) for side in sides] for sides in (right, [first, second]))
        exact = [
            np.array([own == found for own, found in zip(truth, side, strict=True)], np.float32)
            for side in (first, second)
        ]
        self.base = [
            np.concatenate([hit.sum(axis=0), guess.sum(axis=0), [whole.sum()]]).astype(np.float64)
            for hit, guess, whole in zip(hits, said, exact, strict=True)
        ]
        self.change = np.column_stack([hits[1] - hits[0], said[1] - said[0], exact[1] - exact[0]])
        self.differs = np.array([found != other for found, other in zip(first, second, strict=True)], np.bool_)

    def totals(self, moved: Floats, side: int) -> Totals:
        """moved: shape (swaps, 2 * labels + 1), what has gone from the second side to the first."""
        sums = np.rint(self.base[side] + (moved if side == 0 else -moved)).astype(np.int64)
        labels = len(self.gold)
        return Totals(
            hits=sums[:, :labels],
            gold=np.broadcast_to(self.gold.astype(np.int64), (len(sums), labels)),
            predicted=sums[:, labels:-1],
            exact=sums[:, -1],
            texts=np.full(len(sums), self.texts, np.int64),
        )


def _difference(sides: Sequence[_Pair], swaps: NDArray[np.float32], texts: NDArray[np.int64], metric: Metric) -> Floats:
    """The mean difference over the seeds under each row of swaps of these texts."""
    differences = []
    for side in sides:
        # Whole numbers far below 2**24, so float32 is exact and fast.
        moved = (swaps @ side.change[texts]).astype(np.float64)
        differences.append(metric(side.totals(moved, 0)) - metric(side.totals(moved, 1)))
    return np.asarray(np.mean(differences, axis=0))


def _table(side: Sequence[frozenset[Decision]], column: dict[str, int]) -> NDArray[np.float32]:
    """Shape (texts, labels): how many decisions of each label a text has."""
    table = np.zeros((len(side), len(column)), np.float32)
    for row, found in enumerate(side):
        for decision in found:
            table[row, column[label_of(decision)]] += 1
    return table


def corrected(p_values: Sequence[float], method: Correction = "holm") -> list[float]:
    """p-values corrected for the number of comparisons, in their order; each at least as large as it was."""
    count = len(p_values)
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    if method == "none" or not count:
        return [float(value) for value in p]
    result = np.empty(count)
    if method == "holm":
        steps = np.maximum.accumulate(p[order] * np.arange(count, 0, -1))
    else:
        steps = np.minimum.accumulate((p[order] * count / np.arange(1, count + 1))[::-1])[::-1]
    result[order] = np.minimum(steps, 1.0)
    return [float(value) for value in result]
