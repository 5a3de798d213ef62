"""What a build looks for among all concepts: prefixes in several spellings, names of several concepts, none at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgslm.errors import PackError
from kgslm.packs.collect import Collector
from kgslm.packs.drafts import PREFERRED, Draft
from kgslm.packs.items import Finding
from kgslm.packs.prefixes import mixed_prefixes, spelled
from kgslm.packs.sections import Section

Ints = np.ndarray[Any, Any]


def check_prefixes(collector: Collector) -> None:
    """Find the concepts whose prefix is a rarer spelling of another's. Raises PackError where a source demands it."""
    spellings = mixed_prefixes(collector.drafts)
    if not spellings:
        return
    for id_, draft in list(collector.drafts.items()):
        usual = spelled(id_, spellings)
        if usual is None:
            continue
        section = collector.section_of(draft.source)
        message = f"{id_} has another spelling of the prefix than most, such as {usual}"
        finding = _finding(collector, draft, "mixed prefix", message)
        policy = section.origin.policies.mixed_prefix
        if policy == "error":
            raise PackError(f"{finding}; correct it, or add prefix_synonyms to the recipe")
        if policy == "skip":
            _leave_out(collector, section, id_, finding)
        else:
            section.report.note(finding._replace(unit="note"))


def _leave_out(collector: Collector, section: Section, id_: str, finding: Finding) -> None:
    draft = collector.drafts.pop(id_)
    section.report.concepts.kept -= 1
    section.report.skip(finding)
    for text, (_, _, sources) in draft.names.items():
        report = collector.section_of(sources).report
        report.names.kept -= 1
        report.skip(Finding("name of a concept left out", f"{id_}: {text!r}", "name", finding.file, finding.line))


def check_nameless(collector: Collector) -> None:
    """Note each live concept without a name, which will show its id."""
    for id_, draft in collector.drafts.items():
        if not draft.names and not draft.obsolete:
            finding = _finding(collector, draft, "no name", f"{id_} has no name; it shows its id and is never linked")
            collector.section_of(draft.source).report.note(finding._replace(unit="note"))


class Homonyms:
    """Names of several live concepts. Rows count the names; columns as in the table of names.

    concepts: int array, ascending. hashes: of the names' normal forms. kinds: of the names. drafts: the concepts.
    """

    def __init__(self, collector: Collector, ids: list[str], drafts: list[Draft]) -> None:
        self._collector = collector
        self._ids = ids
        self._drafts = drafts

    def stay(self, concepts: Ints, hashes: Ints, columns: dict[str, Any]) -> Ints:
        """Which names stay, as bools; every homonym is noted. Raises PackError where a source demands it."""
        live = np.array([not draft.obsolete for draft in self._drafts], bool)[concepts]
        rows = np.flatnonzero(live)
        rows = rows[np.lexsort((concepts[rows], hashes[rows]))]
        starts = np.flatnonzero(np.r_[True, hashes[rows][1:] != hashes[rows][:-1]]) if len(rows) else rows
        ends = np.r_[starts[1:], len(rows)]
        # Two spellings of one concept have the same normal form too; those are no homonyms.
        shared = concepts[rows[starts]] != concepts[rows[ends - 1]] if len(rows) else starts.astype(bool)
        stay = np.ones(len(concepts), bool)
        for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True):
            gone = self._group(rows[start:end].tolist(), concepts, columns)
            stay[gone] = False
        return stay

    def _group(self, rows: list[int], concepts: Ints, columns: dict[str, Any]) -> list[int]:
        """Report one group of names; returns the rows that its policy leaves out."""
        ids = list(dict.fromkeys(self._ids[concepts[row]] for row in rows))
        last = rows[-1]
        text = columns["name"][last]
        listed = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        message = f"{text!r} is a name of {len(ids)} concepts: {listed}"
        draft = self._drafts[concepts[last]]
        finding = _finding(self._collector, draft, "homonym", message)._replace(unit="note")
        section = self._collector.section_of(columns["source"][last])
        policy = section.origin.policies.homonym
        if policy == "error":
            raise PackError(f"{finding}; rename one of them or set policies: {{homonym: keep}}")
        gone = [row for row in rows if columns["kind"][row] != PREFERRED] if policy == "skip" else []
        if not gone:
            section.report.note(finding)
        for row in gone:
            report = self._collector.section_of(columns["source"][row]).report
            report.names.kept -= 1
            report.skip(finding._replace(unit="name"))
        return gone


def _finding(collector: Collector, draft: Draft, reason: str, message: str) -> Finding:
    file = collector.files.text(draft.file) or collector.section_of(draft.source).origin.key
    return Finding(reason, message, "concept", file, draft.line)
