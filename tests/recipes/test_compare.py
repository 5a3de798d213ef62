"""``kgslm compare``: the report's form, what its figures add up to, and that it comes out the same again."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from kgslm.data.classification import Dataset
from kgslm.tuning.finetune import finetune
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.options import Tuning
from tests.commands import Cli, figures, rows
from tests.recipes.conftest import Task

CELLS = ["none", "context", "embeddings", "evidence", "all", "shuffled"]
GRID = {"shots": [1, "all"], "seeds": [0, 1], "cells": CELLS, "bootstrap": 100}


def report(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return read


MEASURED = {"train_seconds", "prepare_seconds", "step_seconds", "inference_ms", "peak_mb"}


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key not in MEASURED}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[int, int], set[tuple[str, ...]]]:
    """By number of examples and seed, the examples that the trainings of the test learnt from, in order."""
    seen: dict[tuple[int, int], set[tuple[str, ...]]] = {}

    def watch(data: Dataset, tuning: Tuning, **more: Any) -> KnowledgeModel:
        seen.setdefault((len(data), tuning.train.seed), set()).add(tuple(example.id for example in data))
        return finetune(data, tuning, **more)

    monkeypatch.setattr("kgslm.recipes.grid.finetune", watch)
    return seen


def test_the_report_has_the_contracts_form_and_adds_up(
    cli: Cli, task: Task, drawn: dict[tuple[int, int], set[tuple[str, ...]]]
) -> None:
    run = cli(
        "compare", task.configure(compare=GRID), "-o", task.out, "--workers", 1, "--json", task.folder / "figures.json"
    )
    assert run.status == 0, run.err
    files = {"differences.png", "learning-curve.png", "manifest.json", "report.html", "report.json", "report.md"}
    assert {file.name for file in task.out.iterdir()} == files
    written = report(task.out)
    shown = json.loads((task.folder / "figures.json").read_text(encoding="utf-8"))
    assert shown == {key: written[key] for key in shown}
    grid = [(cell, shots, seed) for shots in (1, "all") for cell in CELLS for seed in (0, 1)]
    assert [(row["cell"], row["shots"], row["seed"]) for row in written["cells"]] == grid
    for row in written["cells"]:
        assert all(0 <= row[key] <= 1 for key in ("accuracy", "macro_f1", "micro_f1"))
        assert row["train_seconds"] > 0
    assert_sums_up(written)
    assert "With all examples" in written["verdict"][1]
    assert written["about"]["data"]["test"] == {"examples": 6, "labels": 2}
    # Every cell of a seed learnt from the same examples in the same order.
    assert {key: len(orders) for key, orders in drawn.items()} == {(2, 0): 1, (2, 1): 1, (12, 0): 1, (12, 1): 1}


def assert_sums_up(written: dict[str, Any]) -> None:
    scores: dict[tuple[str, Any], list[float]] = {}
    for row in written["cells"]:
        scores.setdefault((row["cell"], row["shots"]), []).append(row["macro_f1"])
    assert [(row["cell"], row["shots"]) for row in written["summary"]] == list(scores)
    for row in written["summary"]:
        mean = fmean(scores[row["cell"], row["shots"]])
        assert row["macro_f1"]["mean"] == pytest.approx(mean)
        for control in ("none", "shuffled"):
            difference = row[f"vs_{control}"]
            if row["cell"] == control:
                assert difference is None
                continue
            assert set(difference) == {"mean", "low", "high"}
            assert difference["mean"] == pytest.approx(mean - fmean(scores[control, row["shots"]]))
            assert -1 <= difference["low"] <= difference["mean"] <= difference["high"] <= 1


def test_the_same_again(cli: Cli, task: Task) -> None:
    config = task.configure(augment=[{"method": "synonym"}])
    task.write("train.jsonl", reversed(rows(task.folder / "train.jsonl")))
    first, second = task.folder / "first", task.folder / "second"
    for output in (first, second):
        assert cli("compare", config, "-o", output).status == 0
    assert without_seconds(report(first)) == without_seconds(report(second))


def test_what_a_grid_may_be_made_of(cli: Cli, task: Task) -> None:
    """No pack without arms; arms joined; a sample and a share of the data for the test; another seed."""
    compare = {"shots": [2], "seeds": [3], "cells": ["none"], "bootstrap": 100}
    config = task.configure(compare=compare, pack=None, inject=None)
    run = cli("compare", config, "-o", task.out, "--json", "-")
    (row,) = figures(run)["summary"]
    assert (row["cell"], row["vs_none"], row["vs_shuffled"]) == ("none", None, None)
    assert run.err.startswith("1/1: none, 2 shots, seed 3\n")
    # An older report of that name is replaced.
    data = {"train": "train.jsonl", "test": 0.5}
    compare |= {"cells": ["none", "context+evidence"], "test_limit": 5}
    config = task.configure(compare=compare, inject=None, data=data)
    written = figures(cli("compare", config, "-o", task.out, "--json", "-"))
    assert written["test"]["texts"] == 5
    assert [row["cell"] for row in report(task.out)["summary"]] == ["none", "context+evidence"]


def test_several_labels_a_text_and_labels_without_training_examples(cli: Cli, task: Task) -> None:
    for name in ("train.jsonl", "test.jsonl"):
        task.write(name, [{**row, "label": [row["label"], "any"]} for row in rows(task.folder / name)])
    task.write("test.jsonl", [*rows(task.test), {"id": "new", "text": "metformin", "label": ["drug"]}])
    written = figures(cli("compare", task.configure(), "-o", task.out, "--json", "-"))
    assert written["test"] == {"texts": 7, "labels": 4, "seeds": [0]}
    assert all(row["accuracy"] <= 6 / 7 for row in written["cells"])
    (drug,) = (row for row in written["labels"] if row["label"] == "drug")
    assert set(drug["f1"].values()) == {0.0}
