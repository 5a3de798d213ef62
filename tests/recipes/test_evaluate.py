"""``kgslm evaluate``: scores known by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands import Cli, figures, refused, rows
from tests.recipes.conftest import Task

Rows = list[dict[str, Any]]

GOLD: Rows = [{"id": n, "text": "", "label": label} for n, label in enumerate(["a", "a", "b", "c"])]


def said(ids: str, labels: str) -> Rows:
    return [{"id": id_, "label": label} for id_, label in zip(ids, labels, strict=True)]


def test_predictions_are_scored_by_id(cli: Cli, task: Task) -> None:
    predictions = task.write("p.jsonl", said("3210", "abba"))
    run = cli("evaluate", "--predictions", predictions, task.write("g.jsonl", GOLD), "--json", "-")
    scores = figures(run)
    labels = {row.pop("label"): row for row in scores.pop("labels")}
    assert labels == {
        "a": {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2},
        "b": {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1},
        "c": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
    }
    assert scores == {
        "texts": 4,
        "accuracy": 0.5,
        "macro_f1": pytest.approx((0.5 + 2 / 3) / 3),
        "micro_precision": 0.5,
        "micro_recall": 0.5,
        "micro_f1": 0.5,
        "weighted_f1": pytest.approx((2 * 0.5 + 2 / 3) / 4),
    }
    assert "macro-F1" in run.err
    shown = cli("evaluate", "--predictions", predictions, task.folder / "g.jsonl")
    assert "38.9" in shown.out


def test_several_labels_are_scored_too(cli: Cli, task: Task) -> None:
    gold = [{"id": n, "text": "", "labels": labels} for n, labels in enumerate([["x", "y"], [], ["y"]])]
    predicted = [{"id": n, "labels": labels} for n, labels in enumerate([["x"], [], ["y", "x"]])]
    arguments = ("--predictions", task.write("p.jsonl", predicted), task.write("g.jsonl", gold))
    scores = figures(cli("evaluate", *arguments, "--json", "-"))
    assert scores["accuracy"] == pytest.approx(1 / 3)
    assert [row["f1"] for row in scores["labels"]] == pytest.approx([2 / 3, 2 / 3])
    assert scores["macro_f1"] == scores["micro_f1"] == pytest.approx(2 / 3)


def test_a_label_unseen_in_training_is_missed_not_fatal(cli: Cli, task: Task) -> None:
    cli("train", task.configure(), "-o", task.out)
    unseen = {"id": "new", "text": "type diabetes mellitus", "label": "endocrine"}
    data = task.write("more.jsonl", [*rows(task.test), unseen])
    scores = figures(cli("evaluate", task.out, data, "--json", "-"))
    assert (scores["texts"], scores["accuracy"]) == (7, pytest.approx(6 / 7))
    assert scores["labels"][0] == {"label": "endocrine", "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    config = task.configure(data={"train": "train.jsonl", "test": "more.jsonl"})
    assert figures(cli("train", config, "-o", task.out, "--json", "-"))["test"] == scores


@pytest.mark.parametrize(
    ("predictions", "error"),
    [
        (said("012", "aab"), "p.jsonl: 1 of 4 texts have no prediction, such as '3'; predict the same data file"),
        (said("01234", "aabcc"), "p.jsonl: 1 of 5 predictions belong to no text of the data, such as '4'; predict the"),
        (said("01233", "aabcc"), "p.jsonl: the id '3' has two predictions; keep one"),
        ([*said("012", "aab"), {"id": 3}], "p.jsonl:4: no label; the field 'label' or 'labels' is needed"),
        ([*said("012", "aab"), {"id": 3, "label": None}], "p.jsonl:4: no label; the field 'label' or 'labels' is"),
        ([*said("012", "aab"), {"id": 3, "label": 0.5}], "p.jsonl:4: the label must be a string, a whole number or a"),
    ],
)
def test_predictions_that_do_not_fit_are_told(predictions: Rows, error: str, cli: Cli, task: Task) -> None:
    run = cli("evaluate", "--predictions", task.write("p.jsonl", predictions), task.write("g.jsonl", GOLD))
    assert refused(run).startswith(f"{task.folder}/{error}")


def test_usage_and_missing_labels_are_told(cli: Cli, task: Task) -> None:
    predictions = task.write("p.jsonl", said("0", "a"))
    assert refused(cli("evaluate", task.test)) == "Invalid value: give MODEL DATA, or --predictions FILE DATA"
    assert "give MODEL DATA" in refused(cli("evaluate", "--predictions", predictions, "model", task.test))
    unlabelled = task.write("g.jsonl", [{"id": 0, "text": "fever"}])
    assert refused(cli("evaluate", "--predictions", predictions, unlabelled)) == (
        f"{unlabelled}:1: no label; the field 'label' or 'labels' is needed"
    )
    assert refused(cli("evaluate", task.out, task.test)) == f"{task.out}: no such folder; a model was expected there"
