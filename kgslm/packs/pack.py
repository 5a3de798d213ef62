"""A built pack, opened for reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kgslm.errors import PackError
from kgslm.packs.items import NAME_KINDS
from kgslm.packs.manifest import read_pack_manifest
from kgslm.packs.report import FindingRow
from kgslm.packs.rows import PackRows
from kgslm.packs.store import vector
from kgslm.packs.tables import PackTables
from kgslm.packs.verbalise import Wording
from kgslm.records import Concept, Relation

if TYPE_CHECKING:
    import networkx

_PREFERRED = NAME_KINDS.index("preferred")


class KnowledgePack(PackRows):
    """Concepts, names and relations, read in place from a folder on disk. Rows count the concepts in order of id.

    Open one with ``KnowledgePack.open``. It can be pickled: the other process opens the same folder.
    """

    def __init__(self, path: Path, manifest: dict[str, Any], tables: PackTables) -> None:
        super().__init__(path, tables)
        self.manifest = manifest
        self.name: str = manifest["name"]
        self.version: str = manifest["version"]
        self.fingerprint: str = manifest["fingerprint"]

    @classmethod
    def open(cls, path: Path | str, *, verify: bool | None = None) -> KnowledgePack:
        """Open the pack in folder ``path``. verify: compare every byte with its checksum; None does in small packs.

        Raises PackError where the folder is no pack, is damaged or comes from a newer kgslm.
        """
        path = Path(path)
        manifest = read_pack_manifest(path, verify=verify)
        tables = PackTables(path)
        if verify and tables.digests() != manifest["tables"]:
            raise PackError(f"{path}: the tables are not those of the fingerprint; build the pack again")
        return cls(path, manifest, tables)

    def __reduce__(self) -> tuple[Callable[[Path], KnowledgePack], tuple[Path]]:
        return KnowledgePack.open, (self.path.absolute(),)

    def __len__(self) -> int:
        return int(self.manifest["counts"]["concepts"])

    def __repr__(self) -> str:
        return f"<KnowledgePack {self.name} {self.version}: {len(self)} concepts, {self.fingerprint[:12]}>"

    # Concepts

    def concept(self, id_: str) -> Concept:
        """The concept with this id; see ``row`` for alternative and obsolete ids. Raises PackError as ``row``."""
        return self.concept_at(self.row(id_))

    def concepts(self, obsolete: bool = False) -> Iterator[Concept]:
        """The live concepts in order of id; with ``obsolete`` all of them."""
        for row, gone in enumerate(self.tables.obsolete):
            if obsolete or not gone:
                yield self.concept_at(row)

    # Names

    def names(self) -> Iterator[tuple[str, str, str]]:
        """``(concept id, name, kind)`` of live concepts; kind: preferred, exact, broad, narrow or related."""
        tables, last, id_ = self.tables, -1, ""
        for row, text, kind in zip(tables.named, tables.texts, tables.kinds, strict=True):
            if row != last:
                last, id_ = row, self.ids[row]
            if not tables.obsolete[row]:
                yield id_, text, NAME_KINDS[kind]

    def names_of(self, id_: str) -> tuple[tuple[str, str], ...]:
        """``(name, kind)`` of one concept, the preferred name first."""
        tables, row = self.tables, self.row(id_)
        span = range(tables.name_spans[row], tables.name_spans[row + 1])
        return tuple((tables.texts[index], NAME_KINDS[tables.kinds[index]]) for index in span)

    def value_sources(self, id_: str, field: str) -> dict[str, tuple[str, ...]]:
        """Each value of a list of the concept with the keys of its sources.

        field: ``definitions``, ``categories``, ``tree``, ``xrefs``, ``alt_ids`` or ``replaced_by``.
        """
        tables, row = self.tables, self.row(id_)
        values = getattr(tables, field)[row]
        sources = tables.value_sources(field)[row]
        return {value: tables.source_keys[source] for value, source in zip(values, sources, strict=True)}

    def by_tree(self, number: str) -> str | None:
        """The id of the concept with this tree number."""
        for row in self.tables.by_number.candidates(number):
            if number in self.tables.tree[row]:
                return self.ids[row]
        return None

    def categories(self) -> dict[str, int]:
        """How many live concepts each category has, in alphabetical order."""
        return {category: len(rows) for category, rows in sorted(self._category_rows.items())}

    def by_category(self, category: str) -> tuple[str, ...]:
        """Ids of the live concepts of a category; empty where there is no such category."""
        return tuple(self.ids[row] for row in self._category_rows.get(category, ()))

    # Hierarchy

    def parents(self, id_: str) -> tuple[str, ...]:
        """Ids of the directly broader concepts. Raises PackError as ``row``."""
        return tuple([self.ids[row] for row in self.parent_rows(self.row(id_))])

    def children(self, id_: str) -> tuple[str, ...]:
        """Ids of the directly narrower concepts. Raises PackError as ``row``."""
        return tuple([self.ids[row] for row in self.child_rows(self.row(id_))])

    def ancestors(self, id_: str) -> tuple[str, ...]:
        """Ids of all broader concepts, nearest first, without the concept itself. Raises PackError as ``row``."""
        return self._closure(id_, self.parent_rows)

    def descendants(self, id_: str) -> tuple[str, ...]:
        """Ids of all narrower concepts, nearest first, without the concept itself. Raises PackError as ``row``."""
        return self._closure(id_, self.child_rows)

    def is_a_edges(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """``(child rows, parent rows)``: two int32 arrays of equal length, sorted by child."""
        relations = self.tables.table("relations")
        hierarchy = vector(relations, "predicate") == 0
        return vector(relations, "subject")[hierarchy], vector(relations, "object")[hierarchy]

    # Relations

    def relations(self, predicate: str | None = None) -> Iterator[Relation]:
        """All relations, or those of one predicate, sorted by subject, predicate, object."""
        for index, code in enumerate(self.tables.predicates):
            if predicate is None or self.tables.predicate_ids[code] == predicate:
                yield self.relation_at(index)

    def neighbours(self, id_: str, predicate: str | None = None) -> tuple[Relation, ...]:
        """The relations from the concept, then those to it; is_a is one of them. Raises PackError as ``row``."""
        tables, row = self.tables, self.row(id_)
        indexes = list(range(tables.subject_spans[row], tables.subject_spans[row + 1]))
        indexes += tables.incoming[tables.object_spans[row] : tables.object_spans[row + 1]].tolist()
        if predicate is not None:
            indexes = [index for index in indexes if tables.predicate_ids[tables.predicates[index]] == predicate]
        return tuple([self.relation_at(index) for index in indexes])

    def predicates(self) -> dict[str, int]:
        """How many relations each predicate has, in alphabetical order."""
        counts = np.bincount(vector(self.tables.table("relations"), "predicate")).tolist()
        found = {self.tables.predicate_ids[code]: count for code, count in enumerate(counts) if count}
        return dict(sorted(found.items()))

    @cached_property
    def predicate_names(self) -> dict[str, str]:
        """The names in words that the sources give to predicates; only those that have one."""
        table = self.tables.table("predicates").to_pydict()
        return {id_: name for id_, name in zip(table["id"], table["name"], strict=True) if name}

    @cached_property
    def wordings(self) -> dict[str, Wording]:
        """How predicates read, where the recipe says so; see ``kgslm.packs.verbalise.pack_wording`` for all of them."""
        return {id_: Wording(**given) for id_, given in self.manifest.get("wordings", {}).items()}

    def graph(self) -> networkx.MultiDiGraph:
        """The pack as a networkx graph: ids of live concepts as nodes, relations as edges keyed by predicate."""
        from kgslm.packs.views import to_networkx

        return to_networkx(self)

    def sparql(self, query: str) -> Any:
        """Ask the pack a SPARQL query; returns rdflib's result. See ``kgslm.packs.views`` for the vocabulary."""
        from kgslm.packs.views import run_sparql

        return run_sparql(self._rdf, query)

    def findings(self) -> list[FindingRow]:
        """What the build found wrong in the sources, the first places of each reason."""
        rows = self.tables.table("findings").to_pydict()
        return [FindingRow(*row) for row in zip(*(rows[field] for field in FindingRow._fields), strict=True)]

    def derived(self, kind: str) -> Path:
        """The folder, inside the pack, for something made from it, such as a lexicon; it need not exist."""
        return self.path / "derived" / kind

    @cached_property
    def _rdf(self) -> Any:
        from kgslm.packs.views import to_rdflib

        return to_rdflib(self)

    @cached_property
    def _category_rows(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, gone in enumerate(self.tables.obsolete):
            if not gone:
                for category in self.tables.categories[row]:
                    rows.setdefault(category, []).append(row)
        return rows

    def _closure(self, id_: str, step: Callable[[int], list[int]]) -> tuple[str, ...]:
        start = self.row(id_)
        seen = {start: None}
        layer = [start]
        while layer:
            reached = dict.fromkeys(other for row in layer for other in step(row))
            layer = [row for row in reached if row not in seen]
            seen.update(dict.fromkeys(layer))
        return tuple([self.ids[row] for row in seen if row != start])
