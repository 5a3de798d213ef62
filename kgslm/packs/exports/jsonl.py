"""JSON Lines: the items of the pack as its sources said them, sources and licences included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kgslm.packs.contents import items_of
from kgslm.packs.items import (
    Item,
    SourceConcept,
    SourceHead,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
)
from kgslm.packs.pack import KnowledgePack

HEAD = "kgslm_pack"
ITEMS: dict[str, type[Any]] = {
    "concept": SourceConcept,
    "relation": SourceRelation,
    "predicate": SourcePredicate,
    "prefix": SourcePrefix,
    "source": SourceHead,
}
"""What a line may hold: the key ``item`` to the record; the other keys are its fields."""
_NAMES = {record: name for name, record in ITEMS.items()}


def jsonl(pack: KnowledgePack) -> Iterator[str]:
    """One line for the pack, then one for each item; fields that are empty are left out."""
    head = {HEAD: 1, "name": pack.name, "version": pack.version, "description": pack.manifest["description"]}
    yield _line(head)
    for item in items_of(pack):
        name = _NAMES.get(type(item))
        if name is not None:
            yield _line({"item": name, **_fields(item)})


def _fields(item: Item) -> dict[str, Any]:
    fields: dict[str, Any] = {name: value for name, value in item._asdict().items() if value}
    if isinstance(item, SourceConcept) and item.names:
        fields["names"] = [_plain(name) for name in item.names]
    return fields


def _plain(name: SourceName) -> list[str]:
    return [name.text, name.kind, name.type] if name.type else [name.text, name.kind]


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"
