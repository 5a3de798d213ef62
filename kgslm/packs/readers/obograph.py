"""OBO Graphs, the JSON form of ontologies (https://github.com/geneontology/obographs)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from kgslm.errors import PackError
from kgslm.packs.files import SourceFile
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourcePredicate, SourceRelation, place
from kgslm.packs.readers import vocabulary as v
from kgslm.packs.readers.json_stream import JsonStream
from kgslm.packs.readers.shortener import Shortener
from kgslm.packs.readers.values import list_of, mapping_of, mappings_of, text_of
from kgslm.packs.sources import SourceConfig
from kgslm.records import IS_A

_SCOPES = {f"has{kind.title()}Synonym": kind for kind in ("exact", "broad", "narrow", "related")}
_PREDICATES = {"is_a": IS_A, "type": "instance_of", v.SUBCLASS: IS_A, v.TYPE: "instance_of"}
_NO_FACTS = ("subPropertyOf", "inverseOf")
"""Edges between predicates."""

_SOURCE = v.OIO + "source"


class ObographSource(SourceConfig):
    """An OBO Graphs JSON file, read element by element.

    Nodes that are classes or individuals, or have a label and no type, become concepts; IRIs are shortened as in RDF.
    Synonyms keep scope and type, subsets and namespaces become categories. Edges, ``logicalDefinitionAxioms`` (the
    term is a kind of its genus and has the relations) and ``equivalentNodesSets`` become relations, with the
    cross-references of an edge as where it is from. Properties give predicates their readable names.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    example: ClassVar[tuple[str, str]] = (
        "findings.json",
        '{"graphs": [{"id": "http://example.org/t.owl", "nodes": [\n'
        '  {"id": "http://purl.obolibrary.org/obo/T_1", "lbl": "Fever", "type": "CLASS", "meta": {\n'
        '    "definition": {"val": "High body temperature."},\n'
        '    "synonyms": [{"pred": "hasExactSynonym", "val": "Pyrexia"}]}},\n'
        '  {"id": "http://purl.obolibrary.org/obo/T_2", "lbl": "Cough", "type": "CLASS"}\n], "edges": []}]}\n',
    )
    kind: Literal["obograph"] = "obograph"

    def read(self, files: Sequence[SourceFile]) -> Iterator[Item]:
        """Stream concepts and relations. Raises PackError where a file is no JSON or no OBO graph."""
        short = Shortener(self.prefixes)
        for file in files:
            with file.text() as text:
                yield from _Document(JsonStream(text, file.name), file.name, short).items()
        yield from short.used()


