"""The demo's labelled text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgslm.recipes.icd10 import CHAPTERS, read_terms, write_parts


def read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_no_category_and_no_text_is_on_both_sides(tmp_path: Path) -> None:
    counts = write_parts(tmp_path)
    train, test = read(tmp_path / "train.jsonl"), read(tmp_path / "test.jsonl")
    assert counts == {"train": len(train), "test": len(test)}
    assert len(train) > 4000
    assert len(test) > 1500
    assert not {row["id"][:3] for row in train} & {row["id"][:3] for row in test}
    assert not {row["text"].lower() for row in train} & {row["text"].lower() for row in test}
    assert {row["label"] for row in train} == {row["label"] for row in test} == set(CHAPTERS.values())


@pytest.mark.slow
def test_terms_carry_the_label_of_their_chapter() -> None:
    labels = {term.text: term.label for term in read_terms()}
    assert labels["Acute prostatitis"] == "genitourinary"
    assert labels["Benign polycythemia"] == "blood"
    assert labels["Lupoid hepatitis NEC"] == "digestive"
