"""Train a model from a configuration; predict and evaluate with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

from kgslm.artifacts import check_replaceable
from kgslm.augmentation import augment
from kgslm.data.classification import Dataset, Fields, as_dataset
from kgslm.data.jsonl import jsonl_writer, read_jsonl
from kgslm.data.sampling import split_off
from kgslm.evaluation import ClassificationScores, align_predictions, classification_scores
from kgslm.packs import KnowledgePack
from kgslm.recipes.explain import Explain, Explaining
from kgslm.recipes.task import TaskConfig, in_file, read_parts, read_task, read_unlabelled
from kgslm.records import Example, Prediction
from kgslm.tuning.checkpoint import KIND as MODEL
from kgslm.tuning.finetune import finetune
from kgslm.tuning.frozen import Progress
from kgslm.tuning.loop import Watch
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.tasks.base import task_class
from kgslm.tuning.tasks.names import TASKS

_DEV_SHARE = 0.1
_ENOUGH_FOR_DEV = 1000


def train(
    config: TaskConfig | Path | str,
    output: Path | str | None = None,
    *,
    watch: Watch | None = None,
    overrides: tuple[str, ...] = (),
) -> KnowledgeModel:
    """Train the model of a configuration and, where ``output`` is given, save it there.

    Without a development part, a tenth of 1,000 or more training examples is set aside for early stopping; fewer are
    all learnt from. Raises ConfigError, DataError, PackError or ModelError.
    """
    if output is not None:
        check_replaceable(Path(output), MODEL)
    task = config if isinstance(config, TaskConfig) else read_task(Path(config), overrides)
    with in_file(config):
        parts = read_parts(task.data, task.task)
        data, dev = parts["train"], parts.get("dev")
        if dev is None and len(data) >= _ENOUGH_FOR_DEV:
            data, dev = split_off(data, _DEV_SHARE)
        pack = task.open_pack() if task.inject.on or task.augment else None
        data = augmented(task, data, pack)
        unlabelled = read_unlabelled(task.data, parts, task.task)
        tuning = task.tuning(task.inject, task.train.seed)
        model = finetune(data, tuning, pack=pack, dev=dev, unlabelled=unlabelled, watch=watch)
    # So that predict and evaluate read files of the same form.
    fields = {"text": task.data.text, "label": task.data.label, "text_pair": task.data.text_pair}
    model = replace(model, facts={**model.facts, "fields": fields})
    if "test" in parts:
        model = replace(model, facts={**model.facts, "test": evaluate(model, parts["test"]).as_dict()})
    if output is not None:
        model.save(output)
    return model


def augmented(task: TaskConfig, data: Dataset, pack: KnowledgePack | None) -> Dataset:
    """The training data with what the configured methods add."""
    if not task.augment:
        return data
    report = augment(list(data), pack=pack or task.open_pack(), methods=task.augment, seed=task.train.seed)
    return data.keep(report.examples)


def predict(
    model: KnowledgeModel,
    data: Path | str,
    output: Path | str,
    *,
    explain: Explain | None = None,
    progress: Progress | None = None,
) -> int:
    """Predict every text of a file; labels there may be missing. Returns how many texts there were."""
    examples = list(model.task.read(data, _fields(model), labelled=False))
    predictions = model.predict(examples, None if explain else progress)
    explaining = Explaining(model.explain(examples), progress) if explain else None
    write_predictions(output, [model.task.record(prediction) for prediction in predictions], explaining)
    if explain and explaining:
        explaining.write_page(explain.page, model.pack)
    return len(predictions)


def write_predictions(
    output: Path | str, records: Sequence[dict[str, Any]], explaining: Explaining | None = None
) -> None:
    """Write predictions, each with its explanation where there are any."""
    with jsonl_writer(output) as writer:
        for record, more in zip(records, explaining.records() if explaining else repeat({}), strict=False):
            writer.write({**record, **more})


def evaluate(
    model: KnowledgeModel | list[Prediction],
    data: Dataset | Sequence[Example] | Path | str,
    *,
    where: str = "predictions",
    progress: Progress | None = None,
    task: str = "classification",
) -> ClassificationScores:
    """How good a model, or given predictions, are on labelled data. A label unseen in training counts as missed.

    where: what error messages call the predictions, such as their file. task: of given predictions.
    """
    kind = type(model.task) if isinstance(model, KnowledgeModel) else task_class(task)
    data = as_dataset(data, _fields(model) if isinstance(model, KnowledgeModel) else None, read=kind.read)
    predictions = model.predict(list(data), progress) if isinstance(model, KnowledgeModel) else model
    gold, predicted = align_predictions(list(data), predictions, decided=kind.decided, where=where)
    return classification_scores(gold, predicted)


def _fields(model: KnowledgeModel) -> Fields:
    """The fields that the model's training data had."""
    return Fields(**model.facts.get("fields", {}))


def read_predictions(path: Path | str, task: str = "classification") -> list[Prediction]:
    """Read predictions in the contract's form. Raises DataError with file and line."""
    kind = task_class(task)
    return [kind.read_prediction(record, where) for where, record in read_jsonl(path)]


def task_of_predictions(path: Path | str) -> str:
    """The task whose answers the first prediction of a file has; classification where it has none of any."""
    _, record = next(read_jsonl(path), ("", {}))
    return next((name for name in TASKS.names() if record.keys() & set(task_class(name).answers)), "classification")


__all__ = [
    "Fields",
    "augmented",
    "evaluate",
    "predict",
    "read_predictions",
    "task_of_predictions",
    "train",
    "write_predictions",
]
