"""A table that comes row by row, gathered into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from kgslm.packs.items import Finding
from kgslm.packs.readers.sheet import BATCH, Batch

Row: TypeAlias = tuple[int, list[str]]
"""``(line, cells)``; cells may have spaces around them."""


class RowSheet:
    """See ``Sheet``. A table without rows has no width."""

    lists = False

    def __init__(self, file: str, rows: Iterator[Row | Finding], header: bool) -> None:
        self.file = file
        before: list[Row | Finding] = []
        first: Row = (1, [])
        found = False
        for row in rows:
            if not isinstance(row, Finding):
                first, found = row, True
                break
            before.append(row)
        self.line = first[0]
        self.width = len(first[1]) if found else None
        self.names = [name.strip() for name in first[1]] if header else None
        again: list[Row | Finding] = [first] if found and not header else []
        self._rows: Iterable[Row | Finding] = chain(before, again, rows)

    def batches(self, needed: Sequence[int]) -> Iterator[Batch | Finding]:
        """The rows, short ones filled; a finding for each that is longer than the header."""
        width = (self.width or 0) if self.names is not None else max(needed) + 1
        lines: list[int] = []
        rows: list[list[str]] = []
        for item in self._rows:
            if isinstance(item, Finding) or (len(item[1]) > width and self.names is not None):
                if rows:
                    yield _batch(lines, rows)
                    lines, rows = [], []
                yield item if isinstance(item, Finding) else self._too_many(item, width)
                continue
            line, row = item
            lines.append(line)
            rows.append(row if len(row) == width else [*row[:width], *[""] * (width - len(row))])
            if len(rows) == BATCH:
                yield _batch(lines, rows)
                lines, rows = [], []
        if rows:
            yield _batch(lines, rows)

    def _too_many(self, row: Row, width: int) -> Finding:
        message = f"{len(row[1])} cells in a table of {width} columns; check delimiter and quote"
        return Finding("too many cells", message, file=self.file, line=row[0])


def _batch(lines: list[int], rows: list[list[str]]) -> Batch:
    return Batch(lines, dict(enumerate(zip(*rows, strict=True))))
