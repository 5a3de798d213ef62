"""What a comparison says in words."""

from __future__ import annotations

from typing import Any

import pytest

from kgslm.evaluation import verdict
from kgslm.evaluation.wording import headline_cell, interval_words, points, scores_words, shots_words, signed_points

Triple = tuple[float, float, float]


def row(cell: str, none: Triple | None = None, shuffled: Triple | None = None, **other: Any) -> dict[str, Any]:
    def interval(values: Triple | None) -> dict[str, float] | None:
        return values and dict(zip(("mean", "low", "high"), values, strict=True))

    return {
        "cell": cell,
        "shots": 4,
        "macro_f1": {"mean": 0.5, "low": 0.45, "high": 0.55},
        "vs_none": interval(none),
        "vs_shuffled": interval(shuffled),
        **other,
    }


def say(*rows: dict[str, Any]) -> list[str]:
    return verdict({"summary": rows, "intervals": {"level": 0.95}})


def test_a_gain() -> None:
    rows = [
        row("none", None, (0.002, -0.01, 0.02)),
        row("all", (0.123, 0.09, 0.152), (0.125, 0.1, 0.15)),
        row("shuffled", (-0.002, -0.02, 0.01)),
    ]
    assert say(*rows) == [
        "With 4 examples a class, all arms together gain 12.3 points of macro-F1 over no knowledge "
        "(95% interval 9.0 to 15.2); shuffled knowledge loses 0.2."
    ]


def test_a_loss_and_a_shuffled_control_that_changes_nothing() -> None:
    assert say(row("context", (-0.03, -0.05, -0.01), (-0.03, -0.04, -0.02)), row("shuffled", (0.0002, 0, 0))) == [
        "With 4 examples a class, the context arm loses 3.0 points of macro-F1 against no knowledge "
        "(95% interval 1.0 to 5.0); shuffled knowledge changes nothing."
    ]


def test_a_difference_that_is_not_shown() -> None:
    assert say(row("evidence", (0.004, -0.01, 0.019), shots="all")) == [
        "With all examples, the evidence arm changes macro-F1 by +0.4 points against no knowledge "
        "(95% interval −1.0 to +1.9), so a difference is not shown; there is no shuffled control."
    ]


def test_a_gain_that_shuffled_knowledge_brings_as_well_is_called_so() -> None:
    [sentence] = say(row("all", (0.05, 0.03, 0.07), (0.01, -0.01, 0.03)), row("shuffled", (0.04, 0.02, 0.06)))
    assert sentence.endswith(
        "; but only +1.0 against shuffled knowledge (−1.0 to +3.0), so the gain is not shown to come from knowledge."
    )


def test_the_best_of_several_arms_is_called_so() -> None:
    better = {"mean": 0.6, "low": 0.5, "high": 0.7}
    [sentence] = say(row("context", (0.1, 0.05, 0.15)), row("evidence", (0.2, 0.1, 0.3), macro_f1=better))
    assert sentence.startswith(
        "With 4 examples a class, the evidence arm, the best of 2 arms in this very test, gains 20.0"
    )


def test_a_comparison_without_none() -> None:
    assert say(row("all")) == [
        "With 4 examples a class, all arms together score 50.0 points of macro-F1 (95% interval 45.0 to 55.0)."
    ]


@pytest.mark.parametrize(
    ("cells", "headline"),
    [
        (["none", "context", "all", "shuffled"], "all"),
        (["none", "evidence", "shuffled"], "evidence"),
        (["none", "shuffled"], "none"),
    ],
)
def test_the_cell_of_the_verdict(cells: list[str], headline: str) -> None:
    assert headline_cell([row(cell) for cell in cells]) == headline


def test_figures_in_words() -> None:
    assert points(0.5541) == "55.4"
    assert points(-0.0001) == "0.0"
    assert [signed_points(value) for value in (0.123, -0.002, 0.0001, -0.0001)] == ["+12.3", "−0.2", "0.0", "0.0"]
    assert interval_words({"low": -0.01, "high": 0.02}, signed=True) == "−1.0 to +2.0"
    assert [shots_words(shots) for shots in (1, 16, "all")] == [
        "1 example a class",
        "16 examples a class",
        "all examples",
    ]


def test_figures_for_those_who_cannot_see_them() -> None:
    rows = [row("none", None, (0.1, 0, 0.2)), row("all", (0.2, 0.1, 0.3)), row("shuffled", (-0.1, -0.2, 0))]
    assert scores_words(rows) == "Macro-F1, points. With 4 examples a class: none 50.0, all 50.0, shuffled 50.0."
    assert scores_words(rows, differences=True) == (
        "Difference in macro-F1, points. With 4 examples a class: all +20.0 against none, shuffled −10.0 against none."
    )
