"""From the items of the sources to a pack folder."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgslm.artifacts import atomic_folder
from kgslm.packs.collect import Collector, Draft, Origin, Pending
from kgslm.packs.edges import EdgeBuilder, Edges
from kgslm.packs.hierarchy import add_tree_relations
from kgslm.packs.ids import normal
from kgslm.packs.items import Finding, Item
from kgslm.packs.manifest import KIND, fingerprint, write_pack_manifest
from kgslm.packs.report import BuildReport
from kgslm.packs.store import CONTENT, HashIndex, make_table, table_digest, write_table


@dataclass(frozen=True)
class SourceFacts:
    """What the manifest says of a source. path: as a person would name it, never a place on this machine."""

    kind: str
    path: str = ""
    licence: str = ""
    sha256: str = ""


class PackBuilder:
    """Collects sources and writes the pack::

    builder = PackBuilder("toy", version="1")
    builder.add(Origin("terms"), [SourceConcept("T:1", "Fever"), SourceConcept("T:2", "Cough")])
    report = builder.write(Path("toy-pack"))
    """

    def __init__(self, name: str, version: str = "", description: str = "", prefixes: Mapping[str, str] = {}) -> None:
        self._head = {"name": name, "version": version, "description": description}
        self._collector = Collector()
        self._collector.prefixes.update(prefixes)
        self._facts: list[SourceFacts] = []
        self._start = time.perf_counter()

    def add(self, origin: Origin, items: Iterable[Item], facts: SourceFacts | None = None) -> None:
        """Take in a source; nothing is checked against other sources before ``write``."""
        facts = facts or SourceFacts("items")
        pending = self._collector.add(origin, items)
        concepts = pending.report.concepts
        if not (concepts.kept or concepts.merged or len(pending)):
            message = "it gave no concept and no relation; check its kind and options"
            pending.report.note(Finding("nothing read", message, "note", facts.path or origin.key))
        self._facts.append(facts)

    def write(self, output: Path) -> BuildReport:
        """Write the pack, which appears whole or not at all.

        Raises PackError where a source demands it (``on_missing: error``), KgslmError where ``output`` is taken.
        """
        with atomic_folder(output, KIND) as folder:
            return self.write_into(folder, output)

    def write_into(self, folder: Path, output: Path) -> BuildReport:
        """Resolve all relations and write the files into an empty folder; the report says ``output``."""
        numbers = add_tree_relations(self._collector)
        relations = EdgeBuilder(self._collector)
        relations.resolve()
        ids = sorted(self._collector.drafts)
        rows = {id_: row for row, id_ in enumerate(ids)}
        edges = relations.edges(rows)
        drafts = [self._collector.drafts[id_] for id_ in ids]
        tree = {number: rows[id_] for number, id_ in numbers.items()}
        digests = self._write_tables(folder, drafts, edges, rows, tree)
        facts = self._manifest(drafts, edges, digests)
        write_pack_manifest(folder, facts)
        reports = tuple(pending.report for pending in self._collector.pending)
        seconds = time.perf_counter() - self._start
        name, version = self._head["name"], self._head["version"]
        return BuildReport(output, name, version, facts["fingerprint"], facts["counts"], reports, seconds)

    def _write_tables(
        self, folder: Path, drafts: list[Draft], edges: Edges, rows: dict[str, int], tree: dict[str, int]
    ) -> dict[str, str]:
        names = _names(drafts)
        predicates = list(self._collector.predicates)
        readable = [self._collector.predicate_names.get(id_, "") for id_ in predicates]
        tables = {
            "concepts": _concepts(list(rows), drafts),
            "names": {"concept": names[0], "name": names[1], "kind": names[2], "source": names[3]},
            "relations": {
                "subject": edges.subjects,
                "predicate": edges.predicates,
                "object": edges.objects,
                "source": edges.sources,
            },
            "predicates": {"id": predicates, "name": readable},
            "sources": {"key": list(self._collector.sources)},
            "id_index": _ids(rows, drafts),
            "name_index": HashIndex.columns(map(normal, names[1]), range(len(names[1]))),
            "tree_index": HashIndex.columns(tree, tree.values()),
            **_spans(len(rows), names[0], edges),
        }
        digests = {}
        for name, columns in tables.items():
            table = make_table(name, columns)
            write_table(folder, name, table)
            if name in CONTENT:
                digests[name] = table_digest(table)
        return digests

    def _manifest(self, drafts: list[Draft], edges: Edges, digests: dict[str, str]) -> dict[str, Any]:
        live = sum(not draft.obsolete for draft in drafts)
        counts = {
            "concepts": live,
            "obsolete": len(drafts) - live,
            "names": sum(len(draft.names) for draft in drafts),
            "relations": len(edges),
        }
        sources = [
            self._source(pending, facts) for pending, facts in zip(self._collector.pending, self._facts, strict=True)
        ]
        return {
            **self._head,
            "fingerprint": fingerprint(digests),
            "counts": counts,
            "prefixes": dict(sorted(self._collector.prefixes.items())),
            "sources": sources,
            "tables": digests,
        }

    @staticmethod
    def _source(pending: Pending, facts: SourceFacts) -> dict[str, Any]:
        head = {"key": pending.origin.key, "kind": facts.kind, "path": facts.path}
        return {**head, "licence": facts.licence, "sha256": facts.sha256, **pending.report.figures()}


def _concepts(ids: list[str], drafts: list[Draft]) -> dict[str, Any]:
    return {
        "id": ids,
        # A concept without any name shows its id; the id is not among the names, and so is never linked.
        "name": [_preferred(draft) or id_ for id_, draft in zip(ids, drafts, strict=True)],
        "definition": [draft.definition for draft in drafts],
        "categories": [draft.categories for draft in drafts],
        "tree": [tuple(draft.tree) for draft in drafts],
        "xrefs": [draft.xrefs for draft in drafts],
        "alt_ids": [draft.alt_ids for draft in drafts],
        "obsolete": [int(draft.obsolete) for draft in drafts],
        "replaced_by": [draft.replaced_by for draft in drafts],
        "source": [draft.source for draft in drafts],
    }


def _preferred(draft: Draft) -> str:
    names = draft.ordered_names()
    return names[0][0] if names else ""


def _names(drafts: list[Draft]) -> tuple[list[int], list[str], list[int], list[int]]:
    """The columns concept, name, kind and source of the table of names."""
    concepts: list[int] = []
    texts: list[str] = []
    kinds: list[int] = []
    sources: list[int] = []
    for row, draft in enumerate(drafts):
        for text, kind, source in draft.ordered_names():
            concepts.append(row)
            texts.append(text)
            kinds.append(kind)
            sources.append(source)
    return concepts, texts, kinds, sources


def _ids(rows: dict[str, int], drafts: list[Draft]) -> dict[str, Any]:
    keys, targets = list(rows), list(rows.values())
    for row, draft in enumerate(drafts):
        keys.extend(draft.alt_ids)
        targets.extend([row] * len(draft.alt_ids))
    return HashIndex.columns(keys, targets)


def _spans(concepts: int, named: list[int], edges: Edges) -> dict[str, dict[str, Any]]:
    incoming = np.lexsort((edges.subjects, edges.predicates, edges.objects)).astype(np.int32)
    starts = np.arange(concepts + 1)
    spans = {
        "names": np.searchsorted(np.asarray(named, np.int32), starts),
        "subjects": np.searchsorted(edges.subjects, starts),
        "objects": np.searchsorted(edges.objects[incoming], starts),
    }
    return {"spans": spans, "incoming": {"relation": incoming}}
