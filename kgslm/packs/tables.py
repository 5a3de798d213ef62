"""The tables of an opened pack, with typed access to their columns."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from kgslm.packs.store import (
    CONTENT,
    HashIndex,
    Lists,
    Strings,
    column_digests,
    integer_lists,
    numbers,
    open_table,
    string_lists,
    strings,
)


class PackTables:
    """Every table is mapped at its first use; the attributes read single values in place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, Any] = {}
        self._value_sources: dict[str, Lists[int]] = {}
        self.ids = strings(self.table("concepts"), "id")

    def table(self, name: str) -> Any:
        """The Arrow table called ``name``: one of ``store.CONTENT`` or ``store.INDEXES``."""
        if name not in self._tables:
            self._tables[name] = open_table(self._folder, name)
        return self._tables[name]

    def digests(self) -> dict[str, dict[str, str]]:
        """The digest of each column of the content tables, computed from its values."""
        return {name: column_digests(self.table(name)) for name in CONTENT}

    def value_sources(self, field: str) -> Lists[int]:
        """Source row of each value of a list of concepts: ``definitions``, ``categories``, ``xrefs`` ..."""
        if field not in self._value_sources:
            self._value_sources[field] = integer_lists(self.table("concepts"), f"{field}_sources")
        return self._value_sources[field]

    @cached_property
    def name(self) -> Strings:
        """Preferred name of each concept."""
        return strings(self.table("concepts"), "name")

    @cached_property
    def definitions(self) -> Lists[str]:
        """Definitions of each concept, the first one the first to be read."""
        return string_lists(self.table("concepts"), "definitions")

    @cached_property
    def categories(self) -> Lists[str]:
        """Categories of each concept."""
        return string_lists(self.table("concepts"), "categories")

    @cached_property
    def tree(self) -> Lists[str]:
        """Tree numbers of each concept."""
        return string_lists(self.table("concepts"), "tree")

    @cached_property
    def xrefs(self) -> Lists[str]:
        """Cross-references of each concept."""
        return string_lists(self.table("concepts"), "xrefs")

    @cached_property
    def alt_ids(self) -> Lists[str]:
        """Alternative ids of each concept."""
        return string_lists(self.table("concepts"), "alt_ids")

    @cached_property
    def replaced_by(self) -> Lists[str]:
        """What to use instead of each obsolete concept."""
        return string_lists(self.table("concepts"), "replaced_by")

    @cached_property
    def obsolete(self) -> memoryview[int]:
        """1 for an obsolete concept."""
        return numbers(self.table("concepts"), "obsolete")

    @cached_property
    def source(self) -> memoryview[int]:
        """Source row of each concept."""
        return numbers(self.table("concepts"), "source")

    @cached_property
    def texts(self) -> Strings:
        """Text of each name."""
        return strings(self.table("names"), "name")

    @cached_property
    def kinds(self) -> memoryview[int]:
        """Kind of each name, an index of NAME_KINDS."""
        return numbers(self.table("names"), "kind")

    @cached_property
    def types(self) -> memoryview[int]:
        """Type row of each name; 0 is none."""
        return numbers(self.table("names"), "type")

    @cached_property
    def name_sources(self) -> memoryview[int]:
        """Source row of each name."""
        return numbers(self.table("names"), "source")

    @cached_property
    def named(self) -> memoryview[int]:
        """Concept row of each name."""
        return numbers(self.table("names"), "concept")

    @cached_property
    def subjects(self) -> memoryview[int]:
        """Subject row of each relation."""
        return numbers(self.table("relations"), "subject")

    @cached_property
    def predicates(self) -> memoryview[int]:
        """Predicate row of each relation; 0 is is_a."""
        return numbers(self.table("relations"), "predicate")

    @cached_property
    def objects(self) -> memoryview[int]:
        """Object row of each relation."""
        return numbers(self.table("relations"), "object")

    @cached_property
    def relation_sources(self) -> memoryview[int]:
        """Source row of each relation."""
        return numbers(self.table("relations"), "source")

    @cached_property
    def incoming(self) -> memoryview[int]:
        """Relation rows sorted by object, predicate, subject."""
        return numbers(self.table("incoming"), "relation")

    @cached_property
    def name_spans(self) -> memoryview[int]:
        """Where each concept's names start; one item more than there are concepts."""
        return numbers(self.table("spans"), "names")

    @cached_property
    def subject_spans(self) -> memoryview[int]:
        """Where each concept's relations start, as ``name_spans``."""
        return numbers(self.table("spans"), "subjects")

    @cached_property
    def object_spans(self) -> memoryview[int]:
        """Where each concept's relations start in ``incoming``, as ``name_spans``."""
        return numbers(self.table("spans"), "objects")

    @cached_property
    def predicate_ids(self) -> list[str]:
        """Predicate of each predicate row."""
        return list(strings(self.table("predicates"), "id"))

    @cached_property
    def predicate_names(self) -> list[str]:
        """Readable name of each predicate row, empty where there is none."""
        return list(strings(self.table("predicates"), "name"))

    @cached_property
    def type_ids(self) -> list[str]:
        """Type of each type row; the first is the empty one."""
        return list(strings(self.table("types"), "id"))

    @cached_property
    def source_keys(self) -> list[tuple[str, ...]]:
        """Keys of each source row, which is a set of sources."""
        rows = self.table("sources")
        keys = string_lists(rows, "keys")
        return [keys[row] for row in range(rows.num_rows)]

    @cached_property
    def by_id(self) -> HashIndex:
        """Id or alternative id to concept row."""
        return HashIndex(self.table("id_index"))

    @cached_property
    def by_name(self) -> HashIndex:
        """Normalised name to name row."""
        return HashIndex(self.table("name_index"))

    @cached_property
    def by_number(self) -> HashIndex:
        """Tree number to concept row."""
        return HashIndex(self.table("tree_index"))
