"""From runs to the summary that report.json promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kgslm.errors import DataError
from kgslm.evaluation import Bootstrap, CellResult, summarise

QUICK = Bootstrap(resamples=200)
Simulate = Callable[..., list[CellResult]]


def result(cell: str, said: str, *, shots: int | str = 4, seed: int = 0, **details: float | str) -> CellResult:
    """A run over four texts with gold labels a, a, b, b."""
    return CellResult(
        cell=cell,
        shots=shots,
        seed=seed,
        train_seconds=2.0 + seed,
        ids=("1", "2", "3", "4"),
        gold=(("a",), ("a",), ("b",), ("b",)),
        predicted=tuple((label,) for label in said),
        details=details,
    )


def row(summary: dict[str, Any], cell: str, shots: int | str = 4) -> dict[str, Any]:
    found = [row for row in summary["summary"] if (row["cell"], row["shots"]) == (cell, shots)]
    assert len(found) == 1
    return dict(found[0])


def test_figures_worked_out_by_hand() -> None:
    summary = summarise(
        [
            result("none", "abab", seed=0),
            result("none", "aabb", seed=1),
            result("all", "aabb", seed=0, trust=0.5, method="x"),
            result("all", "aabb", seed=1, trust=1.0, method="y"),
            result("shuffled", "bbaa", seed=0),
            result("shuffled", "aabb", seed=1),
        ],
        QUICK,
    )
    assert summary["cells"][0] == {
        "cell": "none",
        "shots": 4,
        "seed": 0,
        "accuracy": 0.5,
        "macro_f1": 0.5,
        "micro_f1": 0.5,
        "train_seconds": 2.0,
        "details": {},
        "costs": {},
    }
    none, both, shuffled = (row(summary, cell) for cell in ("none", "all", "shuffled"))
    assert none["macro_f1"]["mean"] == 0.75
    assert both["macro_f1"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert both["accuracy"]["mean"] == 1.0
    assert both["vs_none"]["mean"] == pytest.approx(0.25)
    assert both["vs_shuffled"]["mean"] == pytest.approx(0.5)
    assert shuffled["vs_none"]["mean"] == pytest.approx(-0.25)
    assert none["vs_shuffled"]["mean"] == pytest.approx(0.25)
    assert none["vs_none"] is None
    assert shuffled["vs_shuffled"] is None
    assert both["train_seconds"] == 2.5
    assert both["details"] == {"trust": 0.75, "method": "x, y"}
    assert summary["labels"][0] == {
        "label": "a",
        "shots": 4,
        "support": 2,
        "f1": {"none": 0.75, "all": 1.0, "shuffled": 0.5},
    }
    assert summary["test"] == {"texts": 4, "labels": 2, "seeds": [0, 1]}
    assert summary["intervals"] == {"level": 0.95, "resamples": 200, "seed": 0}


def test_without_controls_there_are_no_differences() -> None:
    summary = summarise([result("evidence", "aabb")], QUICK)
    assert row(summary, "evidence")["vs_none"] is None
    assert row(summary, "evidence")["vs_shuffled"] is None


def test_rows_stand_by_shots_then_in_the_order_of_the_cells(simulated: Simulate) -> None:
    results = simulated(shots=("all", 16, 4), texts=30, seeds=2)
    summary = summarise(list(reversed(results)), QUICK)
    assert [entry["shots"] for entry in summary["summary"]] == [4] * 6 + [16] * 6 + ["all"] * 6
    cells = ["shuffled", "all", "evidence", "embeddings", "context", "none"]
    assert [entry["cell"] for entry in summary["summary"]] == cells * 3
    assert [entry["seed"] for entry in summary["cells"][:4]] == [0, 1, 0, 1]


def test_the_summary_is_plain_json_and_scores_are_shares(simulated: Simulate) -> None:
    summary = summarise(simulated(texts=100), QUICK)
    assert json.loads(json.dumps(summary)) == summary
    for entry in summary["summary"]:
        for key in ("macro_f1", "vs_none", "vs_shuffled"):
            if entry[key] is not None:
                assert set(entry[key]) == {"mean", "low", "high"}
                assert -1 <= entry[key]["low"] <= entry[key]["mean"] <= entry[key]["high"] <= 1


def test_a_simulated_gain_is_found_and_a_null_is_not(simulated: Simulate) -> None:
    summary = summarise(simulated(texts=800))
    assert row(summary, "all")["vs_none"]["low"] > 0.05
    assert row(summary, "all")["vs_shuffled"]["low"] > 0.05
    assert row(summary, "shuffled")["vs_none"]["low"] < 0 < row(summary, "shuffled")["vs_none"]["high"]


def test_a_label_that_one_run_alone_predicts_counts_as_zero_for_the_others() -> None:
    summary = summarise([result("none", "aabb"), result("all", "aabc")], QUICK)
    assert summary["labels"][-1] == {"label": "c", "shots": 4, "support": 0, "f1": {"none": 0.0, "all": 0.0}}


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (replace(result("all", "aabb"), ids=("1", "2", "3", "5")), "its test texts are not those of cell 'none'"),
        (replace(result("all", "aabb"), gold=(("a",),) * 4), "its gold labels are not those of cell 'none'"),
        (result("none", "aabb"), "cell 'none' with 4 shots and seed 0 was given 2 times"),
        (result("all", "aabb", seed=1), "only one of them has a run with 4 shots and seed 0"),
        (result("all", "aabb", shots=8), "'all' and 'none' cannot be compared"),
    ],
)
def test_what_cannot_be_compared_is_refused(other: CellResult, message: str) -> None:
    with pytest.raises(DataError, match=message):
        summarise([result("none", "abab"), other], QUICK)


def test_wrong_runs_are_refused() -> None:
    with pytest.raises(DataError, match="no runs to compare"):
        summarise([])
    with pytest.raises(ValueError, match="shots must be a number from 1 or 'all', not 0"):
        result("none", "aabb", shots=0)
    with pytest.raises(ValueError, match="differ in length"):
        result("none", "aab")
