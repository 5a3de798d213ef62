"""Triples gathered by subject, then told as concepts and relations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kgslm.packs.items import (
    OTHER_LANGUAGE,
    Finding,
    Item,
    SourceConcept,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
)
from kgslm.packs.readers import vocabulary as v
from kgslm.records import IS_A

_TRUE = ("true", "1")
_CUT = re.compile(r"[#/_:=-]")
_OBO = re.compile(re.escape(v.OBO) + r"([A-Za-z][A-Za-z0-9]*)_(\w+)")
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\s]+")


class Node:
    """What was said of one subject; texts carry a rank, lower is better: 0 in the language asked for, 1 in none."""

    __slots__ = ("definitions", "facts", "foreign", "names", "restriction", "types")

    def __init__(self) -> None:
        self.types: list[str] = []
        self.names: list[tuple[str, int, str]] = []  # (kind, rank, text)
        self.definitions: list[tuple[int, int, str]] = []  # (property rank, language rank, text)
        self.foreign: list[tuple[str, str, str]] = []  # (kind of name or "definition", language, text)
        self.facts: dict[str, list[str]] = {}
        self.restriction: dict[str, str] = {}  # of a blank node: onProperty, someValuesFrom


class Triples:
    """Takes the triples of several files, then gives concepts and relations in the order of first mention."""

    def __init__(self, language: str, prefixes: Mapping[str, str]) -> None:
        self._language = language.lower()
        self._nodes: dict[str, Node] = {}
        self._edges: list[tuple[str, str, str]] = []
        self._meanings: dict[str, v.Meaning] = {}
        self._shortener = Shortener(prefixes)
        self._file = 0

    def start_file(self) -> None:
        """Blank nodes belong to one file; those of the next are others."""
        self._file += 1

    def declare(self, prefixes: Mapping[str, str]) -> None:
        """Prefixes of a file, which come after those of the recipe."""
        self._shortener.declare(prefixes)

    def feed(self, quads: Iterable[Any]) -> None:
        """Take in pyoxigraph's quads; the graph of a quad is left aside, as are quoted triples."""
        from pyoxigraph import BlankNode, Literal, NamedNode

        meanings = self._meanings
        for subject, property_, object_, _ in quads:
            meaning = meanings.get(property_.value) or self._meaning(property_.value)
            if isinstance(subject, NamedNode):
                key = subject.value
            elif isinstance(subject, BlankNode):
                key = self._blank(subject)
            else:
                continue
            if isinstance(object_, NamedNode):
                self._link(key, meaning, object_.value)
            elif isinstance(object_, BlankNode):
                self._link(key, meaning, self._blank(object_))
            elif isinstance(object_, Literal) and meaning.text:
                self._text(key, meaning, object_)

    def _meaning(self, iri: str) -> v.Meaning:
        meaning = self._meanings[iri] = v.meaning(iri)
        return meaning

    def _blank(self, node: Any) -> str:
        return f"_:{self._file}:{node.value}"

    def _node(self, key: str) -> Node:
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node()
        return node

    def _text(self, subject: str, meaning: v.Meaning, literal: Any) -> None:
        if meaning.field:
            self._node(subject).facts.setdefault(meaning.field, []).append(literal.value)
            return
        rank = self._rank(literal.language)
        if rank is None:
            self._node(subject).foreign.append((meaning.name or "definition", literal.language, literal.value))
            return
        if meaning.name:
            self._node(subject).names.append((meaning.name, rank, literal.value))
        if meaning.definition is not None:
            self._node(subject).definitions.append((meaning.definition, rank, literal.value))

    def _link(self, subject: str, meaning: v.Meaning, object_: str) -> None:
        if meaning.field:
            self._node(subject).facts.setdefault(meaning.field, []).append(object_)
        elif meaning.link == "edge":
            self._edges.append((subject, meaning.iri, object_))
        elif meaning.link == "reverse":
            self._edges.append((object_, v.SUBCLASS, subject))
        elif meaning.link == "type":
            self._node(subject).types.append(object_)
        elif meaning.link == "restriction":
            self._node(subject).restriction[meaning.iri] = object_

    def _rank(self, language: str | None) -> int | None:
        if not language:
            return 1
        language = language.lower()
        if self._language == "*" or language == self._language or language.startswith(self._language + "-"):
            return 0
        return None

    # Telling

    def items(self, types: str, *, only_skos: bool, file: str) -> Iterator[Item]:
        """All concepts and relations. types: ``relation``, ``category`` or ``ignore``; file: the place for findings."""
        concepts = {key: node for key, node in self._nodes.items() if _is_concept(key, node, only_skos)}
        short = self._shortener
        for key, node in self._nodes.items():
            yield from self._foreign(key, node, key in concepts, only_skos, file)
        for key, node in concepts.items():
            classes = [type_ for type_ in node.types if not type_.startswith((*v.SYSTEM, "_:"))]
            yield self._concept(key, node, classes if types == "category" else [], file)
            for class_ in classes if types == "relation" else ():
                yield SourceRelation(short(key), "instance_of", short(class_), "", file)
        predicates: dict[str, str] = {}
        for triple in self._edges:
            edge = self._edge(concepts, *triple)
            if edge is not None:
                subject, iri, object_ = edge
                predicate = predicates.get(iri) or predicates.setdefault(iri, self._predicate(iri))
                yield SourceRelation(short(subject), predicate, short(object_), "", file)
        yield from self._predicate_names()
        yield from short.used()

    def _concept(self, key: str, node: Node, classes: list[str], file: str) -> SourceConcept:
        preferred = sorted(
            (rank, kind != "preferred", text) for kind, rank, text in node.names if kind in ("preferred", "label")
        )
        name = preferred[0][2] if preferred else _words(v.local_part(key))
        names = tuple(
            SourceName(text, "exact" if kind in ("preferred", "label") else kind)
            for kind, _, text in node.names
            if text != name
        )
        categories = (*node.facts.get("categories", ()), *classes)
        return SourceConcept(
            self._shortener(key),
            name,
            names,
            min(node.definitions, key=lambda item: item[:2])[2] if node.definitions else "",
            tuple(v.local_part(category) for category in categories),
            xrefs=self._short(node, "xrefs"),
            alt_ids=self._short(node, "alt_ids"),
            obsolete=any(value in _TRUE for value in node.facts.get("obsolete", ())),
            replaced_by=self._short(node, "replaced_by"),
            file=file,
        )

    def _foreign(self, key: str, node: Node, kept: bool, only_skos: bool, file: str) -> Iterator[Finding]:
        """What the language excludes: names and definitions of a concept, or all of what has no other label."""
        labels = [(kind, 0, text) for kind, _, text in node.foreign]
        if kept:
            for kind, language, text in node.foreign:
                text = f"{self._shortener(key)} has {text!r} in {language}"
                if kind == "definition":
                    yield Finding(f"definition in {OTHER_LANGUAGE}", text, "note", file)
                else:
                    yield Finding(OTHER_LANGUAGE, text, "name", file)
        elif labels and _is_concept(key, node, only_skos, labels):
            message = f"{self._shortener(key)} has no label but {node.foreign[0][2]!r} in {node.foreign[0][1]}"
            yield Finding(OTHER_LANGUAGE, message, "concept", file)

    def _short(self, node: Node, field: str) -> tuple[str, ...]:
        return tuple([self._shortener(value) for value in node.facts.get(field, ())])

    def _edge(
        self, concepts: Mapping[str, Node], subject: str, predicate: str, object_: str
    ) -> tuple[str, str, str] | None:
        """The relation that a triple states; None where it states none between named things."""
        if subject not in concepts or object_.startswith(v.SYSTEM) or self._is_annotation(predicate):
            return None
        if not object_.startswith("_:"):
            return subject, predicate, object_
        # A blank node: subject is_a (predicate some target), or an expression too complex for one relation.
        restriction = self._nodes[object_].restriction if object_ in self._nodes else {}
        property_, target = restriction.get(v.ON_PROPERTY, "_:"), restriction.get(v.SOME, "_:")
        if predicate not in (v.SUBCLASS, v.EQUIVALENT) or "_:" in (property_[:2], target[:2]):
            return None
        if target.startswith(v.SYSTEM):
            return None
        return subject, property_, target

    def _is_annotation(self, predicate: str) -> bool:
        node = self._nodes.get(predicate)
        return node is not None and v.ANNOTATION in node.types

    def _predicate(self, iri: str) -> str:
        if iri in v.BROADER:
            return IS_A
        return v.RELATIONS.get(iri) or self._shortener(iri)

    def _predicate_names(self) -> Iterator[SourcePredicate]:
        for key, node in self._nodes.items():
            if not v.PROPERTIES.isdisjoint(node.types) and not key.startswith(v.SYSTEM):
                labels = sorted((rank, text) for kind, rank, text in node.names if kind in ("preferred", "label"))
                name = labels[0][1] if labels else _words(v.local_part(key))
                yield SourcePredicate(self._shortener(key), name)


