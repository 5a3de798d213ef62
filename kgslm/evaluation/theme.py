"""Colours, markers and lines of the report and its figures, in a light and a dark theme.

Cells are told apart by colour in all common kinds of colour blindness and, without any colour, by marker and line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgslm.evaluation.cells import ALL, NONE, RANDOM_VECTORS, SHUFFLED


@dataclass(frozen=True, slots=True)
class Style:
    """One colour of the theme. variable: its CSS variable. light, dark: its values on a light and a dark page.

    marker, line: matplotlib's names, for the style of a cell. size: the marker's, 1 for the usual one.
    """

    variable: str
    light: str
    dark: str
    marker: str = "o"
    line: str = "-"
    size: float = 1.0


PAPER = Style("paper", "#ffffff", "#171b21")
INK = Style("ink", "#1c2430", "#e8ebef")
MUTED = Style("muted", "#55606e", "#a9b2bd")
GRID = Style("grid", "#dde2e8", "#39424d")
PANEL = Style("panel", "#f5f7f9", "#1f252d")
ACCENT = Style("accent", "#0b5cad", "#7cbcf5")
_CELLS = {
    NONE: Style("cell-none", "#5c6672", "#aab3be", "o"),
    SHUFFLED: Style("cell-shuffled", "#7a8491", "#8b95a2", "X", "--", 1.2),
    RANDOM_VECTORS: Style("cell-random-vectors", "#6f6250", "#b8a98f", "P", ":", 1.1),
    "context": Style("cell-context", "#0072b2", "#5cb3e6", "s"),
    "embeddings": Style("cell-embeddings", "#00805f", "#34c79c", "^", size=1.2),
    "evidence": Style("cell-evidence", "#c24e00", "#f0954f", "D"),
    ALL: Style("cell-all", "#8d3c8f", "#d793d9", "*", size=1.7),
}
_OTHERS = (
    Style("cell-other-1", "#846500", "#d9b53b", "v"),
    Style("cell-other-2", "#a3173f", "#f2798f", "<"),
    Style("cell-other-3", "#3f51b5", "#9aa5f0", ">"),
    Style("cell-other-4", "#4d6b00", "#a4c639", "h"),
)
HUES = (_CELLS["context"], _CELLS["evidence"], _CELLS["embeddings"], _CELLS[ALL], *_OTHERS)
"""Colours for groups of any kind, told apart side by side in this order."""
THEME = (PAPER, INK, MUTED, GRID, PANEL, ACCENT, *_CELLS.values(), *_OTHERS)


def styles(cells: Sequence[str]) -> dict[str, Style]:
    """The style of each cell; cells of the user's own take the spare ones in turn."""
    own = [cell for cell in cells if cell not in _CELLS]
    return {cell: _CELLS.get(cell) or _OTHERS[own.index(cell) % len(_OTHERS)] for cell in cells}
