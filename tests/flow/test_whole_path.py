"""The whole path as a user types it: sources, pack, links, more examples, model, scores, comparison, cited answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from kgslm.data.jsonl import write_jsonl
from tests.commands import Cli, figures, refused, rows

OBO = """format-version: 1.2

[Term]
id: D:1
name: disease

[Term]
id: D:2
name: heart disease
synonym: "cardiac disease" EXACT []
def: "A disease of the heart." []
is_a: D:1

[Term]
id: D:3
name: myocardial infarction
synonym: "heart attack" EXACT []
synonym: "MI" EXACT []
def: "Death of heart muscle for want of blood." []
is_a: D:2

[Term]
id: D:4
name: infection
def: "Invasion of the body by microorganisms." []
is_a: D:1

[Term]
id: D:5
name: pneumonia
is_a: D:4

[Term]
id: D:6
name: old name
is_obsolete: true
replaced_by: D:3
"""
GLOSSARY = "id,term,synonyms,definition,category\nM:1,aspirin,acetylsalicylic acid,A drug for pain and fever.,drug\n"
FACTS = "subject,object\naspirin,heart attack\nM:1,D:5\n"
RECIPE: dict[str, Any] = {
    "name": "small",
    "version": "1",
    "sources": [
        {"kind": "obo", "path": "diseases.obo", "licence": "CC0-1.0"},
        {"kind": "glossary", "path": "terms.csv", "licence": "CC0-1.0"},
        {
            "kind": "csv",
            "path": "facts.csv",
            "columns": {"subject": "subject", "object": "object"},
            "constants": {"predicate": "TREATS"},
        },
    ],
}
HEART = ["a heart attack", "acute MI", "pain in cardiac disease", "myocardial infarction and pain", "MI, no fever"]
LUNG = ["pneumonia with fever", "an infection of the lung", "cough in pneumonia", "viral infection", "skin infection"]


@dataclass(frozen=True)
class Walk:
    """One folder in which one command follows another."""

    cli: Cli
    folder: Path
    encoder: Path

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def figures(self, *arguments: object) -> dict[str, Any]:
        """Run a command and read its figures."""
        return figures(self.cli(*arguments, "--json", "-"))


@pytest.fixture
def walk(cli: Cli, tmp_path: Path, tiny_encoder: Path) -> Walk:
    """The folder with sources, labelled texts and a configuration."""
    for name, text in (("diseases.obo", OBO), ("terms.csv", GLOSSARY), ("facts.csv", FACTS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "pack.yaml").write_text(yaml.safe_dump(RECIPE), encoding="utf-8")
    texts = [("heart disease", text) for text in HEART] + [("infection", text) for text in LUNG]
    labelled = [{"id": f"t{number}", "text": text, "label": label} for number, (label, text) in enumerate(texts)]
    write_jsonl(tmp_path / "train.jsonl", labelled)
    write_jsonl(tmp_path / "test.jsonl", ({**row, "id": f"new {row['id']}"} for row in labelled[::2]))
    settings = {
        "task": "classification",
        "data": {"train": "more.jsonl", "test": "test.jsonl"},
        "model": str(tiny_encoder),
        "max_length": 32,
        "pack": "pack",
        "inject": {"context": {"max_tokens": 24}, "embeddings": True, "evidence": True},
        "compare": {"shots": [2], "seeds": [0, 1], "cells": ["none", "all", "shuffled"], "bootstrap": 100},
    }
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return Walk(cli, tmp_path, tiny_encoder)


def test_from_sources_to_cited_answers(walk: Walk) -> None:
    pack = build(walk)
    link(walk)
    more = augment(walk, pack)
    learn(walk, pack, more)
    compare(walk, pack, more)
    ask(walk)


def build(walk: Walk) -> str:
    assert walk.figures("pack", "build", walk / "pack.yaml", "-o", walk / "pack")["counts"]["concepts"] == 6
    facts = walk.figures("pack", "info", walk / "pack")
    assert (facts["predicates"], facts["counts"]["obsolete"]) == ({"is_a": 4, "TREATS": 2}, 1)
    shown = walk.figures("pack", "show", walk / "pack", "heart attack")
    assert shown["concept"]["id"] == "D:3"
    return str(facts["fingerprint"])


def link(walk: Walk) -> None:
    write_jsonl(walk / "docs.jsonl", [{"id": "note", "text": "Heart attacks are treated with aspirin."}])
    assert walk.figures("link", walk / "pack", walk / "docs.jsonl", "-o", walk / "linked.jsonl")["links"] == 2
    (note,) = rows(walk / "linked.jsonl")
    assert [(link["surface"], link["concept"]) for link in note["links"]] == [
        ("Heart attacks", "D:3"),
        ("aspirin", "M:1"),
    ]


def augment(walk: Walk, pack: str) -> int:
    counts = walk.figures("augment", walk / "train.jsonl", "-o", walk / "more.jsonl", "--pack", walk / "pack")
    more = rows(walk / "more.jsonl")
    assert more[:10] == rows(walk / "train.jsonl")
    # The heart texts have names with synonyms, and so have none of the others.
    assert {row["augmented_from"] for row in more[10:]} == {f"t{number}" for number in range(5)}
    assert {(row["label"], row["pack"]) for row in more[10:]} == {("heart disease", pack)}
    assert len(more) == 10 + counts["kept"]
    return len(more)


def learn(walk: Walk, pack: str, more: int) -> None:
    trained = walk.figures("train", walk / "task.yaml", "-o", walk / "model")
    assert (trained["examples"], trained["grounded_labels"]) == (more, 2)
    assert trained["trust"] > 0
    manifest = json.loads((walk / "model" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["pack"]["fingerprint"] == pack
    assert walk.figures("predict", walk / "model", walk / "test.jsonl", "-o", walk / "said.jsonl") == {"texts": 5}
    scores = walk.figures("evaluate", walk / "model", walk / "test.jsonl")
    assert scores == walk.figures("evaluate", "--predictions", walk / "said.jsonl", walk / "test.jsonl")
    assert scores == trained["test"]
    assert scores["accuracy"] == 1.0


def compare(walk: Walk, pack: str, more: int) -> None:
    figures = walk.figures("compare", walk / "task.yaml", "-o", walk / "report")
    report = json.loads((walk / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["about"]["pack"] == {"name": "small", "version": "1", "fingerprint": pack}
    # The five test texts are training texts here; a comparison does not learn from them.
    expected = {"file": "more.jsonl", "examples": more - 5, "left_out_as_tested": 5}
    assert report["about"]["data"]["train"] == expected
    assert [row["cell"] for row in report["summary"]] == ["none", "all", "shuffled"]
    assert figures["cells"] == report["cells"]


def ask(walk: Walk) -> None:
    built = walk.figures(
        "index", walk / "pack", "--docs", walk / "docs.jsonl", "-o", walk / "index", "--model", walk.encoder
    )
    assert (built["concepts"], built["documents"]) == (6, 1)
    answer = walk.figures("ask", walk / "index", "What does aspirin treat?")
    assert answer["found"]
    assert answer["answer"] == " ".join(citation["quote"] for citation in answer["citations"])
    assert "myocardial infarction" in answer["answer"]
    assert not walk.figures("ask", walk / "index", "Who won the football world cup?")["found"]
    write_jsonl(walk / "questions.jsonl", [{"id": "q", "question": "How are heart attacks treated?"}])
    walk.figures("search", walk / "index", walk / "questions.jsonl", "-o", walk / "ranked.jsonl", "--top", 3)
    (ranked,) = rows(walk / "ranked.jsonl")
    assert ranked["ranking"] == ["note"]


def test_a_pack_that_changed_is_refused_by_what_was_made_of_it(walk: Walk) -> None:
    """The fingerprint ties a model to its pack: the same recipe with one more fact is another pack."""
    build(walk)
    assert walk.cli("train", walk / "task.yaml", "-o", walk / "model", "--set", "data.train=train.jsonl").status == 0
    (walk / "facts.csv").write_text(f"{FACTS}M:1,D:2\n", encoding="utf-8")
    assert walk.cli("pack", "build", walk / "pack.yaml", "-o", walk / "pack").status == 0
    error = refused(walk.cli("predict", walk / "model", walk / "test.jsonl", "-o", walk / "said.jsonl"))
    assert error.startswith(f"{walk / 'model'}: trained with the pack small 1 (")
    assert not (walk / "said.jsonl").exists()
