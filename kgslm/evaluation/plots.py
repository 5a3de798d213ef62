"""The figures of a comparison: learning curve and differences to the controls.

Drawn with matplotlib's object interface, so that no global state changes. ``svg`` gives an inline drawing whose
colours are CSS variables with the light theme as fallback, so one drawing serves a light and a dark page; ``png``
gives the light theme. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from math import log2
from typing import Any

from kgslm.evaluation.cells import NONE, SHUFFLED
from kgslm.evaluation.comparison import Shots
from kgslm.evaluation.theme import GRID, INK, MUTED, PAPER, THEME, Style, styles
from kgslm.evaluation.wording import headline_cell, shots_title

# Matplotlib has no type information here.
Figure = Any
Axes = Any
Row = Mapping[str, Any]
Drawing = Callable[[Sequence[Row]], Figure]
"""Draws the ``summary`` rows of a comparison."""

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK.light,
    "text.parse_math": False,
    "axes.edgecolor": MUTED.light,
    "axes.labelcolor": INK.light,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED.light,
    "xtick.labelcolor": INK.light,
    "ytick.color": MUTED.light,
    "ytick.labelcolor": INK.light,
    "svg.fonttype": "none",
}


def learning_curve(rows: Sequence[Row]) -> Figure:
    """Macro-F1 of every cell over the shots; a dot plot where there is one number of shots.

    The intervals are shaded for *none* and for the cell of the verdict; six shadings on one another show nothing.
    """
    shots = _unique(rows, "shots")
    if len(shots) == 1:
        return _score_dots(rows)
    figure, [axes] = _figure(7.6, 4.6)
    places = _places(shots)
    for cell, style in styles(_unique(rows, "cell")).items():
        own = [row["macro_f1"] for row in rows if row["cell"] == cell]
        means, lows, highs = ([100 * value[key] for value in own] for key in ("mean", "low", "high"))
        if cell in (NONE, headline_cell(rows)):
            axes.fill_between(places, lows, highs, color=style.light, alpha=0.16, linewidth=0)
        axes.plot(places, means, linestyle=style.line, linewidth=2, **_marker(style))
    axes.set_xticks(places, [str(number) for number in shots])
    margin = 0.03 * (places[-1] - places[0])
    axes.set_xlim(places[0] - margin, places[-1] + margin)
    axes.set_xlabel("labelled examples a class", labelpad=8)
    axes.set_ylabel("macro-F1, points", labelpad=8)
    axes.grid(axis="y", color=GRID.light, linewidth=0.8)
    ends = {row["cell"]: 100 * row["macro_f1"]["mean"] for row in rows if row["shots"] == shots[-1]}
    _name_lines(axes, places[-1], ends)
    return figure


def differences(rows: Sequence[Row]) -> Figure:
    """Differences in macro-F1 to the controls with intervals, one panel for each number of shots.

    Filled marks: against *none*; hollow ones: against *shuffled*. Only for comparisons with a control.
    """
    shots = _unique(rows, "shots")
    cells = [cell for cell in _unique(rows, "cell") if cell != NONE]
    wide = min(len(shots), 3)
    high = -(-len(shots) // wide)
    figure, panels = _figure(7.6, 0.6 + high * (0.75 + 0.46 * len(cells)), high, wide)
    for panel in panels[len(shots) :]:
        panel.set_visible(False)
    for panel, number in zip(panels, shots, strict=False):
        panel.axvline(0, color=INK.light, linewidth=1)
        for row in (row for row in rows if row["shots"] == number and row["cell"] != NONE):
            style = styles(_unique(rows, "cell"))[row["cell"]]
            place = cells.index(row["cell"])
            both = row["vs_none"] is not None and row["vs_shuffled"] is not None
            _whisker(panel, place - 0.14 * both, row["vs_none"], style)
            _whisker(panel, place + 0.14 * both, row["vs_shuffled"], style, hollow=True)
        _panel(panel, number, range(len(cells)), cells)
    figure.get_layout_engine().set(h_pad=0.08, w_pad=0.08)
    figure.supxlabel("difference in macro-F1, points", fontsize=10)
    _key(figure, rows)
    return figure


def slices(rows: Sequence[Row]) -> Figure:
    """Differences in macro-F1 to *none* on parts of the test texts with intervals, one panel for each number of shots.

    rows: the slices of one cell that have a difference.
    """
    shots = _unique(rows, "shots")
    places = {(row["slicing"], row["slice"]): 0.0 for row in rows}
    place, last = 0.0, ""
    for slicing, part in places:
        place += 1.6 if last and slicing != last else 1.0 if last else 0.0
        places[slicing, part], last = place, slicing
    wide = min(len(shots), 3)
    high = -(-len(shots) // wide)
    figure, panels = _figure(7.6, 0.6 + high * (0.6 + 0.27 * (place + 1)), high, wide)
    style = styles([rows[0]["cell"]])[rows[0]["cell"]]
    for panel in panels[len(shots) :]:
        panel.set_visible(False)
    for panel, number in zip(panels, shots, strict=False):
        panel.axvline(0, color=INK.light, linewidth=1)
        for row in (row for row in rows if row["shots"] == number):
            _whisker(panel, places[row["slicing"], row["slice"]], row["vs_none"], style)
        _panel(panel, number, [*places.values()], [f"{slicing}: {part}" for slicing, part in places])
    figure.get_layout_engine().set(h_pad=0.08, w_pad=0.08)
    figure.supxlabel(f"{rows[0]['cell']} against {NONE}, difference in macro-F1, points", fontsize=10)
    return figure


def has_controls(rows: Sequence[Row]) -> bool:
    """Whether there is any difference to draw."""
    return any(row["vs_none"] or row["vs_shuffled"] for row in rows)


def svg(draw: Drawing, rows: Sequence[Row], name: str) -> str:
    """The figure as an ``<svg>`` element for an HTML page, without ids of its own, links or metadata.

    name: unique in the page; it keeps the ids of shared shapes apart.
    """
    text = _render(draw, rows, "svg", {"svg.hashsalt": name}, {"transparent": True}).decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r' (xmlns(:xlink)?|version)="[^"]*"', "", text)
    text = re.sub(r'<g id="[^"]*"', "<g", text).replace("xlink:href", "href")
    # The page sizes the drawing; its viewBox keeps the proportions. The page's own words describe it.
    head, _, rest = text.partition(">")
    text = re.sub(r' (width|height)="[^"]*"', "", head) + ' aria-hidden="true" focusable="false">' + rest
    for style in THEME:
        text = text.replace(style.light, f"var(--{style.variable}, {style.light})")
    return re.sub(r"\n+", "\n", text).strip()


def png(draw: Drawing, rows: Sequence[Row]) -> bytes:
    """The figure as a PNG file with the light theme, 1,500 pixels wide."""
    return _render(draw, rows, "png", {}, {"dpi": 200, "facecolor": PAPER.light})


def _render(
    draw: Drawing, rows: Sequence[Row], kind: str, settings: Mapping[str, Any], options: Mapping[str, Any]
) -> bytes:
    import matplotlib as mpl

    metadata = {"Date": None} if kind == "svg" else {}
    with mpl.rc_context({**_SETTINGS, **settings}), io.BytesIO() as file:
        draw(rows).savefig(file, format=kind, metadata=metadata, **options)
        return file.getvalue()


def _figure(width: float, height: float, down: int = 1, across: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of ``width`` x ``height`` inches and its axes, row by row."""
    from matplotlib.figure import Figure as Canvas

    figure = Canvas(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).flat)


