"""A comparison in words: names of cells, figures in points, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kgslm.evaluation.cells import ALL, NONE, RANDOM_VECTORS, SHUFFLED, is_control
from kgslm.evaluation.comparison import Shots

_SUBJECTS = {
    NONE: "no knowledge",
    SHUFFLED: "shuffled knowledge",
    RANDOM_VECTORS: "random vectors",
    ALL: "all arms together",
    "context": "the context arm",
    "embeddings": "the embeddings arm",
    "evidence": "the evidence arm",
}
_MEANINGS = {
    NONE: "Control: the backbone with its adapter and head, no knowledge.",
    SHUFFLED: "Control: all arms with the pack's concepts permuted: as much knowledge, but about other concepts.",
    RANDOM_VECTORS: "Control: the embeddings arm with a random vector of equal norm for each concept.",
    ALL: "Every configured arm together.",
    "context": "Definitions and facts of the concepts found in a text are written into the model's input.",
    "embeddings": "Vectors of the concepts are added inside the model at the words that name them.",
    "evidence": "Concepts found in a text vote for the labels that they are close to in the knowledge graph.",
}
_VARIANTS = {
    SHUFFLED: "the pack's concepts permuted",
    RANDOM_VECTORS: "a random vector of equal norm for each concept",
}
CORRECTIONS = {"holm": "Holm", "benjamini-hochberg": "Benjamini and Hochberg", "none": "none"}


def subject(cell: str) -> str:
    """A cell as the subject of a sentence."""
    return _SUBJECTS.get(cell, f"the cell {cell!r}")


def meaning(cell: str) -> str:
    """What a cell is, in one sentence; empty for a cell of the user's own."""
    kind, bracket, arms = cell.partition("(")
    if bracket and kind in _VARIANTS:
        return f"Control: {arms.removesuffix(')')} with {_VARIANTS[kind]}."
    return _MEANINGS.get(cell, "")


def shots_words(shots: Shots) -> str:
    """``4 examples a class``, ``all examples``."""
    if shots == ALL:
        return "all examples"
    return f"{shots} example{'' if shots == 1 else 's'} a class"


def shots_title(shots: Shots) -> str:
    """The same where there is little room: ``4 a class``."""
    return "all examples" if shots == ALL else f"{shots} a class"


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
    arms = [cell for cell in cells if not is_control(cell)]
    if ALL in arms or not arms:
        return ALL if arms else cells[0]
    return max(arms, key=lambda arm: sum(row["macro_f1"]["mean"] for row in rows if row["cell"] == arm))


def verdict(summary: Mapping[str, Any]) -> list[str]:
    """One sentence or two for each number of shots, fewest first: what knowledge did against the controls."""
    rows = summary["summary"]
    cell = headline_cell(rows)
    choice = len({row["cell"] for row in rows if not is_control(row["cell"])})
    chosen = f", the best of {choice} arms in this very test," if cell != ALL and choice > 1 else ""
    level = summary["intervals"]["level"]
    sentences = []
    for row in rows:
        if row["cell"] != cell:
            continue
        start = f"With {shots_words(row['shots'])}, {subject(cell)}{chosen} "
        effects = {it["kind"]: it for it in summary["effects"] if (it["cell"], it["shots"]) == (cell, row["shots"])}
        sentences.append(start + (_judgement(cell, effects, level) if NONE in effects else _score(row, level)))
    return sentences


def p_words(p: float, *, name: str = "p") -> str:
    """``p = 0.034``, ``p < 0.001``."""
    return f"{name} < 0.001" if p < 0.001 else f"{name} = {p:.3f}"


def effect_words(effect: Mapping[str, Any]) -> str:
    """A verdict for a table: ``helps``, ``hurts``, or ``no difference`` with what could not have been seen."""
    if effect["underpowered"]:
        return f"no difference; underpowered: an effect below {points(effect['detectable'])} could not have been seen"
    return str(effect["verdict"])


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


def slices_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the figure of the slices shows, for those who cannot see it. rows: the slices of one cell."""
    groups: dict[Shots, list[str]] = {}
    for row in rows:
        if row["vs_none"] is not None:
            words = f"{row['slicing']}, {row['slice']}: {signed_points(row['vs_none']['mean'])}"
            groups.setdefault(row["shots"], []).append(words)
    said = " ".join(f"With {shots_words(shots)}: {'; '.join(words)}." for shots, words in groups.items())
    return f"Difference in macro-F1 to none on parts of the test texts, points. {said}"


def _score(row: Mapping[str, Any], level: float) -> str:
    score = row["macro_f1"]
    ending = "" if row["cell"] == ALL else "s"
    return f"score{ending} {points(score['mean'])} points of macro-F1 ({level:.0%} interval {interval_words(score)})."


def _judgement(cell: str, effects: Mapping[str, Mapping[str, Any]], level: float) -> str:
    ending = "" if cell == ALL else "s"
    first = effects[NONE]
    does = {"helps": f"help{ending}", "hurts": f"hurt{ending}"}.get(
        first["verdict"], f"make{ending} no difference that was shown"
    )
    figures = (
        f"{signed_points(first['mean'])} points of macro-F1 against no knowledge ({level:.0%} interval "
        f"{interval_words(first, signed=True)}; {p_words(first['corrected_p'], name='corrected p')})"
    )
    return f"{does}: {figures}{_against_shuffled(first, effects.get(SHUFFLED))}{_power(first)}"


def _against_shuffled(first: Mapping[str, Any], second: Mapping[str, Any] | None) -> str:
    if second is None:
        return "; there is no shuffled control."
    figures = (
        f"{signed_points(second['mean'])} against shuffled knowledge "
        f"({interval_words(second, signed=True)}; {p_words(second['corrected_p'])})"
    )
    if first["verdict"] == "helps" and second["verdict"] != "helps":
        return f"; but only {figures}, so the gain is not shown to come from knowledge."
    return f"; {figures}."


def _power(effect: Mapping[str, Any]) -> str:
    if not effect["underpowered"]:
        return ""
    return f" Underpowered: an effect below {points(effect['detectable'])} points could not have been seen."


def _rounded(score: float) -> float:
    # Adding zero turns -0.0 into 0.0.
    return round(100 * score, 1) + 0.0
