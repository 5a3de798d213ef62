"""The statements of a pack whose objects are values of a concept: its type, id, sources and lists of texts."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import cached_property
from typing import Any

import numpy as np
from rdflib import Literal, URIRef
from rdflib.namespace import RDF, SKOS
from rdflib.term import Node

from kgslm.packs.facts import KG, OIO, Concepts, Facts, Found, NameFacts, RelationFacts, plain
from kgslm.packs.store import vector

_LISTS = {
    "definitions": SKOS.definition,
    "categories": KG.category,
    "tree": KG.tree,
    "xrefs": OIO.hasDbXref,
    "alt_ids": OIO.hasAlternativeId,
}


def all_facts(concepts: Concepts) -> list[Facts]:
    """Everything that is said of the live concepts of a pack."""
    return [
        _always(concepts, RDF.type, SKOS.Concept),
        _ids(concepts),
        NameFacts(concepts),
        *(_lists(concepts, field, predicate) for field, predicate in _LISTS.items()),
        _sources(concepts),
        RelationFacts(concepts),
    ]


class ValueFacts:
    """Statements with one predicate. values: of a row; rows: with a value, obsolete ones perhaps among them."""

    def __init__(
        self,
        concepts: Concepts,
        predicate: URIRef,
        values: Callable[[int], Iterable[Node]],
        rows: Callable[[Node], Iterable[int]],
        count: Callable[[], int],
    ) -> None:
        self._concepts = concepts
        self._predicate = predicate
        self._values = values
        self._rows = rows
        self._count = count

    @property
    def predicates(self) -> Container[Node]:
        """The one predicate."""
        return (self._predicate,)

    def of(self, row: int, _: Node | None) -> Found:
        """The values of a concept."""
        return ((row, self._predicate, value) for value in self._values(row))

    def saying(self, value: Node, _: Node | None) -> Found:
        """The concepts with a value."""
        return ((row, self._predicate, value) for row in self._rows(value) if self._concepts.live[row])

    def all(self, _: Node | None) -> Found:
        """All values."""
        return ((row, self._predicate, value) for row in self._concepts.rows() for value in self._values(row))

    @cached_property
    def _length(self) -> int:
        return self._count()

    def __len__(self) -> int:
        return self._length


def _always(concepts: Concepts, predicate: URIRef, value: Node) -> Facts:
    return ValueFacts(
        concepts,
        predicate,
        lambda _: (value,),
        lambda asked: concepts.rows() if asked == value else (),
        lambda: int(concepts.live.sum()),
    )


def _ids(concepts: Concepts) -> Facts:
    def rows(value: Node) -> Iterable[int]:
        text = plain(value)
        row = None if text is None else concepts.exact(text)
        return () if row is None else (row,)

    ids = concepts.pack.ids
    return ValueFacts(concepts, KG.id, lambda row: (Literal(ids[row]),), rows, lambda: int(concepts.live.sum()))


def _sources(concepts: Concepts) -> Facts:
    tables = concepts.pack.tables
    of_row = vector(tables.table("concepts"), "source")

    def rows(value: Node) -> Iterable[int]:
        sets = [code for code, keys in enumerate(tables.source_keys) if plain(value) in keys]
        found: list[int] = np.flatnonzero(np.isin(of_row, sets)).tolist()
        return found

    def count() -> int:
        sizes = np.array([len(keys) for keys in tables.source_keys])
        return int(sizes[of_row[concepts.live]].sum()) if len(sizes) else 0

    return ValueFacts(
        concepts, KG.source, lambda row: map(Literal, tables.source_keys[tables.source[row]]), rows, count
    )


def _lists(concepts: Concepts, field: str, predicate: URIRef) -> Facts:
    column = concepts.pack.tables.table("concepts").column(field)
    lists = getattr(concepts.pack.tables, field)

    def offsets() -> np.ndarray[Any, Any]:
        return np.frombuffer(column.chunk(0).buffers()[1], np.int64, len(column) + 1)

    def rows(value: Node) -> Iterable[int]:
        import pyarrow as pa
        import pyarrow.compute as pc

        text = plain(value)
        if text is None or not len(column):
            return ()
        # A scan at a gigabyte a second needs no index in memory or on disk.
        found = pc.indices_nonzero(pc.equal(column.chunk(0).values, pa.scalar(text, pa.large_string())))
        places = np.array(found.to_pylist(), np.int64)
        same: list[int] = (np.searchsorted(offsets(), places, "right") - 1).tolist()
        return dict.fromkeys(same)

    def count() -> int:
        return int(np.diff(offsets())[concepts.live].sum()) if len(column) else 0

    return ValueFacts(concepts, predicate, lambda row: map(Literal, lists[row]), rows, count)
