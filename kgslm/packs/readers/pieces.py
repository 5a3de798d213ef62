"""Lines of large files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from kgslm.errors import PackError
from kgslm.packs.items import place

_PIECE = 1 << 17
_LONGEST_LINE = 1 << 24


def lines_of(text: IO[str], file: str) -> Iterator[str]:
    """The lines without their ends. Splitting large pieces takes half the time of asking for line after line.

    Raises PackError for a line of more than 16 million characters, which no text file of a source has.
    """
    number, rest = 1, ""
    while piece := text.read(_PIECE):
        lines = (rest + piece).split("\n")
        rest = lines.pop()
        number += len(lines)
        if len(rest) > _LONGEST_LINE:
            raise PackError(f"{place(file, number)}: a line of more than {_LONGEST_LINE:,} characters; check the file")
        yield from lines
    if rest:
        yield rest
