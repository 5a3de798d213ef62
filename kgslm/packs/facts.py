"""What a pack says as RDF, found in its tables by subject, by object or by predicate.

``kgslm.packs.views`` lists the vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import unquote

import numpy as np
from rdflib import Literal, Namespace, URIRef
from rdflib.namespace import RDFS, SKOS, XSD
from rdflib.term import Node

from kgslm.packs.ids import normal
from kgslm.packs.iris import NAMESPACE, Iris
from kgslm.packs.items import NAME_KINDS
from kgslm.packs.store import vector
from kgslm.records import IS_A

if TYPE_CHECKING:
    from kgslm.packs.pack import KnowledgePack

KG = Namespace(NAMESPACE)
OIO = Namespace("http://www.geneontology.org/formats/oboInOwl#")
Found: TypeAlias = Iterator[tuple[int, URIRef, Node]]
"""Concept row, predicate, object."""

_NO_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_NAMES = {
    "preferred": (SKOS.prefLabel, RDFS.label),
    "exact": (SKOS.altLabel, OIO.hasExactSynonym),
    "broad": (SKOS.altLabel, OIO.hasBroadSynonym),
    "narrow": (SKOS.altLabel, OIO.hasNarrowSynonym),
    "related": (SKOS.altLabel, OIO.hasRelatedSynonym),
}


class Facts(Protocol):
    """Statements of one sort about live concepts. predicate: one of ``predicates``, or None for all of them."""

    @property
    def predicates(self) -> Container[Node]:
        """The predicates that such statements have."""

    def of(self, row: int, predicate: Node | None) -> Found:
        """What is said of one concept."""

    def saying(self, value: Node, predicate: Node | None) -> Found:
        """What has this object."""

    def all(self, predicate: Node | None) -> Found:
        """Everything."""

    def __len__(self) -> int:
        """How many statements there are."""


class Concepts:
    """The live concepts of a pack and their IRIs."""

    def __init__(self, pack: KnowledgePack) -> None:
        self.pack = pack
        self.live = vector(pack.tables.table("concepts"), "obsolete") == 0
        prefixes: dict[str, str] = pack.manifest["prefixes"]
        self._iris = Iris(prefixes)
        spaces = [(f"{prefix}:", space) for prefix, space in prefixes.items()]
        self._spaces = [("", ""), *spaces, ("", NAMESPACE)]
        self.iri = lru_cache(1 << 16)(lambda row: self.iri_of(pack.ids[row]))
        self.row = lru_cache(1 << 16)(self._row)

    def iri_of(self, id_: str) -> URIRef:
        """The IRI of a concept or predicate."""
        return URIRef(_NO_IRI.sub(lambda match: f"%{ord(match[0]):02X}", self._iris(id_)))

    def rows(self) -> Iterator[int]:
        """The rows of all live concepts."""
        yield from np.flatnonzero(self.live).tolist()

    def exact(self, id_: str) -> int | None:
        """The row of the live concept with exactly this id."""
        for row in self.pack.tables.by_id.candidates(id_):
            if self.live[row] and self.pack.ids[row] == id_:
                return row
        return None

    def _row(self, term: Node) -> int | None:
        """The row of the live concept with this IRI."""
        for id_ in self._possible(str(term)) if isinstance(term, URIRef) else ():
            row = self.exact(id_)
            if row is not None and self.iri(row) == term:
                return row
        return None

    def _possible(self, iri: str) -> Iterator[str]:
        """Ids that may have this IRI."""
        for prefix, space in self._spaces:
            if iri.startswith(space):
                local = iri[len(space) :]
                yield from dict.fromkeys((prefix + local, prefix + unquote(local)))


class RelationFacts:
    """Relations; is_a is rdfs:subClassOf."""

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts
        self._tables = concepts.pack.tables
        self._iris = [RDFS.subClassOf if id_ == IS_A else concepts.iri_of(id_) for id_ in self._tables.predicate_ids]
        self._codes: dict[Node, set[int]] = {}
        for code, iri in enumerate(self._iris):
            self._codes.setdefault(iri, set()).add(code)

    @property
    def predicates(self) -> Container[Node]:
        """The IRIs of the pack's predicates."""
        return self._codes

    def of(self, row: int, predicate: Node | None) -> Found:
        """The relations from a concept."""
        return self._told(range(self._tables.subject_spans[row], self._tables.subject_spans[row + 1]), predicate)

    def saying(self, value: Node, predicate: Node | None) -> Found:
        """The relations to a concept."""
        row = self._concepts.row(value)
        if row is None:
            return iter(())
        spans = self._tables.object_spans
        return self._told(self._tables.incoming[spans[row] : spans[row + 1]], predicate)

    def all(self, predicate: Node | None) -> Found:
        """All relations."""
        codes = vector(self._tables.table("relations"), "predicate")
        if predicate is None:
            return self._told(range(len(codes)), None)
        return self._told(np.flatnonzero(np.isin(codes, list(self._codes[predicate]))).tolist(), None)

    def __len__(self) -> int:
        relations, live = self._tables.table("relations"), self._concepts.live
        return int((live[vector(relations, "subject")] & live[vector(relations, "object")]).sum())

    def _told(self, relations: Iterable[int], predicate: Node | None) -> Found:
        tables, live, iri = self._tables, self._concepts.live, self._concepts.iri
        codes = None if predicate is None else self._codes[predicate]
        for relation in relations:
            subject, code, object_ = tables.subjects[relation], tables.predicates[relation], tables.objects[relation]
            if (codes is None or code in codes) and live[subject] and live[object_]:
                yield subject, self._iris[code], iri(object_)


class NameFacts:
    """Names, each under two predicates: what it is for whoever does not care about kinds, and its kind."""

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts
        self._tables = concepts.pack.tables
        self._predicates = [_NAMES[kind] for kind in NAME_KINDS]

    @property
    def predicates(self) -> Container[Node]:
        """Those of all kinds."""
        return {predicate for predicates in self._predicates for predicate in predicates}

    def of(self, row: int, predicate: Node | None) -> Found:
        """The names of a concept."""
        return self._told(range(self._tables.name_spans[row], self._tables.name_spans[row + 1]), predicate)

    def saying(self, value: Node, predicate: Node | None) -> Found:
        """The concepts with exactly this name."""
        text = plain(value)
        if text is None:
            return iter(())
        same = (place for place in self._tables.by_name.candidates(normal(text)) if self._tables.texts[place] == text)
        return self._told(same, predicate)

    def all(self, predicate: Node | None) -> Found:
        """All names."""
        kinds = [kind for kind, given in enumerate(self._predicates) if predicate is None or predicate in given]
        places = np.flatnonzero(np.isin(vector(self._tables.table("names"), "kind"), kinds)).tolist()
        return self._told(places, predicate)

    def __len__(self) -> int:
        return 2 * int(self._concepts.live[vector(self._tables.table("names"), "concept")].sum())

    def _told(self, places: Iterable[int], predicate: Node | None) -> Found:
        tables, live = self._tables, self._concepts.live
        for place in places:
            row = tables.named[place]
            if live[row]:
                for given in self._predicates[tables.kinds[place]]:
                    if predicate is None or predicate == given:
                        yield row, given, Literal(tables.texts[place])


def plain(term: Node) -> str | None:
    """The text of a literal without language; None for every other term."""
    if isinstance(term, Literal) and term.language is None and term.datatype in (None, XSD.string):
        return str(term)
    return None
