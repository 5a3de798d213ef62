"""A map of vectors: a PNG, and a page of one file on which points can be looked up."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.artifacts import atomic_file
from kgslm.evaluation.pages import render
from kgslm.evaluation.theme import HUES, INK, MUTED, PAPER, THEME, Style

_OTHERS = "others"


@dataclass(frozen=True, eq=False)
class VectorMap:
    """Points with names. places: shape (points, 2). labels, groups: of each point; an empty group is "others"."""

    title: str
    places: NDArray[np.float64]
    labels: Sequence[str]
    groups: Sequence[str]

    def __post_init__(self) -> None:
        if not len(self.places) == len(self.labels) == len(self.groups):
            raise ValueError(f"{len(self.places)} places, {len(self.labels)} labels, {len(self.groups)} groups")


def write_map(drawn: VectorMap, output: Path) -> list[Path]:
    """Write ``output`` with the endings .png and .html; returns both. Raises KgslmError where that is not possible."""
    paths = map_files(output)
    styled = _styled(drawn.groups)
    with atomic_file(paths[0], "wb") as file:
        file.write(_png(drawn, styled))
    with atomic_file(paths[1]) as file:
        file.write(_html(drawn, styled))
    return paths


def map_files(output: Path) -> list[Path]:
    """The two files of a map; ``output`` may have either of their endings or none."""
    base = output.with_suffix("") if output.suffix in (".png", ".html") else output
    return [base.with_name(f"{base.name}.png"), base.with_name(f"{base.name}.html")]


def _styled(groups: Sequence[str]) -> dict[str, Style]:
    """The style of each group that has its own: the largest ones, as many as there are colours."""
    sizes = Counter(group for group in groups if group)
    most = sorted(sizes, key=lambda group: (-sizes[group], group))[: len(HUES)]
    return dict(zip(most, HUES, strict=False))


def _png(drawn: VectorMap, styled: dict[str, Style]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(9, 7), dpi=150, layout="constrained", facecolor=PAPER.light)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    own = np.array([group if group in styled else "" for group in drawn.groups], dtype=object)
    # The others first, so that they lie underneath.
    for group in ("", *styled):
        points = drawn.places[own == group]
        if len(points):
            style = styled.get(group, MUTED)
            axes.scatter(*points.T, s=6, c=style.light, linewidths=0, alpha=0.6, label=group or _OTHERS)
    axes.set_title(drawn.title, loc="left", color=INK.light)
    axes.set_axis_off()
    if styled:
        figure.legend(loc="outside right upper", frameon=False, markerscale=2.5)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _html(drawn: VectorMap, styled: dict[str, Style]) -> str:
    order = ["", *styled]
    low, high = drawn.places.min(axis=0), drawn.places.max(axis=0)
    within = (drawn.places - low) / np.where(high > low, high - low, 1)
    points = [
        [round(float(x), 4), round(float(y), 4), order.index(group) if group in styled else 0, label]
        for (x, y), group, label in zip(within, drawn.groups, drawn.labels, strict=True)
    ]
    groups = [{"name": group or _OTHERS, "variable": styled.get(group, MUTED).variable} for group in order]
    # Nothing in a label may end the script element.
    data = json.dumps(points, ensure_ascii=False).replace("<", "\\u003c")
    return render("vector_map.html", {"title": drawn.title, "groups": groups, "points": data, "theme": THEME})
