"""A comparison in words: names of cells, figures in points, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kgslm.evaluation.cells import ALL, NONE, SHUFFLED
from kgslm.evaluation.comparison import Shots

_SUBJECTS = {
    NONE: "no knowledge",
    SHUFFLED: "shuffled knowledge",
    ALL: "all arms together",
    "context": "the context arm",
    "embeddings": "the embeddings arm",
    "evidence": "the evidence arm",
}
_MEANINGS = {
    NONE: "Control: the backbone with its adapter and head, no knowledge.",
    SHUFFLED: "Control: all arms with the pack's concepts permuted: as much knowledge, but about other concepts.",
    ALL: "Every configured arm together.",
    "context": "Definitions and facts of the concepts found in a text are written into the model's input.",
    "embeddings": "Vectors of the concepts are added inside the model at the words that name them.",
    "evidence": "Concepts found in a text vote for the labels that they are close to in the knowledge graph.",
}


def subject(cell: str) -> str:
    """A cell as the subject of a sentence."""
    return _SUBJECTS.get(cell, f"the cell {cell!r}")


def meaning(cell: str) -> str:
    """What a cell is, in one sentence; empty for a cell of the user's own."""
    return _MEANINGS.get(cell, "")


def shots_words(shots: Shots) -> str:
    """``4 examples a class``, ``all examples``."""
    if shots == ALL:
        return "all examples"
    return f"{shots} example{'' if shots == 1 else 's'} a class"


def points(score: float) -> str:
    """A score from 0 to 1 as points with one decimal: ``55.4``."""
    return f"{_rounded(score):.1f}".replace("-", "−")


def signed_points(difference: float) -> str:
    """A difference in points with its sign: ``+12.3``, ``−0.2``, ``0.0``."""
    value = _rounded(difference)
    return f"{value:+.1f}".replace("-", "−") if value else "0.0"


def interval_words(interval: Mapping[str, float], *, signed: bool = False) -> str:
    """``53.0 to 57.9``."""
    write = signed_points if signed else points
    return f"{write(interval['low'])} to {write(interval['high'])}"


def headline_cell(rows: Sequence[Mapping[str, Any]]) -> str:
    """The cell that the verdict is about: ``all`` where there is one, otherwise the arm with the best mean macro-F1
    over all shots, otherwise the first cell. rows: the ``summary`` of a comparison."""
    cells: list[str] = list(dict.fromkeys(row["cell"] for row in rows))
    arms = [cell for cell in cells if cell not in (NONE, SHUFFLED)]
    if ALL in arms or not arms:
        return ALL if arms else cells[0]
    return max(arms, key=lambda arm: sum(row["macro_f1"]["mean"] for row in rows if row["cell"] == arm))


def verdict(summary: Mapping[str, Any]) -> list[str]:
    """One sentence for each number of shots, fewest first: what knowledge gained over the controls."""
    rows = summary["summary"]
    cell = headline_cell(rows)
    choice = len({row["cell"] for row in rows} - {NONE, SHUFFLED})
    chosen = f", the best of {choice} arms in this very test," if cell != ALL and choice > 1 else ""
    sentences = []
    for row in rows:
        if row["cell"] != cell:
            continue
        control = next((other for other in rows if (other["cell"], other["shots"]) == (SHUFFLED, row["shots"])), None)
        start = f"With {shots_words(row['shots'])}, {subject(cell)}{chosen} "
        sentences.append(start + _against_none(row, control, summary["intervals"]["level"]))
    return sentences


def scores_words(rows: Sequence[Mapping[str, Any]], *, differences: bool = False) -> str:
    """What a figure shows, for those who cannot see it. differences: those to a control instead of the scores."""
    groups: dict[Shots, list[str]] = {}
    for row in rows:
        figures = row["vs_none"] or row["vs_shuffled"] if differences else row["macro_f1"]
        if figures is None or (differences and row["cell"] == NONE):
            continue
        control = NONE if row["vs_none"] else SHUFFLED
        words = f"{signed_points(figures['mean'])} against {control}" if differences else points(figures["mean"])
        groups.setdefault(row["shots"], []).append(f"{row['cell']} {words}")
    what = "Difference in macro-F1, points" if differences else "Macro-F1, points"
    return f"{what}. " + " ".join(f"With {shots_words(shots)}: {', '.join(words)}." for shots, words in groups.items())


def _against_none(row: Mapping[str, Any], shuffled: Mapping[str, Any] | None, level: float) -> str:
    plural = "" if row["cell"] == ALL else "s"
    if row["vs_none"] is None:
        score = row["macro_f1"]
        return (
            f"score{plural} {points(score['mean'])} points of macro-F1 ({level:.0%} interval {interval_words(score)})."
        )
    sentence = _change(row["vs_none"], plural, level)
    if shuffled is None or shuffled["vs_none"] is None:
        return f"{sentence}; there is no shuffled control."
    if _gain(row["vs_none"]) and not _gain(row["vs_shuffled"]):
        other = row["vs_shuffled"]
        return (
            f"{sentence}; but only {signed_points(other['mean'])} against shuffled knowledge "
            f"({interval_words(other, signed=True)}), so the gain is not shown to come from knowledge."
        )
    return f"{sentence}; shuffled knowledge {_short(shuffled['vs_none'])}."


def _change(difference: Mapping[str, float], plural: str, level: float) -> str:
    mean = difference["mean"]
    bounds = f"({level:.0%} interval {{}})"
    if _gain(difference):
        return f"gain{plural} {points(mean)} points of macro-F1 over no knowledge " + bounds.format(
            interval_words(difference)
        )
    if _loss(difference):
        flipped = {"low": -difference["high"], "high": -difference["low"]}
        return f"lose{plural} {points(-mean)} points of macro-F1 against no knowledge " + bounds.format(
            interval_words(flipped)
        )
    return (
        f"change{plural} macro-F1 by {signed_points(mean)} points against no knowledge "
        + bounds.format(interval_words(difference, signed=True))
        + ", so a difference is not shown"
    )


def _short(difference: Mapping[str, float]) -> str:
    value = _rounded(difference["mean"])
    if not value:
        return "changes nothing"
    return f"{'gains' if value > 0 else 'loses'} {points(abs(difference['mean']))}"


def _gain(difference: Mapping[str, float] | None) -> bool:
    return difference is not None and difference["low"] > 0


def _loss(difference: Mapping[str, float]) -> bool:
    return difference["high"] < 0


def _rounded(score: float) -> float:
    # Adding zero turns -0.0 into 0.0.
    return round(100 * score, 1) + 0.0
