"""What changed between two packs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from kgslm.packs.items import NAME_KINDS
from kgslm.packs.pack import KnowledgePack
from kgslm.records import IS_A

Change = tuple[str, str, str]
"""``(concept id, before, after)``."""


@dataclass(frozen=True)
class PackDiff:
    """The differences from an old pack to a new one; all empty where both say the same. All lists are sorted.

    added, removed: ``(id, name)`` of live concepts that the other pack does not have, not even as an obsolete one.
    obsoleted: ``(id, name, replacement)``, live before and obsolete now. merged: ``(id, name, id now)``, a concept
    before and an alternative id now. revived: ``(id, name)``, obsolete before and live now.
    renamed, redefined: the preferred name or the definitions differ. moved: the tree numbers or categories differ.
    reparented: the direct parents differ. relinked: cross-references, alternative ids or replacements differ.
    names_added, names_removed: ``(id, name, kind)`` of concepts that both have. relations_added, relations_removed:
    ``(subject, predicate, object)``, is_a of concepts that both have aside, which are in reparented.
    """

    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    obsoleted: tuple[Change, ...]
    merged: tuple[Change, ...]
    revived: tuple[tuple[str, str], ...]
    renamed: tuple[Change, ...]
    redefined: tuple[Change, ...]
    moved: tuple[Change, ...]
    reparented: tuple[Change, ...]
    relinked: tuple[Change, ...]
    names_added: tuple[Change, ...]
    names_removed: tuple[Change, ...]
    relations_added: tuple[Change, ...]
    relations_removed: tuple[Change, ...]

    def counts(self) -> dict[str, int]:
        """How many differences there are of each sort."""
        return {field.name: len(getattr(self, field.name)) for field in fields(self)}

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return any(self.counts().values())

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return {"counts": self.counts(), **asdict(self)}


def diff_packs(old: KnowledgePack, new: KnowledgePack) -> PackDiff:
    """Compare two packs concept by concept; sources and the order of values do not matter."""
    before, after = _Side(old), _Side(new)
    both = sorted(before.rows.keys() & after.rows.keys())
    stay = [id_ for id_ in both if before.live(id_) == after.live(id_)]
    gone = [id_ for id_ in sorted(before.rows.keys() - after.rows.keys()) if before.live(id_)]
    merged = [id_ for id_ in gone if id_ in new]
    names = [_compared(id_, before.names(id_), after.names(id_)) for id_ in stay]
    relations = before.relations(both), after.relations(both)

    def changed(value: Callable[[_Side, str], str]) -> tuple[Change, ...]:
        pairs = ((id_, value(before, id_), value(after, id_)) for id_ in stay)
        return tuple(pair for pair in pairs if pair[1] != pair[2])

    return PackDiff(
        added=tuple(after.named(id_) for id_ in sorted(after.rows.keys() - before.rows.keys()) if after.live(id_)),
        removed=tuple(before.named(id_) for id_ in gone if id_ not in new),
        obsoleted=tuple(
            (*after.named(id_), _listed(after.pack.tables.replaced_by[after.rows[id_]]))
            for id_ in both
            if before.live(id_) and not after.live(id_)
        ),
        merged=tuple((*before.named(id_), new.ids[new.row(id_)]) for id_ in merged),
        revived=tuple(after.named(id_) for id_ in both if after.live(id_) and not before.live(id_)),
        renamed=changed(lambda side, id_: side.named(id_)[1]),
        redefined=changed(lambda side, id_: " | ".join(side.values(id_, "definitions"))),
        moved=changed(lambda side, id_: _listed((*side.values(id_, "tree"), *side.values(id_, "categories")))),
        reparented=changed(lambda side, id_: _listed(sorted(side.parents(id_)))),
        relinked=changed(_Side.links),
        names_added=tuple(change for gained, _ in names for change in gained),
        names_removed=tuple(change for _, lost in names for change in lost),
        relations_added=tuple(sorted(relations[1] - relations[0])),
        relations_removed=tuple(sorted(relations[0] - relations[1])),
    )


class _Side:
    """One of the two packs, asked by id."""

    def __init__(self, pack: KnowledgePack) -> None:
        self.pack = pack
        self.rows = {id_: row for row, id_ in enumerate(pack.ids)}

    def live(self, id_: str) -> bool:
        return not self.pack.tables.obsolete[self.rows[id_]]

    def named(self, id_: str) -> tuple[str, str]:
        return id_, self.pack.tables.name[self.rows[id_]]

    def names(self, id_: str) -> set[tuple[str, str, str]]:
        """``(text, kind, type)`` of the synonyms."""
        tables, row = self.pack.tables, self.rows[id_]
        return {
            (tables.texts[index], NAME_KINDS[tables.kinds[index]], tables.type_ids[tables.types[index]])
            for index in range(tables.name_spans[row], tables.name_spans[row + 1])
        }

    def values(self, id_: str, field: str) -> list[str]:
        return sorted(getattr(self.pack.tables, field)[self.rows[id_]])

    def links(self, id_: str) -> str:
        return _listed(value for field in ("xrefs", "alt_ids", "replaced_by") for value in self.values(id_, field))

    def parents(self, id_: str) -> list[str]:
        return [self.pack.ids[row] for row in self.pack.parent_rows(self.rows[id_])]

    def relations(self, both: list[str]) -> set[Change]:
        shared = set(both)
        return {
            (edge.subject, edge.predicate, edge.object)
            for edge in self.pack.relations()
            if edge.predicate != IS_A or edge.subject not in shared
        }


def _compared(
    id_: str, before: set[tuple[str, str, str]], after: set[tuple[str, str, str]]
) -> tuple[list[Change], list[Change]]:
    """Names that came and names that went."""
    if before == after:
        return [], []
    gained = [(id_, text, _sort(kind, type_)) for text, kind, type_ in sorted(after - before)]
    return gained, [(id_, text, _sort(kind, type_)) for text, kind, type_ in sorted(before - after)]


def _sort(kind: str, type_: str) -> str:
    return f"{kind} {type_}" if type_ else kind


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)
