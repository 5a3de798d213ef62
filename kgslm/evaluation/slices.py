"""Scores on parts of the test texts: where does knowledge help?

Slices are for looking, not for proving: their differences are not corrected for how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kgslm.evaluation.cells import NONE
from kgslm.evaluation.intervals import Bootstrap, Part, Resampled
from kgslm.evaluation.metrics import Integers, LabelCounts, Labels, accuracy, macro_f1

LEAST = 10
"""Texts below which a slice has no interval: resamples without any of its texts would decide it."""


@dataclass(frozen=True)
class Slicing:
    """One way to part the test texts.

    name, about: for people. groups: their names, in order. members: by shots and seed, the group of each text as its
    position in ``groups``, -1 for a text that is in none; shape (texts,), int64.
    """

    name: str
    about: str
    groups: tuple[str, ...]
    members: Mapping[tuple[int | str, int], Integers]


def slice_rows(
    shots: int | str,
    gold: Labels,
    predicted: Mapping[str, Mapping[int, Labels]],
    slicings: Sequence[Slicing],
    bootstrap: Bootstrap,
) -> list[dict[str, Any]]:
    """Plain data, one entry a slice and cell. predicted: by cell and seed.

    ``texts`` is the mean number over the seeds; scores are None for a slice without texts in one of the runs,
    intervals and ``vs_none`` None below ``LEAST`` texts.
    """
    found = []
    for slicing in slicings:
        for number, group in enumerate(slicing.groups):
            seeds = sorted(next(iter(predicted.values())))
            rows = [np.flatnonzero(slicing.members[shots, seed] == number) for seed in seeds]
            place = {"slicing": slicing.name, "slice": group, "shots": shots}
            texts = float(np.mean([len(own) for own in rows]))
            scores = _scores(gold, predicted, seeds, rows, bootstrap) if min(map(len, rows)) else {}
            enough = min(map(len, rows)) >= LEAST
            for cell in predicted:
                found.append({**place, "texts": texts, "cell": cell, **_row(cell, scores, bootstrap, enough=enough)})
    return found


def _scores(
    gold: Labels,
    predicted: Mapping[str, Mapping[int, Labels]],
    seeds: Sequence[int],
    rows: Sequence[Integers],
    bootstrap: Bootstrap,
) -> dict[str, Resampled]:
    def counts(said: Labels, own: Integers) -> LabelCounts:
        return LabelCounts([gold[row] for row in own], [said[row] for row in own])

    part = Part(len(gold), rows)
    return {
        cell: bootstrap.scores(
            [counts(runs[seed], own) for seed, own in zip(seeds, rows, strict=True)], (macro_f1, accuracy), part
        )
        for cell, runs in predicted.items()
    }


def _row(cell: str, scores: Mapping[str, Resampled], bootstrap: Bootstrap, *, enough: bool) -> dict[str, Any]:
    if cell not in scores:
        return {"macro_f1": None, "accuracy": None, "vs_none": None}
    figures = scores[cell]
    versus = scores[cell] - scores[NONE] if enough and NONE in scores and cell != NONE else None
    return {
        "macro_f1": _figure(figures, 0, bootstrap, enough=enough),
        "accuracy": _figure(figures, 1, bootstrap, enough=enough),
        "vs_none": None if versus is None else bootstrap.interval(versus).as_dict(),
    }


def _figure(figures: Resampled, metric: int, bootstrap: Bootstrap, *, enough: bool) -> dict[str, float | None]:
    if enough:
        return {**bootstrap.interval(figures, metric).as_dict()}
    return {"mean": float(figures.mean[metric]), "low": None, "high": None}
