"""Values of Parquet columns, spreadsheets, frames and graphs as texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from datetime import date, time, timedelta
from decimal import Decimal
from math import isfinite, isnan
from typing import Any

from kgslm.packs.readers.sheet import Cell

_SURROGATE = re.compile("[\ud800-\udfff]")
_EXACT = 2**53  # whole numbers up to here have one float each


def cell_of(value: Any) -> Cell:
    """A text, or a tuple of texts for a list; empty for nothing and for what is not a number.

    Whole floats are written as whole numbers, as numeric codes become floats where a row has none. Raises ValueError,
    with what is wrong, for values that are no text.
    """
    if isinstance(value, str):
        if not value.isascii() and _SURROGATE.search(value):
            raise ValueError("half of a surrogate pair; write the character itself")
        return value
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return _items(value)
    if isinstance(value, Set):
        return tuple(sorted(_items(value)))
    return _text(value)


def _items(values: Iterable[Any]) -> tuple[str, ...]:
    cells = [cell_of(value) for value in values]
    if any(isinstance(cell, tuple) for cell in cells):
        raise ValueError("a list inside a list; one list of texts is needed")
    return tuple([text for cell in cells if (text := str(cell).strip())])


def _text(value: Any) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        if not isfinite(value):
            return "" if isnan(value) else str(value)
        return str(int(value)) if abs(float(value)) <= _EXACT and value == int(value) else str(value)
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            raise ValueError("bytes that are not UTF-8 text") from None
    if isinstance(value, date | time | timedelta):  # a datetime is a date
        return str(value) if isinstance(value, timedelta) else value.isoformat()
    return _foreign(value)


def _foreign(value: Any) -> Cell:
    """Arrays and numbers of numpy, and pandas' values for nothing."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if callable(plain := getattr(value, "tolist", None)):
        found = plain()
        if type(found) is not type(value):
            return cell_of(found)
    raise ValueError(f"a value of type {type(value).__name__}; a text, number, date or list of them is needed")
