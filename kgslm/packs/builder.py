"""From the items of the sources to a pack folder."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from kgslm.artifacts import atomic_folder
from kgslm.packs.checks import check_nameless, check_prefixes
from kgslm.packs.collect import Collector
from kgslm.packs.collection import no_garbage_collection
from kgslm.packs.content import Content, hash_index
from kgslm.packs.edges import EdgeBuilder
from kgslm.packs.hierarchy import add_tree_relations
from kgslm.packs.items import Item
from kgslm.packs.manifest import KIND, fingerprint, write_pack_manifest
from kgslm.packs.prefixes import Prefixes
from kgslm.packs.report import BuildReport
from kgslm.packs.sections import Origin, Section, SourceFacts
from kgslm.packs.store import CONTENT, column_digests, make_table, write_table
from kgslm.packs.verbalise import Wording


class PackBuilder:
    """Collects sources and writes the pack::

    builder = PackBuilder("toy", version="1")
    builder.add(Origin("terms"), [SourceConcept("T:1", "Fever"), SourceConcept("T:2", "Cough")])
    report = builder.write(Path("toy-pack"))
    """

    def __init__(
        self,
        name: str,
        version: str = "",
        description: str = "",
        prefixes: Mapping[str, str] = {},
        prefix_synonyms: Mapping[str, str] = {},
        wordings: Mapping[str, Wording] = {},
    ) -> None:
        self._head = {"name": name, "version": version, "description": description}
        self._wordings = wordings
        self._collector = Collector(Prefixes(prefixes, prefix_synonyms))
        self._collector.namespaces.update(prefixes)
        self._start = time.perf_counter()

    @property
    def predicates(self) -> Collection[str]:
        """The predicates of what was added so far."""
        return self._collector.predicates

    def add(self, origin: Origin, items: Iterable[Item], facts: SourceFacts | None = None) -> None:
        """Take in a source; nothing is checked against other sources before ``write``."""
        with no_garbage_collection():
            self._collector.add(origin, items, facts or SourceFacts("items"))

    def write(self, output: Path) -> BuildReport:
        """Write the pack, which appears whole or not at all.

        Raises PackError where a policy demands it, KgslmError where ``output`` is taken.
        """
        with atomic_folder(output, KIND) as folder:
            return self.write_into(folder, output)

    def write_into(self, folder: Path, output: Path) -> BuildReport:
        """Resolve all relations and write the files into an empty folder; the report says ``output``."""
        with no_garbage_collection():
            return self._write_into(folder, output)

    def _write_into(self, folder: Path, output: Path) -> BuildReport:
        collector = self._collector
        check_prefixes(collector)
        check_nameless(collector)
        numbers = add_tree_relations(collector)
        relations = EdgeBuilder(collector)
        relations.resolve()
        ids = sorted(collector.drafts)
        rows = {id_: row for row, id_ in enumerate(ids)}
        content = Content(collector, ids, relations.edges(rows))
        tree = hash_index(numbers, np.array([rows[id_] for id_ in numbers.values()], np.int32))
        digests = _write(folder, chain([("tree_index", tree)], content.tables()))
        reports = tuple(section.report for section in collector.sections)
        facts: dict[str, Any] = {
            **self._head,
            "fingerprint": fingerprint(digests),
            "counts": content.counts(),
            "prefixes": dict(sorted(collector.namespaces.items())),
            "sources": [_source(section) for section in collector.sections],
            "tables": digests,
        }
        wordings = {id_: asdict(words) for id_, words in sorted(self._wordings.items()) if id_ in self.predicates}
        if wordings:
            facts["wordings"] = wordings
        write_pack_manifest(folder, facts)
        seconds = time.perf_counter() - self._start
        name, version = self._head["name"], self._head["version"]
        return BuildReport(output, name, version, facts["fingerprint"], facts["counts"], reports, seconds)


def _write(folder: Path, tables: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, str]]:
    """Write the tables one by one; returns the digests of those that are content."""
    digests = {}
    for name, columns in tables:
        table = make_table(name, columns)
        del columns
        write_table(folder, name, table)
        if name in CONTENT:
            digests[name] = column_digests(table)
        del table
    return {name: digests[name] for name in CONTENT}


def _source(section: Section) -> dict[str, Any]:
    facts = section.facts
    head = {"key": section.origin.key, "kind": facts.kind, "path": facts.path}
    return {**head, "licence": facts.licence, "sha256": facts.sha256, **section.report.figures()}
