"""Tables as the formats give them to the mapping: some rows at a time, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from kgslm.errors import PackError
from kgslm.packs.items import Finding, place
from kgslm.packs.readers.columns import Columns, TableSource

BATCH = 128
"""Rows at a time; many more leave the processor's cache and wake the garbage collector."""

Cell: TypeAlias = str | tuple[str, ...]
"""A text, or the items of a list where the format has lists."""


class Batch(NamedTuple):
    """Some rows. lines: the number of each row. columns: position to cells, at least for the positions asked for."""

    lines: Sequence[int]
    columns: Mapping[int, Sequence[Cell]]


class Sheet(Protocol):
    """A table as a format gives it.

    file: as messages show it. names: the header; None where the table has none. width: the number of columns; None
    where the table has no row. line: that of the header, or of the first row; 0 where names are kept apart.
    lists: whether cells may be lists.
    """

    file: str
    names: list[str] | None
    width: int | None
    line: int
    lists: bool

    def batches(self, needed: Sequence[int]) -> Iterator[Batch | Finding]:
        """The rows behind the header in order. needed: the positions of the columns that matter."""
        ...


def positions(source: TableSource, sheet: Sheet) -> dict[str, tuple[int, ...]]:
    """Field to positions. Raises PackError where the table has no such column, or nothing says which is what."""
    used = source.columns.used()
    if not used:
        names = sheet.names or ()
        used = {name.lower(): (name,) for name in reversed(names) if name.lower() in Columns.model_fields}
        if not {"name", "id"} & used.keys() and not {"subject", "object"} <= used.keys():
            raise PackError(
                f"{place(sheet.file, sheet.line)}: say which column is what, such as "
                f"columns: {{id: code, name: label}}; the table has {_listed(names)}"
            )
    return {field: tuple([position_of(sheet, column) for column in columns]) for field, columns in used.items()}


def position_of(sheet: Sheet, column: str | int) -> int:
    """The position of a column. Raises PackError where it is not there."""
    where = place(sheet.file, sheet.line)
    if isinstance(column, int):
        if sheet.width is not None and column >= sheet.width:
            raise PackError(f"{where}: column {column} is not there; the rows have {sheet.width} columns")
        return column
    names = sheet.names or ()
    if column not in names:
        raise PackError(f"{where}: the column {column!r} is not there; it has {_listed(names)}")
    return names.index(column)


def _listed(names: Sequence[str]) -> str:
    """The columns' names in the order of the table."""
    return ", ".join(names) or "no columns"
