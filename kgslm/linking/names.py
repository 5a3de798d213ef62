"""All names of a pack as one table, and the names that labelled mentions have taught."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgslm.linking.matching import KIND_WEIGHTS
from kgslm.linking.ngrams import plain
from kgslm.packs.items import NAME_KINDS

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

LEARNT = "learnt"
_NOT_PREFERRED = 0.97

Row = tuple[str, str, str]
"""(concept id, name, kind of name)."""


@dataclass(frozen=True, slots=True)
class NameTable:
    """The names, those of a concept one after the other.

    ids, preferred: one a concept. texts: one a name. owners: shape (names,), int32, the concept of each.
    firsts: shape (concepts + 1,), int64, where the names of a concept start. weights: shape (names,), float32, of the
    kind of name. learnt: shape (names,), bool, whether only mentions say so. about: what else is said of each
    concept; may be empty.
    """

    ids: list[str]
    preferred: list[str]
    texts: list[str]
    owners: NDArray[np.int32]
    firsts: NDArray[np.int64]
    weights: NDArray[np.float32]
    learnt: NDArray[np.bool_]
    about: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)


def name_table(names: Iterable[Row], learnt: Iterable[tuple[str, str]] = ()) -> NameTable:
    """The table of the pack's names and of learnt (concept id, name) pairs, which a concept that is not there loses."""
    by_concept: dict[str, dict[str, str]] = {}
    preferred: dict[str, str] = {}
    for id_, name, kind in names:
        own = by_concept.setdefault(id_, {})
        if kind not in NAME_KINDS:
            continue
        name = " ".join(name.split())
        if kind == "preferred":
            preferred.setdefault(id_, name)
        if name and (name not in own or NAME_KINDS.index(kind) < NAME_KINDS.index(own[name])):
            own[name] = kind
    for id_, name in learnt:
        if id_ in by_concept:
            by_concept[id_].setdefault(name, LEARNT)
    counts = [len(own) for own in by_concept.values()]
    kinds = [kind for own in by_concept.values() for kind in own.values()]
    return NameTable(
        ids=list(by_concept),
        preferred=[preferred.get(id_) or next(iter(own), id_) for id_, own in by_concept.items()],
        texts=[name for own in by_concept.values() for name in own],
        owners=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        firsts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        weights=np.array([KIND_WEIGHTS.get(kind, _NOT_PREFERRED) for kind in kinds], np.float32),
        learnt=np.array([kind == LEARNT for kind in kinds], np.bool_),
    )


def pack_table(pack: KnowledgePack, learnt: Iterable[tuple[str, str]] = ()) -> NameTable:
    """The table of a pack, with what its concepts' definitions and categories say."""
    table = name_table(pack.names(), learnt)
    about = (pack.concept(id_) for id_ in table.ids)
    words = tuple(" ".join([concept.definition, *concept.categories]) for concept in about)
    return replace(table, about=words if any(words) else ())


@dataclass(frozen=True, slots=True)
class Taught:
    """One labelled mention. surface: as the text's abbreviations write it out. concepts: ids; none for NIL."""

    document: str
    surface: str
    concepts: tuple[str, ...]


@dataclass
class Memory:
    """What labelled mentions say: how often a surface means a concept, and how often a concept is meant at all.

    surfaces: plain surface to concept to the documents of its mentions. concepts: concept to the same.
    """

    surfaces: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    concepts: dict[str, Counter[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, mentions: Iterable[Taught]) -> Memory:
        """The memory of labelled mentions."""
        memory = cls()
        for mention in mentions:
            for id_ in mention.concepts:
                surface = memory.surfaces.setdefault(plain(mention.surface), {})
                surface.setdefault(id_, Counter())[mention.document] += 1
                memory.concepts.setdefault(id_, Counter())[mention.document] += 1
        return memory

    def meant(self, surface: str, but: str | None = None) -> dict[str, int]:
        """Concept id to the number of mentions of this surface; those of the document ``but`` are not counted."""
        counts = {id_: _count(found, but) for id_, found in self.surfaces.get(plain(surface), {}).items()}
        return {id_: count for id_, count in counts.items() if count}

    def prior(self, id_: str, but: str | None = None) -> float:
        """The logarithm of one more than the number of mentions of a concept."""
        return math.log1p(_count(self.concepts.get(id_, {}), but))


def _count(found: Mapping[str, int], but: str | None) -> int:
    return sum(found.values()) - (found.get(but, 0) if but is not None else 0)
