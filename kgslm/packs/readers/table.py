"""CSV, TSV and other delimited tables, Parquet and Excel: of concepts or of relations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from kgslm.packs.files import SourceFile
from kgslm.packs.ids import NameIds
from kgslm.packs.items import Item
from kgslm.packs.readers.columns import Columns, Constants, TableSource
from kgslm.packs.readers.delimited import DelimitedSheet, Dialect
from kgslm.packs.readers.mapping import items

__all__ = ["Columns", "Constants", "CsvSource"]


class CsvSource(TableSource):
    """A table. Without ``columns``, columns named as the fields of ``Columns`` are used.

    delimiter: one or more characters; found out by default. quote: the quotation mark, ``""`` for none; by default
    double quotes with a comma or semicolon, none otherwise. comment: lines that start with it are skipped.
    list_separator: between the items of a cell; a backslash before it makes it part of the item: ``a\\|b``.
    where: column to the value, or values, that a row must have; other rows are counted as filtered.
    id_prefix: put before ids without prefix. Concepts without id get one made from the name.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab", ".txt", ".psv")
    example: ClassVar[tuple[str, str]] = (
        "findings.csv",
        "id,name,synonyms,definition\nT:1,Fever,Pyrexia,High body temperature.\nT:2,Cough,,\n",
    )

    kind: Literal["csv"] = "csv"
    delimiter: str = ""
    quote: Annotated[str, Field(max_length=1)] | None = None
    header: bool = True
    comment: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        used = self.columns.used()
        if not self.header and not used:
            raise ValueError("columns: needed, as a table without header does not name its columns")
        names = [column for column in (*used.values(), *self.where) if isinstance(column, str)]
        if not self.header and names:
            raise ValueError(f"columns: without header give column numbers from 0, not {names[0]!r}")
        return self

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the rows as concepts or relations. Raises PackError for missing columns and broken quoting."""
        ids = NameIds(self.id_prefix)
        dialect = Dialect(self.delimiter, self.quote, self.comment)
        for file in files:
            with file.text() as text:
                yield from items(self, DelimitedSheet(dialect, file.name, text, self.header), ids)
