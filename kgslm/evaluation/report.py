"""A comparison as a folder: report.json for programs, report.md and a self-contained report.html for people.

The same summary gives the same bytes: nothing in the report says when it was made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kgslm.artifacts import atomic_folder, write_manifest
from kgslm.evaluation import plots
from kgslm.evaluation.cells import NONE, is_control
from kgslm.evaluation.pages import render
from kgslm.evaluation.theme import THEME, styles
from kgslm.evaluation.wording import (
    CORRECTIONS,
    effect_words,
    headline_cell,
    interval_words,
    meaning,
    p_words,
    points,
    scores_words,
    shots_title,
    shots_words,
    signed_points,
    slices_words,
    verdict,
)

KIND = "report"
FORMAT_VERSION = 1
Rows = Sequence[Mapping[str, Any]]
CURVE, DIFFERENCES, SLICES = "learning-curve", "differences", "slices"
_COSTS = {
    "prepare_seconds": "preparation, s",
    "step_seconds": "steps, s",
    "tokens": "tokens seen",
    "parameters": "trained parameters",
    "inference_ms": "ms a text",
    "peak_mb": "peak memory, MB",
}
_MEANINGS = {
    "trust": "what the evidence is multiplied by; 0 where examples held out spoke against it",
    "taught": "texts without labels that taught the head",
    "gate": "how much the vectors do; 0 where they were left out, as they did not help on examples held out",
    "context": "the share of the trainings that kept the context; the others left it out, as it did not help there",
    "grounded_labels": "labels that stand for concepts of the pack",
    "texts": "labelled training texts",
}
"""Facts of the cells that need a word."""


def write_report(folder: Path, summary: Mapping[str, Any], *, title: str, about: Mapping[str, Any]) -> None:
    """Write the report folder, whole or not at all; an older report of that name is replaced.

    summary: from ``summarise``. about: what was compared with what (configuration, model, pack fingerprint, data);
    nested mappings and lists of plain values. Raises KgslmError where something else stands under that name.
    """
    drawings = _drawings(summary)
    page = _page(summary, title, about)
    with atomic_folder(folder, KIND) as draft:
        for name, (draw, rows) in drawings.items():
            (draft / f"{name}.png").write_bytes(plots.png(draw, rows))
        inline = {name: plots.svg(draw, rows, name) for name, (draw, rows) in drawings.items()}
        data = {"title": title, "verdict": page["verdict"], **summary, "about": about}
        _write(draft / "report.json", json.dumps(data, ensure_ascii=False, indent=2, default=str))
        _write(draft / "report.md", _render("report.md", {**page, "drawings": list(drawings)}))
        _write(draft / "report.html", _render("report.html", {**page, "drawings": inline}))
        write_manifest(draft, KIND, FORMAT_VERSION, {"title": title})


def _drawings(summary: Mapping[str, Any]) -> dict[str, tuple[plots.Drawing, Rows]]:
    """Each figure by its name, with the rows that it shows."""
    rows = summary["summary"]
    drawings: dict[str, tuple[plots.Drawing, Rows]] = {CURVE: (plots.learning_curve, rows)}
    if plots.has_controls(rows):
        drawings[DIFFERENCES] = (plots.differences, rows)
    if parts := _parts(summary):
        drawings[SLICES] = (plots.slices, parts)
    return drawings


def _parts(summary: Mapping[str, Any]) -> Rows:
    """The slices of the headline cell that have a difference."""
    cell = headline_cell(summary["summary"])
    return [row for row in summary["slices"] if row["cell"] == cell and row["vs_none"] is not None]


def _page(summary: Mapping[str, Any], title: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates need, in words and plain values."""
    rows = summary["summary"]
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    shots = list(dict.fromkeys(row["shots"] for row in rows))
    details = list(dict.fromkeys(key for row in rows for key in row["details"]))
    return {
        "title": title,
        "verdict": verdict(summary),
        "headline": headline_cell(rows),
        "cells": cells,
        "has_effects": bool(summary["effects"]),
        "effects": summary["effects"],
        "slicings": summary["slicings"],
        "slice_groups": [(number, _slices(summary, number)) for number in shots] if summary["slices"] else [],
        "sliced": [cell for cell in cells if cell == NONE or not is_control(cell)],
        "costs": [(key, title) for key, title in _COSTS.items() if any(key in row["costs"] for row in rows)],
        "tests": summary["tests"],
        "correction": CORRECTIONS[summary["tests"]["correction"]],
        "groups": [(number, [row for row in rows if row["shots"] == number]) for number in shots],
        "label_groups": [(number, [row for row in summary["labels"] if row["shots"] == number]) for number in shots],
        "rows": rows,
        "runs": summary["cells"],
        "details": details,
        "meanings": [(key, _MEANINGS[key]) for key in details if key in _MEANINGS],
        "facts": flatten(about),
        "test": summary["test"],
        "intervals": summary["intervals"],
        "level": f"{summary['intervals']['level']:.0%}",
        "alternative": {
            CURVE: scores_words(rows),
            DIFFERENCES: scores_words(rows, differences=True),
            SLICES: slices_words(_parts(summary)),
        },
        "theme": THEME,
        "styles": styles(cells),
    }


def _slices(summary: Mapping[str, Any], shots: int | str) -> list[dict[str, Any]]:
    """One entry a slice, with the figures of each cell."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in summary["slices"]:
        if row["shots"] == shots:
            place = row["slicing"], row["slice"]
            entry = found.setdefault(place, {**{key: row[key] for key in ("slicing", "slice", "texts")}, "cells": {}})
            entry["cells"][row["cell"]] = row
    return list(found.values())


def _cost(row: Mapping[str, Any], key: str) -> str:
    if key not in row["costs"]:
        return "–"
    value = row["costs"][key]
    return f"{value:,.0f}" if key in ("tokens", "parameters", "peak_mb") else f"{value:,.1f}"


def flatten(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested facts as (dotted key, words) pairs, in their order."""
    pairs: list[tuple[str, str]] = []
    for key, value in facts.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            pairs += flatten(value, f"{name}.")
        else:
            pairs.append((name, _plain(value)))
    return pairs


def _plain(value: Any) -> str:
    if value is None or value == [] or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(item)}" for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_plain(item) for item in value)
    return str(value)


def _render(template: str, page: Mapping[str, Any]) -> str:
    filters: dict[str, Callable[..., Any]] = {
        "points": points,
        "signed": signed_points,
        "interval": interval_words,
        "signed_interval": lambda interval: interval_words(interval, signed=True),
        "shots": shots_words,
        "shots_title": shots_title,
        "meaning": meaning,
        "plain": _plain,
        "p": p_words,
        "judged": effect_words,
        "cost": _cost,
        "cell_text": lambda text: str(text).replace("|", "\\|").replace("\n", " "),
    }
    return render(template, page, filters)


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip() + "\n", encoding="utf-8", newline="\n")