class Shortener:
    """IRIs to compact ids: the longest declared namespace, or the OBO rule (``.../obo/HP_0000001`` is HP:0000001)."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes: dict[str, str] = {}
        self._namespaces: dict[str, str] = {}
        self._used: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self.declare(prefixes)

    def declare(self, prefixes: Mapping[str, str]) -> None:
        """Add prefixes; one that is taken, or whose namespace has another prefix, is left aside."""
        self._known.clear()
        for prefix, namespace in sorted(prefixes.items()):
            if prefix and prefix not in self._prefixes and namespace not in self._namespaces:
                self._prefixes[prefix] = namespace
                self._namespaces[namespace] = prefix

    def used(self) -> Iterator[SourcePrefix]:
        """The prefixes of the ids given so far."""
        for prefix, namespace in sorted(self._used.items()):
            yield SourcePrefix(prefix, namespace)

    def __call__(self, iri: str) -> str:
        """The compact id of an IRI; the IRI itself where no namespace fits."""
        if "://" not in iri:
            return iri
        known = self._known.get(iri)
        if known is None:
            known = self._known[iri] = self._shorten(iri)
        return known

    def _shorten(self, iri: str) -> str:
        obo = _OBO.fullmatch(iri)
        # The empty rest is left out: a namespace itself has no compact form.
        for match in reversed(list(_CUT.finditer(iri, 0, len(iri) - 1))):
            namespace = iri[: match.end()]
            prefix = self._namespaces.get(namespace)
            if obo and namespace == v.OBO:
                break  # files declare obo: for it, but everyone writes HP:0000001, not obo:HP_0000001
            if prefix is not None:
                self._used[prefix] = namespace
                return f"{prefix}:{iri[len(namespace) :]}"
        if obo:
            self._used.setdefault(obo[1], f"{v.OBO}{obo[1]}_")
            return f"{obo[1]}:{obo[2]}"
        return iri


def _words(local: str) -> str:
    """``LegalEntity`` and ``Legal_Entity`` as words; empty for codes, which are no names."""
    if any(sign.isdigit() for sign in local):
        return ""
    return _WORDS.sub(" ", local).strip()


def _is_concept(key: str, node: Node, only_skos: bool, names: Iterable[tuple[str, int, str]] | None = None) -> bool:
    """Whether the node is a concept, by its own names or by those given."""
    if key.startswith(("_:", *v.SYSTEM)):
        return False
    if only_skos:
        return v.SKOS + "Concept" in node.types
    if not v.CONCEPTS.isdisjoint(node.types):
        return True
    named = any(kind in ("preferred", "label") for kind, _, _ in (node.names if names is None else names))
    return named and v.NO_CONCEPTS.isdisjoint(node.types)
