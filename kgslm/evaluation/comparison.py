"""The same task with and without knowledge: from the predictions of every run to one summary.

A *cell* is one way to train: a control (``none``, ``shuffled``), an arm or several arms. A *run* is a cell with a
number of training examples a class (*shots*) and a seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kgslm.errors import DataError
from kgslm.evaluation.alignment import LabelSets
from kgslm.evaluation.cells import ALL, NONE, RANDOM_VECTORS, SHUFFLED, control_of
from kgslm.evaluation.effects import Judging, effects_of, judged
from kgslm.evaluation.intervals import Bootstrap, Resampled
from kgslm.evaluation.metrics import LabelCounts, accuracy, f1_by_label, label_of, macro_f1, micro_f1
from kgslm.evaluation.slices import Slicing, slice_rows

Shots = int | str
"""Labelled examples a class, or ``all``."""
COSTS = ("prepare_seconds", "step_seconds", "tokens", "parameters", "inference_ms", "peak_mb")
"""Costs of a run: wall-clock seconds of linking, frozen layers and cross-fitting before the first step, and of all
steps; tokens seen in the steps; trained parameters; milliseconds that one text takes to be linked and predicted with
nothing remembered; the most memory of the process during the run, in MB."""
_METRICS = (macro_f1, accuracy)


@dataclass(frozen=True, slots=True)
class CellResult:
    """What one run predicted.

    shots: labelled examples a class, at least 1, or ``all``. train_seconds: wall-clock seconds of training alone.
    ids, gold, predicted: one entry for each test text, in the same order. details: further facts of the run for the
    report, such as ``{"trust": 0.7}``. costs: what it took, by names of ``COSTS``; unknown ones are left out.
    """

    cell: str
    shots: Shots
    seed: int
    train_seconds: float
    ids: tuple[str, ...]
    gold: LabelSets
    predicted: LabelSets
    details: Mapping[str, float | str] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.shots == ALL or (isinstance(self.shots, int) and self.shots >= 1)):
            raise ValueError(f"shots must be a number from 1 or {ALL!r}, not {self.shots!r}")
        if not len(self.ids) == len(self.gold) == len(self.predicted):
            raise ValueError(f"{self.name}: ids, gold and predicted labels differ in length")

    @property
    def name(self) -> str:
        """The run in words, for messages."""
        return f"cell {self.cell!r} with {self.shots} shots and seed {self.seed}"


def summarise(
    results: Sequence[CellResult],
    bootstrap: Bootstrap | None = None,
    *,
    tests: Judging | None = None,
    slicings: Sequence[Slicing] = (),
) -> dict[str, Any]:
    """Score every run, then every cell over its seeds with intervals and paired differences to the controls.

    Returns plain data for JSON: ``cells`` (one entry a run), ``summary`` (one a cell and shots; ``vs_none``,
    ``vs_shuffled`` and ``vs_random_vectors`` are None without that control and for the control itself), ``effects``
    (the differences of cells with knowledge, tested and judged), ``slices``, ``labels`` (F1 by label), ``test``,
    ``intervals`` and ``tests``. Scores are from 0 to 1; intervals are at the bootstrap's level, 95% by default.
    Raises DataError unless all runs have the same test texts and the cells the same shots and seeds.
    """
    bootstrap, tests = bootstrap or Bootstrap(), tests or Judging()
    check_grid(results)
    cells = list(dict.fromkeys(result.cell for result in results))
    results = sorted(results, key=lambda run: (run.shots == ALL, run.shots, cells.index(run.cell), run.seed))
    counts = [LabelCounts(result.gold, result.predicted) for result in results]
    runs = list(zip(results, counts, strict=True))
    parts = [
        _Part.of(shots, {cell: [run for run in runs if (run[0].shots, run[0].cell) == (shots, cell)] for cell in cells})
        for shots in dict.fromkeys(result.shots for result in results)
    ]
    scores = [part.scores(bootstrap) for part in parts]
    effects = [
        effect
        for part, own in zip(parts, scores, strict=True)
        for effect in effects_of(part.shots, own, part.by_cell(), part.gold, bootstrap, tests)
    ]
    return {
        "cells": [_run(result, scored) for result, scored in runs],
        "summary": [row for part, own in zip(parts, scores, strict=True) for row in part.summary(own, bootstrap)],
        "effects": [effect.as_dict() for effect in judged(effects, tests, bootstrap.level)],
        "slices": [
            row for part in parts for row in slice_rows(part.shots, part.gold, part.predicted, slicings, bootstrap)
        ],
        "slicings": [{"name": it.name, "about": it.about, "slices": list(it.groups)} for it in slicings],
        "labels": [row for part in parts for row in part.labels()],
        **_measured(results, bootstrap, tests, len(effects)),
    }


def _measured(
    results: Sequence[CellResult], bootstrap: Bootstrap, tests: Judging, comparisons: int
) -> dict[str, dict[str, Any]]:
    """On what, and how."""
    return {
        "test": {
            "texts": len(results[0].ids),
            "labels": len({label_of(decision) for found in results[0].gold for decision in found}),
            "seeds": sorted({result.seed for result in results}),
        },
        "intervals": {"level": bootstrap.level, "resamples": bootstrap.resamples, "seed": bootstrap.seed},
        "tests": {
            "permutations": tests.permutation.permutations,
            "seed": tests.permutation.seed,
            "correction": tests.correction,
            "comparisons": comparisons,
            "smallest_effect": tests.smallest,
        },
    }


def check_grid(results: Sequence[CellResult]) -> None:
    """Raise DataError unless the runs can be compared: the same test texts, and every cell with the same shots and
    seeds, each once."""
    if not results:
        raise DataError("there are no runs to compare")
    first = results[0]
    for result in results:
        if result.ids != first.ids:
            raise DataError(f"{result.name}: its test texts are not those of {first.name}")
        if result.gold != first.gold:
            raise DataError(f"{result.name}: its gold labels are not those of {first.name}")
    plans: dict[str, Counter[tuple[str, int]]] = {}
    for result in results:
        plans.setdefault(result.cell, Counter())[str(result.shots), result.seed] += 1
    for cell, plan in plans.items():
        for (shots, seed), times in plan.items():
            if times > 1:
                raise DataError(f"cell {cell!r} with {shots} shots and seed {seed} was given {times} times")
        odd = sorted(plan.keys() ^ plans[first.cell].keys())
        if odd:
            shots, seed = odd[0]
            raise DataError(
                f"the cells {cell!r} and {first.cell!r} cannot be compared: only one of them has a run with "
                f"{shots} shots and seed {seed}"
            )


def _run(result: CellResult, counts: LabelCounts) -> dict[str, Any]:
    totals = counts.totals()
    return {
        "cell": result.cell,
        "shots": result.shots,
        "seed": result.seed,
        "accuracy": float(accuracy(totals)),
        "macro_f1": float(macro_f1(totals)),
        "micro_f1": float(micro_f1(totals)),
        "train_seconds": float(result.train_seconds),
        "details": dict(result.details),
        "costs": {name: result.costs[name] for name in COSTS if name in result.costs},
    }


@dataclass(frozen=True)
class _Part:
    """The runs with one number of shots. grid: by cell, in the order of the seeds. predicted: by cell and seed."""

    shots: Shots
    grid: Mapping[str, Sequence[tuple[CellResult, LabelCounts]]]
    gold: LabelSets
    predicted: Mapping[str, Mapping[int, LabelSets]]

    @classmethod
    def of(cls, shots: Shots, grid: Mapping[str, Sequence[tuple[CellResult, LabelCounts]]]) -> _Part:
        first, _ = next(iter(grid.values()))[0]
        said = {cell: {run.seed: run.predicted for run, _ in own} for cell, own in grid.items()}
        return cls(shots, grid, first.gold, said)

    def by_cell(self) -> dict[str, list[LabelSets]]:
        """The predictions of each cell in the order of the seeds."""
        return {cell: list(said.values()) for cell, said in self.predicted.items()}

    def scores(self, bootstrap: Bootstrap) -> dict[str, Resampled]:
        """By cell."""
        return {cell: bootstrap.scores([scored for _, scored in own], _METRICS) for cell, own in self.grid.items()}

    def summary(self, scores: Mapping[str, Resampled], bootstrap: Bootstrap) -> list[dict[str, Any]]:
        """One row a cell."""
        return [
            {
                "cell": cell,
                "shots": self.shots,
                "macro_f1": bootstrap.interval(scores[cell], 0).as_dict(),
                "accuracy": bootstrap.interval(scores[cell], 1).as_dict(),
                "vs_none": _versus(NONE, cell, scores, bootstrap),
                "vs_shuffled": _versus(SHUFFLED, cell, scores, bootstrap),
                "vs_random_vectors": _versus(RANDOM_VECTORS, cell, scores, bootstrap),
                "train_seconds": float(np.mean([result.train_seconds for result, _ in runs])),
                "details": _details([result.details for result, _ in runs]),
                "costs": _costs([result.costs for result, _ in runs]),
            }
            for cell, runs in self.grid.items()
        ]

    def labels(self) -> list[dict[str, Any]]:
        """F1 by label, the mean over the seeds; a label that a run neither met nor predicted counts as 0 there."""
        support: dict[str, int] = {}
        f1: dict[str, dict[str, float]] = {}
        for cell, runs in self.grid.items():
            for _, counts in runs:
                totals = counts.totals()
                for label, score, gold in zip(counts.labels, f1_by_label(totals), totals.gold, strict=True):
                    support[label] = int(gold)
                    cells = f1.setdefault(label, dict.fromkeys(self.grid, 0.0))
                    cells[cell] += float(score) / len(runs)
        return [
            {"label": label, "shots": self.shots, "support": support[label], "f1": f1[label]} for label in sorted(f1)
        ]


def _versus(kind: str, cell: str, scores: Mapping[str, Resampled], bootstrap: Bootstrap) -> dict[str, float] | None:
    control = control_of(cell, kind, list(scores))
    return None if control is None else bootstrap.interval(scores[cell] - scores[control]).as_dict()


def _costs(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean over the seeds of each cost that all runs know."""
    return {name: float(np.mean([run[name] for run in runs])) for name in COSTS if all(name in run for run in runs)}


def _details(runs: Sequence[Mapping[str, float | str]]) -> dict[str, float | str]:
    """The mean of each number over the seeds; each different text once."""
    merged: dict[str, float | str] = {}
    for key in dict.fromkeys(key for run in runs for key in run):
        values = [run[key] for run in runs if key in run]
        numbers = [value for value in values if not isinstance(value, str)]
        texts = dict.fromkeys(str(value) for value in values)
        merged[key] = float(np.mean(numbers)) if len(numbers) == len(values) else ", ".join(texts)
    return merged
