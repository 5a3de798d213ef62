"""Scores and comparisons as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kgslm.evaluation.metrics import ClassificationScores
from kgslm.evaluation.wording import headline_cell, points

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_SHORT = 10
"""Letters of a cell's name beside which all intervals have room."""


def console_table(summary: Mapping[str, Any]) -> Table:
    """The summary of a comparison, one line a cell and number of shots; at most 80 columns.

    summary: from ``summarise``. Figures in points; a difference whose interval excludes zero is coloured. Where cells
    have long names, scores go without their intervals.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        collapse_padding=True,
        caption=f"points, means over the seeds; {summary['intervals']['level']:.0%} intervals in brackets",
        caption_justify="left",
    )
    table.add_column("shots", justify="right")
    table.add_column("cell")
    for name in ("macro-F1", "acc.", "against none", "against shuffled"):
        table.add_column(name, justify="right")
    rows = summary["summary"]
    headline = headline_cell(rows)
    short = max(len(row["cell"]) for row in rows) <= _SHORT
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        table.add_row(
            str(row["shots"]),
            Text(row["cell"]),
            Text.assemble(points(row["macro_f1"]["mean"]), *((" ", _interval(row["macro_f1"])) if short else ())),
            points(row["accuracy"]["mean"]),
            _difference(row["vs_none"]),
            _difference(row["vs_shuffled"]),
            style="bold" if row["cell"] == headline else "",
            end_section=following is not None and following["shots"] != row["shots"],
        )
    return table


def scores_table(scores: ClassificationScores) -> Table:
    """The scores of one run: each label, then the means. Figures in points."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("label")
    for name in ("precision", "recall", "F1", "gold"):
        table.add_column(name, justify="right")
    for score in scores.labels:
        figures = (points(value) for value in (score.precision, score.recall, score.f1))
        table.add_row(Text(score.label), *figures, str(score.support), end_section=score is scores.labels[-1])
    micro = (points(scores.micro_precision), points(scores.micro_recall), points(scores.micro_f1))
    table.add_row("micro", *micro, str(scores.texts), style="bold")
    for name, value in (
        ("macro-F1", scores.macro_f1),
        ("weighted F1", scores.weighted_f1),
        ("accuracy", scores.accuracy),
    ):
        table.add_row(name, "", "", points(value), str(scores.texts), style="bold")
    return table


def _difference(value: Mapping[str, float] | None) -> Text:
    from rich.text import Text

    if value is None:
        return Text("–")
    colour = "green" if value["low"] > 0 else "red" if value["high"] < 0 else "default"
    return Text.assemble((points(value["mean"]), colour), " ", _interval(value))


def _interval(value: Mapping[str, float]) -> tuple[str, str]:
    """The text of an interval and its style."""
    return f"({points(value['low'])}, {points(value['high'])})", "dim"
