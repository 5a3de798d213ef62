"""Texts with labelled spans, and with labelled relations between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kgslm.data.classification import Dataset, read_records
from kgslm.data.jsonl import record_id, text_field
from kgslm.data.spans import read_entities
from kgslm.errors import DataError
from kgslm.records import Entity, EntityRelation, Example
from kgslm.registry import Registry

Reader = Callable[[Path | str], Iterator[tuple[str, dict[str, Any]]]]

MARKED_FORMATS = Registry(
    "kgslm.marked_formats",
    {"conll": "kgslm.data.conll:read_conll", "pubtator": "kgslm.data.pubtator:read_pubtator"},
)
"""Format name, which is the file's ending, to a function ``path -> iterator of ("file:line", record)``, for formats
that carry spans only."""


def read_tagged(path: Path | str, text: str = "text", *, labelled: bool = True) -> Dataset:
    """Texts with their entities, from JSONL, CoNLL columns (``.conll``) or PubTator (``.pubtator``), packed or not.

    labelled: whether a record must say which entities it has; without labels those given are left aside.
    Raises DataError with file and line for a record that lacks a field, repeats an id or has a span without label.
    """
    return _read(path, text, lambda record, where: _tagged(record, where, labelled=labelled))


def read_related(path: Path | str, text: str = "text", *, labelled: bool = True) -> Dataset:
    """Texts with their entities, each with an id, and the relations between them.

    labelled: whether a record must say which relations it has; entities are always needed. Raises DataError with file
    and line, as ``read_tagged``, and for a relation of what is no entity of its text.
    """
    return _read(path, text, lambda record, where: _related(record, where, labelled=labelled))


Parts = tuple[tuple[Entity, ...], tuple[EntityRelation, ...]]


def _read(path: Path | str, text: str, parts: Callable[[Mapping[str, Any], str], Parts]) -> Dataset:
    examples: list[Example] = []
    seen: dict[str, str] = {}
    for where, record in _records(path):
        words, key = text_field(record, text, where), record_id(record, where)
        if key in seen:
            raise DataError(f"{where}: the id {key!r} is already used at {seen[key]}; ids must be unique")
        seen[key] = where
        entities, relations = parts({**record, "text": words}, where)
        examples.append(Example(key, words, entities=entities, relations=relations))
    if not examples:
        raise DataError(f"{path}: the file has no examples")
    return Dataset(tuple(examples))


def marked_reader(path: Path | str) -> Reader | None:
    """The reader that a file's endings ask for, such as ``.pubtator`` or ``.conll.gz``; None for other files."""
    for suffix in Path(path).suffixes:
        if suffix.removeprefix(".") in MARKED_FORMATS.names():
            read: Reader = MARKED_FORMATS.load(suffix.removeprefix("."))
            return read
    return None


def _records(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    return (marked_reader(path) or read_records)(path)


def _tagged(record: Mapping[str, Any], where: str, *, labelled: bool) -> Parts:
    if not labelled:
        return (), ()
    if record.get("entities") is None:
        raise DataError(f"{where}: the field 'entities' is needed, a list of start, end and label; [] where none is")
    entities = read_entities(record, where)
    for number, entity in enumerate(entities, 1):
        if not entity.label:
            raise DataError(f"{where}: entities[{number}]: it has no label")
    return entities, ()


def _related(record: Mapping[str, Any], where: str, *, labelled: bool) -> Parts:
    if record.get("entities") is None:
        raise DataError(f"{where}: the field 'entities' is needed, a list of id, start, end and label")
    # A mention of several concepts ("breast and ovarian cancer", "D001943|D010051") is a mention of each.
    entities = tuple(replace(entity, id=id_) for entity in read_entities(record, where) for id_ in entity.id.split("|"))
    if not labelled:
        return entities, ()
    relations = read_relations(record, where)
    ids = {entity.id for entity in entities}
    for number, relation in enumerate(relations, 1):
        for end in (relation.head, relation.tail):
            if end not in ids:
                raise DataError(f"{where}: relations[{number}]: {end!r} is the id of no entity of the text")
    return entities, relations


def read_relations(record: Mapping[str, Any], where: str) -> tuple[EntityRelation, ...]:
    """The ``relations`` of a record. Raises DataError where they are not there or of another form."""
    items = record.get("relations")
    if not isinstance(items, list):
        raise DataError(f"{where}: the field 'relations' must be a list of head, tail and label; [] where none is")
    found = []
    for number, item in enumerate(items, 1):
        if not isinstance(item, Mapping) or any(item.get(key) in (None, "") for key in ("head", "tail", "label")):
            raise DataError(f"{where}: relations[{number}]: an object with head, tail and label was expected")
        found.append(EntityRelation(str(item["head"]), str(item["tail"]), str(item["label"])))
    return tuple(found)
