"""A read-only rdflib store that answers triple patterns from the tables of a pack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from rdflib import URIRef
from rdflib.store import Store
from rdflib.term import Node

from kgslm.errors import PackError
from kgslm.packs.facts import Concepts, Facts
from kgslm.packs.value_facts import all_facts

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack

Triple = tuple[Node, Node, Node]
Pattern = tuple[Node | None, Node | None, Node | None]


class PackStore(Store):
    """Nothing is copied: each pattern reads the tables anew.

    With a subject or object it looks at what belongs to that concept or name alone; only a definition, category, tree
    number, cross-reference or alternative id is looked for by a scan of its column.
    """

    def __init__(self, pack: KnowledgePack) -> None:
        super().__init__()
        self._pack = pack
        self._concepts = Concepts(pack)
        self._facts = all_facts(self._concepts)
        self._namespaces: dict[str, URIRef] = {}
        self._prefixes: dict[URIRef, str] = {}

    # The names of the parameters, and what is given beside each triple, are rdflib's.
    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[tuple[Triple, Iterator[Any]]]:
        """The triples of a pattern, in which None stands for anything."""
        for triple in self._matching(triple_pattern):
            yield triple, iter((context,))

    def __len__(self, context: Any = None) -> int:
        return sum(map(len, self._facts))

    def add(self, *_: Any, **__: Any) -> NoReturn:
        """Raises PackError."""
        raise PackError(f"{self._pack.path}: a pack cannot be changed by way of its graph; build it again")

    addN = remove = add

    def bind(self, prefix: str, namespace: URIRef, override: bool = True) -> None:
        """Let a prefix stand for a namespace."""
        if override or (prefix not in self._namespaces and namespace not in self._prefixes):
            self._namespaces[prefix] = namespace
            self._prefixes[namespace] = prefix

    def namespace(self, prefix: str) -> URIRef | None:
        """What a prefix stands for."""
        return self._namespaces.get(prefix)

    def prefix(self, namespace: URIRef) -> str | None:
        """The prefix that was last bound to a namespace."""
        return self._prefixes.get(namespace)

    def namespaces(self) -> Iterator[tuple[str, URIRef]]:
        """All prefixes with what they stand for."""
        return iter(list(self._namespaces.items()))

    def _matching(self, pattern: Pattern) -> Iterator[Triple]:
        subject, predicate, object_ = pattern
        iri = self._concepts.iri
        row = None if subject is None else self._concepts.row(subject)
        if subject is not None and row is None:
            return
        for facts in self._facts:
            if predicate is None or predicate in facts.predicates:
                for found, given, value in _look(facts, row, predicate, object_):
                    if object_ is None or value == object_:
                        yield subject or iri(found), given, value


def _look(
    facts: Facts, row: int | None, predicate: Node | None, value: Node | None
) -> Iterator[tuple[int, URIRef, Node]]:
    if row is not None:
        return facts.of(row, predicate)
    return facts.all(predicate) if value is None else facts.saying(value, predicate)
