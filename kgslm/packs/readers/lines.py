"""JSON Lines as ``pack export --format jsonl`` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from kgslm.errors import PackError, unknown
from kgslm.packs.exports.jsonl import HEAD, ITEMS
from kgslm.packs.files import SourceFile
from kgslm.packs.items import NAME_KINDS, Item, SourceConcept, SourceName
from kgslm.packs.policies import PASSED, Policies
from kgslm.packs.readers.records import json_records
from kgslm.packs.sources import SourceConfig


class JsonlSource(SourceConfig):
    """An exported pack: one object a line, the first names the format, the others are items with their fields."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")
    example: ClassVar[tuple[str, str]] = (
        "findings.jsonl",
        '{"kgslm_pack": 1, "name": "findings"}\n'
        '{"item": "concept", "id": "T:1", "name": "Fever", "names": [["Pyrexia", "exact"]],'
        ' "definition": "High body temperature."}\n'
        '{"item": "concept", "id": "T:2", "name": "Cough"}\n',
    )
    needs_licence: ClassVar[bool] = False

    kind: Literal["jsonl"] = "jsonl"
    policies: Policies = PASSED

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream the items. Raises PackError with file and line where one is not as it should be."""
        for file in files:
            with file.text() as text:
                for number, fields in json_records(text, file.name):
                    item = _item(fields, file.name, number)
                    if item is not None:
                        yield item


def _item(fields: dict[str, Any], file: str, number: int) -> Item | None:
    """The item that the fields of a line are; None for the head."""
    if HEAD in fields:
        if fields[HEAD] != 1:
            raise PackError(f"{file}:{number}: format {fields[HEAD]!r} is not known; upgrade kgslm")
        return None
    record = ITEMS.get(fields.pop("item", None))
    if record is None:
        raise PackError(f"{file}:{number}: item must be one of {', '.join(ITEMS)}")
    for name in fields:
        if name not in record._fields:
            raise PackError(f"{file}:{number}: {unknown('field', name, record._fields)}")
    try:
        values = {name: _value(record, name, value) for name, value in fields.items()}
        if "file" in record._fields:
            values |= {"file": file, "line": number}
        found: Item = record(**values)
        return found
    except (TypeError, ValueError) as error:
        raise PackError(f"{file}:{number}: {' '.join(str(error).split())}") from error


def _value(record: type[Any], name: str, value: Any) -> Any:
    """The value of a field, of the type of the field. Raises ValueError where it is not."""
    default = record._field_defaults.get(name, "")
    if record is SourceConcept and name == "names":
        names = [SourceName(*_texts(name, part)) for part in _list(name, value)]
        for part in names:
            if part.kind not in NAME_KINDS:
                raise ValueError(f"names: the kind {part.kind!r} is none of {', '.join(NAME_KINDS)}")
        return tuple(names)
    if isinstance(default, tuple):
        return _texts(name, value)
    if isinstance(value, bool) != isinstance(default, bool) or not isinstance(value, type(default)):
        raise ValueError(f"{name}: {type(default).__name__} was expected, not {str(value)[:60]!r}")
    if isinstance(value, str):
        value.encode()  # half a surrogate pair is no text
    return value


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name}: a list was expected, not {str(value)[:60]!r}")
    return value


def _texts(name: str, value: Any) -> tuple[str, ...]:
    for text in _list(name, value):
        if not isinstance(text, str):
            raise ValueError(f"{name}: texts were expected, not {str(text)[:60]!r}")
        text.encode()
    return tuple(value)
