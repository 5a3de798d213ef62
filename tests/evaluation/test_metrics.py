"""Scores against figures worked out by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from kgslm.errors import DataError
from kgslm.evaluation import LabelCounts, classification_scores, macro_f1

GOLD = [("a",), ("a",), ("a",), ("b",), ("b",), ("c",)]
SAID = [("a",), ("a",), ("b",), ("b",), ("d",), ("b",)]


def test_single_label_scores_worked_out_by_hand() -> None:
    scores = classification_scores(GOLD, SAID)
    by_label = {score.label: score for score in scores.labels}
    assert list(by_label) == ["a", "b", "c", "d"]
    # a: 2 right of 2 predicted and 3 gold. b: 1 right of 3 predicted and 2 gold. c, d: none right.
    a, b, c, d = by_label.values()
    assert (a.precision, a.recall, a.f1, a.support) == pytest.approx((1, 2 / 3, 0.8, 3))
    assert (b.precision, b.recall, b.f1, b.support) == pytest.approx((1 / 3, 1 / 2, 0.4, 2))
    assert (c.precision, c.recall, c.f1, c.support) == (0, 0, 0, 1)
    assert (d.precision, d.recall, d.f1, d.support) == (0, 0, 0, 0)
    assert scores.accuracy == pytest.approx(3 / 6)
    assert scores.micro_f1 == pytest.approx(3 / 6)
    assert scores.macro_f1 == pytest.approx((0.8 + 0.4) / 4)
    assert scores.weighted_f1 == pytest.approx((3 * 0.8 + 2 * 0.4) / 6)
    assert scores.texts == 6


def test_multi_label_scores_worked_out_by_hand() -> None:
    gold = [("a", "b"), ("a",), (), ("b", "c")]
    said = [("b", "a"), ("a", "b"), (), ("c", "c")]
    scores = classification_scores(gold, said)
    # Exactly right: the first and the third. a: 2 of 2 and 2. b: 1 of 2 and 2. c: 1 of 1 and 1, said twice.
    assert scores.accuracy == pytest.approx(2 / 4)
    assert [score.f1 for score in scores.labels] == pytest.approx([1, 0.5, 1])
    assert scores.macro_f1 == pytest.approx(2.5 / 3)
    assert scores.micro_f1 == pytest.approx(2 * 4 / (5 + 5))
    assert scores.weighted_f1 == pytest.approx((2 * 1 + 2 * 0.5 + 1 * 1) / 5)


def test_texts_without_any_label_are_right_but_have_no_f1() -> None:
    scores = classification_scores([(), ()], [(), ()])
    assert (scores.accuracy, scores.macro_f1, scores.micro_f1, scores.weighted_f1) == (1, 0, 0, 0)
    assert scores.labels == ()


@pytest.mark.parametrize("seed", range(3))
def test_single_label_scores_equal_scikit_learn(seed: int) -> None:
    from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

    random = np.random.default_rng(seed)
    gold = [f"g{number}" for number in random.integers(0, 9, 200)]
    said = [f"g{number}" for number in random.integers(2, 12, 200)]
    scores = classification_scores([(label,) for label in gold], [(label,) for label in said])
    labels = [score.label for score in scores.labels]
    assert labels == sorted({*gold, *said})
    options = {"labels": labels, "zero_division": 0}
    assert scores.accuracy == pytest.approx(accuracy_score(gold, said))
    assert scores.macro_f1 == pytest.approx(f1_score(gold, said, average="macro", **options))
    assert scores.micro_f1 == pytest.approx(f1_score(gold, said, average="micro", **options))
    assert scores.weighted_f1 == pytest.approx(f1_score(gold, said, average="weighted", **options))
    expected = precision_recall_fscore_support(gold, said, **options)
    found = [(score.precision, score.recall, score.f1, score.support) for score in scores.labels]
    np.testing.assert_allclose(np.array(found).T, np.array(expected))


@pytest.mark.parametrize("seed", range(3))
def test_multi_label_scores_equal_scikit_learn(seed: int) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    random = np.random.default_rng(seed)
    gold, said = random.random((2, 100, 6)) < 0.3
    scores = classification_scores(_names(gold), _names(said))
    assert scores.accuracy == pytest.approx(accuracy_score(gold, said))
    for average in ("macro", "micro", "weighted"):
        found = getattr(scores, f"{average}_f1")
        assert found == pytest.approx(f1_score(gold, said, average=average, zero_division=0))


def test_weights_count_a_text_as_often_as_it_was_drawn() -> None:
    weights = np.array([[2, 0, 1, 0, 3, 1], [0, 0, 0, 6, 0, 0]])
    found = macro_f1(LabelCounts(GOLD, SAID).totals(weights))
    for row, score in zip(weights, found, strict=True):
        drawn = [index for index, times in enumerate(row) for _ in range(times)]
        alone = classification_scores([GOLD[index] for index in drawn], [SAID[index] for index in drawn])
        assert score == pytest.approx(alone.macro_f1)
    # The second resample holds only texts of b, all right: labels that it does not meet do not count against it.
    assert found[1] == 1


def test_scores_as_plain_data() -> None:
    data = classification_scores([("a",)], [("a",)]).as_dict()
    assert data == {
        "texts": 1,
        "accuracy": 1.0,
        "macro_f1": 1.0,
        "micro_precision": 1.0,
        "micro_recall": 1.0,
        "micro_f1": 1.0,
        "weighted_f1": 1.0,
        "labels": [{"label": "a", "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}],
    }


def test_sides_of_different_length_are_refused() -> None:
    with pytest.raises(DataError, match="2 texts have gold labels but 1 have predictions"):
        classification_scores([("a",), ("b",)], [("a",)])
    with pytest.raises(DataError, match="no texts to score"):
        classification_scores([], [])


def _names(table: np.ndarray) -> list[tuple[str, ...]]:
    return [tuple(f"l{column}" for column in np.flatnonzero(row)) for row in table]
