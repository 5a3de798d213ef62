"""What a reader hands to the builder: small immutable records, each with its place in the source.

They are named tuples and not dataclasses because a build makes millions of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

NAME_KINDS = ("preferred", "exact", "broad", "narrow", "related")
"""The kinds of names, strongest first; a synonym's kind says how its meaning lies to the concept's."""


class SourceName(NamedTuple):
    """A synonym. kind: one of ``NAME_KINDS``. type: what sort of word it is, as the source says: ``abbreviation``."""

    text: str
    kind: str = "exact"
    type: str = ""


class SourceConcept(NamedTuple):
    """A concept as one source describes it; several of the same id are merged by the builder.

    name: the preferred name, empty where this source gives none. names: the synonyms. parents: ids (or names, where
    the source allows them) of broader concepts. tree: tree numbers. further_definitions: beside the first. line:
    counted from 1; 0 where the format has no lines.
    """

    id: str
    name: str = ""
    names: tuple[SourceName, ...] = ()
    definition: str = ""
    categories: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    tree: tuple[str, ...] = ()
    xrefs: tuple[str, ...] = ()
    alt_ids: tuple[str, ...] = ()
    obsolete: bool = False
    replaced_by: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    further_definitions: tuple[str, ...] = ()


class SourceRelation(NamedTuple):
    """An edge. detail: where the source itself has the fact from; empty where it does not say."""

    subject: str
    predicate: str
    object: str
    detail: str = ""
    file: str = ""
    line: int = 0


class SourceRelations(NamedTuple):
    """Edges of one file whose lines are not known, many at a time, which takes a third of the time.

    ends: subject, predicate and object of each.
    """

    ends: Sequence[tuple[str, str, str]]
    file: str = ""

    def one_by_one(self) -> Iterator[SourceRelation]:
        """Each as an item of its own."""
        return (SourceRelation(*ends, file=self.file) for ends in self.ends)


class SourcePredicate(NamedTuple):
    """The readable name of a predicate."""

    id: str
    name: str


class SourcePrefix(NamedTuple):
    """A prefix of compact ids and the namespace that it stands for."""

    prefix: str
    namespace: str


class SourceHead(NamedTuple):
    """Whatever follows was said by a source inside the source that is read, such as one of the sources of a pack.

    The fields are those of ``SourceFacts``.
    """

    key: str
    kind: str
    path: str = ""
    licence: str = ""
    sha256: str = ""


class Finding(NamedTuple):
    """Something that is wrong in a source, or did not become part of the pack.

    reason: a short fixed text that is counted, one of ``EXCLUDED`` for what the recipe leaves out. message: details.
    unit: what is counted, ``concept``, ``name`` or ``relation``; ``note`` for what costs nothing. times: how many alike
    it stands for.
    """

    reason: str
    message: str
    unit: str = "concept"
    file: str = ""
    line: int = 0
    times: int = 1

    def __str__(self) -> str:
        return f"{place(self.file, self.line)}: {self.message}"


Item: TypeAlias = (
    SourceConcept | SourceRelation | SourceRelations | SourcePredicate | SourcePrefix | SourceHead | Finding
)

FILTERED = "filtered"
OTHER_LANGUAGE = "other language"
EXCLUDED = (FILTERED, OTHER_LANGUAGE)


def one_by_one(items: Iterable[Item]) -> Iterator[Item]:
    """The items, with each relation an item of its own."""
    for item in items:
        if isinstance(item, SourceRelations):
            yield from item.one_by_one()
        else:
            yield item


def place(file: str, line: int) -> str:
    """``file:line``, or the file alone where the line is not known."""
    return f"{file}:{line}" if line else file
