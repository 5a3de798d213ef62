"""Labelled examples and what a model says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entity:
    """A labelled span of a text; ``id`` is its concept where the data knows it."""

    start: int
    end: int
    label: str
    id: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: start {self.start}, end {self.end}")


@dataclass(frozen=True, slots=True)
class EntityRelation:
    """A labelled relation between two entities of a text; head and tail are their ids."""

    head: str
    tail: str
    label: str

    def __post_init__(self) -> None:
        if not (self.head and self.tail and self.label):
            raise ValueError(f"a relation needs head, tail and label: {self.head!r} {self.tail!r} {self.label!r}")


AUGMENTED = "#aug"
"""What stands in the id of a new example between the id of the one that it was made from and a number."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text.

    labels: one for single-label data, any number for multi-label data, none where entities or relations are what is
    labelled. Mentions of one thing share an entity id.
    """

    id: str
    text: str
    labels: tuple[str, ...] = ()
    text_pair: str | None = None
    entities: tuple[Entity, ...] = ()
    relations: tuple[EntityRelation, ...] = ()

    @property
    def origin(self) -> str:
        """The id of the example that this one was made from; its own where it was not made."""
        return self.id.partition(AUGMENTED)[0]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one text.

    labels: the chosen labels, exactly one for a single-label model. scores: a probability in [0, 1] for every
    label; they add up to one for a single-label model. entities, relations: what a model of those tasks has found.
    """

    id: str
    labels: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    entities: tuple[Entity, ...] = ()
    relations: tuple[EntityRelation, ...] = ()

    @property
    def label(self) -> str:
        """The chosen label of a single-label model; an empty string where none was chosen."""
        return self.labels[0] if self.labels else ""
