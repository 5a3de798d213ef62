"""Public medical corpora and vocabularies as packs and records, for the benchmarks."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName, build_pack

Record = dict[str, Any]


def hpo_pack(data: Path, folder: Path) -> KnowledgePack:
    build_pack(output=folder / "hpo", sources=[f"obo={data / 'medical/hpo/hp.obo.gz'}"])
    return KnowledgePack.open(folder / "hpo")


def medic_pack(data: Path, folder: Path) -> KnowledgePack:
    """MEDIC: ``id[|alternative ids]||preferred name|synonym|...``."""
    builder = PackBuilder("medic")
    builder.add(Origin("medic"), _medic(data / "medical/medic/medic_06Jul2012.txt.gz"))
    builder.write(folder / "medic")
    return KnowledgePack.open(folder / "medic")


def _medic(path: Path) -> Iterator[SourceConcept]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            ids, _, names = line.rstrip("\n").partition("||")
            id_, *alt_ids = map(_medic_id, ids.split("|"))
            name, *synonyms = names.split("|")
            yield SourceConcept(id_, name, tuple(SourceName(it) for it in synonyms), alt_ids=tuple(alt_ids))


def _medic_id(id_: str) -> str:
    return f"OMIM:{id_}" if id_.isdigit() else id_


def mesh_pack(data: Path, folder: Path) -> KnowledgePack:
    recipe = folder / "mesh.yaml"
    source = {
        "kind": "csv",
        "path": str((data / "medical/mesh/mesh_descriptors.tsv.gz").resolve()),
        "delimiter": "\t",
        "list_separator": "|",
        "columns": {"id": "mesh_id", "name": "name", "synonyms": "entry_terms", "tree": "tree_numbers_2015"},
    }
    recipe.write_text(json.dumps({"name": "mesh", "sources": [source]}))
    build_pack(recipe, folder / "mesh")
    return KnowledgePack.open(folder / "mesh")


def read_pubtator(path: Path, types: set[str] | None = None) -> list[Record]:
    """Documents with ``entities``; an entity without a concept (-1) is left out. types: of the entities wanted."""
    documents: list[Record] = []
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            if match := re.match(r"(\d+)\|([ta])\|(.*)", line.rstrip("\n")):
                if match[2] == "t":
                    documents.append({"id": match[1], "text": match[3], "entities": []})
                else:
                    documents[-1]["text"] += f" {match[3]}"
            elif len(fields := line.rstrip("\n").split("\t")) > 5 and (types is None or fields[4] in types):
                start, end, label, id_ = int(fields[1]), int(fields[2]), fields[4], fields[5].strip()
                if id_ != "-1":
                    documents[-1]["entities"].append({"start": start, "end": end, "label": label, "id": id_})
    return documents


def sentences(documents: list[Record]) -> list[Record]:
    """The sentences with entities, as records of their own."""
    found = []
    for document in documents:
        for match in re.finditer(r"\S.*?(?:[.?!](?=\s+[A-Z])|$)", document["text"]):
            first, last = match.span()
            entities = [
                {**entity, "start": entity["start"] - first, "end": entity["end"] - first}
                for entity in document["entities"]
                if first <= entity["start"] and entity["end"] <= last
            ]
            if entities:
                found.append({"id": f"{document['id']}-{first}", "text": match.group(), "entities": entities})
    return found
