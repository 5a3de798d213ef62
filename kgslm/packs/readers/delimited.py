"""Rows of delimited text, with the line on which each begins."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, NamedTuple

from kgslm.data.tables import LONGEST, csv_reader
from kgslm.errors import PackError
from kgslm.packs.items import place
from kgslm.packs.readers.rows import Row

_BLOCK = 1 << 18


class Dialect(NamedTuple):
    """How the text is cut; see ``CsvSource``. quote: None where the delimiter tells."""

    delimiter: str = ""
    quote: str | None = None
    comment: str = ""


def delimited_rows(dialect: Dialect, file: str, text: IO[str]) -> Iterator[Row]:
    """Each row that is neither empty nor a comment.

    Raises PackError where quotes are broken or a line or cell has more than ``LONGEST`` characters.
    """
    lines: Iterator[str] = chain.from_iterable(_blocks(text, file))
    if dialect.comment:
        # Emptied and not left out, so that lines still count.
        lines = ("\n" if line.startswith(dialect.comment) else line for line in lines)
    skipped, first = 0, ""
    for first in lines:
        if first.strip():
            break
        skipped += 1
    delimiter = dialect.delimiter or guess_delimiter(first)
    quote = ('"' if delimiter in ",;" else "") if dialect.quote is None else dialect.quote
    lines = chain([first], lines)
    if quote and len(delimiter) == 1:
        advice = '; set quote: "" where quotes are text' if dialect.quote is None else ""
        return _quoted(lines, skipped, file, {"delimiter": delimiter, "quotechar": quote}, advice)
    return _bare(lines, skipped, delimiter)


def _blocks(text: IO[str], file: str) -> Iterator[Iterable[str]]:
    """The lines in portions, so that no line is held that is too long; looping over them costs nothing extra."""
    number = 1
    while block := text.read(_BLOCK):
        rest = text.readline(LONGEST)
        if len(rest) == LONGEST and not rest.endswith("\n"):
            number += block.count("\n")
            raise PackError(
                f"{file}:{number}: the line has more than {LONGEST:,} characters; check that the file is a table"
            )
        block += rest
        number += block.count("\n")
        yield io.StringIO(block)


def _bare(lines: Iterable[str], skipped: int, delimiter: str) -> Iterator[Row]:
    for number, line in enumerate(lines, start=skipped + 1):
        row = line.rstrip("\n").split(delimiter)
        if len(row) > 1 or row[0].strip():
            yield number, row


def _quoted(lines: Iterable[str], skipped: int, file: str, form: dict[str, str], advice: str) -> Iterator[Row]:
    reader = csv_reader(lines, strict=True, **form)
    start = skipped + 1
    try:
        for row in reader:
            if row:
                yield start, row
            start = skipped + reader.line_num + 1
    except csv.Error as error:
        words = str(error)
        if "field limit" in words:
            words = f"a cell of more than {LONGEST:,} characters; its quotation mark may be open"
        raise PackError(f"{place(file, start)}: not a valid row ({words}){advice}") from error


def guess_delimiter(line: str) -> str:
    """Tab, comma or semicolon by the first line: a tab is one for sure, else what is more frequent."""
    if "\t" in line:
        return "\t"
    bare = re.sub(r'"[^"]*"', "", line)
    return ";" if bare.count(";") > bare.count(",") else ","
