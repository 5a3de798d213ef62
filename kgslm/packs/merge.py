"""Two packs as one: concepts meet by id, and where wanted by cross-reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgslm.packs.builder import PackBuilder
from kgslm.packs.contents import items_of
from kgslm.packs.ids import normal
from kgslm.packs.items import Item, SourceConcept, SourceRelation
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.policies import PASSED
from kgslm.packs.report import BuildReport
from kgslm.packs.sections import Origin, SourceFacts
from kgslm.records import Concept


@dataclass(frozen=True)
class Conflict:
    """Something on which the packs do not agree; what the first says comes first in the merged pack.

    reason: ``name``, ``definition``, ``status`` (obsolete in one of them) or ``several matches``.
    """

    concept: str
    reason: str
    first: str
    second: str


@dataclass(frozen=True)
class MergeReport:
    """The outcome of a merge. by_id, by_xref: how many concepts of the second pack met one of the first."""

    build: BuildReport
    by_id: int
    by_xref: int
    conflicts: tuple[Conflict, ...]

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        conflicts = [vars(conflict) for conflict in self.conflicts]
        return {**self.build.figures(), "by_id": self.by_id, "by_xref": self.by_xref, "conflicts": conflicts}


def merge_packs(
    first: KnowledgePack, second: KnowledgePack, output: Path, *, name: str = "", by_xref: bool = False
) -> MergeReport:
    """Write both as one pack to ``output``; all statements keep their sources. name: by default both names.

    by_xref: also unite concepts of which one gives the other's id as a cross-reference, or that share one with each
    other alone; the second one's id becomes an alternative id. Raises KgslmError where ``output`` is taken.
    """
    same, conflicts = _by_xref(first, second) if by_xref else ({}, [])
    wordings = {**second.wordings, **first.wordings}
    builder = PackBuilder(
        name or f"{first.name}+{second.name}", description=_description(first, second), wordings=wordings
    )
    builder.add(Origin(first.name, policies=PASSED), items_of(first), SourceFacts("pack"))
    builder.add(Origin(second.name, policies=PASSED), _renamed(items_of(second), same), SourceFacts("pack"))
    build = builder.write(output)
    rows = [{id_: row for row, id_ in enumerate(pack.ids)} for pack in (first, second)]
    shared = [(row, rows[1][id_]) for id_, row in rows[0].items() if id_ in rows[1]]
    pairs = [*shared, *((rows[0][target], rows[1][id_]) for id_, target in same.items())]
    for one, other in pairs:
        conflicts += _conflicts(first.concept_at(one), second.concept_at(other))
    return MergeReport(build, len(shared), len(same), tuple(conflicts))


def _description(first: KnowledgePack, second: KnowledgePack) -> str:
    return "; ".join(filter(None, (first.manifest["description"], second.manifest["description"])))


def _by_xref(first: KnowledgePack, second: KnowledgePack) -> tuple[dict[str, str], list[Conflict]]:
    """Concepts of the second pack to those of the first that they are, and those with several such matches."""
    owners: dict[str, set[str]] = {}
    for concept in first.concepts():
        for key in (concept.id, *concept.alt_ids, *concept.xrefs):
            owners.setdefault(key, set()).add(concept.id)
    found: dict[str, str] = {}
    conflicts = []
    for concept in second.concepts():
        if concept.id in first:
            continue
        keys = (concept.id, *concept.alt_ids, *concept.xrefs)
        matches = sorted(set().union(*(owners.get(key, set()) for key in keys)))
        if len(matches) == 1:
            found[concept.id] = matches[0]
        elif matches:
            conflicts.append(Conflict(concept.id, "several matches", ", ".join(matches), concept.name))
    return found, conflicts


def _renamed(items: Iterator[Item], same: dict[str, str]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, SourceRelation):
            yield item._replace(subject=same.get(item.subject, item.subject), object=same.get(item.object, item.object))
        elif isinstance(item, SourceConcept) and item.id in same:
            yield item._replace(id=same[item.id], alt_ids=(*item.alt_ids, item.id))
        else:
            yield item


def _conflicts(a: Concept, b: Concept) -> Iterator[Conflict]:
    if a.obsolete != b.obsolete:
        status = {True: "obsolete", False: "live"}
        yield Conflict(a.id, "status", status[a.obsolete], status[b.obsolete])
    if normal(a.name) != normal(b.name):
        yield Conflict(a.id, "name", a.name, b.name)
    if a.definition and b.definition and normal(a.definition) != normal(b.definition):
        yield Conflict(a.id, "definition", a.definition, b.definition)
