"""Delimited files as a stream of records, the same shape as JSONL."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import open_text
from kgslm.errors import DataError

LONGEST = 1 << 24
"""Characters of a cell; a longer one is no text but what follows an open quotation mark."""

_LIST, _SEPARATOR = "labels", "|"


def read_csv(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream ``("file:line", record)`` pairs of a CSV or TSV file with a header line.

    The delimiter is a tab where the name says ``.tsv`` or the header has one, else the semicolon or the comma,
    whichever the header has more of outside quotes. A column ``labels`` becomes
    a list, ``x|y`` two labels and an empty cell none; every other value is a string.
    """
    with open_text(path) as file:
        header = file.readline()
        if not header.strip():
            raise DataError(f"{path}:1: a header line was expected")
        delimiter = _delimiter(path, header)
        columns = next(csv.reader([header], delimiter=delimiter))
        repeated = [name for name, count in Counter(columns).items() if count > 1]
        if repeated:
            raise DataError(f"{path}:1: the column {repeated[0]!r} is there twice; give each its own name")
        reader = csv_reader(file, delimiter=delimiter)
        try:
            for row in reader:
                where = f"{path}:{reader.line_num + 1}"
                if not row:
                    continue
                if len(row) != len(columns):
                    raise DataError(f"{where}: {len(row)} fields where the header has {len(columns)}")
                record: dict[str, Any] = dict(zip(columns, row, strict=True))
                if _LIST in record:
                    record[_LIST] = _items(record[_LIST])
                yield where, record
        except csv.Error as error:
            raise DataError(f"{path}:{reader.line_num + 1}: not valid CSV ({error})") from error


def csv_reader(lines: Iterable[str], **form: Any) -> Any:
    """A reader of the csv module, in the form that its keywords say, that takes cells of up to ``LONGEST``."""
    # The limit is one for the whole process and only protects memory: it is raised, never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST))
    return csv.reader(lines, **form)


def _delimiter(path: Path | str, header: str) -> str:
    if ".tsv" in Path(path).name or "\t" in header:
        return "\t"
    # Spreadsheets write semicolons wherever the comma is the decimal mark.
    bare = re.sub(r'"[^"]*"', "", header)
    return ";" if bare.count(";") > bare.count(",") else ","


def _items(cell: str) -> list[str]:
    """The labels of a cell, spaces around them aside."""
    return [item.strip() for item in cell.split(_SEPARATOR)] if cell.strip() else []
