"""How commands print for people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_WIDTH = 200
_GAP = 2
_NUMBERS = {"count", "concepts", "names", "relations", "read", "kept", "merged", "filtered", "skipped"}
_NUMBERS |= {"parameters", "context"}


def console_for(json: str | None) -> Console:
    """Standard output for people, standard error where standard output carries the figures.

    It prints texts as they are: names with ``[brackets]`` are no markup and ``a:x:b`` holds no emoji.
    """
    from rich.console import Console

    plain = partial(Console, stderr=json == "-", markup=False, emoji=False, highlight=False)
    console = plain()
    # Piped output has no width of its own; a wide one keeps a row on a line.
    return console if console.is_terminal else plain(width=_PIPE_WIDTH)


def print_table(
    console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], spare: Sequence[str] = ()
) -> None:
    """Print rows under their heads; nothing where there are none. What does not fit goes on in the next line.

    spare: columns that a narrow terminal goes without, the first of them first.
    """
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    cells = [[str(cell) for cell in row] for row in rows]
    kept = _fitting(console.width, heads, cells, spare)
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for index in kept:
        table.add_column(heads[index], justify="right" if heads[index] in _NUMBERS else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(row[index]) for index in kept))
    console.print(table)


def _fitting(width: int, heads: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str]) -> list[int]:
    """The columns to print."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) + _GAP for column in zip(heads, *rows, strict=True)]
    kept = list(range(len(heads)))
    for head in spare:
        if sum(widths[index] for index in kept) - _GAP <= width:
            break
        kept.remove(heads.index(head))
    return kept
