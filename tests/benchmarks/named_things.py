"""Public linking tasks outside medicine as packs and records: companies, courts, reporters."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName

Record = dict[str, Any]


def companies_pack(data: Path, folder: Path) -> KnowledgePack:
    """The S&P 500: one concept a symbol, named as the list names the company."""
    return _pack(folder / "companies", _companies(data / "financial/sp500/constituents.csv"))


def courts_pack(data: Path, folder: Path) -> KnowledgePack:
    return _pack(folder / "courts", _courts(data / "legal/courts_db/courts_kb.jsonl.gz"))


def reporters_pack(data: Path, folder: Path) -> KnowledgePack:
    return _pack(folder / "reporters", _reporters(data / "legal/reporters_db/reporters_kb.jsonl.gz"))


def company_mentions(data: Path) -> list[Record]:
    """Passages with entities; an entity without a concept has the id None."""
    found = []
    for record in read_jsonl(data / "financial/sp500/linking_train.jsonl"):
        entities = [{"start": it["start"], "end": it["end"], "id": it["symbol"]} for it in record["mentions"]]
        found.append({"id": record["id"], "text": record["text"], "entities": entities})
    return found


def bare_mentions(path: Path) -> list[Record]:
    """Mentions without a text around them: each is a document of its own."""
    found = []
    for number, record in enumerate(read_jsonl(path)):
        mention, ids = record["mention"], "|".join(record["entity_ids"])
        entities = [{"start": 0, "end": len(mention), "id": ids}]
        found.append({"id": str(number), "text": mention, "entities": entities})
    return found


def fold(record: Record, folds: int) -> int:
    """Spelling variants of a bare mention, that differ in dots and blanks only, are in one fold.

    Not by SHA-1: its parity told the visible mentions from the held-out ones.
    """
    key = re.sub(r"[\W_]+", "", record["text"].lower()) if len(record["entities"]) == 1 else record["id"]
    return int(hashlib.md5(key.encode()).hexdigest(), 16) % folds


def read_jsonl(path: Path) -> list[Record]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _pack(folder: Path, concepts: Iterable[SourceConcept]) -> KnowledgePack:
    builder = PackBuilder(folder.name)
    builder.add(Origin(folder.name), concepts)
    builder.write(folder)
    return KnowledgePack.open(folder)


def _companies(path: Path) -> Iterator[SourceConcept]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield SourceConcept(row["Symbol"], row["Security"], (SourceName(row["Symbol"]),))


def _courts(path: Path) -> Iterator[SourceConcept]:
    for row in read_jsonl(path):
        names = [row.get("name_abbreviation"), row.get("citation_string"), *(row.get("sub_names") or ())]
        yield SourceConcept(row["id"], row["name"], tuple(SourceName(name) for name in names if name), _about(row))


def _about(row: Record) -> str:
    facts = (row.get(key) for key in ("system", "level", "type", "location", "jurisdiction"))
    return " ".join(str(fact) for fact in facts if fact)


def _reporters(path: Path) -> Iterator[SourceConcept]:
    for row in read_jsonl(path):
        names = dict.fromkeys([row["abbreviation"], *row.get("editions", ())])
        yield SourceConcept(
            row["id"], row.get("name") or row["abbreviation"], tuple(map(SourceName, names)), str(row["kind"])
        )
