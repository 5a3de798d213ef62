"""Relations between texts become relations between rows: resolved, without repeats, self-loops and cycles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from kgslm.errors import PackError
from kgslm.packs.collect import Collector
from kgslm.packs.hierarchy import closing_edges
from kgslm.packs.items import Finding
from kgslm.packs.report import KEPT
from kgslm.packs.resolve import ADVICE, MISSING, Resolver, bare_concept
from kgslm.packs.sections import FILE, LINE, OBJECT, PREDICATE, SOURCE, SUBJECT, Section
from kgslm.packs.walk import distinct
from kgslm.records import IS_A

Ints = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Edges:
    """Parallel int arrays. part: the place in ``Collector.sections``; at: the position there."""

    subjects: Ints
    predicates: Ints
    objects: Ints
    sources: Ints
    part: Ints
    at: Ints

    def __getitem__(self, which: Ints) -> Edges:
        return Edges(*(getattr(self, field)[which] for field in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.subjects)


class EdgeBuilder:
    """Does the work for one build, in two steps: ``resolve``, which may add concepts, then ``edges``."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._texts: list[str] = []
        self._ends: list[dict[int, str]] = []

    def resolve(self) -> None:
        """Find what each relation end stands for. Raises PackError where a source says ``on_missing: error``."""
        self._texts = list(self._collector.texts)
        resolver = Resolver(self._collector)
        for section in list(self._collector.sections):
            codes = distinct(np.concatenate([section.column(SUBJECT), section.column(OBJECT)])).tolist()
            found = resolver.resolve_all((self._texts[code] for code in codes), section)
            bad = {text: reason for text, (_, reason) in found.items() if reason}
            if section.origin.missing == "keep":
                self._keep(section, bad)
                found = resolver.resolve_all(found, section)
                bad = {text: reason for text, (_, reason) in found.items() if reason}
            self._drop(section, bad)
            self._ends.append({code: found[self._texts[code]][0] for code in codes})

    def _keep(self, section: Section, bad: dict[str, str]) -> None:
        made = [bare_concept(text, section.origin) for text, reason in bad.items() if reason == MISSING]
        self._collector.make(section, made)

    def _drop(self, section: Section, bad: dict[str, str]) -> None:
        """Count each relation that has an end in ``bad`` (text to reason)."""
        if not bad:
            return
        codes = np.array([self._collector.texts[text] for text in bad])
        subjects, objects = section.column(SUBJECT), section.column(OBJECT)
        lost = np.isin(subjects, codes) | np.isin(objects, codes)
        rest: Counter[str] = Counter()
        strict = section.origin.missing == "error"
        for at in np.flatnonzero(lost).tolist():
            subject, object_ = self._texts[subjects[at]], self._texts[objects[at]]
            end, other = (subject, object_) if subject in bad else (object_, subject)
            reason = bad[end]
            if not strict and len(section.report.findings.get(reason, ())) == KEPT:
                rest[reason] += 1
                continue
            finding = self._finding(section, at, reason, f"{end!r} (with {other!r}) {ADVICE[reason]}")
            if strict:
                raise PackError(str(finding))
            section.report.skip(finding)
        for reason, times in rest.items():
            section.report.skip(Finding(reason, "and more of the kind", "relation", section.origin.key, times=times))

    def edges(self, rows: dict[str, int]) -> Edges:
        """All relations that stay, sorted by subject, predicate, object. rows: concept id to row."""
        parts = [self._part(number, section, rows) for number, section in enumerate(self._collector.sections)]
        fields = [np.concatenate(columns) for columns in zip(*parts, strict=True)] if parts else [_ints([])] * 6
        edges = Edges(*fields)
        edges = self._without_loops(edges)
        edges = self._without_repeats(edges)
        edges = self._without_cycles(edges, len(rows))
        for number, section in enumerate(self._collector.sections):
            section.report.relations.kept = int((edges.part == number).sum())
        return edges

    def _part(self, number: int, section: Section, rows: dict[str, int]) -> list[Ints]:
        row_of = np.full(len(self._texts) + 1, -1, np.int32)
        ends = self._ends[number]
        row_of[list(ends)] = [rows.get(id_, -1) for id_ in ends.values()]
        subjects, objects = row_of[section.column(SUBJECT)], row_of[section.column(OBJECT)]
        whole = np.flatnonzero((subjects >= 0) & (objects >= 0)).astype(np.int32)
        predicates, sources = section.column(PREDICATE), section.column(SOURCE)
        part = np.full(len(whole), number, np.int32)
        return [subjects[whole], predicates[whole], objects[whole], sources[whole], part, whole]

    def _without_loops(self, edges: Edges) -> Edges:
        loops = edges.subjects == edges.objects
        self._skip(edges[loops], "self-loop", "the concept would be related to itself")
        return edges[~loops]

    def _without_repeats(self, edges: Edges) -> Edges:
        # lexsort is stable: of equal relations the one that was read first comes first and stays.
        edges = edges[np.lexsort((edges.objects, edges.predicates, edges.subjects))]
        repeats = np.zeros(len(edges), bool)
        keys = (edges.subjects, edges.predicates, edges.objects)
        repeats[1:] = np.logical_and.reduce([key[1:] == key[:-1] for key in keys])
        for part, count in enumerate(np.bincount(edges.part[repeats]).tolist()):
            self._collector.sections[part].report.relations.merged += count
        first = np.maximum.accumulate(np.where(repeats, 0, np.arange(len(edges))))
        for at in np.flatnonzero(edges.sources != edges.sources[first]).tolist():
            both = self._collector.sets.union(int(edges.sources[first[at]]), int(edges.sources[at]))
            edges.sources[first[at]] = both
        return edges[~repeats]

    def _without_cycles(self, edges: Edges, concepts: int) -> Edges:
        hierarchy = np.flatnonzero(edges.predicates == self._collector.predicates[IS_A])
        closing = hierarchy[closing_edges(edges.subjects[hierarchy], edges.objects[hierarchy], concepts)]
        policies = [section.origin.policies.cycle for section in self._collector.sections]
        kept = np.array([policies[part] == "keep" for part in edges.part[closing].tolist()], bool)
        for at in closing[kept].tolist():
            finding = self._worded(edges, at, "is_a cycle", "the edge closes a cycle")
            self._collector.sections[edges.part[at]].report.note(finding._replace(unit="note"))
        for at in closing[~kept].tolist():
            if policies[edges.part[at]] == "error":
                finding = self._worded(edges, at, "is_a cycle", "the edge would close a cycle")
                raise PackError(f"{finding}; remove it or set policies: {{cycle: skip}}")
        self._skip(edges[closing[~kept]], "is_a cycle", "the edge would close a cycle")
        stay = np.ones(len(edges), bool)
        stay[closing[~kept]] = False
        return edges[stay]

    def _skip(self, edges: Edges, reason: str, words: str) -> None:
        for at in np.lexsort((edges.at, edges.part)).tolist():
            self._collector.sections[edges.part[at]].report.skip(self._worded(edges, at, reason, words))

    def _worded(self, edges: Edges, row: int, reason: str, words: str) -> Finding:
        section, at = self._collector.sections[edges.part[row]], int(edges.at[row])
        ends = f"{self._texts[section.column(SUBJECT)[at]]!r} to {self._texts[section.column(OBJECT)[at]]!r}"
        return self._finding(section, at, reason, f"{ends}: {words}")

    def _finding(self, section: Section, at: int, reason: str, words: str) -> Finding:
        predicate = self._collector.predicates.text(section.column(PREDICATE)[at])
        file = self._collector.files.text(section.column(FILE)[at]) or section.origin.key
        return Finding(reason, f"{predicate} {words}", "relation", file, int(section.column(LINE)[at]))


def _ints(values: Any) -> Ints:
    return np.asarray(values, np.int32)
