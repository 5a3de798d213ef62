"""Triples gathered by subject; ``tell.py`` makes concepts and relations of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kgslm.packs.readers import vocabulary as v
from kgslm.packs.readers.shortener import Shortener

Edge = tuple[str, str, str]


class Node:
    """What was said of one subject; texts carry a rank, lower is better: the place of their language, then none."""

    __slots__ = ("definitions", "facts", "foreign", "labels", "names", "structure", "types")

    def __init__(self) -> None:
        self.types: list[str] = []
        self.names: list[tuple[str, int, str]] = []  # (kind, rank, text)
        self.definitions: list[tuple[int, int, str]] = []  # (property rank, language rank, text)
        self.foreign: list[tuple[str, str, str]] = []  # (kind of name or "definition", language, text)
        self.facts: dict[str, list[str]] = {}
        self.structure: dict[str, str] = {}  # of a blank node: onProperty, someValuesFrom, first, rest ...
        self.labels: list[tuple[str, str]] = []  # (kind, label resource of SKOS-XL)


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

        meanings, blank = self._meanings, f"_:{self._file}:"
        for quad in quads:
            property_ = quad.predicate.value
            meaning = meanings.get(property_) or self._meaning(property_)
            if meaning.nothing:
                continue
            object_, subject = quad.object, quad.subject
            kind = type(object_)
            if kind is Literal:
                if not meaning.text:
                    continue
            elif kind is NamedNode:
                other = object_.value
            elif kind is BlankNode:
                other = blank + object_.value
            else:
                continue
            if type(subject) is NamedNode:
                key = subject.value
            elif type(subject) is BlankNode:
                key = blank + subject.value
            else:
                continue
            if meaning.joins and kind is not Literal:
                self.edges.append((key, property_, other) if meaning.link == "edge" else (other, v.SUBCLASS, key))
                continue
            self._say(key, meaning, object_ if kind is Literal else other)

    def _meaning(self, iri: str) -> v.Meaning:
        meaning = self._meanings[iri] = v.meaning(iri)
        return meaning

    def _say(self, key: str, meaning: v.Meaning, value: Any) -> None:
        """Note a literal or a resource at its subject."""
        node = self.nodes.get(key)
        if node is None:
            node = self.nodes[key] = Node()
        if type(value) is str:
            self._link(node, meaning, value)
        else:
            self._text(node, meaning, value)

    def _text(self, node: Node, meaning: v.Meaning, literal: Any) -> None:
        text = literal.value
        if meaning.field:
            node.facts.setdefault(meaning.field, []).append(text)
            return
        language = literal.language
        rank = self._ranks[language] if language in self._ranks else self._rank(language)
        if rank is None:
            node.foreign.append((meaning.name or "definition", language, text))
        elif meaning.name:
            node.names.append((meaning.name, rank, text))
        elif meaning.definition is not None:
            node.definitions.append((meaning.definition, rank, text))

    def _link(self, node: Node, meaning: v.Meaning, object_: str) -> None:
        if meaning.field:
            node.facts.setdefault(meaning.field, []).append(object_)
        elif meaning.link == "type":
            node.types.append(object_)
        elif meaning.link == "structure":
            node.structure[meaning.iri] = object_
        elif meaning.link:
            node.labels.append((meaning.link, object_))

    def _rank(self, language: str) -> int | None:
        """The place of a language among those asked for; None where it is none of them."""
        found = None
        for rank, wanted in enumerate(self._languages):
            if wanted == "*" or language.lower() == wanted or language.lower().startswith(wanted + "-"):
                found = rank
                break
        self._ranks[language] = found
        return found
