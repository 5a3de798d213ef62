"""Triples gathered by subject; ``tell.py`` makes concepts and relations of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kgslm.packs.readers import vocabulary as v
from kgslm.packs.readers.shortener import Shortener

Edge = tuple[str, str, str]

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
        self.foreign: list[tuple[str, str, str]] = _NO_LIST  # (kind of name or "definition", language, text)
        self.labels: list[tuple[str, str]] = _NO_LIST  # (kind, label resource of SKOS-XL)
        self.facts: dict[str, list[str]] = _NO_MAPPING
        self.structure: dict[str, str] = _NO_MAPPING  # of a blank node: onProperty, someValuesFrom, first, rest ...

    def add(self, field: str, item: Any) -> None:
        """Append to one of the lists that may not be there yet."""
        here = getattr(self, field)
        if here is _NO_LIST:
            setattr(self, field, [item])
        else:
            here.append(item)

    def fact(self, field: str, value: str) -> None:
        """Add a value of a field of the concept."""
        if self.facts is _NO_MAPPING:
            self.facts = {}
        self.facts.setdefault(field, []).append(value)


class Triples:
    """Takes the triples of several files. nodes: by IRI, in the order of first mention; edges: as they came.

    languages: of the texts to take, the preferred first; ``*`` takes all. Texts without a language are taken too.
    """

    def __init__(self, languages: Sequence[str], prefixes: Mapping[str, str]) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.shortener = Shortener(prefixes)
        self._languages = [language.lower() for language in languages]
        self._ranks: dict[str | None, int | None] = {None: len(languages), "": len(languages)}
        self._meanings: dict[str, v.Meaning] = {}
        self._file = 0

    def start_file(self) -> None:
        """Blank nodes belong to one file; those of the next are others."""
        self._file += 1

    def feed(self, quads: Iterable[Any]) -> None:
        """Take in pyoxigraph's quads; the graph of a quad is left aside, as are quoted triples."""
        from pyoxigraph import BlankNode, Literal, NamedNode

        meanings, nodes, blank = self._meanings, self.nodes, f"_:{self._file}:"
        for quad in quads:
            property_ = quad.predicate.value
            meaning = meanings.get(property_) or self._meaning(property_)
            if meaning.nothing:
                continue
            object_, subject = quad.object, quad.subject
            kind, sort = type(object_), type(subject)
            key = subject.value if sort is NamedNode else blank + subject.value if sort is BlankNode else ""
            if kind is Literal:
                if key and meaning.text:
                    self._text(nodes.get(key) or self._node(key), meaning, object_)
                continue
            value = object_.value if kind is NamedNode else blank + object_.value if kind is BlankNode else ""
            if not (key and value):
                continue
            if meaning.joins:
                self.edges.append((key, property_, value) if meaning.link == "edge" else (value, v.SUBCLASS, key))
            else:
                self._link(nodes.get(key) or self._node(key), meaning, value)

    def _node(self, key: str) -> Node:
        node = self.nodes[key] = Node()
        return node

    def _meaning(self, iri: str) -> v.Meaning:
        meaning = self._meanings[iri] = v.meaning(iri)
        return meaning

    def _text(self, node: Node, meaning: v.Meaning, literal: Any) -> None:
        text = literal.value
        if meaning.field:
            node.fact(meaning.field, text)
            return
        language = literal.language
        rank = self._ranks[language] if language in self._ranks else self._rank(language)
        if rank is None:
            node.add("foreign", (meaning.name or "definition", language, text))
        elif meaning.name:
            node.names.append((meaning.name, rank, text))
        elif meaning.definition is not None:
            node.add("definitions", (meaning.definition, rank, text))

    def _link(self, node: Node, meaning: v.Meaning, object_: str) -> None:
        if meaning.field:
            node.fact(meaning.field, object_)
        elif meaning.link == "type":
            node.types.append(object_)
        elif meaning.link == "structure":
            if node.structure is _NO_MAPPING:
                node.structure = {}
            node.structure[meaning.iri] = object_
        elif meaning.link:
            node.add("labels", (meaning.link, object_))

    def _rank(self, language: str) -> int | None:
        """The place of a language among those asked for; None where it is none of them."""
        found = None
        for rank, wanted in enumerate(self._languages):
            if wanted == "*" or language.lower() == wanted or language.lower().startswith(wanted + "-"):
                found = rank
                break
        self._ranks[language] = found
        return found
