"""PubTator: title and abstract, then one mention or relation a line, and an empty line after each document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import open_text
from kgslm.errors import DataError

_MENTION, _RELATION = 5, 4


def read_pubtator(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream ``("file:line", record)`` pairs, one a document, with ``id``, ``text``, ``entities`` and ``relations``.

    The text is title, space, abstract, as the offsets count. An id of ``-1`` or none is no concept. A relation is
    between concepts: every mention of a concept is meant. Raises DataError for a line of another form, and for a
    mention whose words are not those of the text at its place.
    """
    with open_text(path) as file:
        record: dict[str, Any] = {}
        first = 0
        for number, line in enumerate(file, start=1):
            line = line.rstrip("\n")
            where = f"{path}:{number}"
            key, _, rest = line.partition("|")
            if rest.startswith("t|") and "\t" not in key:
                if record:
                    yield f"{path}:{first}", record
                first = number
                record = {"id": key, "text": rest[2:], "entities": [], "relations": []}
            elif line.strip():
                _add(record, line, where)
        if record:
            yield f"{path}:{first}", record


def _add(record: dict[str, Any], line: str, where: str) -> None:
    """An abstract, a mention or a relation to its document."""
    key, _, rest = line.partition("|")
    if record and key == record["id"] and rest.startswith("a|"):
        record["text"] += f" {rest[2:]}"
        return
    columns = line.split("\t")
    if not record or columns[0] != record["id"] or len(columns) < _RELATION:
        raise DataError(f"{where}: 'ID|t|title', 'ID|a|abstract', a mention or a relation of that ID was expected")
    if columns[1].isdecimal() and len(columns) >= _MENTION:
        record["entities"].append(_entity(record["text"], columns, where))
    elif columns[1].isdecimal() or len(columns) > _MENTION:
        raise DataError(f"{where}: a mention has the columns ID, start, end, surface, type and concept")
    else:
        record["relations"].append({"head": columns[2], "tail": columns[3], "label": columns[1]})


def _entity(text: str, columns: list[str], where: str) -> dict[str, Any]:
    try:
        start, end = int(columns[1]), int(columns[2])
    except ValueError:
        raise DataError(f"{where}: start and end must be whole numbers") from None
    if not 0 <= start < end <= len(text):
        raise DataError(f"{where}: {start}-{end} is not a span of a text of {len(text)} characters")
    if text[start:end] != columns[3]:
        raise DataError(f"{where}: the text has {text[start:end]!r} at {start}-{end}, the mention says {columns[3]!r}")
    id_ = columns[5].strip() if len(columns) > _MENTION else ""
    return {"start": start, "end": end, "label": columns[4], "id": "" if id_ == "-1" else id_}
