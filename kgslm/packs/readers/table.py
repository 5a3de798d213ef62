"""CSV, TSV and other delimited tables of concepts or of relations."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import IO, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from kgslm.config import Config
from kgslm.errors import PackError
from kgslm.packs.collect import Origin
from kgslm.packs.files import SourceFile
from kgslm.packs.ids import NameIds, with_prefix
from kgslm.packs.items import FILTERED, Finding, Item, SourceConcept, SourceName, SourceRelation, place
from kgslm.packs.sources import SourceConfig

Column = str | Annotated[int, Field(ge=0)]
"""A column's name, or its number from 0 where the table has no header."""

_RELATION = ("subject", "predicate", "object", "source")
_KINDS = ("broad", "narrow", "related")
_TRUE = ("true", "1", "yes")


class Columns(Config):
    """Which column holds what: of a table of concepts or of a table of relations, not both.

    A cell of synonyms, broad, narrow, related, category, parents, tree, xrefs, alt_ids or replaced_by may hold a list;
    so may id, whose first item is then the id and the others alternative ids. Where name and synonyms are the same
    column, its first item is the name.
    broad, narrow, related: names that mean more, less or something beside the concept; related ones may be cue
    phrases. obsolete: true, 1 or yes. replaced_by: ids. source: where the table itself has a fact from.
    """

    id: Column | None = None
    name: Column | None = None
    synonyms: Column | None = None
    broad: Column | None = None
    narrow: Column | None = None
    related: Column | None = None
    definition: Column | None = None
    category: Column | None = None
    parents: Column | None = None
    tree: Column | None = None
    xrefs: Column | None = None
    alt_ids: Column | None = None
    obsolete: Column | None = None
    replaced_by: Column | None = None
    subject: Column | None = None
    predicate: Column | None = None
    object: Column | None = None
    source: Column | None = None

    def used(self) -> dict[str, str | int]:
        """Field to column, for the fields that have one."""
        return {field: column for field in Columns.model_fields if (column := getattr(self, field)) is not None}

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        used = self.used()
        if used.keys() & {"subject", "object"}:
            if not {"subject", "object"} <= used.keys() or not used.keys() <= set(_RELATION):
                raise ValueError("a table of relations has subject, predicate, object and perhaps source, nothing else")
        elif used and not used.keys() & {"id", "name"}:
            raise ValueError("map id or name for a table of concepts, subject and object for one of relations")
        return self


class Constants(Config):
    """What every row has in common."""

    predicate: str = ""
    category: str = ""


