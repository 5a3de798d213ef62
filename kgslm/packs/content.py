"""The columns of the tables, from everything that was collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np

from kgslm.packs.checks import Homonyms
from kgslm.packs.collect import Collector
from kgslm.packs.drafts import VALUES, Draft, Mark
from kgslm.packs.edges import Edges
from kgslm.packs.hashing import key_hashes
from kgslm.packs.ids import normal
from kgslm.packs.provenance import Codes
from kgslm.packs.store import FINDINGS, HashIndex, Ragged
from kgslm.packs.walk import distinct

Columns = dict[str, Any]
Ints = np.ndarray[Any, Any]


class Content:
    """Makes the tables of one build. ids: of all concepts, sorted."""

    def __init__(self, collector: Collector, ids: list[str], edges: Edges) -> None:
        self._collector = collector
        self._ids = ids
        self._drafts = [collector.drafts[id_] for id_ in ids]
        self._edges = edges
        self._names = 0

    def tables(self) -> Iterator[tuple[str, Columns]]:
        """Name and columns of every table but the index of tree numbers; each may be forgotten before the next."""
        names, hashes = self._name_columns()
        self._names = len(hashes)
        yield "name_index", HashIndex.columns(hashes, np.arange(len(hashes)))
        types, of_type = _in_order(self._collector.types, names["type"])
        yield "types", {"id": types}
        yield "names", {**names, "type": of_type[names["type"]]}
        named = names["concept"]
        del names, hashes
        yield "concepts", self._concepts()
        yield "id_index", self._id_index()
        yield from self._relations(named)
        yield "sources", {"keys": self._collector.sets.keys()}
        yield "findings", self._findings()

    def _relations(self, named: Ints) -> Iterator[tuple[str, Columns]]:
        """The tables of relations and predicates, and where those and the names of a concept start."""
        edges = self._edges
        predicates, of_predicate = _in_order(self._collector.predicates, edges.predicates)
        edges = edges[np.lexsort((edges.objects, of_predicate[edges.predicates], edges.subjects))]
        rows = of_predicate[edges.predicates]
        ends = {"subject": edges.subjects, "predicate": rows, "object": edges.objects}
        yield "relations", {**ends, "source": edges.sources}
        readable = [self._collector.predicate_names.get(id_, ("", 0)) for id_ in predicates]
        texts, sources = [name for name, _ in readable], [source for _, source in readable]
        yield "predicates", {"id": predicates, "name": texts, "source": sources}
        yield from _spans(len(self._ids), named, edges, rows).items()

    def counts(self) -> dict[str, int]:
        """How much of everything the pack holds."""
        live = sum(not draft.obsolete for draft in self._drafts)
        return {
            "concepts": live,
            "obsolete": len(self._drafts) - live,
            "names": self._names,
            "relations": len(self._edges),
        }

    def _findings(self) -> Columns:
        """What was found, source by source."""
        rows = [row for section in self._collector.sections for row in section.report.rows()]
        return {field.name: [getattr(row, field.name) for row in rows] for field in FINDINGS}

    def _concepts(self) -> Columns:
        drafts = self._drafts
        columns: Columns = {
            "id": self._ids,
            # A concept without any name shows its id; the id is not among the names, and so is never linked.
            "name": [_preferred(draft) or id_ for id_, draft in zip(self._ids, drafts, strict=True)],
            "obsolete": np.fromiter((draft.obsolete for draft in drafts), np.uint8, len(drafts)),
            "source": np.fromiter((draft.source for draft in drafts), np.int32, len(drafts)),
        }
        for field in VALUES:
            values = list(map(attrgetter(field), drafts))
            lengths = np.fromiter(map(len, values), np.int64, len(values))
            filled = list(filter(None, values))
            columns[field] = Ragged(lengths, [*chain.from_iterable(filled)])
            columns[f"{field}_sources"] = Ragged(lengths, [*chain.from_iterable(value.values() for value in filled)])
        return columns

    def _name_columns(self) -> tuple[Columns, Ints]:
        """The table of names, without homonyms that a policy leaves out, and the hash of each normal form."""
        texts: list[str] = []
        marks: list[Mark] = []
        counts = []
        for draft in self._drafts:
            names, more = draft.ordered_names()
            counts.append(len(names))
            texts += names
            marks += more
        numbers = np.array([*chain.from_iterable(marks)], np.int32).reshape(-1, 3)
        concepts = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        hashes = key_hashes(map(normal, texts))
        columns = {"name": texts, "kind": numbers[:, 0], "source": numbers[:, 2]}
        stay = Homonyms(self._collector, self._ids, self._drafts).stay(concepts, hashes, columns)
        if not stay.all():
            texts = [text for text, stays in zip(texts, stay.tolist(), strict=True) if stays]
            numbers, concepts, hashes = numbers[stay], concepts[stay], hashes[stay]
        kinds, types, sources = numbers.T
        return {"concept": concepts, "name": texts, "kind": kinds, "type": types, "source": sources}, hashes

    def _id_index(self) -> Columns:
        keys = list(self._ids)
        rows = list(range(len(keys)))
        for row, draft in enumerate(self._drafts):
            if draft.alt_ids:
                keys.extend(draft.alt_ids)
                rows.extend([row] * len(draft.alt_ids))
        return hash_index(keys, np.array(rows, np.int32))


def hash_index(keys: Iterable[str], rows: Ints) -> Columns:
    """The columns of an index from keys to rows."""
    return HashIndex.columns(key_hashes(keys), rows)


def _in_order(codes: Codes, used: Ints) -> tuple[list[str], Ints]:
    """The first text and the used others in alphabetical order, and the place of each code among them.

    What the pack says does not depend on the order in which the sources mention things.
    """
    texts = list(codes)
    ordered = texts[:1] + sorted(texts[code] for code in distinct(used).tolist() if code)
    place = {text: row for row, text in enumerate(ordered)}
    return ordered, np.array([place.get(text, -1) for text in texts], np.int32)


def _preferred(draft: Draft) -> str:
    if draft.name:
        return draft.name
    names, _ = draft.ordered_names()
    return names[0] if names else ""


def _spans(concepts: int, named: Ints, edges: Edges, predicates: Ints) -> dict[str, Columns]:
    incoming = np.lexsort((edges.subjects, predicates, edges.objects)).astype(np.int32)
    starts = np.arange(concepts + 1)
    spans = {
        "names": np.searchsorted(named, starts),
        "subjects": np.searchsorted(edges.subjects, starts),
        "objects": np.searchsorted(edges.objects[incoming], starts),
    }
    return {"spans": spans, "incoming": {"relation": incoming}}
