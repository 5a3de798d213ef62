"""Nodes and edges with attributes, from networkx or GraphML, as concepts and relations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from kgslm.errors import PackError
from kgslm.packs.ids import with_prefix
from kgslm.packs.items import (
    NAME_KINDS,
    Finding,
    Item,
    SourceConcept,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
    place,
)
from kgslm.packs.readers.cells import cell_of
from kgslm.packs.sections import Origin
from kgslm.packs.sources import SourceConfig
from kgslm.records import IS_A

_FIELDS = {
    "name": ("name", "label"),
    "synonyms": ("synonyms", "synonym"),
    "broad": ("broad",),
    "narrow": ("narrow",),
    "related": ("related",),
    "definition": ("definition", "description"),
    "further_definitions": ("further_definitions",),
    "categories": ("categories", "category"),
    "parents": ("parents",),
    "tree": ("tree",),
    "xrefs": ("xrefs", "xref"),
    "alt_ids": ("alt_ids",),
    "obsolete": ("obsolete",),
    "replaced_by": ("replaced_by",),
}
"""What a concept takes from a node: the first of these attributes that says something."""

_PREDICATE = ("predicate", "relation", "label")
_LISTS = ("further_definitions", "categories", "tree", "xrefs")
_ID_LISTS = ("alt_ids", "replaced_by")
_KNOWN = {"sources", *(attribute for attributes in _FIELDS.values() for attribute in attributes)}
_EDGE_KNOWN = {"source", *_PREDICATE}
_TRUE = ("true", "1", "yes")


class GraphSource(SourceConfig):
    """Base of graphs. Attributes of nodes, all optional:

    name or label; definition or description; obsolete (true, 1 or yes); lists: synonyms, broad, narrow and related
    (names of that kind), further_definitions, categories or category, parents (ids or names), tree, xrefs, alt_ids and
    replaced_by. A list is a list, a JSON list as text, or one text; a synonym may be ``[text, kind, type]``.
    Attributes of edges: predicate, relation or label, and source, from where the fact is.
    Attributes of the graph: predicates (id to readable name) and prefixes (prefix to namespace), mappings or JSON.

    id_prefix: put before ids without prefix. predicate: of edges that name none. predicates: other names for
    predicates, such as ``{subclass_of: is_a}``.
    """

    id_prefix: str = ""
    predicate: str = "related_to"
    predicates: dict[str, str] = Field(default_factory=dict)

    def origin(self, key: str) -> Origin:
        """Parents may be names, or ids without their prefix."""
        return Origin(key, True, self.id_prefix, self.on_missing)


class GraphItems:
    """Makes the items of one graph and notes the attributes that mean nothing. file: as messages show it."""

    def __init__(self, source: GraphSource, file: str) -> None:
        self._source = source
        self._file = file
        self._unused: dict[str, set[str]] = {"node": set(), "edge": set()}

    def graph(self, attributes: Mapping[str, Any], line: int = 0) -> Iterator[Item]:
        """What the graph's own attributes say."""
        where = place(self._file, line)
        for id_, name in _mapping(attributes.get("predicates"), "predicates", where).items():
            yield SourcePredicate(id_, name)
        for prefix, namespace in _mapping(attributes.get("prefixes"), "prefixes", where).items():
            yield SourcePrefix(prefix, namespace)

    def node(self, id_: object, attributes: Mapping[str, Any], line: int = 0) -> SourceConcept:
        """The concept. Raises PackError where an attribute holds no text."""
        where = f"{place(self._file, line)}: node {str(id_)[:60]!r}"
        self._unused["node"].update(attributes.keys() - _KNOWN)
        given = {field: _first(attributes, names) for field, names in _FIELDS.items()}
        lists = {field: _texts(given[field], field, where) for field in _LISTS}
        ids = {field: self._ids(_texts(given[field], field, where)) for field in _ID_LISTS}
        return SourceConcept(
            self._id(id_, where),
            _text(given["name"], "name", where),
            tuple(_names(given, where)),
            _text(given["definition"], "definition", where),
            parents=_texts(given["parents"], "parents", where),
            obsolete=_text(given["obsolete"], "obsolete", where).lower() in _TRUE,
            file=self._file,
            line=line,
            **lists,
            **ids,
        )

    def edge(
        self,
        ends: tuple[object, object],
        attributes: Mapping[str, Any],
        key: object = None,
        line: int = 0,
        *,
        directed: bool = True,
    ) -> SourceRelation:
        """The relation. key: the predicate where it is a text and no attribute says it.

        Raises PackError where an attribute holds no text, and for is_a without a direction.
        """
        where = f"{place(self._file, line)}: edge {str(ends[0])[:60]!r} to {str(ends[1])[:60]!r}"
        self._unused["edge"].update(attributes.keys() - _EDGE_KNOWN)
        said = _text(_first(attributes, _PREDICATE), "predicate", where) or (key if isinstance(key, str) else "")
        said = said or self._source.predicate
        predicate = self._source.predicates.get(said, said)
        if predicate == IS_A and not directed:
            message = "without a direction, is_a does not say which one is broader; use a directed graph"
            raise PackError(f"{where}: {message}")
        subject, object_ = (self._id(end, where) for end in ends)
        detail = _text(attributes.get("source"), "source", where)
        return SourceRelation(subject, predicate, object_, detail, self._file, line)

    def unused(self) -> Iterator[Finding]:
        """A note for each attribute that was not read."""
        for what, names in self._unused.items():
            for name in sorted(map(str, names)):
                message = f"the attribute {name!r} of {what}s has no meaning here"
                yield Finding("attribute not used", message, "note", self._file)

    def _id(self, id_: object, where: str) -> str:
        if isinstance(id_, bool) or not isinstance(id_, str | int):
            raise PackError(f"{where}: the id is a {type(id_).__name__}; ids are texts or whole numbers")
        return with_prefix(_text(id_, "id", where), self._source.id_prefix)

    def _ids(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple([with_prefix(id_, self._source.id_prefix) for id_ in ids])


def _first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    found = (value for name in names if (value := attributes.get(name)) is not None)
    return next((value for value in found if not isinstance(value, str) or value.strip()), None)


def _names(given: Mapping[str, Any], where: str) -> Iterator[SourceName]:
    for value in _list(given["synonyms"], "synonyms", where):
        if not isinstance(value, list | tuple):
            yield SourceName(_text(value, "synonyms", where))
            continue
        text, kind, type_ = (*(_text(part, "synonyms", where) for part in value), "", "", "")[:3]
        if len(value) > 3 or (kind and kind not in NAME_KINDS):
            raise PackError(f"{where}: a synonym is [text, kind, type], the kind one of {', '.join(NAME_KINDS)}")
        yield SourceName(text, kind or "exact", type_)
    for kind in ("broad", "narrow", "related"):
        for text in _texts(given[kind], kind, where):
            yield SourceName(text, kind)


def _text(value: Any, field: str, where: str) -> str:
    cell = _cell(value, field, where)
    if isinstance(cell, tuple):
        if len(cell) > 1:
            raise PackError(f"{where}: {field} takes one text, not {len(cell)}")
        return cell[0] if cell else ""
    return cell.strip()


def _texts(value: Any, field: str, where: str) -> tuple[str, ...]:
    cell = _cell(_list(value, field, where), field, where)
    return cell if isinstance(cell, tuple) else (cell,)


def _cell(value: Any, field: str, where: str) -> str | tuple[str, ...]:
    try:
        return cell_of(value)
    except ValueError as error:
        raise PackError(f"{where}: {field} holds {error}") from error


def _list(value: Any, field: str, where: str) -> Any:
    """A list as it is, JSON that begins as one decoded, anything else as its only item."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return [value]
    if value is None:
        return []
    return value if isinstance(value, list | tuple | set | frozenset) or hasattr(value, "tolist") else [value]


def _mapping(value: Any, field: str, where: str) -> dict[str, str]:
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise PackError(f"{where}: {field} is no JSON mapping of texts to texts") from error
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise PackError(f"{where}: {field} is no mapping of texts to texts")
    return {_text(key, field, where): _text(text, field, where) for key, text in value.items()}
