"""CSV, TSV and other delimited tables, JSON Lines, Parquet and Excel: of concepts or of relations."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import IO, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.ids import NameIds
from kgslm.packs.items import Item
from kgslm.packs.readers import excel, parquet
from kgslm.packs.readers.columns import Columns, Constants, TableSource
from kgslm.packs.readers.delimited import Dialect, delimited_rows
from kgslm.packs.readers.mapping import items
from kgslm.packs.readers.records import RecordSheet
from kgslm.packs.readers.rows import RowSheet

__all__ = ["Columns", "Constants", "CsvSource"]

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_LARGEST = 1 << 30
_BLOCK = 1 << 20


class CsvSource(TableSource):
    """A table. Without ``columns``, columns named as the fields of ``Columns`` are used.

    delimiter: one or more characters; found out by default. quote: the quotation mark, ``""`` for none; by default
    double quotes with a comma or semicolon, none otherwise. comment: lines that start with it are skipped.
    list_separator: between the items of a cell; a backslash before it makes it part of the item: ``a\\|b``.
    where: column to the value, or values, that a row must have; other rows are counted as filtered.
    id_prefix: put before ids without prefix. Concepts without id get one made from the name.

    Parquet files (list columns are lists) and Excel workbooks are told from text by their first bytes; sheet: name of
    a workbook's sheet, or its number from 0. Lines in messages are row numbers there. JSON Lines, told by ``.jsonl``
    and ``.ndjson``, have keys for columns; lists are lists, and of an object the keys are taken.
    """

    suffixes: ClassVar[tuple[str, ...]] = (
        ".csv",
        ".tsv",
        ".tab",
        ".txt",
        ".psv",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".xlsx",
        ".xlsm",
    )
    example: ClassVar[tuple[str, str]] = (
        "findings.csv",
        "id,name,synonyms,definition\nT:1,Fever,Pyrexia,High body temperature.\nT:2,Cough,,\n",
    )

    kind: Literal["csv"] = "csv"
    delimiter: str = ""
    quote: Annotated[str, Field(max_length=1)] | None = None
    header: bool = True
    comment: str = ""
    sheet: str | Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        used = self.columns.used()
        if not self.header and not used:
            raise ValueError("columns: needed, as a table without header does not name its columns")
        names = [column for column in (*chain.from_iterable(used.values()), *self.where) if isinstance(column, str)]
        if not self.header and names:
            raise ValueError(f"columns: without header give column numbers from 0, not {names[0]!r}")
        return self

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the rows as concepts or relations. Raises PackError for missing columns and broken files."""
        ids = NameIds(self.id_prefix)
        for file in files:
            with file.binary() as raw:
                magic = raw.read(4)
            if magic == parquet.MAGIC:
                with as_file(file) as raw:
                    yield from items(self, parquet.ParquetSheet(file.name, raw), ids)
            elif magic == excel.MAGIC:
                with as_file(file) as raw:
                    rows = excel.excel_rows(file.name, raw, self.sheet)
                    yield from items(self, RowSheet(file.name, rows, self.header), ids)
            elif magic == _OLD_EXCEL:
                raise PackError(f"{file.name}: an Excel file of the old kind, or with a password; save it as .xlsx")
            elif file.suffix in (".jsonl", ".ndjson"):
                with file.text() as text:
                    yield from items(self, RecordSheet(file.name, text), ids)
            else:
                dialect = Dialect(self.delimiter, self.quote, self.comment)
                with file.text() as text:
                    rows = delimited_rows(dialect, file.name, text)
                    yield from items(self, RowSheet(file.name, rows, self.header), ids)


@contextmanager
def as_file(file: SourceFile) -> Iterator[IO[bytes]]:
    """The content as a file in which one can go back without unpacking it again."""
    with file.binary() as raw:
        if isinstance(raw, io.BufferedReader):
            yield raw
            return
        with tempfile.TemporaryFile() as copy:
            for block in iter(partial(raw.read, _BLOCK), b""):
                copy.write(block)
                if copy.tell() > _LARGEST:
                    raise PackError(f"{file.name}: unpacks to more than {_LARGEST:,} bytes; unpack it first")
            copy.seek(0)
            yield copy
