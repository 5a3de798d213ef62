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
_STARTS = {
    "graphml": re.compile(r"\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<graphml\b", re.DOTALL),
    "csv": re.compile("PAR1"),
    "obo": re.compile(r"(format-version:|\[Term\])"),
    "jsonl": re.compile(r'\{"kgslm_pack":'),
}
_HEADS = {"id", "name", "subject", "predicate", "object", "head", "relation", "tail", "source", "target"}
_LINES = 200
_HEAD = 65536


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
    for kind, start in _STARTS.items():
        if start.match(head):
            return kind
    if file.suffix in _RDF_SUFFIXES or _RDF.match(head):
        return "skos" if _SKOS.search(head) and not _CLASSES.search(head) else "rdf"
    if file.suffix in (".csv", ".tsv", ".tab", ".txt"):
        return _table(head, "" if file.suffix == ".txt" else "csv") or None
    return _by_ending(file.suffix, head)


def _by_ending(suffix: str, head: str) -> str | None:
    if suffix in (".obo", ".rrf"):
        return suffix[1:]
    if suffix in (".xlsx", ".xlsm") and head.startswith("PK\x03\x04"):
        return "csv"
    if suffix == ".tbx" or (suffix == ".xml" and _TBX.search(head)):
        return "glossary"
    if suffix == ".xml" and "<ICD10CM.tabular" in head:
        return "icd10cm"
    if suffix == ".json" and _OBOGRAPH.match(head):
        return "obograph"
    if suffix in (".yaml", ".yml", ".jsonl", ".ndjson") and re.search(r"\bterm\b|\bdefinition\b", head):
        return "glossary"
    return "csv" if suffix in (".jsonl", ".ndjson") and re.match(r"\s*\{.*\"(id|name)\"\s*:", head) else None


def _table(head: str, otherwise: str) -> str:
    """``glossary`` by a column of terms, ``triples`` by lines without header that make a graph."""
    lines = [line for line in head.splitlines()[:_LINES] if line.strip()]
    first = lines[0] if lines else ""
    heads = {re.sub(r'^"|"$', "", cell.strip()).lower() for cell in re.split(r"[\t,;]", first)}
    if otherwise and "term" in heads:
        return "glossary"
    # The last line may be cut off.
    rows = [line.split("\t") for line in lines[: _LINES if len(lines) < _LINES and len(head) < _HEAD else -1]]
    if len(heads & _HEADS) > 1 or not rows or any(len(row) != 3 or not all(map(str.strip, row)) for row in rows):
        return otherwise
    # A header's words are none of the predicates, and no end of one line is that of another.
    predicates = [row[1] for row in rows]
    subjects, objects = ({row[end] for row in rows} for end in (0, 2))
    repeated = len(set(predicates)) < len(rows) and predicates[0] in predicates[1:]
    return "triples" if repeated or subjects & objects else otherwise
