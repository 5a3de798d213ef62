"""Gold labels and predictions of the same texts, brought into one order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kgslm.errors import DataError
from kgslm.evaluation.metrics import Decision
from kgslm.records import Example, Prediction

LabelSets = tuple[tuple[Decision, ...], ...]
"""The decisions for each text."""
Decided = Callable[[Example | Prediction], tuple[Decision, ...]]
"""What is decided of a text: by those who labelled it, or by a model."""


def decided_labels(record: Example | Prediction) -> tuple[Decision, ...]:
    """The labels of the text."""
    return record.labels


def decided_entities(record: Example | Prediction) -> tuple[Decision, ...]:
    """The labelled spans, each exact to the character."""
    return tuple((entity.label, entity.start, entity.end) for entity in record.entities)


def decided_relations(record: Example | Prediction) -> tuple[Decision, ...]:
    """The labelled relations."""
    return tuple((relation.label, relation.head, relation.tail) for relation in record.relations)


def align_predictions(
    examples: Sequence[Example],
    predictions: Iterable[Prediction],
    *,
    decided: Decided = decided_labels,
    where: str = "predictions",
) -> tuple[LabelSets, LabelSets]:
    """Gold and predicted decisions in the order of ``examples``, matched by id.

    decided: which of the things that a record says is scored. where: the name of the predictions in error messages,
    such as their file. Raises DataError unless every example has exactly one prediction and every prediction an
    example.
    """
    by_id: dict[str, tuple[Decision, ...]] = {}
    for prediction in predictions:
        if prediction.id in by_id:
            raise DataError(f"{where}: the id {prediction.id!r} has two predictions; keep one")
        by_id[prediction.id] = decided(prediction)
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
    return tuple(decided(example) for example in examples), tuple(by_id[example.id] for example in examples)
