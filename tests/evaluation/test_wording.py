"""What a comparison says in words."""

from __future__ import annotations

from typing import Any

import pytest

from kgslm.evaluation import verdict
from kgslm.evaluation.wording import (
    effect_words,
    headline_cell,
    interval_words,
    meaning,
    points,
    scores_words,
    shots_words,
    signed_points,
)

Triple = tuple[float, float, float]


def interval(values: Triple) -> dict[str, float]:
    return dict(zip(("mean", "low", "high"), values, strict=True))


def row(cell: str, none: Triple | None = None, shuffled: Triple | None = None, **other: Any) -> dict[str, Any]:
    return {
        "cell": cell,
        "shots": 4,
        "macro_f1": {"mean": 0.5, "low": 0.45, "high": 0.55},
        "vs_none": none and interval(none),
        "vs_shuffled": shuffled and interval(shuffled),
        **other,
    }


def effect(cell: str, kind: str, values: Triple, verdict: str, p: float = 0.0004, **other: Any) -> dict[str, Any]:
    found = {"cell": cell, "shots": 4, "kind": kind, "control": kind, **interval(values), "corrected_p": p}
    return {**found, "verdict": verdict, "underpowered": False, "detectable": 0.03, **other}


def say(rows: list[dict[str, Any]], *effects: dict[str, Any]) -> list[str]:
    return verdict({"summary": rows, "effects": effects, "intervals": {"level": 0.95}})


def test_a_gain() -> None:
    assert say(
        [row("none"), row("all"), row("shuffled")],
        effect("all", "none", (0.123, 0.09, 0.152), "helps"),
        effect("all", "shuffled", (0.125, 0.1, 0.15), "helps", 0.012),
    ) == [
        "With 4 examples a class, all arms together help: +12.3 points of macro-F1 against no knowledge "
        "(95% interval +9.0 to +15.2; corrected p < 0.001); +12.5 against shuffled knowledge "
        "(+10.0 to +15.0; p = 0.012)."
    ]


def test_a_loss() -> None:
    assert say([row("context")], effect("context", "none", (-0.03, -0.05, -0.01), "hurts", 0.01)) == [
        "With 4 examples a class, the context arm hurts: −3.0 points of macro-F1 against no knowledge "
        "(95% interval −5.0 to −1.0; corrected p = 0.010); there is no shuffled control."
    ]


def test_a_difference_that_is_not_shown() -> None:
    found = effect("evidence", "none", (0.004, -0.01, 0.019), "no difference", 1.0, shots="all")
    said = (
        "With all examples, the evidence arm makes no difference that was shown: +0.4 points of macro-F1 against no "
        "knowledge (95% interval −1.0 to +1.9; corrected p = 1.000); there is no shuffled control."
    )
    assert say([row("evidence", shots="all")], found) == [said]
    assert say([row("evidence", shots="all")], {**found, "underpowered": True}) == [
        f"{said} Underpowered: an effect below 3.0 points could not have been seen."
    ]
    assert effect_words(found) == "no difference"
    assert effect_words({**found, "underpowered": True}) == (
        "no difference; underpowered: an effect below 3.0 could not have been seen"
    )


def test_a_gain_that_shuffled_knowledge_brings_as_well_is_called_so() -> None:
    [sentence] = say(
        [row("all"), row("shuffled")],
        effect("all", "none", (0.05, 0.03, 0.07), "helps"),
        effect("all", "shuffled", (0.01, -0.01, 0.03), "no difference", 0.3),
    )
    assert sentence.endswith(
        "; but only +1.0 against shuffled knowledge (−1.0 to +3.0; p = 0.300), so the gain is not shown to come from "
        "knowledge."
    )


def test_the_best_of_several_arms_is_called_so() -> None:
    better = {"mean": 0.6, "low": 0.5, "high": 0.7}
    rows = [row("context"), row("evidence", macro_f1=better), row("shuffled(evidence)"), row("random-vectors")]
    [sentence] = say(rows, effect("evidence", "none", (0.2, 0.1, 0.3), "helps"))
    assert sentence.startswith(
        "With 4 examples a class, the evidence arm, the best of 2 arms in this very test, helps: +20.0 points"
    )


def test_a_comparison_without_none() -> None:
    assert say([row("all")]) == [
        "With 4 examples a class, all arms together score 50.0 points of macro-F1 (95% interval 45.0 to 55.0)."
    ]


def test_what_the_cells_are() -> None:
    assert meaning("shuffled(evidence)") == "Control: evidence with the pack's concepts permuted."
    assert meaning("random-vectors(all)") == "Control: all with a random vector of equal norm for each concept."
    assert meaning("mine") == meaning("mine(all)") == ""


@pytest.mark.parametrize(
    ("cells", "headline"),
    [
        (["none", "context", "all", "shuffled"], "all"),
        (["none", "evidence", "shuffled"], "evidence"),
        (["none", "shuffled"], "none"),
        (["none", "shuffled(context)", "context", "random-vectors"], "context"),
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
