"""JSON Lines: one object a line, as tables and glossaries are read from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any

from kgslm.errors import PackError
from kgslm.packs.items import Finding, place
from kgslm.packs.readers.cells import cell_of
from kgslm.packs.readers.pieces import lines_of
from kgslm.packs.readers.sheet import BATCH, Batch, Cell

Record = tuple[int, dict[str, Any]]
"""``(line, object)``."""

_LOOK = 1000


def json_records(text: IO[str], file: str) -> Iterator[Record]:
    """The objects; empty lines are skipped. Raises PackError, with the line, where one is no JSON object."""
    for number, line in enumerate(lines_of(text, file), start=1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise PackError(f"{place(file, number)}: not valid JSON ({error})") from error
            if not isinstance(value, dict):
                raise PackError(f"{place(file, number)}: an object with fields was expected")
            yield number, value


class RecordSheet:
    """See ``Sheet``. The keys of the first thousand objects are the header; in the others any may be missing."""

    lists = True
    line = 1

    def __init__(self, file: str, text: IO[str]) -> None:
        self.file = file
        records = json_records(text, file)
        first = list(islice(records, _LOOK))
        self.names: list[str] | None = list(dict.fromkeys(chain.from_iterable(record for _, record in first)))
        self.width: int | None = len(self.names)
        self._keys = self.names
        self._records: Iterable[Record] = chain(first, records)

    def batches(self, needed: Sequence[int]) -> Iterator[Batch | Finding]:
        """The objects in order. Raises PackError for values that are no texts."""
        records = iter(self._records)
        keys = {at: self._keys[at] for at in needed}
        while part := list(islice(records, BATCH)):
            columns = {
                at: [self._cell(record.get(key), key, line) for line, record in part] for at, key in keys.items()
            }
            yield Batch([line for line, _ in part], columns)

    def _cell(self, value: Any, key: str, line: int) -> Cell:
        if isinstance(value, str) and value.isascii():
            return value
        try:
            return cell_of(list(value) if isinstance(value, dict) else value)
        except ValueError as error:
            raise PackError(f"{place(self.file, line)}: {key} holds {error}") from error
