"""The kind of a source from its name and first characters."""

from __future__ import annotations

import re
from pathlib import Path

from kgslm.artifacts import MANIFEST
from kgslm.errors import PackError
from kgslm.packs.files import SourceFile, source_files

_RDF_SUFFIXES = {".ttl", ".nt", ".nq", ".trig", ".n3", ".jsonld", ".rdf", ".owl"}
_RDF = re.compile(r"\s*(@prefix|@base|prefix\s|<https?://\S+>\s+<|<rdf:RDF|<\?xml[\s\S]*<rdf:RDF)", re.IGNORECASE)
_SKOS = re.compile(r"skos/core#|skos:Concept\b")
_CLASSES = re.compile(r"owl#Class\b|owl:Class\b")
_OBOGRAPH = re.compile(r'\s*\{[\s\S]*"(graphs|nodes)"\s*:\s*\[')
_TBX = re.compile(r"<(martif|tbx)\b")
_EXPORTED = re.compile(r'\{"kgslm_pack":')
_OBO = re.compile(r"(format-version:|\[Term\])", re.MULTILINE)


def sniff(path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """``(file to kind, files that tell nothing)`` of the file, or of all those of the folder, glob or archive.

    Raises PackError where the path leads nowhere or no content tells anything.
    """
    if (path / MANIFEST).is_file() and (path / "concepts.arrow").is_file():
        return {str(path): "pack"}, ()
    with source_files(path) as files:
        kinds = {file.name: sniff_file(file) for file in files}
    known = {file: kind for file, kind in kinds.items() if kind is not None}
    if not known and path.is_dir():
        raise PackError(f"{path}: no pack.yaml in it and no file whose content tells its kind")
    if not known:
        raise PackError(f"{path}: the content does not tell the kind of source; give it, such as csv={path.name}")
    unread = tuple(file for file in kinds if file not in known)
    if set(known.values()) == {"rrf"}:
        known = {str(path): "rrf"}  # the tables of a release belong together
    return known, unread


def sniff_file(file: SourceFile) -> str | None:
    """The kind of one file; None where it tells nothing."""
    head = file.head()
    if head.startswith("PAR1") or (head.startswith("PK\x03\x04") and file.suffix in (".xlsx", ".xlsm")):
        return "csv"
    if file.suffix == ".obo" or _OBO.match(head):
        return "obo"
    if file.suffix in _RDF_SUFFIXES or _RDF.match(head):
        return "skos" if _SKOS.search(head) and not _CLASSES.search(head) else "rdf"
    if file.suffix in (".csv", ".tsv", ".tab"):
        first = next((line for line in head.splitlines() if line.strip()), "")
        heads = {re.sub(r'^"|"$', "", cell.strip()).lower() for cell in re.split(r"[\t,;]", first)}
        return "glossary" if "term" in heads else "csv"
    if file.suffix == ".tbx" or (file.suffix == ".xml" and _TBX.search(head)):
        return "glossary"
    if file.suffix == ".xml" and "<ICD10CM.tabular" in head:
        return "icd10cm"
    if file.suffix == ".rrf":
        return "rrf"
    if file.suffix == ".json" and _OBOGRAPH.match(head):
        return "obograph"
    if _EXPORTED.match(head):
        return "jsonl"
    if file.suffix in (".yaml", ".yml", ".jsonl", ".ndjson"):
        return "glossary" if re.search(r"\bterm\b|\bdefinition\b", head) else None
    return None
