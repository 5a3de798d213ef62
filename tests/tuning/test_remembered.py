"""Trainings that are taken up come to what they would have come to, and none is taken for another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kgslm.caching import Cache
from kgslm.injection import Inject
from kgslm.packs import KnowledgePack
from kgslm.records import Example
from kgslm.tuning.adapters import LoraAdapter
from kgslm.tuning.assemble import Base
from kgslm.tuning.finetune import finetune
from kgslm.tuning.options import TrainOptions, Tuning

TEXTS = ("heart attack and pain", "chronic heart disease", "acute heart attack", "pneumonia", "fever", "lung infection")
DATA = [Example(str(row), text, ("heart" if row < 3 else "lung",)) for row, text in enumerate(TEXTS)]
TEST = [Example("t", "no fever in heart disease"), Example("u", "a heart attack and cough")]
LABELS = {"labels": {"heart": ["T:4"], "lung": ["T:2"]}}


@pytest.fixture
def learn(tiny_encoder: Path, toy_pack: KnowledgePack, tmp_path: Path) -> Callable[..., Any]:
    """Fine-tune with these arms and options, with or without a memory on disk; the logits and whether it was reused."""

    def run(
        inject: dict[str, Any] | None = None, *, cached: bool = True, rows: int = 6, rank: int = 4, **options: Any
    ) -> Any:
        train = TrainOptions(**{"epochs": 2, "batch_size": 4, "learning_rate": 1e-2, "device": "cpu", **options})
        tuning = Tuning(
            model=str(tiny_encoder),
            max_length=32,
            inject=Inject.model_validate(inject or {}),
            adapter=LoraAdapter(rank=rank),
            train=train,
        )
        cache = Cache(tmp_path, limit=1 << 30) if cached else None
        base = Base.load(replace_inject(tuning), toy_pack, cache=cache)
        model = finetune(DATA[:rows], tuning, base=base)
        return model.logits(TEST), model

    return run


def replace_inject(tuning: Tuning) -> Tuning:
    """Every base is cut at the same layer."""
    return tuning.model_copy(update={"inject": Inject.model_validate({"embeddings": {"start": "closed"}})})


def test_the_same_training_is_taken_up(learn: Callable[..., Any]) -> None:
    reference, _ = learn(cached=False)
    first, model = learn()
    again, taken = learn()
    assert not model.facts["reused"]
    assert taken.facts["reused"]
    assert taken.facts["step_seconds"] == model.facts["step_seconds"]
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(first, reference, atol=1e-4)
    # Evidence is added behind the network, so that the same network is trained with it.
    with_evidence, model = learn({"evidence": LABELS})
    assert model.facts["reused"]
    reference, _ = learn({"evidence": LABELS}, cached=False)
    np.testing.assert_allclose(with_evidence, reference, atol=1e-4)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"epochs": 3},
        {"batch_size": 3},
        {"learning_rate": 2e-2},
        {"label_smoothing": 0.2},
        {"weight_decay": 0.1},
        {"contrast": 2},
        {"rank": 2},
        {"rows": 5},
        {"inject": {"embeddings": {"start": "closed"}}},
    ],
)
def test_another_training_is_another(learn: Callable[..., Any], other: dict[str, Any]) -> None:
    learn()
    found, model = learn(**other)
    assert not model.facts["reused"]
    reference, _ = learn(cached=False, **other)
    np.testing.assert_allclose(found, reference, atol=1e-4)


def test_other_labels_texts_and_vectors_are_other_trainings(
    learn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    learn({"embeddings": {"start": "closed"}})
    swapped = [replace(example, labels=("lung" if row < 3 else "heart",)) for row, example in enumerate(DATA)]
    for data in (swapped, [*DATA[:5], replace(DATA[5], text="lung infection and fever")], DATA[::-1]):
        monkeypatch.setattr(f"{__name__}.DATA", data)
        assert not learn({"embeddings": {"start": "closed"}})[1].facts["reused"]
