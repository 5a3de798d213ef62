"""Turtle, in the terms of OWL, SKOS and oboInOwl; what these have no term for is under ``urn:kgslm:``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kgslm.packs.iris import Iris
from kgslm.packs.pack import KnowledgePack
from kgslm.packs.readers.vocabulary import EXPORT
from kgslm.records import IS_A

_HEAD = {
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "oio": "http://www.geneontology.org/formats/oboInOwl#",
    "iao": "http://purl.obolibrary.org/obo/IAO_",
    "kgslm": EXPORT,
}
_KINDS = {
    "preferred": "skos:prefLabel",
    "exact": "skos:altLabel",
    "broad": "oio:hasBroadSynonym",
    "narrow": "oio:hasNarrowSynonym",
    "related": "oio:hasRelatedSynonym",
}
_VALUES = {
    "definitions": "skos:definition",
    "categories": "kgslm:category",
    "tree": "kgslm:tree",
    "xrefs": "oio:hasDbXref",
    "alt_ids": "oio:hasAlternativeId",
    "replaced_by": "iao:0100001",
}
_NO_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_NO_TEXT = re.compile(r'[\x00-\x1f"\\\x7f]')


def ttl(pack: KnowledgePack) -> Iterator[str]:
    """Prefixes, the predicates, then each concept with its relations."""
    for prefix, namespace in _HEAD.items():
        yield f"@prefix {prefix}: <{namespace}> .\n"
    iris = Iris(pack.manifest["prefixes"])
    tables = pack.tables
    for prefix, namespace in pack.manifest["prefixes"].items():
        if prefix not in _HEAD and re.fullmatch(r"[^\W\d_][\w-]*", prefix):
            yield f"@prefix {prefix}: {_iri(namespace)} .\n"
    predicates = []
    for id_, name in zip(tables.predicate_ids, tables.predicate_names, strict=True):
        predicates.append("rdfs:subClassOf" if id_ == IS_A else _iri(iris(id_)))
        if id_ != IS_A:
            label = f" ; rdfs:label {_text(name)}" if name else ""
            yield f"\n{predicates[-1]} a owl:ObjectProperty ; kgslm:id {_text(id_)}{label} .\n"
    for row in range(len(pack.ids)):
        pairs = [
            *_concept(pack, row),
            *(
                f"{predicates[tables.predicates[index]]} {_iri(iris(pack.ids[tables.objects[index]]))}"
                for index in range(tables.subject_spans[row], tables.subject_spans[row + 1])
            ),
        ]
        yield f"\n{_iri(iris(pack.ids[row]))} a owl:Class ;\n    " + " ;\n    ".join(pairs) + " .\n"


def _concept(pack: KnowledgePack, row: int) -> Iterator[str]:
    tables = pack.tables
    yield f"kgslm:id {_text(pack.ids[row])}"
    names = pack.names_at(row)
    typed = any(name.type for name in names)
    for name in names:
        yield f"{_KINDS[name.kind]} {_text(name.text)}"
        if typed:
            yield f"kgslm:name {_text(json.dumps([name.text, name.kind, name.type], ensure_ascii=False))}"
    for field, property_ in _VALUES.items():
        for value in getattr(tables, field)[row]:
            yield f"{property_} {_text(value)}"
    if tables.obsolete[row]:
        yield "owl:deprecated true"
    for key in tables.source_keys[tables.source[row]]:
        yield f"kgslm:source {_text(key)}"


def _iri(iri: str) -> str:
    return f"<{_NO_IRI.sub(lambda match: f'%{ord(match[0]):02X}', iri)}>"


def _text(text: str) -> str:
    return f'"{_NO_TEXT.sub(_escaped, text)}"'


def _escaped(match: re.Match[str]) -> str:
    sign = match[0]
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}.get(sign, f"\\u{ord(sign):04X}")
