"""What every registered task promises: to learn, to be saved, and to answer in the contract's form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgslm.data.jsonl import write_jsonl
from kgslm.errors import DataError
from kgslm.evaluation import align_predictions, classification_scores
from kgslm.injection import ContextArm, EmbeddingsArm, EvidenceArm, Inject
from kgslm.packs import KnowledgePack
from kgslm.records import Entity, Example
from kgslm.tuning.finetune import finetune
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning
from kgslm.tuning.tasks.base import Task, task_class
from kgslm.tuning.tasks.names import TASKS

ALL_ARMS = Inject(context=ContextArm(max_tokens=24), embeddings=EmbeddingsArm(start="closed"), evidence=EvidenceArm())
DRUGS = {"aspirin": "fever", "metformin": "diabetes mellitus", "penicillin": "pneumonia"}
WORDS = [
    *(f"{drug} treats {sign} in the patient" for drug, sign in DRUGS.items()),
    *(f"no {drug} for the patient with {sign}" for drug, sign in DRUGS.items()),
]


def entities(text: str) -> list[dict[str, Any]]:
    sorts = {**dict.fromkeys(DRUGS, "drug"), **dict.fromkeys(DRUGS.values(), "sign")}
    found = [(text.index(name), name, sort) for name, sort in sorts.items() if name in text]
    return [
        {"start": start, "end": start + len(name), "label": sort, "id": name} for start, name, sort in sorted(found)
    ]


def related(text: str) -> list[dict[str, str]]:
    first, second = (entity["id"] for entity in entities(text))
    return [{"head": first, "tail": second, "label": "treats"}] if "treats" in text else []


RECORDS: dict[str, list[dict[str, Any]]] = {
    "classification": [{"text": text, "label": "yes" if "treats" in text else "no"} for text in WORDS],
    "tagging": [{"text": text, "entities": entities(text)} for text in WORDS],
    "relations": [{"text": text, "entities": entities(text), "relations": related(text)} for text in WORDS],
}
"""Labelled texts of each task, learnable by a tiny model."""
ODD = [
    Example("empty", ""),
    Example("blank", " \n\u3000"),
    Example("long", "fever and aspirin " * 90, entities=(Entity(0, 5, "sign", "f"), Entity(1588, 1595, "drug", "a"))),
    Example("odd", "\u05d0 \U0001f600 x\u0301 心脏病", entities=(Entity(2, 3, "drug", "a"), Entity(4, 6, "sign", "f"))),
]


@pytest.fixture(scope="module", params=TASKS.names())
def kind(request: pytest.FixtureRequest) -> type[Task]:
    return task_class(request.param)


@pytest.fixture(scope="module")
def file(kind: type[Task], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(kind.name) / "train.jsonl"
    write_jsonl(path, ({"id": str(number), **record} for number, record in enumerate(RECORDS[kind.name])))
    return path


def tuning(kind: type[Task], model: Path, inject: Inject = ALL_ARMS) -> Tuning:
    train = TrainOptions(epochs=8, batch_size=2, learning_rate=1e-2)
    return Tuning(task=kind.name, model=str(model), max_length=32, inject=inject, train=train)


@pytest.fixture(scope="module")
def model(kind: type[Task], file: Path, tiny_encoder: Path, toy_pack: KnowledgePack) -> KnowledgeModel:
    return finetune(file, tuning(kind, tiny_encoder), pack=toy_pack)


def test_it_learns_what_it_is_shown(kind: type[Task], file: Path, model: KnowledgeModel) -> None:
    examples = list(kind.read(file))
    gold, predicted = align_predictions(examples, model.predict(examples), decided=kind.decided)
    scores = classification_scores(gold, predicted)
    assert scores.micro_f1 == 1
    assert kind.figure(scores) == 1
    assert {score.label for score in scores.labels} == set(model.labels)


def test_a_saved_model_is_the_same(kind: type[Task], file: Path, model: KnowledgeModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    again = KnowledgeModel.load(tmp_path / "model", device="cpu")
    examples = [*kind.read(file), *ODD]
    assert again.task == model.task
    np.testing.assert_allclose(again.logits(examples), model.logits(examples), atol=1e-5)
    assert list(map(kind.decided, again.predict(examples))) == list(map(kind.decided, model.predict(examples)))


def test_facts_are_plain_data(kind: type[Task], model: KnowledgeModel) -> None:
    assert kind.from_facts(json.loads(json.dumps(model.task.facts()))) == model.task
    assert len(model.task.outputs) == model.logits(ODD).shape[1]


def test_a_prediction_is_written_and_read(kind: type[Task], model: KnowledgeModel) -> None:
    for prediction in model.predict([*WORDS, *ODD]):
        record = json.loads(json.dumps(model.task.record(prediction)))
        assert record.keys() & set(kind.answers)
        read = kind.read_prediction(record, "file:1")
        assert (read.id, kind.decided(read)) == (prediction.id, kind.decided(prediction))
    with pytest.raises(DataError, match=r"^file:1: "):
        kind.read_prediction({"id": "1"}, "file:1")


def test_predictions_do_not_depend_on_the_other_texts(kind: type[Task], file: Path, model: KnowledgeModel) -> None:
    texts = [*kind.read(file), *ODD]
    together = model.predict(texts)
    assert [prediction.id for prediction in together] == [text.id for text in texts]
    assert [kind.decided(one) for text in texts for one in model.predict([text])] == list(map(kind.decided, together))
    assert model.predict([]) == []


def test_without_knowledge_it_learns_too(kind: type[Task], file: Path, tiny_encoder: Path) -> None:
    plain = finetune(file, tuning(kind, tiny_encoder, Inject()), dev=file)
    assert plain.pack is None
    assert plain.facts["best_dev_score"] == 1
    texts: list[str | Example] = [*WORDS, *ODD]
    assert plain.network.worth is None
    assert len(plain.predict(texts)) == len(texts)


def test_a_larger_draw_holds_the_smaller(kind: type[Task], file: Path) -> None:
    data = kind.read(file)
    draws = [{example.id for example in kind.draw(data, shots, seed=1)} for shots in (1, 2, None)]
    assert draws[0] < draws[1] < draws[2]
    assert len(draws[2]) == len(data)


def test_nothing_to_learn_is_a_clear_line(kind: type[Task]) -> None:
    with pytest.raises(DataError, match=r"^training needs "):
        kind.of(kind_of_nothing())


def kind_of_nothing() -> Any:
    from kgslm.data.classification import Dataset

    return Dataset((Example("1", "a text"),))
