"""First half of a build: everything the sources say, merged by concept id; relations wait until all ids are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from kgslm.errors import PackError
from kgslm.packs.drafts import PREFERRED, Draft, Mark, Marks
from kgslm.packs.items import (
    NAME_KINDS,
    Finding,
    Item,
    SourceConcept,
    SourceHead,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
    SourceRelations,
)
from kgslm.packs.prefixes import Prefixes
from kgslm.packs.provenance import Codes, SourceSets, base_key
from kgslm.packs.sections import OBJECT, PREDICATE, SOURCE, SUBJECT, WIDTH, Origin, Section, SourceFacts
from kgslm.records import IS_A

_PREFERRED_KIND = NAME_KINDS[PREFERRED]
_KINDS = {kind: code for code, kind in enumerate(NAME_KINDS)}
_NO_PREFIXES = Prefixes({}, {})


class Collector:
    """Gathers items. drafts: by concept id. texts: the codes of relation ends; files, predicates, types alike.

    prefixes: how ids are spelled.
    """

    def __init__(self, prefixes: Prefixes = _NO_PREFIXES) -> None:
        self.drafts: dict[str, Draft] = {}
        self.sections: list[Section] = []
        self.texts = Codes()
        self.files = Codes()
        self.predicates = Codes()
        self.types = Codes()
        self.sets = SourceSets()
        self.marks = Marks(self.sets)
        self.predicate_names: dict[str, tuple[str, int]] = {}
        self.namespaces: dict[str, str] = {}
        self._spell = prefixes
        self.predicates[IS_A]  # is_a is predicate 0, so that a concept's parents come first among its relations
        self.types[""]

    def add(self, origin: Origin, items: Iterable[Item], facts: SourceFacts) -> None:
        """Take in all items of one source."""
        outer = section = self._section(origin, facts)
        if self._spell:
            items = self._spelled(items)
        for item in items:
            # Ordered by how often each occurs; isinstance on named tuples is fast.
            if isinstance(item, SourceRelation):
                self.relation(section, item)
            elif isinstance(item, SourceConcept):
                self._concept(section, item)
            elif isinstance(item, SourceRelations):
                self._relations(section, item)
            elif isinstance(item, SourceHead):
                section = self._inner(origin, item)
            else:
                self._remark(section, item)
        if section is not outer and not outer.report.anything():
            self.sections.remove(outer)  # all that it says is said by the sources inside it
        elif section is outer and not (outer.report.concepts.kept or outer.report.concepts.merged or len(outer)):
            message = "it gave no concept and no relation; check its kind and options"
            outer.report.note(Finding("nothing read", message, "note", facts.path or origin.key))

    def _remark(self, section: Section, item: Finding | SourcePredicate | SourcePrefix) -> None:
        if isinstance(item, Finding):
            section.report.found(item)
        elif isinstance(item, SourcePredicate):
            self._predicate(section, item)
        else:
            self.namespaces.setdefault(item.prefix, item.namespace)

    def _predicate(self, section: Section, item: SourcePredicate) -> None:
        name = " ".join(item.name.split())
        known, sources = self.predicate_names.setdefault(item.id, (name, section.row))
        if known == name:
            self.predicate_names[item.id] = (name, self.sets.union(sources, section.row))

    def section_of(self, sources: int) -> Section:
        """The section that was the first to say what a set of sources says."""
        key = base_key(self.sets.first(sources))
        return next(section for section in self.sections if section.origin.key == key)

    def make(self, section: Section, concepts: Iterable[SourceConcept]) -> None:
        """Add concepts that the source only mentions."""
        for item in concepts:
            self._concept(section, item)
            finding = Finding("made from a mention", f"{item.id} is only mentioned", file=section.origin.key)
            section.report.note(finding)

    def _section(self, origin: Origin, facts: SourceFacts) -> Section:
        section = Section(origin, facts, self.sets.one(origin.key))
        self.sections.append(section)
        return section

    def _inner(self, origin: Origin, head: SourceHead) -> Section:
        """The section of a source inside the one that is read; one that two packs share is the same source."""
        facts = SourceFacts(head.kind, head.path, head.licence, head.sha256)
        taken = {section.origin.key: section for section in self.sections}
        key, number = head.key, 1
        while key in taken:
            if taken[key].facts == facts:
                return taken[key]
            number += 1
            key = f"{head.key}-{number}"
        return self._section(origin._replace(key=key), facts)

    def _spelled(self, items: Iterable[Item]) -> Iterator[Item]:
        spell = self._spell
        for item in items:
            if isinstance(item, SourceRelation):
                yield item._replace(subject=spell(item.subject), object=spell(item.object))
            elif isinstance(item, SourceRelations):
                yield item._replace(
                    ends=[(spell(subject), predicate, spell(it)) for subject, predicate, it in item.ends]
                )
            elif isinstance(item, SourceConcept):
                yield item._replace(
                    id=spell(item.id),
                    parents=spell.all(item.parents),
                    xrefs=spell.all(item.xrefs),
                    alt_ids=spell.all(item.alt_ids),
                    replaced_by=spell.all(item.replaced_by),
                )
            else:
                yield item

    def _concept(self, section: Section, item: SourceConcept) -> None:
        report = section.report
        tally = report.concepts
        tally.read += 1
        if not item.id:
            report.skip(Finding("no id", "the concept has no id", "concept", item.file, item.line))
            return
        if section.origin.by_name:
            section.own.add(item.id)
        draft = self.drafts.get(item.id)
        if draft is None:
            draft = self.drafts[item.id] = Draft(section.row, self.files[item.file], item.line)
            tally.kept += 1
        elif draft.last == section.row and not section.origin.repeats and self._is_left_out(section, item):
            return
        else:
            tally.merged += 1
        draft.last = section.row
        draft.merge(item, section.row, self.sets)
        self._names(section, draft, item)
        for parent in item.parents:
            self.relation(section, SourceRelation(item.id, IS_A, parent, "", item.file, item.line))

    def _is_left_out(self, section: Section, item: SourceConcept) -> bool:
        """Report a concept that the same source described before; whether the policy leaves it out."""
        policy = section.origin.policies.duplicate_id
        message = f"{item.id} is described a second time"
        finding = Finding("duplicate id", message, "concept", item.file, item.line)
        if policy == "error":
            advice = "remove one of the two or set policies: {duplicate_id: keep}"
            raise PackError(f"{section.place(item.file, item.line)}: {message}; {advice}")
        if policy == "skip":
            section.report.skip(finding)
            return True
        section.report.note(finding)
        return False

    def _names(self, section: Section, draft: Draft, item: SourceConcept) -> None:
        names, marks, kept = draft.names, section.marks, 0
        given = item.names
        if item.name:
            given = (SourceName(item.name, _PREFERRED_KIND), *given)
        tally = section.report.names
        tally.read += len(given)
        for text, kind, type_ in given:
            text = " ".join(text.split())
            if not text:
                self._empty_name(section, item)
                continue
            mark = marks.get((kind, type_)) or self._mark(section, kind, type_)
            preferred = mark[0] == PREFERRED
            if text not in names and not (preferred and draft.name):
                if preferred:
                    draft.name = text
                names[text] = mark
                kept += 1
            elif draft.add_name(text, mark, self.marks):
                kept += 1
            else:
                tally.merged += 1
        tally.kept += kept

    def _mark(self, section: Section, kind: str, type_: str) -> Mark:
        """The mark of all names of this kind and type in a section."""
        mark = section.marks[kind, type_] = self.marks(_KINDS[kind], self.types[type_], section.row)
        return mark

    def _empty_name(self, section: Section, item: SourceConcept) -> None:
        message = f"{item.id} has an empty name"
        if section.origin.policies.empty_name == "error":
            where = section.place(item.file, item.line)
            raise PackError(f"{where}: {message}; remove it or set policies: {{empty_name: skip}}")
        section.report.skip(Finding("empty name", message, "name", item.file, item.line))

    def relation(self, section: Section, item: SourceRelation, source: int | None = None) -> None:
        """Take in one relation, whose ends are looked up when all concepts are known. source: a set of sources."""
        subject, predicate, object_, detail, file, line = item
        section.report.relations.read += 1
        if not (subject and predicate and object_):
            message = f"incomplete relation {subject!r} {predicate!r} {object_!r}"
            section.report.skip(Finding("incomplete relation", message, "relation", file, line))
            return
        if source is None:
            source = self.sets.one(f"{section.origin.key}#{detail}") if detail else section.row
        texts = self.texts
        section.append((texts[subject], self.predicates[predicate], texts[object_], source, self.files[file], line))

    def _relations(self, section: Section, item: SourceRelations) -> None:
        if not all(map(all, item.ends)):
            for one in item.one_by_one():
                self.relation(section, one)
            return
        section.report.relations.read += len(item.ends)
        texts, predicates = self.texts, self.predicates
        rows = np.empty((len(item.ends), WIDTH), np.int32)
        rows[:, SUBJECT] = [texts[subject] for subject, _, _ in item.ends]
        rows[:, PREDICATE] = [predicates[predicate] for _, predicate, _ in item.ends]
        rows[:, OBJECT] = [texts[object_] for _, _, object_ in item.ends]
        rows[:, SOURCE:] = section.row, self.files[item.file], 0
        section.extend(rows)
