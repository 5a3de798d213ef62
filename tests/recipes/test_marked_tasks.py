"""Tagging and relations from a configuration to predictions, scores and a comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kgslm.data.jsonl import write_jsonl
from kgslm.packs import KnowledgePack
from tests.commands import Cli, figures, refused, rows
from tests.contracts.test_tasks import RECORDS

FIELDS = {"tagging": "entities", "relations": "relations"}


@pytest.fixture(params=list(FIELDS))
def task(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def config(task: str, tmp_path: Path, tiny_encoder: Path, toy_pack: KnowledgePack) -> Path:
    records = [{"id": str(number), **record} for number, record in enumerate(RECORDS[task])]
    write_jsonl(tmp_path / "train.jsonl", records)
    # Other texts with the same entities: a text that is tested is not learnt from.
    later = [{**record, "id": f"t{record['id']}", "text": record["text"] + " today"} for record in records]
    write_jsonl(tmp_path / "test.jsonl", later)
    settings = {
        "task": task,
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "model": str(tiny_encoder),
        "max_length": 32,
        "pack": str(toy_pack.path),
        "inject": {"evidence": True},
        "train": {"epochs": 8, "batch_size": 2, "learning_rate": 1e-2},
        "compare": {"shots": [4, "all"], "seeds": [0], "cells": ["none", "evidence", "shuffled"], "bootstrap": 100},
    }
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return tmp_path / "task.yaml"


def test_train_predict_and_evaluate(cli: Cli, task: str, config: Path, tmp_path: Path) -> None:
    trained = cli("train", config, "-o", tmp_path / "model", "--json", tmp_path / "figures.json")
    assert (trained.status, trained.out) == (0, "")
    written = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert written["test"]["micro_f1"] > 0.5
    assert written["pairs" if task == "relations" else "entities"] == (6 if task == "relations" else 12)
    assert cli("predict", tmp_path / "model", tmp_path / "test.jsonl", "-o", tmp_path / "said.jsonl").status == 0
    said = rows(tmp_path / "said.jsonl")
    assert [list(row) for row in said] == [["id", FIELDS[task]]] * 6
    of_model = figures(cli("evaluate", tmp_path / "model", tmp_path / "test.jsonl", "--json", "-"))
    of_file = figures(cli("evaluate", "--predictions", tmp_path / "said.jsonl", tmp_path / "test.jsonl", "--json", "-"))
    assert of_model == of_file == written["test"]


def test_nothing_found_is_scored_too(cli: Cli, task: str, config: Path, tmp_path: Path) -> None:
    empty = [{"id": f"t{number}", FIELDS[task]: []} for number in range(6)]
    write_jsonl(tmp_path / "empty.jsonl", empty)
    run = cli("evaluate", "--predictions", tmp_path / "empty.jsonl", tmp_path / "test.jsonl", "--json", "-")
    assert (figures(run)["micro_f1"], figures(run)["micro_recall"]) == (0, 0)


def test_compare(cli: Cli, task: str, config: Path, tmp_path: Path) -> None:
    summary = figures(cli("compare", config, "-o", tmp_path / "report", "--json", "-"))
    assert [(row["cell"], row["shots"]) for row in summary["summary"]] == [
        (cell, shots) for shots in (4, "all") for cell in ("none", "evidence", "shuffled")
    ]
    learnt: dict[Any, Any] = {row["cell"]: row["details"]["texts"] for row in summary["cells"] if row["shots"] == 4}
    assert learnt == {"none": 4, "evidence": 4, "shuffled": 4}
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["about"]["task"] == task
    assert summary["test"]["labels"] == (1 if task == "relations" else 2)


def test_an_unknown_task_is_one_clear_line(cli: Cli, config: Path, tmp_path: Path) -> None:
    run = cli("train", config, "--set", "task=taging", "-o", tmp_path / "model")
    assert "task: unknown task 'taging'" in refused(run)
    assert "tagging" in refused(run)
