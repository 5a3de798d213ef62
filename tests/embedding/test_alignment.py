"""The adapter that puts the names of one concept side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgslm.embedding import TextEmbedder
from kgslm.embedding.alignment import AlignmentOptions, adapted, align, save_adapter
from kgslm.errors import ModelError
from kgslm.models import load_backbone

NAMES = [["heart attack", "myocardial infarction"], ["fever", "high blood"], ["cough", "lung rash"], ["asthma"]]


def alone(place: int) -> list[int]:
    return []


def nearness(embedder: TextEmbedder) -> float:
    """How much nearer, in cosine, the names of one concept are than those of two."""
    first, second = (embedder.embed([names[side] for names in NAMES[:3]]) for side in (0, 1))
    scores = first @ second.T
    return float(scores.diagonal().mean() - scores.mean())


def test_names_of_a_concept_come_nearer_and_stay_there(tiny_encoder: Path, tmp_path: Path) -> None:
    before = nearness(TextEmbedder(load_backbone(str(tiny_encoder))))
    told: list[int] = []
    options = AlignmentOptions(steps=60, rank=4, learning_rate=5e-3)
    model, figures = align(load_backbone(str(tiny_encoder)), NAMES, alone, options, told.append)
    assert figures["steps"] == 60
    assert 90 <= sum(told) <= 100
    save_adapter(model, tmp_path)
    backbone = load_backbone(str(tiny_encoder))
    again = adapted(backbone, tmp_path, "0123456789abcdef0123")
    assert again.fingerprint == f"{backbone.fingerprint}-0123456789abcdef"
    assert nearness(TextEmbedder(again, precise=True)) > before + 0.1


def test_the_same_steps_and_seed_give_the_same_adapter(tiny_encoder: Path) -> None:
    options = AlignmentOptions(steps=3, rank=2, seed=5)
    losses = {align(load_backbone(str(tiny_encoder)), NAMES, alone, options)[1]["loss"] for _ in range(2)}
    assert len(losses) == 1


def test_what_cannot_be_aligned_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    backbone = load_backbone(str(tiny_encoder))
    with pytest.raises(ModelError, match="no concept has two names"):
        align(backbone, [["one"], ["two"]], alone, AlignmentOptions(steps=1))
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="the adapter does not fit"):
        adapted(backbone, tmp_path, "")


def test_vectors_are_of_unit_length(tiny_encoder: Path) -> None:
    model, _ = align(load_backbone(str(tiny_encoder)), NAMES, lambda place: [3], AlignmentOptions(steps=1, rank=2))
    assert not model.training
    assert np.isfinite(nearness(TextEmbedder(load_backbone(str(tiny_encoder)))))
