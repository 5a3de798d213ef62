"""Concepts and the relations between them."""

from __future__ import annotations

from dataclasses import dataclass

IS_A = "is_a"
"""The predicate of the hierarchy: ``subject is_a object`` says that the object is the broader concept."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A node of the knowledge graph.

    id: unique in the pack, usually a CURIE such as ``HP:0001250``.
    name: the preferred name. synonyms: other surface forms, without the preferred one.
    categories: free group labels of the source, such as ``drug``. parents: ids of the directly broader concepts.
    tree: tree numbers such as ``C14.280``, whose prefix is the broader concept.
    alt_ids: merged ids that lead here. replaced_by: for an obsolete concept, what to use instead.
    sources: keys, in the pack's manifest, of the sources that describe the concept, the first that did so first.
    """

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    definition: str = ""
    categories: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    tree: tuple[str, ...] = ()
    xrefs: tuple[str, ...] = ()
    alt_ids: tuple[str, ...] = ()
    obsolete: bool = False
    replaced_by: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a concept needs an id")

    @property
    def names(self) -> tuple[str, ...]:
        """The preferred name and the synonyms."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True, slots=True)
class Name:
    """A surface form of a concept.

    kind: preferred, exact, broad, narrow or related. type: the sort of word, such as ``abbreviation``, where a source
    says it. sources: keys of the pack's manifest.
    """

    text: str
    kind: str
    type: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed, named edge between two concept ids.

    sources: keys of the pack's manifest, each perhaps followed by ``#`` and where that source has the fact from.
    """

    subject: str
    predicate: str
    object: str
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.subject and self.predicate and self.object):
            raise ValueError(
                f"a relation needs subject, predicate and object: {self.subject!r} {self.predicate!r} {self.object!r}"
            )
