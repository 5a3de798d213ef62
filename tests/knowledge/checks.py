"""What every shipped domain promises, as lists of what is wrong: an empty list is a pass."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.ids import normal
from kgslm.packs.report import BuildReport

ROOT = Path(__file__).parents[2] / "knowledge"
_SENTENCE_END = (".", "!", "?", ")")


@dataclass(frozen=True)
class Built:
    """The pack of a domain with its report, and a linker."""

    report: BuildReport
    pack: KnowledgePack
    linker: DictionaryLinker


def built_domain(domain: str, folder: Path) -> Built:
    """Build a shipped domain into ``folder``."""
    report = build_pack(ROOT / domain, folder)
    pack = KnowledgePack.open(folder)
    return Built(report, pack, DictionaryLinker.from_pack(pack))


def rows(domain: str, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of a domain."""
    with (ROOT / domain / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def objects(pack: KnowledgePack, id_: str, predicate: str) -> set[str]:
    """What a concept is related to by a predicate."""
    return {edge.object for edge in pack.neighbours(id_, predicate) if edge.subject == id_}


def reported(report: BuildReport, expected: Collection[str] = ()) -> list[str]:
    """Findings of the build, beside those whose reason is expected. Counts that do not add up are findings too."""
    wrong = [
        f"{source.key}: {reason}: {times}"
        for source in report.sources
        for reason, times in source.reasons.items()
        if reason not in expected
    ]
    for source in report.sources:
        for unit in ("concept", "name", "relation"):
            tally = source.tally(unit)
            if tally.read != tally.kept + tally.merged + tally.filtered + tally.skipped:
                wrong.append(f"{source.key}: the {unit} counts do not add up: {tally}")
    return wrong


def without_basis(pack: KnowledgePack) -> list[str]:
    """Concepts that have neither a definition nor a parent."""
    return [concept.id for concept in pack.concepts() if not concept.definition and not concept.parents]


def without_source(pack: KnowledgePack, detailed: Collection[str] = ()) -> list[str]:
    """Relations that no source states; those of the source keys ``detailed`` must say where they have it from."""
    return [
        f"{edge.subject} {edge.predicate} {edge.object}"
        for edge in pack.relations()
        if not edge.sources or any(source in detailed for source in edge.sources)
    ]


def shared_names(pack: KnowledgePack, intended: Collection[str] = ()) -> list[str]:
    """Names of several concepts, beside those that are intended; case and spaces do not count."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for id_, name, _ in pack.names():
        owners[normal(name)].add(id_)
    return [
        f"{name}: {', '.join(sorted(ids))}" for name, ids in owners.items() if len(ids) > 1 and name not in intended
    ]


def shared_definitions(pack: KnowledgePack) -> list[str]:
    """Definitions that several concepts have."""
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for concept in pack.concepts():
        if concept.definition:
            owners[normal(concept.definition)].append(concept.id)
    return [", ".join(ids) for ids in owners.values() if len(ids) > 1]


def careless_definitions(pack: KnowledgePack, shortest: int = 30) -> list[str]:
    """Definitions that are too short, end without a stop, or hold a doubled word."""
    return [
        f"{concept.id}: {concept.definition}"
        for concept in pack.concepts()
        if concept.definition
        and (
            len(concept.definition) < shortest
            or not concept.definition.endswith(_SENTENCE_END)
            or re.search(r"\b(\w{3,}) \1\b", concept.definition)
        )
    ]


def dangling(pack: KnowledgePack) -> list[str]:
    """Relation ends that are no concept of the pack, and concepts that are related to themselves."""
    return [
        f"{edge.subject} {edge.predicate} {edge.object}"
        for edge in pack.relations()
        if edge.subject not in pack or edge.object not in pack or edge.subject == edge.object
    ]


def untidy(paths: Iterable[Path]) -> list[str]:
    """Text files with other line ends than ``\\n``, spaces at line ends, tabs, or no newline at the end."""
    wrong = []
    for path in paths:
        text = path.read_bytes().decode("utf-8")
        bad = "\r" in text or "\t" in text or not text.endswith("\n") or re.search(r"[ ]+$", text, re.MULTILINE)
        wrong += [path.name] if bad else []
    return wrong
