"""Texts of one label are drawn together before training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from kgslm.data.classification import Dataset
from kgslm.errors import ConfigError
from kgslm.records import Example
from kgslm.tuning.contrast import _draw, _labels, _loss
from kgslm.tuning.finetune import finetune
from kgslm.tuning.loop import Watch
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import TrainOptions, Tuning

TEXTS = [
    *(("heart", f"the heart beats {how}") for how in ("fast", "slowly", "not at all", "as before")),
    *(("lung", f"a cough in the lung {when}") for when in ("today", "at night", "for a week", "again")),
    *(("", f"nothing was found {where}") for where in ("here", "there", "in the room", "outside")),
]
ONE = [Example(str(number), text, (label,)) for number, (label, text) in enumerate(TEXTS) if label]
SEVERAL = [Example(str(number), text, (label,) if label else ()) for number, (label, text) in enumerate(TEXTS)]


def learn(model: Path, examples: list[Example], **options: object) -> KnowledgeModel:
    train = TrainOptions(epochs=0, batch_size=8, **options)
    data = Dataset(tuple(examples), multi_label=examples is SEVERAL)
    return finetune(data, Tuning(model=str(model), max_length=16, train=train))


def cosines(model: KnowledgeModel, examples: list[Example]) -> tuple[float, float]:
    """(the mean cosine of two texts with the same labels, of two with others)."""
    items = model.prepare(examples)
    vectors = model.infer(items, model.network.pooled)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    same = np.array([[one.labels == other.labels for other in examples] for one in examples])
    others = ~np.eye(len(examples), dtype=bool)
    found = unit @ unit.T
    return float(found[same & others].mean()), float(found[~same].mean())


@pytest.mark.parametrize("examples", [ONE, SEVERAL])
def test_texts_of_one_label_come_together(tiny_encoder: Path, examples: list[Example]) -> None:
    plain, drawn = learn(tiny_encoder, examples), learn(tiny_encoder, examples, contrast=60)
    before, after = cosines(plain, examples), cosines(drawn, examples)
    assert after[0] - after[1] > before[0] - before[1] + 0.2
    assert [it.labels for it in drawn.predict(examples)] == [it.labels for it in examples]


def test_it_is_repeated_to_the_last_bit(tiny_encoder: Path) -> None:
    state = torch.random.get_rng_state()
    first, second = (learn(tiny_encoder, ONE, contrast=5) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), state)
    for ours, theirs in zip(first.network.trained(), second.network.trained(), strict=True):
        assert torch.equal(ours, theirs)


def test_its_steps_are_told_and_are_part_of_the_whole(tiny_encoder: Path) -> None:
    told: list[tuple[int, int]] = []
    train = TrainOptions(epochs=2, batch_size=4, contrast=3, gradient_checkpointing=True)
    tuning = Tuning(model=str(tiny_encoder), max_length=16, train=train)
    finetune(Dataset(tuple(ONE)), tuning, watch=Watch(lambda done, steps: told.append((done, steps))))
    assert told == [(done, 7) for done in range(1, 8)]


def test_a_batch_has_some_of_each_label() -> None:
    labels = _labels([torch.tensor([[1.0, 0.0]] * 9 + [[0.0, 1.0]] * 3 + [[0.0, 0.0]] * 2)])
    assert labels[-1].tolist() == [0.0, 0.0, 1.0]
    rows = _draw(labels, 6, torch.Generator().manual_seed(0))
    assert sorted(labels[rows].argmax(dim=1).tolist()) == [0, 0, 1, 1, 2, 2]
    assert len(set(rows)) == 6
    assert sorted(_draw(labels, 100, torch.Generator())) == list(range(14))


def test_cosines_are_brought_to_what_is_shared() -> None:
    labels = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert _loss(torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]]), labels).item() == pytest.approx(0)
    assert _loss(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), labels).item() == pytest.approx(1.5)
    assert _loss(torch.tensor([[1.0, 0.0]]), labels[:1]).item() == 0


def test_parts_of_texts_have_no_contrast(tiny_encoder: Path, tmp_path: Path) -> None:
    record = {"id": "1", "text": "a cough", "entities": [{"start": 2, "end": 7, "label": "sign"}]}
    (tmp_path / "train.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    tuning = Tuning(task="tagging", model=str(tiny_encoder), train=TrainOptions(contrast=1))
    with pytest.raises(ConfigError, match="only where whole texts"):
        finetune(tmp_path / "train.jsonl", tuning)
