"""Names of cells: which arms, and which control they are measured against.

``none``; ``all``; arms joined by ``+``; ``shuffled(CELL)``, the same with the pack's concepts permuted, where
``shuffled`` alone stands for ``shuffled(all)``; ``random-vectors(CELL)``, the same with random vectors of equal norm in
the place of the concepts' own, where ``random-vectors`` alone stands for ``random-vectors(embeddings)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kgslm.errors import unknown

NONE = "none"
"""The control without knowledge."""
SHUFFLED = "shuffled"
"""The control with the same knowledge, its concepts permuted."""
RANDOM_VECTORS = "random-vectors"
"""The control with random vectors in the place of the concepts' own."""
ALL = "all"
"""As a cell: every configured arm together. As shots: the whole training file."""
ARMS = ("context", "embeddings", "evidence")

CONTROLS = (NONE, SHUFFLED, RANDOM_VECTORS)
_SHORT = {SHUFFLED: ALL, RANDOM_VECTORS: "embeddings"}
"""What a control without a cell in brackets is a control of."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A way to train. name: the shortest one. arms: ``all``, ``none`` or arms joined by ``+``. control: ``shuffled``,
    ``random-vectors`` or empty."""

    name: str
    arms: str
    control: str = ""


def read_cell(name: str) -> Cell:
    """A cell from any of its names. Raises ValueError, in words, for one that there is not."""
    kind, bracket, rest = name.partition("(")
    if kind in _SHORT and (not bracket or rest.endswith(")")):
        arms = rest[:-1] if bracket else _SHORT[kind]
        _check(arms, (*ARMS, ALL), name)
        if kind == RANDOM_VECTORS and not {ALL, "embeddings"} & set(arms.split("+")):
            raise ValueError(f"cell {name!r}: {arms} has no vectors; name a cell with the embeddings arm")
        return Cell(kind if arms == _SHORT[kind] else f"{kind}({arms})", arms, kind)
    _check(name, (*ARMS, ALL, *CONTROLS), name)
    return Cell(name, name)


def control_of(cell: str, kind: str, cells: Sequence[str]) -> str | None:
    """The control of a kind that a cell is measured against, among those there are: its own, else that of all arms.

    kind: one of CONTROLS. None for controls, other than against ``none`` and but for ``none`` itself, and where there
    is no such control.
    """
    if kind == NONE:
        return NONE if cell != NONE and NONE in cells else None
    own = kind if cell == _SHORT[kind] else f"{kind}({cell})"
    if own in cells:
        return own
    fits = kind == SHUFFLED and (cell == NONE or not is_control(cell))
    return SHUFFLED if fits and SHUFFLED in cells else None


def is_control(cell: str) -> bool:
    """Whether a cell is a control of others."""
    return cell == NONE or cell.partition("(")[0] in _SHORT


def _check(arms: str, known: Sequence[str], cell: str) -> None:
    parts = arms.split("+")
    for part in parts:
        allowed = known if len(parts) == 1 else ARMS
        if part not in allowed:
            words = unknown("cell", part, allowed)
            raise ValueError(words if arms == cell else f"cell {cell!r}: {words}")
