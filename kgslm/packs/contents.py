"""What a built pack says, told again source by source, as a reader would: for subsets, merges and exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgslm.errors import PackError
from kgslm.packs.builder import PackBuilder
from kgslm.packs.drafts import VALUES
from kgslm.packs.items import (
    FILTERED,
    NAME_KINDS,
    Finding,
    Item,
    SourceConcept,
    SourceHead,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
)
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.policies import PASSED
from kgslm.packs.provenance import base_key
from kgslm.packs.report import BuildReport
from kgslm.packs.sections import Origin, SourceFacts
from kgslm.packs.store import vector

Mask = np.ndarray[Any, Any]
_PREFERRED = NAME_KINDS.index("preferred")


@dataclass(frozen=True)
class Selection:
    """A part of a pack. sources: keys; what no other source says is left out. concepts: bools, one for each row."""

    sources: frozenset[str] | None = None
    concepts: Mask | None = None


WHOLE = Selection()


def items_of(pack: KnowledgePack, part: Selection = WHOLE) -> Iterator[Item]:
    """All that the chosen sources say of the chosen concepts, source by source, each behind its ``SourceHead``.

    Relations to concepts that are not chosen are counted as filtered. Built again, the items give an equal pack.
    """
    teller = _Teller(pack, part)
    for source in pack.manifest["sources"]:
        if part.sources is None or source["key"] in part.sources:
            yield SourceHead(*(source[field] for field in SourceHead._fields))
            yield from teller.said_by(source["key"])


def licensed(pack: KnowledgePack, licences: list[str]) -> frozenset[str]:
    """Keys of the sources under one of the licences, in any case and punctuation, a remark in brackets aside.

    Raises PackError where no source has one of them.
    """
    stated = {source["key"]: source["licence"] for source in pack.manifest["sources"]}
    keys: set[str] = set()
    for licence in licences:
        wanted = _bare(licence)
        found = {
            key for key, text in stated.items() if wanted and wanted in (_bare(text), _bare(text.partition("(")[0]))
        }
        if not found:
            has = ", ".join(sorted(set(filter(None, stated.values())))) or "none stated"
            raise PackError(f"{pack.path}: no source has the licence {licence!r}; its licences are: {has}")
        keys |= found
    return frozenset(keys)


def _bare(licence: str) -> str:
    return re.sub(r"[\W_]+", "-", licence.casefold()).strip("-")


class _Teller:
    def __init__(self, pack: KnowledgePack, part: Selection) -> None:
        self._pack = pack
        self._part = part
        tables = pack.tables
        self._bases = [tuple(dict.fromkeys(map(base_key, keys))) for keys in tables.source_keys]
        concepts, relations, predicates = (tables.table(name) for name in ("concepts", "relations", "predicates"))
        self._concept_sources = vector(concepts, "source")
        self._relation_sources = vector(relations, "source")
        self._predicate_sources = vector(predicates, "source")
        self._subjects, self._objects = vector(relations, "subject"), vector(relations, "object")
        chosen = part.concepts if part.concepts is not None else np.ones(len(pack.ids), bool)
        self._concepts = chosen & self._any(part.sources)[self._concept_sources]
        self._prefixes = dict(pack.manifest["prefixes"])
        self._told: set[str] = set()

    def _any(self, keys: frozenset[str] | None) -> Mask:
        """Which source sets hold one of the keys."""
        return np.array([keys is None or not keys.isdisjoint(bases) for bases in self._bases] or [False], bool)

    def said_by(self, key: str) -> Iterator[Item]:
        member = self._any(frozenset((key,)))
        for row in np.flatnonzero(member[self._concept_sources] & self._concepts).tolist():
            yield self._concept(row, member)
        inside = self._concepts[self._subjects] & self._concepts[self._objects]
        mine = member[self._relation_sources]
        predicates: set[int] = set()
        for index in np.flatnonzero(mine & inside).tolist():
            predicates.add(self._pack.tables.predicates[index])
            yield from self._relation(index, key)
        for row in sorted(predicates):
            name = self._pack.tables.predicate_names[row]
            if name and member[self._predicate_sources[row]]:
                yield SourcePredicate(self._pack.tables.predicate_ids[row], name)
        yield from self._prefixes_told()
        left = int((mine & ~inside).sum())
        if left:
            yield Finding(FILTERED, "one end is not part of the selection", "relation", times=left)

    def _concept(self, row: int, member: Mask) -> SourceConcept:
        tables = self._pack.tables
        definitions, categories, tree, xrefs, alt_ids, replaced_by = (self._values(row, it, member) for it in VALUES)
        name, names = "", []
        for index in range(tables.name_spans[row], tables.name_spans[row + 1]):
            sources = tables.name_sources[index]
            if not member[sources]:
                continue
            if tables.kinds[index] == _PREFERRED and not name:
                name = tables.texts[index]
            names.append(SourceName(tables.texts[index], NAME_KINDS[tables.kinds[index]], self._type(index, sources)))
        if names and names[0].kind == "preferred" and not names[0].type:
            del names[0]
        self._told.add(_prefix(self._pack.ids[row]))
        for ids in (xrefs, alt_ids, replaced_by):
            self._told.update(map(_prefix, ids))
        return SourceConcept(
            self._pack.ids[row],
            name,
            tuple(names),
            definitions[0] if definitions else "",
            categories,
            (),
            tree,
            xrefs,
            alt_ids,
            bool(tables.obsolete[row]),
            replaced_by,
            further_definitions=definitions[1:],
        )

    def _type(self, index: int, sources: int) -> str:
        """The type of a name, unless a source that is not chosen may have said it."""
        chosen = self._part.sources
        if chosen is not None and not chosen.issuperset(self._bases[sources]):
            return ""
        return self._pack.tables.type_ids[self._pack.tables.types[index]]

    def _values(self, row: int, field: str, member: Mask) -> tuple[str, ...]:
        values: tuple[str, ...] = getattr(self._pack.tables, field)[row]
        if not values:
            return ()
        sources = self._pack.tables.value_sources(field)[row]
        return tuple([value for value, source in zip(values, sources, strict=True) if member[source]])

    def _relation(self, index: int, key: str) -> Iterator[SourceRelation]:
        edge = self._pack.relation_at(index)
        self._told.add(_prefix(edge.predicate))
        for source in edge.sources:
            base, _, detail = source.partition("#")
            if base == key:
                yield SourceRelation(edge.subject, edge.predicate, edge.object, detail)

    def _prefixes_told(self) -> Iterator[SourcePrefix]:
        for prefix in sorted(self._told & self._prefixes.keys()):
            yield SourcePrefix(prefix, self._prefixes.pop(prefix))


def _prefix(id_: str) -> str:
    return id_.partition(":")[0]


def rebuild(pack: KnowledgePack, part: Selection, output: Path) -> BuildReport:
    """Write a part of a pack as a pack of the same name. Raises KgslmError where ``output`` is taken."""
    builder = PackBuilder(pack.name, pack.version, pack.manifest["description"], wordings=pack.wordings)
    builder.add(Origin(pack.name, policies=PASSED), items_of(pack, part), SourceFacts("pack"))
    return builder.write(output)