class CsvSource(SourceConfig):
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
    columns: Columns = Columns()
    constants: Constants = Constants()
    delimiter: str = ""
    quote: Annotated[str, Field(max_length=1)] | None = None
    list_separator: Annotated[str, Field(min_length=1)] = "|"
    id_prefix: str = ""
    header: bool = True
    comment: str = ""
    where: dict[str | int, str | list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        used = self.columns.used()
        if "subject" in used and "predicate" not in used and not self.constants.predicate:
            raise ValueError("columns: a table of relations needs a predicate column or constants: {predicate: ...}")
        if not self.header and not used:
            raise ValueError("columns: needed, as a table without header does not name its columns")
        names = [column for column in (*used.values(), *self.where) if isinstance(column, str)]
        if not self.header and names:
            raise ValueError(f"columns: without header give column numbers from 0, not {names[0]!r}")
        return self

    def origin(self, key: str) -> Origin:
        """Relation ends may be names, or ids without their prefix."""
        return Origin(key, True, self.id_prefix, self.on_missing)

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the rows as concepts or relations. Raises PackError for missing columns and broken quoting."""
        ids = NameIds(self.id_prefix)
        for file in files:
            with file.text() as text:
                yield from _Table(self, file.name, text).items(ids)

    def split(self, cell: str) -> tuple[str, ...]:
        """The items of a list cell, without empty ones."""
        if not cell:
            return ()
        parts = _split_escaped(cell, self.list_separator) if "\\" in cell else cell.split(self.list_separator)
        return tuple([item for part in parts if (item := part.strip())])


class _Table:
    """One file being read."""

    def __init__(self, source: CsvSource, file: str, text: IO[str]) -> None:
        self._source = source
        self._file = file
        self._rows = _rows(source, file, text)
        first = next(self._rows, None)
        self._line, cells = first or (1, [])
        self._cells = len(cells) if first else None
        self._width = 0
        names: dict[str | int, int] = {}
        if source.header:
            self._width = len(cells)
            names = {name.strip(): number for number, name in reversed(list(enumerate(cells)))}
        elif first:
            self._rows = chain([first], self._rows)
        self._index = self._columns(names)
        self._where = [
            (self._position(column, names), set([values] if isinstance(values, str) else values))
            for column, values in source.where.items()
        ]

    def items(self, ids: NameIds) -> Iterator[Item]:
        relations = "subject" in self._index
        unit = "relation" if relations else "concept"
        for line, row in self._rows:
            if self._width and len(row) > self._width:
                message = f"{len(row)} cells in a table of {self._width} columns; check delimiter and quote"
                yield Finding("too many cells", message, unit, self._file, line)
            elif any(_cell(row, position) not in values for position, values in self._where):
                yield Finding(FILTERED, "left out by where", unit, self._file, line)
            elif relations:
                yield self._relation(row, line)
            else:
                yield self._concept(row, line, ids)

    def _columns(self, names: dict[str | int, int]) -> dict[str, int]:
        used = self._source.columns.used()
        if not used:
            used = {str(name).lower(): name for name in names if str(name).lower() in Columns.model_fields}
            if not {"name", "id"} & used.keys() and not {"subject", "object"} <= used.keys():
                raise PackError(
                    f"{self._file}:1: say which column is what, such as columns: {{id: code, name: label}}; "
                    f"the table has {_listed(names)}"
                )
        return {field: self._position(column, names) for field, column in used.items()}

    def _position(self, column: str | int, names: dict[str | int, int]) -> int:
        if isinstance(column, int):
            if self._cells is not None and column >= self._cells:
                where = f"{self._file}:{self._line}"
                raise PackError(f"{where}: column {column} is not there; the rows have {self._cells} columns")
            return column
        if column not in names:
            raise PackError(f"{self._file}:1: the column {column!r} is not there; it has {_listed(names)}")
        return names[column]

    def _get(self, row: list[str], field: str) -> str:
        position = self._index.get(field)
        return "" if position is None else _cell(row, position)

    def _relation(self, row: list[str], line: int) -> Item:
        predicate = self._get(row, "predicate") or self._source.constants.predicate
        subject, object_ = self._get(row, "subject"), self._get(row, "object")
        return SourceRelation(subject, predicate, object_, self._get(row, "source"), self._file, line)

    def _concept(self, row: list[str], line: int, ids: NameIds) -> Item:
        source = self._source
        name, synonyms = self._get(row, "name"), source.split(self._get(row, "synonyms"))
        if synonyms and self._index.get("name") == self._index["synonyms"]:
            name, *rest = synonyms
            synonyms = tuple(rest)
        given = source.split(self._get(row, "id"))
        if not given and not name:
            return Finding("no id", "the row has neither id nor name", "concept", self._file, line)
        id_, *others = [with_prefix(id_, source.id_prefix) for id_ in given] or [ids(name)]
        category = source.constants.category
        return SourceConcept(
            id_,
            name,
            tuple([SourceName(synonym) for synonym in synonyms]) + self._other_names(row),
            self._get(row, "definition"),
            (*source.split(self._get(row, "category")), *([category] if category else ())),
            source.split(self._get(row, "parents")),
            source.split(self._get(row, "tree")),
            source.split(self._get(row, "xrefs")),
            (*others, *self._ids(row, "alt_ids")),
            self._get(row, "obsolete").lower() in _TRUE,
            self._ids(row, "replaced_by"),
            file=self._file,
            line=line,
        )

    def _other_names(self, row: list[str]) -> tuple[SourceName, ...]:
        lists = ((kind, self._source.split(self._get(row, kind))) for kind in _KINDS if kind in self._index)
        return tuple([SourceName(text, kind) for kind, texts in lists for text in texts])

    def _ids(self, row: list[str], field: str) -> tuple[str, ...]:
        if field not in self._index:
            return ()
        return tuple([with_prefix(id_, self._source.id_prefix) for id_ in self._source.split(self._get(row, field))])


def _listed(names: dict[str | int, int]) -> str:
    """The columns' names in the order of the table."""
    return ", ".join(map(str, sorted(names, key=lambda name: names[name]))) or "no columns"


def _split_escaped(cell: str, separator: str) -> list[str]:
    """Split where no backslash stands before the separator; two backslashes before it are one, and split."""
    parts, item = [], ""
    pieces = cell.split(separator)
    for piece in pieces[:-1]:
        bare = piece.rstrip("\\")
        count = len(piece) - len(bare)
        item += bare + "\\" * (count // 2)
        if count % 2:
            item += separator
        else:
            parts.append(item)
            item = ""
    return [*parts, item + pieces[-1]]


def _cell(row: list[str], position: int) -> str:
    """A cell without spaces around it; empty where the row is short."""
    return row[position].strip() if position < len(row) else ""


def _rows(source: CsvSource, file: str, text: IO[str]) -> Iterator[tuple[int, list[str]]]:
    """``(line number, cells)`` of each row that is neither empty nor a comment."""
    numbered = _Lines(text, source.comment)
    first = next(numbered, "")
    delimiter = source.delimiter or _guess(first)
    numbered.push_back(first)
    if len(delimiter) > 1:
        for line in numbered:
            if line.strip():
                yield numbered.number, line.rstrip("\n").split(delimiter)
        return
    quote = ('"' if delimiter in ",;" else "") if source.quote is None else source.quote
    reader = csv.reader(
        numbered,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )
    try:
        for row in reader:
            if row:
                yield numbered.number, row
    except csv.Error as error:
        raise PackError(
            f'{place(file, numbered.number)}: not a valid row ({error}); set quote: "" where quotes are text'
        ) from error


class _Lines(Iterator[str]):
    """Lines without comments and without empty lines at the start. number: of the last line given."""

    def __init__(self, text: IO[str], comment: str) -> None:
        self._next: Callable[[], str] = text.__next__
        self._comment = comment
        self._pushed: str | None = None
        self._started = False
        self.number = 0

    def __next__(self) -> str:
        if self._pushed is not None:
            line, self._pushed = self._pushed, None
            return line
        while True:
            line = self._next()
            self.number += 1
            if self._comment and line.startswith(self._comment):
                continue
            if self._started or line.strip():
                self._started = True
                return line

    def push_back(self, line: str) -> None:
        self._pushed = line or None


def _guess(line: str) -> str:
    """Tab, comma or semicolon by the first line: a tab is one for sure, else what is more frequent."""
    if "\t" in line:
        return "\t"
    bare = re.sub(r'"[^"]*"', "", line)
    return ";" if bare.count(";") > bare.count(",") else ","