def _unique(rows: Sequence[Row], key: str) -> list[Any]:
    return list(dict.fromkeys(row[key] for row in rows))


def _places(shots: Sequence[Shots]) -> list[float]:
    """Where the shots stand on the axis: by their logarithm; ``all`` one step further."""
    places = [log2(number) for number in shots if isinstance(number, int)]
    if len(places) < len(shots):
        step = (places[-1] - places[0]) / (len(places) - 1) if len(places) > 1 else 1.0
        places.append(places[-1] + step)
    return places


def _panel(panel: Axes, shots: Shots, places: Sequence[float], names: Sequence[str]) -> None:
    """Title, rows and grid of a panel of whiskers; places: of the rows, ascending from 0."""
    panel.set_title(shots_title(shots), fontsize=10, fontweight="bold", loc="left")
    panel.set_yticks(places, names)
    panel.set_ylim(places[-1] + 0.5, -0.5)
    panel.grid(axis="x", color=GRID.light, linewidth=0.8)
    panel.tick_params(axis="y", length=0)
    panel.tick_params(axis="x", labelbottom=True)
    panel.spines["left"].set_visible(False)


def _marker(style: Style, *, hollow: bool = False) -> dict[str, Any]:
    face = PAPER.light if hollow else style.light
    edge = style.light if hollow else PAPER.light
    return {
        "color": style.light,
        "marker": style.marker,
        "markerfacecolor": face,
        "markeredgecolor": edge,
        "markeredgewidth": 1.6 if hollow else 0.8,
        "markersize": 7 * style.size,
    }


