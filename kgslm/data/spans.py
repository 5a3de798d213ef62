"""Lists of spans in JSONL records: ``mentions``, ``entities``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from kgslm.errors import DataError
from kgslm.records import Entity


def read_spans(
    record: Mapping[str, Any], key: str, where: str, *, with_text: bool = True
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """``("file:line: key[n]", item)`` of a list of items with ``start`` and ``end``, n from 1.

    with_text: whether the record has its ``text`` for spans to lie in. Raises DataError where there is no list, or an
    item is not a span.
    """
    items = record.get(key)
    if not isinstance(items, list):
        raise DataError(f"{where}: the field {key!r} must be a list of objects with start and end")
    length = len(record["text"]) if with_text else sys.maxsize
    for number, item in enumerate(items, 1):
        place = f"{where}: {key}[{number}]"
        start, end = (item.get("start"), item.get("end")) if isinstance(item, Mapping) else (None, None)
        if type(start) is not int or type(end) is not int:
            raise DataError(f"{place}: an object with integer start and end was expected")
        if not 0 <= start < end <= length:
            raise DataError(f"{place}: {start}-{end} is not a span of a text of {length} characters")
        yield place, item


def read_entities(record: Mapping[str, Any], where: str, *, with_text: bool = True) -> tuple[Entity, ...]:
    """The ``entities`` of a record, in its order; none where the record has no such field. Raises DataError.

    with_text: see ``read_spans``.
    """
    if record.get("entities") is None:
        return ()
    return tuple(
        Entity(item["start"], item["end"], str(item.get("label") or ""), str(item.get("id") or ""))
        for _, item in read_spans(record, "entities", where, with_text=with_text)
    )
