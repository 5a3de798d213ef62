"""CoNLL columns: one token a line, its tag in the last column, an empty line after each sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgslm.data.jsonl import open_text
from kgslm.errors import DataError

_OUTSIDE = "O"
_BEGIN = frozenset("BSU")
_ON = frozenset("IEL")


def read_conll(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream ``("file:line", record)`` pairs, one a sentence, with ``id`` (its first line), ``text`` and ``entities``.

    The text is the tokens with a space between them. Tags may be IOB1, IOB2, BIOES or BILOU; a tag that goes on with
    nothing begins. Columns are parted by white space; lines that begin with ``-DOCSTART-`` are skipped.
    Raises DataError for a line with one column or a tag of another form.
    """
    with open_text(path) as file:
        rows: list[tuple[str, str]] = []
        first = 0
        for number, line in enumerate(file, start=1):
            columns = line.split()
            if not columns or columns[0] == "-DOCSTART-":
                if rows:
                    yield f"{path}:{first}", _record(first, rows)
                rows = []
                continue
            if not rows:
                first = number
            rows.append(_token(columns, f"{path}:{number}"))
        if rows:
            yield f"{path}:{first}", _record(first, rows)


def _token(columns: list[str], where: str) -> tuple[str, str]:
    tag = columns[-1]
    if len(columns) < 2:
        raise DataError(f"{where}: a token and its tag were expected, parted by white space")
    if tag != _OUTSIDE and not (tag[0] in _BEGIN | _ON and tag[1:2] == "-" and tag[2:]):
        raise DataError(f"{where}: the tag {tag!r} is not O or a letter and a label, such as B-Disease")
    return columns[0], tag


def _record(first: int, rows: list[tuple[str, str]]) -> dict[str, Any]:
    entities: list[dict[str, Any]] = []
    place, last = 0, _OUTSIDE
    for token, tag in rows:
        end = place + len(token)
        if tag != _OUTSIDE:
            # An end or a single one closes an entity, so that what follows is another.
            goes_on = tag[0] in _ON and last[2:] == tag[2:] and last[0] not in "ESLU"
            if goes_on:
                entities[-1]["end"] = end
            else:
                entities.append({"start": place, "end": end, "label": tag[2:]})
        place, last = end + 1, tag
    return {"id": str(first), "text": " ".join(token for token, _ in rows), "entities": entities}