def _whisker(
    axes: Axes, place: float, interval: Mapping[str, float] | None, style: Style, *, hollow: bool = False
) -> None:
    if interval is None:
        return
    low, mean, high = (100 * interval[key] for key in ("low", "mean", "high"))
    axes.plot([low, high], [place, place], color=style.light, linewidth=1.8, solid_capstyle="round")
    axes.plot([mean], [place], linestyle="", **_marker(style, hollow=hollow))


def _score_dots(rows: Sequence[Row]) -> Figure:
    cells = _unique(rows, "cell")
    figure, [axes] = _figure(7.6, 1.0 + 0.42 * len(cells))
    for place, (row, style) in enumerate(zip(rows, styles(cells).values(), strict=True)):
        _whisker(axes, place, row["macro_f1"], style)
    axes.set_yticks(range(len(cells)), cells)
    axes.set_ylim(len(cells) - 0.5, -0.5)
    axes.set_xlabel("macro-F1, points", labelpad=8)
    axes.grid(axis="x", color=GRID.light, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return figure


def _name_lines(axes: Axes, place: float, ends: Mapping[str, float]) -> None:
    """Write each cell's name and last score beside the end of its line, moved apart where lines end close together."""
    low, high = axes.get_ylim()
    for cell, height in _apart(ends, (high - low) * 0.058).items():
        color = styles(list(ends))[cell].light
        axes.annotate(
            f"{cell} {ends[cell]:.1f}",
            (place, ends[cell]),
            (1.06, height),
            textcoords=axes.get_yaxis_transform(),
            color=color,
            verticalalignment="center",
            fontweight="bold",
            arrowprops={
                "arrowstyle": "-",
                "color": color,
                "linewidth": 0.8,
                "shrinkA": 2,
                "shrinkB": 5,
                "relpos": (0, 0.5),
            },
        )


def _apart(heights: Mapping[str, float], gap: float) -> dict[str, float]:
    """The heights, in their order, with at least ``gap`` between neighbours and their mean kept in each heap."""
    heaps: list[list[float]] = []
    order = sorted(heights, key=heights.__getitem__)
    for name in order:
        heaps.append([heights[name]])
        while len(heaps) > 1 and _bottom(heaps[-1], gap) < _bottom(heaps[-2], gap) + gap * len(heaps[-2]):
            top = heaps.pop()
            heaps[-1] += top
    places = [_bottom(heap, gap) + gap * step for heap in heaps for step in range(len(heap))]
    return dict(zip(order, places, strict=True))


def _bottom(heap: Sequence[float], gap: float) -> float:
    return sum(heap) / len(heap) - gap * (len(heap) - 1) / 2


def _key(figure: Figure, rows: Sequence[Row]) -> None:
    """Say what filled and hollow marks are, for the controls that are there."""
    from matplotlib.lines import Line2D

    kinds = {"vs_none": (f"against {NONE}", False), "vs_shuffled": (f"against {SHUFFLED}", True)}
    marks = [
        Line2D([], [], label=label, linewidth=1.8, **_marker(MUTED, hollow=hollow))
        for key, (label, hollow) in kinds.items()
        if any(row[key] for row in rows if row["cell"] != NONE)
    ]
    figure.legend(handles=marks, loc="outside upper left", ncols=2, frameon=False, borderpad=0, handlelength=1.6)
