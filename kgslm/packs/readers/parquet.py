"""Rows of Parquet files, a few hundred at a time, of the columns that matter only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from kgslm.errors import PackError
from kgslm.packs.items import Finding, place
from kgslm.packs.readers.cells import cell_of
from kgslm.packs.readers.sheet import BATCH, Batch, Cell

MAGIC = b"PAR1"

_ROWS = 1024
_BYTES = 1 << 28  # of the rows that are unpacked at a time
_CHUNK = 1 << 30  # of one column in one row group


class ParquetSheet:
    """One file; see ``Sheet``. Lines are the numbers of the rows from 1."""

    lists = True
    line = 0

    def __init__(self, file: str, raw: IO[bytes]) -> None:
        import pyarrow.parquet

        self.file = file
        self._raw = raw
        with self._readable():
            self._parquet = pyarrow.parquet.ParquetFile(raw)
            self._schema = self._parquet.schema_arrow
            self._metadata = self._parquet.metadata
            self.names: list[str] | None = list(self._schema.names)
        self.width: int | None = len(self._schema.names)

    def batches(self, needed: Sequence[int]) -> Iterator[Batch | Finding]:
        """The rows in order. Raises PackError for broken files and for values that are no texts."""
        self._check_types(needed)
        line = 1
        for group in range(self._metadata.num_row_groups):
            for batch in self._records(group, needed):
                for start in range(0, batch.num_rows, BATCH):
                    part = batch.slice(start, BATCH)
                    lines = range(line, line + part.num_rows)
                    line += part.num_rows
                    with self._readable():
                        values = {at: part.column(self._name(at)).to_pylist() for at in needed}
                    columns = {
                        at: self._cells(values[at], part.column(self._name(at)).type, lines, at) for at in needed
                    }
                    yield Batch(lines, columns)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        import pyarrow

        try:
            yield
        except (pyarrow.ArrowException, OSError, EOFError, ValueError, OverflowError, MemoryError) as error:
            reason = " ".join(str(error).split())[:200]
            raise PackError(f"{self.file}: not a readable Parquet file ({reason}); write or fetch it again") from error

    def _name(self, position: int) -> str:
        return str(self._schema.names[position])

    def _check_types(self, needed: Sequence[int]) -> None:
        from pyarrow import types

        for position in needed:
            if self._schema.names.count(self._name(position)) > 1:
                raise PackError(f"{self.file}: two columns are called {self._name(position)!r}; rename one")
            type_ = self._schema.field(position).type
            if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
                type_ = type_.value_type
            if types.is_nested(type_):
                where = f"{self.file}: the column {self._name(position)!r}"
                raise PackError(f"{where} holds {type_}; texts or lists of texts are needed")

    def _records(self, group: int, needed: Sequence[int]) -> Iterator[Any]:
        """The record batches of a row group."""
        names = [self._name(position) for position in needed]
        with self._readable():
            rows = self._rows_at_a_time(group, names)
            batches = self._parquet.iter_batches(rows, row_groups=[group], columns=names, use_threads=False)
        while True:
            with self._readable():
                batch = next(batches, None)
            if batch is None:
                return
            if batch.nbytes > _BYTES:
                raise PackError(
                    f"{self.file}: {batch.num_rows} rows hold {batch.nbytes:,} bytes; is it a table of texts?"
                )
            yield batch

    def _rows_at_a_time(self, group: int, names: Sequence[str]) -> int:
        """So many that no batch takes more than ``_BYTES``, also where a file of few bytes repeats one long value."""
        columns, schema = self._metadata.row_group(group), self._metadata.schema
        if columns.total_byte_size <= _CHUNK:
            # Column metadata that contradict themselves end the process where pyarrow is asked for them alone; a
            # reader raises an error. Larger groups are not read for this.
            next(self._parquet.iter_batches(1, row_groups=[group], columns=names, use_threads=False), None)
        rows = _ROWS
        for number in range(columns.num_columns):
            if not any(f"{schema.column(number).path}.".startswith(f"{name}.") for name in names):
                continue
            column = columns.column(number)
            if column.total_uncompressed_size > _CHUNK:
                raise PackError(
                    f"{self.file}: a row group has {column.total_uncompressed_size:,} bytes in the column "
                    f"{column.path_in_schema!r}; write the file with smaller row groups"
                )
            longest = self._dictionary_bytes(column) or column.total_uncompressed_size // max(column.num_values, 1)
            repeated = max(column.num_values // max(columns.num_rows, 1), 1)
            rows = min(rows, _BYTES // max(longest * repeated, 1))
        return max(rows, 1)

    def _dictionary_bytes(self, column: Any) -> int:
        """The unpacked size of a column's dictionary page, as its head says in Thrift's compact form; 0 without."""
        if not column.has_dictionary_page:
            return 0
        self._raw.seek(column.dictionary_page_offset)
        head = self._raw.read(16)
        self._raw.seek(0)
        # Field 1 (type, one byte as a varint), then field 2: the size as a zigzag varint of at most five bytes.
        if head[:1] != b"\x15" or head[2:3] != b"\x15":
            return 0
        value = 0
        for shift, byte in enumerate(head[3:8]):
            value |= (byte & 0x7F) << (7 * shift)
            if byte < 0x80:
                break
        return value >> 1

    def _cells(self, values: list[Any], type_: Any, lines: range, position: int) -> list[Cell]:
        from pyarrow import types

        if types.is_string(type_) or types.is_large_string(type_):
            return [value or "" for value in values]
        return [self._cell(value, line, position) for value, line in zip(values, lines, strict=True)]

    def _cell(self, value: Any, line: int, position: int) -> Cell:
        try:
            return cell_of(value)
        except ValueError as error:
            raise PackError(f"{place(self.file, line)}: {self._name(position)} holds {error}") from error
