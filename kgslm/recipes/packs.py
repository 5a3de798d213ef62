"""What people ask of a pack: what it is, what a concept is, whether it is whole."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kgslm.errors import PackError
from kgslm.packs import KnowledgePack
from kgslm.packs.ids import normal
from kgslm.packs.items import place
from kgslm.packs.search import search_names, similar_names
from kgslm.packs.verbalise import pack_wording
from kgslm.records import IS_A, Concept


@dataclass(frozen=True)
class Related:
    """Concepts that one predicate joins to a concept. phrase: how it reads from the concept to the others."""

    predicate: str
    phrase: str
    concepts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ConceptView:
    """A concept with its surroundings. names: by kind. ancestors: nearest first; all pairs are ``(id, name)``."""

    concept: Concept
    names: dict[str, tuple[str, ...]]
    parents: tuple[tuple[str, str], ...]
    ancestors: tuple[tuple[str, str], ...]
    children: int
    descendants: int
    related: tuple[Related, ...]

    def figures(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return asdict(self)


def describe(pack: KnowledgePack) -> dict[str, Any]:
    """What ``pack info`` says: manifest facts, licences, categories and predicates with their counts."""
    manifest = pack.manifest
    licences: dict[str, list[str]] = {}
    for source in manifest["sources"]:
        licences.setdefault(source["licence"] or "not stated", []).append(source["key"])
    head = {key: manifest[key] for key in ("name", "version", "description", "fingerprint", "counts")}
    return {
        "path": str(pack.path),
        **head,
        "licences": licences,
        "sources": manifest["sources"],
        "categories": pack.categories(),
        "predicates": pack.predicates(),
    }


def validate(path: Path) -> dict[str, Any]:
    """Check every byte of a pack. Raises PackError that names the damaged file.

    Returns the counts, and what the build found, as ``findings``: source key to reason to ``count``, ``policy`` and
    ``places``, the first of them as ``file:line: message``.
    """
    pack = KnowledgePack.open(path, verify=True)
    findings: dict[str, dict[str, dict[str, Any]]] = {}
    for source in pack.manifest["sources"]:
        for reason, count in source["reasons"].items():
            findings.setdefault(source["key"], {})[reason] = {"count": count, "policy": "", "places": []}
    for row in pack.findings():
        found = findings[row.source][row.reason]
        found["policy"] = row.policy
        found["places"].append(f"{place(row.file, row.line)}: {row.message}")
    files = len(pack.manifest["files"])
    return {"path": str(path), "fingerprint": pack.fingerprint, "files": files, "findings": findings}


@dataclass(frozen=True)
class SparqlAnswer:
    """The answer to a query: rows under variables, or ``text`` (yes or no, or Turtle)."""

    variables: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""


def ask_sparql(pack: KnowledgePack, file: str) -> SparqlAnswer:
    """Run the query in a file, ``-`` for standard input. Raises PackError where it is not valid SPARQL."""
    try:
        query = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    answer = pack.sparql(query)
    if answer.type == "ASK":
        return SparqlAnswer(text="yes" if answer.askAnswer else "no")
    if answer.type in ("CONSTRUCT", "DESCRIBE"):
        return SparqlAnswer(text=answer.graph.serialize(format="turtle"))
    variables = tuple(map(str, answer.vars))
    rows = tuple(tuple("" if value is None else str(value) for value in row) for row in answer)
    return SparqlAnswer(variables, rows)


def look_up(pack: KnowledgePack, text: str) -> str:
    """The id of the concept that ``text`` gives by id, tree number or name.

    Raises PackError where there is none, with what comes close, or where several share the name.
    """
    if text in pack:
        return pack.ids[pack.row(text)]
    numbered = pack.by_tree(text)
    if numbered is not None:
        return numbered
    found = pack.find(text)
    preferring = [id_ for id_ in found if normal(pack.tables.name[pack.row(id_)]) == normal(text)]
    if len(found) == 1 or len(preferring) == 1:
        return (preferring or list(found))[0]
    if found:
        several = ", ".join(f"{id_} ({pack.concept(id_).name})" for id_ in found[:5])
        raise PackError(f"{pack.path}: {text!r} names {len(found)} concepts; give one of the ids {several}")
    hits = search_names(pack, text, top=3) or similar_names(pack, text, top=3)
    close = [f"{hit.id} ({hit.name})" for hit in hits]
    if close:
        raise PackError(f"{pack.path}: no concept {text!r}; did you mean {', '.join(close)}?")
    return pack.ids[pack.row(text)]  # raises with the nearest id


def view(pack: KnowledgePack, id_: str) -> ConceptView:
    """A concept with its names, place in the hierarchy and relations. Raises PackError for an unknown id."""
    concept = pack.concept(id_)
    names: dict[str, tuple[str, ...]] = {}
    for name, kind in pack.names_of(id_):
        names[kind] = (*names.get(kind, ()), name)
    return ConceptView(
        concept,
        names,
        _named(pack, concept.parents),
        _named(pack, pack.ancestors(id_)),
        len(pack.children(id_)),
        len(pack.descendants(id_)),
        tuple(_related(pack, concept.id)),
    )


def _related(pack: KnowledgePack, id_: str) -> list[Related]:
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for edge in pack.neighbours(id_):
        if edge.predicate == IS_A:
            continue
        words = pack_wording(pack, edge.predicate)
        outward = edge.subject == id_
        phrase = words.forward if outward else words.inverse or f"others {words.forward} it"
        # A symmetric predicate reads the same from both ends, and is then one group.
        groups.setdefault((edge.predicate, phrase), {})[edge.object if outward else edge.subject] = None
    return [Related(predicate, phrase, _named(pack, ids)) for (predicate, phrase), ids in groups.items()]


def _named(pack: KnowledgePack, ids: Any) -> tuple[tuple[str, str], ...]:
    return tuple((id_, pack.tables.name[pack.row(id_)]) for id_ in ids)
