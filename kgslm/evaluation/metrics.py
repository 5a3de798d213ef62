"""How good predictions are: accuracy and F1 of labels, and of labelled spans and relations.

Every figure is a function of a few integer totals (``Totals``), and totals are sums over texts. So one mechanism
gives both the score of a test set (each text counts once) and the thousands of scores of a bootstrap (each text
counts as often as it was drawn).

A decision is a label of the text, or a label with what it is said of: ``("Disease", 10, 17)`` for a span, ``("treats",
"e1", "e2")`` for a relation. It is right where the gold decisions have the same one, so that F1 over spans is that of
exact spans, as in seqeval.

The definitions are scikit-learn's with ``zero_division=0``: macro-F1 is the plain mean over the labels that occur in
the gold labels or in the predictions; accuracy asks for exactly the gold labels (subset accuracy).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.errors import DataError

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Decision = str | tuple[str | int, ...]
"""A label, or a tuple that begins with one."""
Labels = Sequence[Sequence[Decision]]
"""The decisions for each text, in the order of the texts; repeats within a text count once."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Weighted sums over texts, for any number of weightings at once.

    hits, gold, predicted: shape (..., labels): how often a label was predicted rightly, is in the gold decisions and
    was predicted. exact: shape (...): texts with exactly the gold decisions. texts: shape (...): all texts.
    """

    hits: Integers
    gold: Integers
    predicted: Integers
    exact: Integers
    texts: Integers


Metric = Callable[[Totals], Floats]
"""Scores in [0, 1], shape (...), from totals."""


def accuracy(totals: Totals) -> Floats:
    """The share of texts with exactly the gold labels."""
    return _ratio(totals.exact, totals.texts)


def precision_by_label(totals: Totals) -> Floats:
    """Shape (..., labels); 0 for a label that was never predicted."""
    return _ratio(totals.hits, totals.predicted)


def recall_by_label(totals: Totals) -> Floats:
    """Shape (..., labels); 0 for a label that is in no gold labels."""
    return _ratio(totals.hits, totals.gold)


def f1_by_label(totals: Totals) -> Floats:
    """Shape (..., labels); 0 for a label without a right prediction."""
    return _ratio(2 * totals.hits, totals.gold + totals.predicted)


def macro_f1(totals: Totals) -> Floats:
    """The plain mean of F1 over the labels that occur in gold or predictions."""
    present = (totals.gold + totals.predicted) > 0
    return _ratio(f1_by_label(totals).sum(axis=-1), present.sum(axis=-1))


def micro_f1(totals: Totals) -> Floats:
    """F1 of all label decisions together; equals accuracy where every text has one label and one prediction."""
    return _ratio(2 * totals.hits.sum(axis=-1), (totals.gold + totals.predicted).sum(axis=-1))


def micro_precision(totals: Totals) -> Floats:
    """The share of all predictions that are right."""
    return _ratio(totals.hits.sum(axis=-1), totals.predicted.sum(axis=-1))


def micro_recall(totals: Totals) -> Floats:
    """The share of all gold decisions that are predicted."""
    return _ratio(totals.hits.sum(axis=-1), totals.gold.sum(axis=-1))


def weighted_f1(totals: Totals) -> Floats:
    """The mean of F1 over labels, each weighted by how often it is in the gold labels."""
    return _ratio((f1_by_label(totals) * totals.gold).sum(axis=-1), totals.gold.sum(axis=-1))


def label_of(decision: Decision) -> str:
    """The label of a decision."""
    return decision if isinstance(decision, str) else str(decision[0])


class LabelCounts:
    """Gold and predicted labels of one run, ready to be summed under any weights.

    labels: the union of gold and predicted labels, sorted. texts: how many texts.
    Raises DataError where there are no texts or the two sides differ in length.
    """

    def __init__(self, gold: Labels, predicted: Labels) -> None:
        if len(gold) != len(predicted):
            raise DataError(f"{len(gold)} texts have gold labels but {len(predicted)} have predictions")
        if not gold:
            raise DataError("there are no texts to score; give at least one labelled text")
        truth, guess = [frozenset(labels) for labels in gold], [frozenset(labels) for labels in predicted]
        self.labels = tuple(sorted({label_of(decision) for found in (*truth, *guess) for decision in found}))
        self.texts = len(truth)
        column = {label: number for number, label in enumerate(self.labels)}
        self._hits = _Occurrences((right & said for right, said in zip(truth, guess, strict=True)), column)
        self._gold = _Occurrences(truth, column)
        self._predicted = _Occurrences(guess, column)
        exact = [right == said for right, said in zip(truth, guess, strict=True)]
        self._exact = np.flatnonzero(np.array(exact))

    def totals(self, weights: Integers | None = None) -> Totals:
        """The sums over texts. weights: shape (..., texts), how often each text counts; once each by default."""
        if weights is None:
            weights = np.ones(self.texts, dtype=np.int64)
        return Totals(
            hits=self._hits.sums(weights),
            gold=self._gold.sums(weights),
            predicted=self._predicted.sums(weights),
            exact=weights[..., self._exact].sum(axis=-1),
            texts=weights.sum(axis=-1),
        )


class _Occurrences:
    """Which texts have which label, as one array of texts grouped by label."""

    def __init__(self, decided: Iterable[frozenset[Decision]], column: dict[str, int]) -> None:
        pairs = [(column[label_of(one)], text) for text, decisions in enumerate(decided) for one in decisions]
        table = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        self._texts = table[:, 1]
        self._bounds = np.searchsorted(table[:, 0], np.arange(len(column) + 1))

    def sums(self, weights: Integers) -> Integers:
        """Shape (..., labels): the weights of the texts of each label, as differences of one running sum."""
        running = np.zeros((*weights.shape[:-1], len(self._texts) + 1), dtype=np.int64)
        np.cumsum(weights[..., self._texts], axis=-1, out=running[..., 1:])
        return running[..., self._bounds[1:]] - running[..., self._bounds[:-1]]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label. support: how often it is in the gold decisions."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ClassificationScores:
    """The scores of one run, each in [0, 1]; ``labels`` in alphabetical order."""

    texts: int
    accuracy: float
    macro_f1: float
    micro_precision: float
    micro_recall: float
    micro_f1: float
    weighted_f1: float
    labels: tuple[LabelScore, ...]

    def as_dict(self) -> dict[str, Any]:
        """The figures as plain data for JSON."""
        return {**asdict(self), "labels": [asdict(score) for score in self.labels]}


def classification_scores(gold: Labels, predicted: Labels) -> ClassificationScores:
    """Score predicted decisions: labels, spans or relations.

    gold, predicted: the decisions for each text, in the same order. Raises DataError where their lengths differ.
    """
    counts = LabelCounts(gold, predicted)
    totals = counts.totals()
    columns = (precision_by_label(totals), recall_by_label(totals), f1_by_label(totals), totals.gold)
    return ClassificationScores(
        texts=counts.texts,
        accuracy=float(accuracy(totals)),
        macro_f1=float(macro_f1(totals)),
        micro_precision=float(micro_precision(totals)),
        micro_recall=float(micro_recall(totals)),
        micro_f1=float(micro_f1(totals)),
        weighted_f1=float(weighted_f1(totals)),
        labels=tuple(
            LabelScore(label, float(precision), float(recall), float(f1), int(support))
            for label, precision, recall, f1, support in zip(counts.labels, *columns, strict=True)
        ),
    )


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """``part / whole``, 0 where the whole is 0."""
    result: Floats = np.zeros(np.shape(whole))
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result
