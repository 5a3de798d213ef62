"""A small task on the toy pack: two labels that the pack knows, twelve texts to learn from and six to test on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from kgslm.data.jsonl import write_jsonl
from kgslm.packs import KnowledgePack

TRAIN = {
    "heart disease": (
        "acute myocardial infarction with chest pain",
        "the patient had a heart attack",
        "chronic heart disease and high blood pressure",
        "pain and cardiac disease",
        "heart attack in the acute patient",
        "chest pain in chronic heart disease",
    ),
    "infection": (
        "pneumonia with fever and cough",
        "bacterial infection of the lung",
        "fever in pneumonia",
        "the infection had no fever",
        "cough and pneumonia in the patient",
        "acute infection with rash",
    ),
}
TEST = (
    ("heart disease", "no myocardial infarction in the patient"),
    ("heart disease", "cardiac disease with high pressure"),
    ("heart disease", "a heart attack and pain"),
    ("infection", "viral infection of the skin"),
    ("infection", "pneumonia"),
    ("infection", "chronic infection and fever"),
)


@dataclass(frozen=True)
class Task:
    """A folder with ``train.jsonl``, ``test.jsonl`` and a configuration of them.

    settings: the configuration; ``configure`` writes it with changes.
    """

    folder: Path
    settings: Mapping[str, Any]

    def configure(self, name: str = "task.yaml", **changes: Any) -> Path:
        """Write the configuration; a key that is set to None is left out."""
        settings = {key: value for key, value in {**self.settings, **changes}.items() if value is not None}
        path = self.folder / name
        path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        return path

    def write(self, name: str, rows: Iterable[Mapping[str, Any]]) -> Path:
        """Write a JSONL file of the folder."""
        write_jsonl(self.folder / name, rows)
        return self.folder / name

    @property
    def test(self) -> Path:
        """The test file."""
        return self.folder / "test.jsonl"

    @property
    def out(self) -> Path:
        """Where a command may write."""
        return self.folder / "out"


@pytest.fixture
def task(tmp_path: Path, tiny_encoder: Path, toy_pack: KnowledgePack) -> Task:
    """The task with all three arms, trained in a fraction of a second."""
    settings = {
        "task": "classification",
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "model": str(tiny_encoder),
        "max_length": 32,
        "pack": str(toy_pack.path),
        "inject": {"context": {"max_tokens": 24}, "embeddings": True, "evidence": True},
        "train": {"epochs": 2, "batch_size": 4, "learning_rate": 1e-2},
        "compare": {"shots": [2], "seeds": [0], "cells": ["none", "all", "shuffled"], "bootstrap": 100},
    }
    made = Task(tmp_path, settings)
    train = [{"text": text, "label": label} for label, texts in TRAIN.items() for text in texts]
    made.write("train.jsonl", ({"id": f"a{number}", **row} for number, row in enumerate(train)))
    made.write("test.jsonl", ({"id": f"b{n}", "text": text, "label": label} for n, (label, text) in enumerate(TEST)))
    return made
