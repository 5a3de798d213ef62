"""Predictions meet their texts by id, whatever their order."""

from __future__ import annotations

import pytest

from kgslm.errors import DataError
from kgslm.evaluation import align_predictions
from kgslm.records import Example, Prediction

EXAMPLES = [Example("1", "one", ("a",)), Example("2", "two", ("b", "c"))]


def test_predictions_come_into_the_order_of_the_examples() -> None:
    gold, predicted = align_predictions(EXAMPLES, [Prediction("2", ("b",)), Prediction("1", ("x",))])
    assert gold == (("a",), ("b", "c"))
    assert predicted == (("x",), ("b",))


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["1"], "p.jsonl: 1 of 2 texts have no prediction, such as '2'"),
        (["1", "2", "9"], "p.jsonl: 1 of 3 predictions belong to no text of the data, such as '9'"),
        (["1", "2", "1"], "p.jsonl: the id '1' has two predictions"),
    ],
)
def test_each_text_needs_one_prediction(ids: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        align_predictions(EXAMPLES, [Prediction(name, ("a",)) for name in ids], where="p.jsonl")


def test_ids_of_the_data_must_be_unique() -> None:
    with pytest.raises(DataError, match="the data has the id '1' twice"):
        align_predictions([EXAMPLES[0], EXAMPLES[0]], [Prediction("1", ("a",))])
