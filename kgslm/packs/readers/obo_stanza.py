"""What an OBO file says of one thing, and what its header says of all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

from kgslm.packs.items import Item, SourceConcept, SourceName, SourcePredicate, SourceRelation
from kgslm.packs.readers.obo_values import broken, unescape

_SCOPES = {"EXACT": "exact", "BROAD": "broad", "NARROW": "narrow", "RELATED": "related"}
_MOST_HEADS = 1000

# tuple.__new__ builds a named tuple in a third of the time of its class.
_concept: Callable[[Iterable[object]], SourceConcept] = partial(tuple.__new__, SourceConcept)
_relation: Callable[[Iterable[object]], SourceRelation] = partial(tuple.__new__, SourceRelation)


class Header:
    """What the top of a file says. types: names of the synonym types by id; heads: synonym tails that were seen."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.namespace: tuple[str, ...] = ()
        self.types: dict[str, str] = {}
        self.heads: dict[str, tuple[str, str]] = {}
        self.items: list[Item] = []

    def scope(self, head: str) -> tuple[str, str]:
        """Kind and type by what stands between a synonym's text and its cross-references: `` EXACT layperson ``."""
        words = head.partition("{")[0].partition("!")[0].split()
        kind = _SCOPES.get(words[0]) if words else None
        if kind is None:
            kind, type_ = "related", words[0] if words else ""
        else:
            type_ = words[1] if len(words) > 1 else ""
        found = kind, self._type(type_)
        if len(self.heads) < _MOST_HEADS:
            self.heads[head] = found
        return found

    def _type(self, id_: str) -> str:
        """The local part; the name, where the local part is but a number."""
        local = re.split(r"[#/:]", unescape(id_))[-1]
        return self.types.get(id_, local) if local.isdigit() else local


class Stanza:
    """A term, instance or typedef in the making.

    links: ``(subject, predicate, object, detail, line)``; an empty subject or object is the term itself.
    """

    __slots__ = (
        "alt_ids",
        "categories",
        "definition",
        "findings",
        "further_definitions",
        "header",
        "id",
        "line",
        "links",
        "name",
        "names",
        "obsolete",
        "replaced_by",
        "tree",
        "xrefs",
    )

    def __init__(self, header: Header, line: int) -> None:
        self.header = header
        self.line = line
        self.id = self.name = self.definition = ""
        self.names: list[SourceName] = []
        self.categories = header.namespace
        self.xrefs: list[str] = []
        self.alt_ids: list[str] = []
        self.replaced_by: list[str] = []
        self.tree: tuple[str, ...] = ()
        self.further_definitions: tuple[str, ...] = ()
        self.obsolete = False
        self.links: list[tuple[str, str, str, str, int]] = []
        self.findings: list[Item] = []

    def concept(self) -> list[Item]:
        """The concept and its relations. Raises PackError where it has no id."""
        file, id_ = self.header.file, self.id
        if not id_:
            broken(file, self.line, "the stanza has no id")
        concept = (
            id_,
            self.name,
            tuple(self.names),
            self.definition,
            self.categories,
            (),
            self.tree,
            tuple(self.xrefs),
            tuple(self.alt_ids),
            self.obsolete,
            tuple(self.replaced_by),
            file,
            self.line,
            self.further_definitions,
        )
        items: list[Item] = [_concept(concept)]
        for subject, predicate, object_, detail, line in self.links:
            items.append(_relation((subject or id_, predicate, object_ or id_, detail, file, line)))
        items += self.findings
        return items

    def predicate(self) -> list[Item]:
        """The readable name of a typedef."""
        return [SourcePredicate(self.id, self.name)] if self.id and self.name else []
