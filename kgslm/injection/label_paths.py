"""From a mention's concept to the concept that a label stands for, step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kgslm.injection.evidence import EvidenceScorer
from kgslm.injection.grounding import Grounding
from kgslm.packs import KnowledgePack
from kgslm.packs.paths import PathFinder, Step
from kgslm.records import IS_A, Link
from kgslm.records.explanation import LinkShare, PathStep

_FLAGS = ("negated", "hypothetical", "historical", "other_person")


def link_shares(
    pack: KnowledgePack, scorer: EvidenceScorer, links: Iterable[Link], shares: Iterable[float], label: int
) -> tuple[LinkShare, ...]:
    """The links that have a concept, each with its share and its path to the label. label: its position."""
    grounding = scorer.groundings[label]
    found = []
    for link, share in zip(links, shares, strict=True):
        if link.concept is not None:
            flags = tuple(flag for flag in _FLAGS if getattr(link, flag))
            path = label_path(pack, scorer, link, label)
            why = grounding.why if path or link.concept in grounding.concepts else ""
            mention = (link.start, link.end, link.surface, link.concept, link.name)
            found.append(LinkShare(*mention, flags, float(share), path, why))
    return tuple(found)


def label_path(pack: KnowledgePack, scorer: EvidenceScorer, link: Link, label: int) -> tuple[PathStep, ...]:
    """The shortest way from the link's concept to one that the label stands for.

    Up the hierarchy for a concept that lies under the label, by way of one chosen predicate for a related one, and by
    way of an opposite for a denied one; empty where the concept counts for other labels or none.
    """
    grounding, concept = scorer.groundings[label], link.concept
    if concept is None or concept not in pack:
        return ()
    if link.negated and label in scorer.flips.get(concept, ()):
        return _by_opposite(pack, concept, grounding)
    if concept in grounding.members:
        return _upwards(pack, concept, grounding.concepts) or ()
    if concept in grounding.related:
        return _by_relation(pack, concept, grounding)
    return ()


def _upwards(pack: KnowledgePack, start: str, goals: Collection[str]) -> tuple[PathStep, ...] | None:
    """The nearest of ``goals`` among the broader concepts; None where there is none, no step where it is the start."""
    below: dict[str, str] = {start: ""}
    layer = [start]
    while layer:
        reached = next((id_ for id_ in layer if id_ in goals), None)
        if reached is not None:
            way = []
            while below[reached]:
                way.append(PathStep(IS_A, True, reached, pack.concept(reached).name))
                reached = below[reached]
            return tuple(reversed(way))
        above = [(parent, id_) for id_ in layer for parent in pack.parents(id_) if parent not in below]
        layer = list(dict.fromkeys(parent for parent, _ in above))
        for parent, id_ in above:
            below.setdefault(parent, id_)
    return None


def _by_relation(pack: KnowledgePack, concept: str, grounding: Grounding) -> tuple[PathStep, ...]:
    """One relation to a member of the label, and up from there: the shortest of these."""
    ways = []
    for relation in pack.neighbours(concept):
        forwards = relation.subject == concept
        other = relation.object if forwards else relation.subject
        if relation.predicate != IS_A and other in grounding.members:
            up = _upwards(pack, other, grounding.concepts) or ()
            ways.append((PathStep(relation.predicate, forwards, other, pack.concept(other).name), *up))
    return min(ways, key=len, default=())


def _by_opposite(pack: KnowledgePack, concept: str, grounding: Grounding) -> tuple[PathStep, ...]:
    opposites = [predicate for predicate in pack.predicates() if predicate.casefold().endswith("opposite_of")]
    finder = PathFinder(pack, [IS_A, *opposites])
    ways = [way for goal in grounding.concepts[:50] for way in finder.paths(concept, goal, max_length=6, max_paths=1)]
    return tuple(_said(pack, step) for step in min(ways, key=len).steps) if ways else ()


def _said(pack: KnowledgePack, step: Step) -> PathStep:
    return PathStep(step.relation.predicate, step.forwards, step.end, pack.concept(step.end).name)
