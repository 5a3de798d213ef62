"""Gold labels and predictions of the same texts, brought into one order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kgslm.errors import DataError
from kgslm.records import Example, Prediction

LabelSets = tuple[tuple[str, ...], ...]
"""The labels of each text."""


def align_predictions(
    examples: Sequence[Example], predictions: Iterable[Prediction], *, where: str = "predictions"
) -> tuple[LabelSets, LabelSets]:
    """Gold and predicted labels in the order of ``examples``, matched by id.

    where: the name of the predictions in error messages, such as their file. Raises DataError unless every example
    has exactly one prediction and every prediction an example.
    """
    by_id: dict[str, tuple[str, ...]] = {}
    for prediction in predictions:
        if prediction.id in by_id:
            raise DataError(f"{where}: the id {prediction.id!r} has two predictions; keep one")
        by_id[prediction.id] = prediction.labels
    known: set[str] = set()
    for example in examples:
        if example.id in known:
            raise DataError(f"{where}: the data has the id {example.id!r} twice; predictions need unique ids")
        known.add(example.id)
    missing = [example.id for example in examples if example.id not in by_id]
    if missing:
        raise DataError(
            f"{where}: {len(missing)} of {len(examples)} texts have no prediction, such as {missing[0]!r}; "
            "predict the same data file"
        )
    extra = [name for name in by_id if name not in known]
    if extra:
        raise DataError(
            f"{where}: {len(extra)} of {len(by_id)} predictions belong to no text of the data, such as {extra[0]!r}; "
            "predict the same data file"
        )
    return tuple(example.labels for example in examples), tuple(by_id[example.id] for example in examples)
