"""Verdicts on runs with a known effect, and slices with figures worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kgslm.evaluation import Bootstrap, CellResult, Judging, Permutation, Slicing, summarise

QUICK = Bootstrap(resamples=200)
FEW = Judging(Permutation(2000))
Simulate = Callable[..., list[CellResult]]


def test_a_large_effect_helps_its_reverse_hurts_and_none_makes_no_difference(simulated: Simulate) -> None:
    results = simulated({"none": 0.0, "evidence": 1.0, "context": 0.0, "embeddings": -1.0}, shots=(4,), spread=0.01)
    effects = {it["cell"]: it for it in summarise(results, QUICK, tests=FEW)["effects"]}
    assert {cell: effect["verdict"] for cell, effect in effects.items()} == {
        "evidence": "helps",
        "context": "no difference",
        "embeddings": "hurts",
    }
    assert effects["evidence"]["corrected_p"] == pytest.approx(3 / 2001)
    assert effects["context"]["underpowered"]
    assert not effects["evidence"]["underpowered"]
    # With an effect of 50 points as the smallest that matters, nothing that matters was missed.
    mild = summarise(results, QUICK, tests=Judging(Permutation(2000), smallest=0.5))["effects"]
    assert not any(effect["underpowered"] for effect in mild)


def test_each_cell_is_judged_against_its_own_controls(simulated: Simulate) -> None:
    strengths = {
        "none": 0,
        "evidence": 0.5,
        "shuffled(evidence)": 0,
        "embeddings": 0.1,
        "random-vectors": 0,
        "shuffled": 0,
    }
    summary = summarise(simulated(strengths, shots=(4,), texts=60), QUICK, tests=FEW)
    assert [(it["cell"], it["kind"], it["control"]) for it in summary["effects"]] == [
        ("evidence", "none", "none"),
        ("evidence", "shuffled", "shuffled(evidence)"),
        ("embeddings", "none", "none"),
        ("embeddings", "shuffled", "shuffled"),
        ("embeddings", "random-vectors", "random-vectors"),
    ]
    assert summary["tests"]["comparisons"] == 5
    rows = {row["cell"]: row for row in summary["summary"]}
    for effect in summary["effects"]:
        versus = rows[effect["cell"]][f"vs_{effect['kind'].replace('-', '_')}"]
        assert versus == {key: effect[key] for key in ("mean", "low", "high")}


def test_the_smallest_effect_that_is_seen_falls_with_more_texts(simulated: Simulate) -> None:
    found = []
    for texts in (100, 400, 1600):
        results = simulated({"none": 0.0, "all": 0.0}, shots=(4,), texts=texts, spread=0.0)
        [effect] = summarise(results, QUICK, tests=FEW)["effects"]
        found.append(effect["detectable"])
    assert found[0] > 1.5 * found[1] > 2.25 * found[2]


def test_slices_by_hand() -> None:
    def result(cell: str, said: str) -> CellResult:
        return CellResult(
            cell, 4, 0, 1.0, tuple("123456"), tuple((label,) for label in "aabbab"), tuple((it,) for it in said)
        )

    halves = Slicing("half", "which half", ("first", "last", "nobody"), {(4, 0): np.array([0, 0, 0, 0, 1, -1])})
    summary = summarise([result("none", "abaabb"), result("all", "aabbbb")], QUICK, slicings=[halves])
    rows = {(row["slice"], row["cell"]): row for row in summary["slices"]}
    assert [rows["first", cell]["accuracy"]["mean"] for cell in ("none", "all")] == [0.25, 1.0]
    assert rows["first", "none"]["macro_f1"]["mean"] == pytest.approx(0.2)
    assert [rows[part, "all"]["texts"] for part in ("first", "last", "nobody")] == [4, 1, 0]
    assert rows["last", "all"]["accuracy"] == {"mean": 0.0, "low": None, "high": None}
    assert rows["nobody", "all"]["macro_f1"] is None
    # Too few texts for an interval.
    assert rows["first", "all"]["vs_none"] is None


def test_a_slice_of_everything_has_the_figures_of_the_whole(simulated: Simulate) -> None:
    results = simulated({"none": 0.0, "all": 0.5}, shots=(4,), texts=80)
    whole = Slicing("whole", "all of it", ("all",), {(4, seed): np.zeros(80, np.int64) for seed in range(3)})
    summary = summarise(results, QUICK, tests=FEW, slicings=[whole])
    for part, row in zip(summary["slices"], summary["summary"], strict=True):
        assert {key: part[key] for key in ("macro_f1", "accuracy", "vs_none")} == {
            key: row[key] for key in ("macro_f1", "accuracy", "vs_none")
        }
