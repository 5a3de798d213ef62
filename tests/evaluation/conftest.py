"""Simulated runs with a known gain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from kgslm.evaluation import CellResult

SIX = {"none": 0.0, "context": 0.15, "embeddings": 0.1, "evidence": 0.55, "all": 0.65, "shuffled": -0.02}
Simulate = Callable[..., list[CellResult]]


def simulate(
    strengths: Mapping[str, float] = SIX,
    *,
    shots: Sequence[int | str] = (4, 16),
    seeds: int = 3,
    texts: int = 300,
    labels: int = 12,
    spread: float = 0.12,
    seed: int = 0,
) -> list[CellResult]:
    """Runs whose chance of a right label is a logistic function of a text's ease, the shots, the seed and the cell's
    strength. Ease is shared by all runs, luck with the training examples (``spread``) by all cells of a seed."""
    random = np.random.default_rng(seed)
    names = [f"L{number:02d}" for number in range(labels)]
    gold = random.integers(0, labels, texts)
    ease = random.normal(0, 1.5, texts)
    results = []
    for step, count in enumerate(shots):
        for run in range(seeds):
            luck, noise = random.normal(0, spread), random.logistic(0, 0.6, texts)
            wrong = random.integers(0, labels, texts)
            for cell, strength in strengths.items():
                own = random.logistic(0, 0.4, texts)
                right = ease + 0.6 * step + luck + strength * (1 - 0.35 * step) + noise + own > 0.2
                chosen = np.where(right, gold, wrong)
                results.append(
                    CellResult(
                        cell=cell,
                        shots=count,
                        seed=run,
                        train_seconds=40.0 + 3 * step + (5 if cell != "none" else 0) + run,
                        ids=tuple(f"t{number}" for number in range(texts)),
                        gold=tuple((names[number],) for number in gold),
                        predicted=tuple((names[number],) for number in chosen),
                        details={"trust": round(0.2 + max(strength, 0), 2)} if cell != "none" else {},
                    )
                )
    return results


@pytest.fixture(scope="session")
def simulated() -> Simulate:
    """``simulate`` for tests."""
    return simulate
