"""First half of a build: everything the sources say, merged by concept id; relations wait until all ids are known."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Literal, NamedTuple

from kgslm.packs.items import (
    NAME_KINDS,
    Finding,
    Item,
    SourceConcept,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
)
from kgslm.packs.report import SourceReport
from kgslm.records import IS_A

OnMissing = Literal["error", "skip", "keep"]
_PREFERRED = NAME_KINDS.index("preferred")
_EXACT = NAME_KINDS.index("exact")
_KINDS = {kind: code for code, kind in enumerate(NAME_KINDS)}


class Origin(NamedTuple):
    """What the builder must know of a source.

    by_name: whether its relations may name concepts instead of giving ids. id_prefix: put before ids that have no
    prefix. on_missing: what to do with relations to concepts that no source defines.
    """

    key: str
    by_name: bool = False
    id_prefix: str = ""
    on_missing: OnMissing = "skip"


class Draft:
    """A concept in the making.

    names: text to (kind code, source row), the preferred name among them. tree: number to source row.
    """

    __slots__ = (
        "alt_ids",
        "categories",
        "definition",
        "name",
        "names",
        "obsolete",
        "replaced_by",
        "source",
        "tree",
        "xrefs",
    )

    def __init__(self, source: int) -> None:
        self.source = source
        self.name = ""
        self.names: dict[str, tuple[int, int]] = {}
        self.definition = ""
        self.categories: tuple[str, ...] = ()
        self.tree: dict[str, int] = {}
        self.xrefs: tuple[str, ...] = ()
        self.alt_ids: tuple[str, ...] = ()
        self.obsolete = False
        self.replaced_by: tuple[str, ...] = ()

    def merge(self, item: SourceConcept, source: int) -> None:
        """Take over all but the names: the first definition wins, lists are united."""
        self.definition = self.definition or " ".join(item.definition.split())
        self.obsolete = self.obsolete or item.obsolete
        for number in item.tree:
            self.tree.setdefault(number, source)
        for field in ("categories", "xrefs", "alt_ids", "replaced_by"):
            more = getattr(item, field)
            if more:
                here = getattr(self, field)
                setattr(self, field, tuple(dict.fromkeys((*here, *more))))

    def add_name(self, text: str, kind: int, source: int) -> bool:
        """Add a name; returns False where the concept had it, whose stronger kind then wins."""
        if kind == _PREFERRED and not self.name:
            self.name = text
        elif kind == _PREFERRED and text != self.name:
            kind = _EXACT
        known = self.names.get(text)
        if known is None:
            self.names[text] = (kind, source)
            return True
        if kind < known[0]:
            self.names[text] = (kind, source)
        return False

    def ordered_names(self) -> list[tuple[str, int, int]]:
        """``(text, kind code, source row)``, the preferred name first; without one, the strongest name is it."""
        rows = sorted(((text, kind, source) for text, (kind, source) in self.names.items()), key=lambda row: row[1])
        if rows and rows[0][1] != _PREFERRED:
            rows[0] = (rows[0][0], _PREFERRED, rows[0][2])
        return rows


class Pending:
    """The relations of one source as columns of codes, which keeps millions of them small."""

    def __init__(self, origin: Origin, report: SourceReport) -> None:
        self.origin = origin
        self.report = report
        self.own: set[str] = set()  # ids that the source describes, where it may refer to them by name
        self.subjects = array("i")
        self.predicates = array("i")
        self.objects = array("i")
        self.sources = array("i")
        self.files = array("i")
        self.lines = array("i")

    def __len__(self) -> int:
        return len(self.subjects)


class Codes(dict[str, int]):
    """Text to a running number, given at first use."""

    def __init__(self) -> None:
        super().__init__()
        self._order: list[str] = []

    def __missing__(self, text: str) -> int:
        self[text] = code = len(self)
        self._order.append(text)
        return code

    def text(self, code: int) -> str:
        """The text of a code."""
        return self._order[code]


class Collector:
    """Gathers items. drafts: by concept id. texts: the codes of relation ends; files, predicates, sources alike."""

    def __init__(self) -> None:
        self.drafts: dict[str, Draft] = {}
        self.pending: list[Pending] = []
        self.texts = Codes()
        self.files = Codes()
        self.predicates = Codes()
        self.sources = Codes()
        self.predicate_names: dict[str, str] = {}
        self.prefixes: dict[str, str] = {}
        self.predicates[IS_A]  # is_a is predicate 0, so that a concept's parents come first among its relations

    def add(self, origin: Origin, items: Iterable[Item]) -> Pending:
        """Take in all items of one source; returns its relations and its report."""
        pending = Pending(origin, SourceReport(origin.key))
        self.pending.append(pending)
        row = self.sources[origin.key]
        for item in items:
            # Ordered by how often each occurs; isinstance on named tuples is fast.
            if isinstance(item, SourceRelation):
                self.relation(pending, row, item)
            elif isinstance(item, SourceConcept):
                self._concept(pending, row, item)
            elif isinstance(item, Finding):
                pending.report.found(item)
            elif isinstance(item, SourcePredicate):
                self.predicate_names.setdefault(item.id, " ".join(item.name.split()))
            else:
                self._prefix(item)
        return pending

    def make(self, pending: Pending, concepts: Iterable[SourceConcept]) -> None:
        """Add concepts that the source only mentions."""
        row = self.sources[pending.origin.key]
        for item in concepts:
            self._concept(pending, row, item)
            pending.report.note(Finding("made from a mention", f"{item.id} is only mentioned", file=pending.origin.key))

    def _prefix(self, item: SourcePrefix) -> None:
        self.prefixes.setdefault(item.prefix, item.namespace)

    def _concept(self, pending: Pending, source: int, item: SourceConcept) -> None:
        tally = pending.report.concepts
        tally.read += 1
        if not item.id:
            pending.report.skip(Finding("no id", "the concept has no id", "concept", item.file, item.line))
            return
        if pending.origin.by_name:
            pending.own.add(item.id)
        draft = self.drafts.get(item.id)
        if draft is None:
            draft = self.drafts[item.id] = Draft(source)
            tally.kept += 1
        else:
            tally.merged += 1
        draft.merge(item, source)
        if item.name:
            self._name(pending, source, draft, item, item.name, _PREFERRED)
        for text, kind, _ in item.names:
            self._name(pending, source, draft, item, text, _KINDS[kind])
        for parent in item.parents:
            self.relation(pending, source, SourceRelation(item.id, IS_A, parent, "", item.file, item.line))

    def _name(self, pending: Pending, source: int, draft: Draft, item: SourceConcept, text: str, kind: int) -> None:
        tally = pending.report.names
        tally.read += 1
        text = " ".join(text.split())
        if not text:
            message = f"{item.id} has an empty name"
            pending.report.skip(Finding("empty name", message, "name", item.file, item.line))
        elif draft.add_name(text, kind, source):
            tally.kept += 1
        else:
            tally.merged += 1

    def relation(self, pending: Pending, source: int, item: SourceRelation) -> None:
        """Take in one relation, whose ends are looked up when all concepts are known."""
        pending.report.relations.read += 1
        if not (item.subject and item.predicate and item.object):
            message = f"incomplete relation {item.subject!r} {item.predicate!r} {item.object!r}"
            pending.report.skip(Finding("incomplete relation", message, "relation", item.file, item.line))
            return
        pending.subjects.append(self.texts[item.subject])
        pending.predicates.append(self.predicates[item.predicate])
        pending.objects.append(self.texts[item.object])
        pending.sources.append(self.sources[f"{pending.origin.key}#{item.detail}"] if item.detail else source)
        pending.files.append(self.files[item.file])
        pending.lines.append(item.line)
