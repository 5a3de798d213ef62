"""A pack by its rows: the concepts in order of id, each with names, values and relations read in place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from kgslm.errors import PackError
from kgslm.packs.ids import normal
from kgslm.packs.items import NAME_KINDS
from kgslm.packs.tables import PackTables
from kgslm.records import Concept, Name, Relation

_PREFERRED = NAME_KINDS.index("preferred")


class PackRows:
    """What single lookups need. Rows count the concepts in order of id, obsolete ones included."""

    def __init__(self, path: Path, tables: PackTables) -> None:
        self.path = path
        self.tables = tables
        self.ids: Sequence[str] = tables.ids

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, str) and self._raw_row(id_) is not None

    def row(self, id_: str) -> int:
        """The row of a concept; alternative and obsolete ids lead to what replaces them.

        An obsolete id without replacement leads to the obsolete concept itself. Raises PackError, with a
        suggestion, where the pack does not know the id.
        """
        row = self._raw_row(id_)
        if row is None:
            raise PackError(f"{self.path}: unknown concept {id_!r}{self._hint(id_)}")
        seen = {row}
        while self.tables.obsolete[row] and (replacements := self.tables.replaced_by[row]):
            other = self._raw_row(replacements[0])
            if other is None or other in seen:
                break
            seen.add(other)
            row = other
        return row

    def concept_at(self, row: int) -> Concept:
        """The concept of a row of ``ids``, an obsolete one included."""
        tables = self.tables
        start, end = tables.name_spans[row], tables.name_spans[row + 1]
        return Concept(
            id=self.ids[row],
            name=tables.name[row],
            synonyms=tuple([tables.texts[index] for index in range(start + 1, end)]),
            definition=next(iter(tables.definitions[row]), ""),
            categories=tables.categories[row],
            parents=tuple([self.ids[parent] for parent in self.parent_rows(row)]),
            tree=tables.tree[row],
            xrefs=tables.xrefs[row],
            alt_ids=tables.alt_ids[row],
            obsolete=bool(tables.obsolete[row]),
            replaced_by=tables.replaced_by[row],
            sources=tables.source_keys[tables.source[row]],
        )

    def names_at(self, row: int) -> tuple[Name, ...]:
        """The names of the concept of a row of ``ids`` with their types and sources, the preferred name first."""
        tables = self.tables
        return tuple(
            Name(
                tables.texts[index],
                NAME_KINDS[tables.kinds[index]],
                tables.type_ids[tables.types[index]],
                tables.source_keys[tables.name_sources[index]],
            )
            for index in range(tables.name_spans[row], tables.name_spans[row + 1])
        )

    def parent_rows(self, row: int) -> list[int]:
        """Rows of the directly broader concepts."""
        tables = self.tables
        rows = []
        for relation in range(tables.subject_spans[row], tables.subject_spans[row + 1]):
            if tables.predicates[relation]:
                break
            rows.append(tables.objects[relation])
        return rows

    def child_rows(self, row: int) -> list[int]:
        """Rows of the directly narrower concepts."""
        tables = self.tables
        rows = []
        for index in range(tables.object_spans[row], tables.object_spans[row + 1]):
            relation = tables.incoming[index]
            if tables.predicates[relation]:
                break
            rows.append(tables.subjects[relation])
        return rows

    def relation_at(self, index: int) -> Relation:
        """The relation of a row of the table of relations."""
        tables = self.tables
        return Relation(
            self.ids[tables.subjects[index]],
            tables.predicate_ids[tables.predicates[index]],
            self.ids[tables.objects[index]],
            tables.source_keys[tables.relation_sources[index]],
        )

    def find(self, name: str) -> tuple[str, ...]:
        """Ids of the live concepts with this name, case and spaces aside; those that prefer it come first."""
        tables, wanted = self.tables, normal(name)
        rows = [
            (tables.kinds[index] != _PREFERRED, tables.named[index])
            for index in tables.by_name.candidates(wanted)
            if normal(tables.texts[index]) == wanted
        ]
        return tuple(dict.fromkeys(self.ids[row] for _, row in sorted(rows) if not tables.obsolete[row]))

    def _raw_row(self, id_: str) -> int | None:
        main = None
        for row in self.tables.by_id.candidates(id_):
            if self.ids[row] == id_:
                return row
            if main is None and id_ in self.tables.alt_ids[row]:
                main = row
        return main

    def _hint(self, id_: str) -> str:
        found = self.find(id_)
        if not found:
            near = bisect_left(self.ids, id_)
            found = tuple(get_close_matches(id_, self.ids[max(near - 50, 0) : near + 50], n=1, cutoff=0.8))
        if not found:
            return "; look it up with kgslm pack search"
        return f"; did you mean {found[0]} ({self.tables.name[self.row(found[0])]})?"
