"""Triples gathered by subject; ``tell.py`` makes concepts and relations of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from typing import Any

from kgslm.packs.readers import vocabulary as v
from kgslm.packs.readers.shortener import Shortener

Edge = tuple[str, str, str]
Foreign = tuple[str, Any]
"""Kind of name, or ``definition``, and pyoxigraph's literal in a language that was not asked for."""

_NO_LIST: list[Any] = []
_NO_MAPPING: dict[str, Any] = {}


class Node:
    """What was said of one subject; texts carry a rank, lower is better: the place of their language, then none."""

    __slots__ = ("definitions", "facts", "foreign", "labels", "names", "structure", "types")

    def __init__(self) -> None:
        self.types: list[str] = []
        self.names: list[tuple[str, int, str]] = []  # (kind, rank, text)
        # The others are seldom there; _NO_LIST and _NO_MAPPING, which stay empty, stand for them.
        self.definitions: list[tuple[int, int, str]] = _NO_LIST  # (property rank, language rank, text)
        self.foreign: list[Foreign] = _NO_LIST
        self.labels: list[tuple[str, str]] = _NO_LIST  # (kind, label resource of SKOS-XL)
        self.facts: dict[str, list[str]] = _NO_MAPPING
        self.structure: dict[str, str] = _NO_MAPPING  # of a blank node: onProperty, someValuesFrom, first, rest ...

    def fact(self, field: str, value: str) -> None:
        """Add a value of a field of the concept."""
        self.facts = self.facts or {}
        self.facts.setdefault(field, []).append(value)


class Triples:
    """Takes the triples of several files. nodes: by IRI, in the order of first mention; edges: as they came.

    languages: of the texts to take, the preferred first; ``*`` takes all. Texts without a language are taken too.
    """

    def __init__(self, languages: Sequence[str], prefixes: Mapping[str, str]) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.shortener = Shortener(prefixes)
        self._ranks = _Ranks(languages)
        self._meanings: dict[str, v.Meaning] = {}
        self._file = 0

    def start_file(self) -> None:
        """Blank nodes belong to one file; those of the next are others."""
        self._file += 1

    def feed(self, quads: Iterable[Any]) -> None:
        """Take in pyoxigraph's quads; the graph of a quad is left aside, as are quoted triples."""
        from pyoxigraph import BlankNode, Literal, NamedNode

        meanings, nodes, edges = self._meanings, self.nodes, self.edges
        blank, key, node = f"_:{self._file}:", "", None
        for quad in quads:
            property_ = quad.predicate.value
            meaning = meanings.get(property_) or self._meaning(property_)
            if meaning.nothing:
                continue
            subject, object_ = quad.subject, quad.object
            kind, sort = type(object_), type(subject)
            one = subject.value if sort is NamedNode else blank + subject.value if sort is BlankNode else ""
            if one != key:  # most triples go on with the subject before them
                key, node = one, nodes.get(one)
            if kind is Literal:
                if meaning.text and key:
                    node = node or self._node(key)
                    self._text(node, meaning, object_)
                continue
            value = object_.value if kind is NamedNode else blank + object_.value if kind is BlankNode else ""
            if not (key and value):
                continue
            if meaning.joins:
                edges.append((key, meaning.iri, value) if meaning.link == "edge" else (value, v.SUBCLASS, key))
            else:
                node = node or self._node(key)
                self._link(node, meaning, value)

    def _node(self, key: str) -> Node:
        node = self.nodes[key] = Node()
        return node

    def _meaning(self, iri: str) -> v.Meaning:
        meaning = self._meanings[iri] = v.meaning(iri)
        return meaning

    def _text(self, node: Node, meaning: v.Meaning, literal: Any) -> None:
        if meaning.field:
            node.fact(meaning.field, literal.value)
            return
        rank = self._ranks[literal.language]
        if rank is None:
            node.foreign = node.foreign or []
            node.foreign.append((meaning.name or "definition", literal))
        elif meaning.name:
            node.names.append((meaning.name, rank, literal.value))
        elif meaning.definition is not None:
            node.definitions = node.definitions or []
            node.definitions.append((meaning.definition, rank, literal.value))

    def _link(self, node: Node, meaning: v.Meaning, object_: str) -> None:
        if meaning.field:
            node.fact(meaning.field, object_)
        elif meaning.link == "type":
            node.types.append(intern(object_))  # a few are said of all nodes
        elif meaning.link == "structure":
            node.structure = node.structure or {}
            node.structure[meaning.iri] = object_
        elif meaning.link:
            node.labels = node.labels or []
            node.labels.append((meaning.link, object_))


class _Ranks(dict[str | None, int | None]):
    """Languages to their places among those asked for; to None where a language is none of them."""

    def __init__(self, languages: Sequence[str]) -> None:
        super().__init__({None: len(languages), "": len(languages)})
        self._wanted = [language.lower() for language in languages]

    def __missing__(self, language: str) -> int | None:
        found = None
        for rank, wanted in enumerate(self._wanted):
            if wanted == "*" or language.lower() == wanted or language.lower().startswith(wanted + "-"):
                found = rank
                break
        self[language] = found
        return found
