"""pandas frames, read as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from kgslm.config import parse_config
from kgslm.errors import PackError
from kgslm.packs.ids import NameIds
from kgslm.packs.items import Finding, Item, place
from kgslm.packs.readers.cells import cell_of
from kgslm.packs.readers.columns import Columns, Constants, TableSource
from kgslm.packs.readers.mapping import items
from kgslm.packs.readers.memory import MemorySource
from kgslm.packs.readers.sheet import BATCH, Batch, Cell

_SLICE = 64 * BATCH  # to take a slice of a frame costs as much as to read a hundred cells


class FrameSource(MemorySource, TableSource):
    """A pandas frame, with the same options as a CSV table; numbers of columns are their places in the frame.

    What is missing (None, NaN, NaT) is empty, lists are lists, whole floats are written as whole numbers. The index
    is not read; ``frame.reset_index()`` makes a column of it. Lines in messages are row numbers from 1.
    """

    kind: Literal["frame"] = "frame"
    frame: Any = Field(repr=False, exclude=True)

    @field_validator("frame")
    @classmethod
    def _is_frame(cls, frame: Any) -> Any:
        if not hasattr(frame, "iloc") or not hasattr(frame, "columns"):
            raise ValueError(f"a pandas DataFrame was expected, not a {type(frame).__name__}")
        return frame

    def items(self) -> Iterator[Item]:
        """The rows as concepts or relations. Raises PackError for missing columns and values that are no texts."""
        yield from items(self, _FrameSheet(self.frame, self.title), NameIds(self.id_prefix))


def from_frame(
    frame: Any,
    columns: Columns | Mapping[str, str | int] | None = None,
    *,
    constants: Constants | Mapping[str, str] | None = None,
    where: Mapping[str | int, str | list[str]] = {},
    list_separator: str = "|",
    id_prefix: str = "",
) -> Iterator[Item]:
    """The items of a pandas frame, for ``PackBuilder.add``; see ``FrameSource`` and ``Columns`` for the options.

    Raises ConfigError for options that do not fit together, PackError for what ``FrameSource.items`` says.
    """
    options = {"list_separator": list_separator, "id_prefix": id_prefix, "where": where}
    data = {"frame": frame, "columns": columns or {}, "constants": constants or {}, **options}
    return parse_config(data, FrameSource, where="from_frame", base=Path()).items()


class _FrameSheet:
    """A frame; see ``Sheet``."""

    lists = True
    line = 0

    def __init__(self, frame: Any, file: str) -> None:
        self.file = file
        self._frame = frame
        self.names: list[str] | None = [str(name) for name in frame.columns]
        self.width: int | None = len(self.names)

    def batches(self, needed: Sequence[int]) -> Iterator[Batch | Finding]:
        """The rows in order."""
        for start in range(0, len(self._frame), _SLICE):
            columns = {at: self._cells(start, at) for at in needed}
            rows = len(next(iter(columns.values())))
            for row in range(0, rows, BATCH):
                end = min(row + BATCH, rows)
                lines = range(start + row + 1, start + end + 1)
                yield Batch(lines, {at: cells[row:end] for at, cells in columns.items()})

    def _cells(self, start: int, position: int) -> list[Cell]:
        series = self._frame.iloc[start : start + _SLICE, position]
        cells: list[Cell] = []
        for value, missing in zip(series.tolist(), series.isna().tolist(), strict=True):
            try:
                cells.append("" if missing else cell_of(value))
            except ValueError as error:
                where = place(self.file, start + len(cells) + 1)
                raise PackError(f"{where}: {self._frame.columns[position]} holds {error}") from error
        return cells
