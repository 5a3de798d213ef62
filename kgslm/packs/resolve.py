"""What the ends of relations stand for."""

from __future__ import annotations

from collections.abc import Iterable

from kgslm.packs.collect import Collector
from kgslm.packs.ids import has_prefix, normal, slug, with_prefix
from kgslm.packs.items import SourceConcept
from kgslm.packs.sections import Origin, Section

MISSING, AMBIGUOUS, OBSOLETE = "not defined", "ambiguous name", "obsolete without replacement"
ADVICE = {
    MISSING: "is not defined; add it or set on_missing: skip or keep",
    AMBIGUOUS: "names several concepts; give the id",
    OBSOLETE: "is obsolete and has no replacement",
}


class Resolver:
    """Finds the concept that a text of a source means: by id, by alternative id, by name where that is allowed."""

    def __init__(self, collector: Collector) -> None:
        self._drafts = collector.drafts
        self._alternatives: dict[str, str] = {}
        for id_, draft in collector.drafts.items():
            for alternative in draft.alt_ids:
                if alternative not in collector.drafts:
                    self._alternatives.setdefault(alternative, id_)

    def resolve_all(self, texts: Iterable[str], section: Section) -> dict[str, tuple[str, str]]:
        """Each text's ``(concept id, "")``, or ``("", reason)`` where it stands for no live concept."""
        origin = section.origin
        drafts, found = self._drafts, {}
        for text in texts:
            draft = drafts.get(text)
            found[text] = self._by_id(text, origin) if draft is None or draft.obsolete else (text, "")
        if origin.by_name:
            wanted = {normal(text) for text, (_, reason) in found.items() if reason == MISSING}
            names = self._named(wanted) if wanted else {}
            for text, (_, reason) in found.items():
                if reason == MISSING:
                    found[text] = _by_name(names.get(normal(text)), section.own)
        return found

    def _by_id(self, text: str, origin: Origin) -> tuple[str, str]:
        for id_ in (text, with_prefix(text, origin.id_prefix)):
            id_ = self._alternatives.get(id_, id_)
            if id_ in self._drafts:
                live = self.live(id_)
                return (live, "") if live else ("", OBSOLETE)
        return "", MISSING

    def live(self, id_: str) -> str:
        """The concept itself, or what replaces it where it is obsolete; empty where nothing does."""
        seen = set()
        while id_ not in seen:
            seen.add(id_)
            id_ = self._alternatives.get(id_, id_)
            draft = self._drafts.get(id_)
            if draft is None:
                return ""
            if not draft.obsolete:
                return id_
            id_ = next(iter(draft.replaced_by), "")
        return ""

    def _named(self, wanted: set[str]) -> dict[str, tuple[list[str], list[str]]]:
        """For each wanted name the live concepts that prefer it, and those that have it as a synonym."""
        named: dict[str, tuple[list[str], list[str]]] = {}
        for id_, draft in self._drafts.items():
            if draft.obsolete:
                continue
            for text in draft.names:
                key = normal(text)
                if key in wanted:
                    tier = 0 if text == draft.name else 1
                    named.setdefault(key, ([], []))[tier].append(id_)
        return named


def _by_name(tiers: tuple[list[str], list[str]] | None, own: set[str]) -> tuple[str, str]:
    """The one candidate of the better tier; of several, the one that the source itself describes."""
    if tiers is None:
        return "", MISSING
    candidates = set(tiers[0] or tiers[1])
    if len(candidates) > 1:
        candidates &= own
    return (candidates.pop(), "") if len(candidates) == 1 else ("", AMBIGUOUS)


def bare_concept(text: str, origin: Origin) -> SourceConcept:
    """The concept that ``on_missing: keep`` makes of an unknown relation end: a name becomes its slug."""
    id_ = with_prefix(text, origin.id_prefix)
    if origin.by_name and not has_prefix(text) and any(sign.isspace() for sign in text):
        return SourceConcept(origin.id_prefix + (slug(text) or text), text)
    return SourceConcept(id_)