class _Document:
    """One file being read. types: names of the synonym types; waiting: nodes whose synonym type is not named yet."""

    def __init__(self, stream: JsonStream, file: str, short: Shortener) -> None:
        self._stream = stream
        self._file = file
        self._short = short
        self._types: dict[str, str] = {}
        self._waiting: list[tuple[dict[str, Any], int]] = []
        self._graphs = 0

    def items(self) -> Iterator[Item]:
        stream = self._stream
        if stream.peek() != "{":
            raise PackError(
                f"{place(self._file, stream.line)}: an object with 'graphs' was expected; this is no OBO graph"
            )
        for key in stream.members():
            if key == "graphs":
                for _ in stream.elements():
                    for part in stream.members():
                        yield from self._part(part)
            else:  # a file may hold one graph alone
                yield from self._part(key)
        stream.end()
        if not self._graphs:
            raise PackError(f"{self._file}: no graph with nodes in it; this is no OBO graph")
        for node, line in self._waiting:
            yield self._concept(node, self._names(node, place(self._file, line)), line)

    def _part(self, key: str) -> Iterator[Item]:
        """One member of a graph."""
        read = {
            "nodes": self._node,
            "edges": self._edge,
            "logicalDefinitionAxioms": self._definition,
            "equivalentNodesSets": self._equivalents,
        }.get(key)
        if self._stream.peek() != "[":
            self._stream.value()
            return
        self._graphs += key == "nodes"
        for line in self._stream.elements():
            value = self._stream.value()
            if read is not None:
                yield from read(mapping_of(value, key, place(self._file, line)), line)

    def _node(self, node: dict[str, Any], line: int) -> Iterator[Item]:
        where = place(self._file, line)
        id_ = self._id(node.get("id"), "id", where)
        label = text_of(node.get("lbl"), "lbl", where)
        type_ = text_of(node.get("type"), "type", where)
        if type_ == "PROPERTY":
            if label:
                self._types[id_] = "_".join(label.split())
                yield SourcePredicate(id_, label)
        elif not type_ and not label:
            message = f"{id_!r} has neither label nor type"
            yield Finding("not described", message, "concept", self._file, line)
        elif not text_of(node["id"], "id", where).startswith(v.SYSTEM):
            names = self._names(node, where)
            if any(name.type.isdigit() for name in names):
                self._waiting.append((node, line))
            else:
                yield self._concept(node, names, line)

    def _concept(self, node: dict[str, Any], names: list[SourceName], line: int) -> SourceConcept:
        where = place(self._file, line)
        meta = mapping_of(node.get("meta"), "meta", where)
        facts = self._facts(meta, where)
        return SourceConcept(
            self._id(node.get("id"), "id", where),
            text_of(node.get("lbl"), "lbl", where),
            tuple(names),
            text_of(mapping_of(meta.get("definition"), "definition", where).get("val"), "definition", where),
            tuple(facts["categories"]),
            xrefs=tuple(facts["xrefs"]),
            alt_ids=tuple(facts["alt_ids"]),
            obsolete=meta.get("deprecated") is True or "true" in facts["obsolete"],
            replaced_by=tuple(facts["replaced_by"]),
            file=self._file,
            line=line,
        )

    def _names(self, node: dict[str, Any], where: str) -> list[SourceName]:
        meta = mapping_of(node.get("meta"), "meta", where)
        names = []
        for synonym in mappings_of(meta.get("synonyms"), "synonyms", where):
            scope = text_of(synonym.get("pred"), "pred", where)
            kind = _SCOPES.get(scope) or _SCOPES.get(v.local_part(scope), "related")
            type_ = text_of(synonym.get("synonymType"), "synonymType", where)
            names.append(SourceName(text_of(synonym.get("val"), "val", where), kind, self._type(type_)))
        for value in mappings_of(meta.get("basicPropertyValues"), "basicPropertyValues", where):
            kind = v.NAMES.get(text_of(value.get("pred"), "pred", where), "")
            if kind:
                text = text_of(value.get("val"), "val", where)
                names.append(SourceName(text, "exact" if kind in ("preferred", "label") else kind))
        return names

    def _type(self, iri: str) -> str:
        """The local part of a synonym type; the label of the property, where the local part is but a number."""
        local = v.local_part(iri)
        number = local.rpartition("_")[2]  # obo/OMO_0003000
        return self._types.get(self._short(iri), number) if number.isdigit() else local

    def _facts(self, meta: dict[str, Any], where: str) -> dict[str, list[str]]:
        """Fields of a concept from its cross-references, subsets and property values."""
        facts: dict[str, list[str]] = {field: [] for field in v.FACTS.values()}
        for xref in mappings_of(meta.get("xrefs"), "xrefs", where):
            facts["xrefs"].append(self._id(xref.get("val"), "xref", where))
        for subset in list_of(meta.get("subsets"), "subsets", where):
            facts["categories"].append(v.local_part(text_of(subset, "subsets", where)))
        for value in mappings_of(meta.get("basicPropertyValues"), "basicPropertyValues", where):
            field = v.FACTS.get(text_of(value.get("pred"), "pred", where))
            text = text_of(value.get("val"), "val", where)
            if field == "categories":
                facts[field].append(v.local_part(text))
            elif field is not None and text:
                facts[field].append(self._short(text))
        return facts

    def _edge(self, edge: dict[str, Any], line: int) -> Iterator[Item]:
        where = place(self._file, line)
        predicate = text_of(edge.get("pred"), "pred", where)
        if predicate in _NO_FACTS:
            return
        subject, object_ = (self._id(edge.get(end), end, where) for end in ("sub", "obj"))
        predicate = _PREDICATES.get(predicate) or self._id(predicate, "pred", where)
        meta = mapping_of(edge.get("meta"), "meta", where)
        said = [xref.get("val") for xref in mappings_of(meta.get("xrefs"), "xrefs", where)]
        for value in mappings_of(meta.get("basicPropertyValues"), "basicPropertyValues", where):
            if value.get("pred") == _SOURCE:
                said.append(value.get("val"))
        detail = ", ".join(text_of(text, "source", where) for text in said)
        yield SourceRelation(subject, predicate, object_, detail, self._file, line)

    def _definition(self, axiom: dict[str, Any], line: int) -> Iterator[Item]:
        where = place(self._file, line)
        term = self._id(axiom.get("definedClassId"), "definedClassId", where)
        for genus in list_of(axiom.get("genusIds"), "genusIds", where):
            yield SourceRelation(term, IS_A, self._id(genus, "genusIds", where), "", self._file, line)
        for restriction in filter(None, mappings_of(axiom.get("restrictions"), "restrictions", where)):
            predicate = self._id(restriction.get("propertyId"), "propertyId", where)
            filler = self._id(restriction.get("fillerId"), "fillerId", where)
            yield SourceRelation(term, predicate, filler, "", self._file, line)

    def _equivalents(self, group: dict[str, Any], line: int) -> Iterator[Item]:
        where = place(self._file, line)
        ids = [self._id(id_, "nodeIds", where) for id_ in list_of(group.get("nodeIds"), "nodeIds", where)]
        first = text_of(group.get("representativeNodeId"), "representativeNodeId", where)
        main = self._short(first) if first else min(ids, default="")
        for id_ in ids:
            if id_ != main:
                yield SourceRelation(main, "equivalent_to", id_, "", self._file, line)

    def _id(self, value: Any, field: str, where: str) -> str:
        text = text_of(value, field, where)
        if not text:
            raise PackError(f"{where}: {field} is missing")
        return self._short(text)
