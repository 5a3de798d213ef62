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


AUGMENTED = "#aug"
"""What stands in the id of a new example between the id of the one that it was made from and a number."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text. labels: one for single-label data, any number for multi-label data."""

    id: str
    text: str
    labels: tuple[str, ...] = ()
    text_pair: str | None = None
    entities: tuple[Entity, ...] = ()

    @property
    def origin(self) -> str:
        """The id of the example that this one was made from; its own where it was not made."""
        return self.id.partition(AUGMENTED)[0]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a classifier says of one text.

    labels: the chosen labels, exactly one for a single-label model. scores: a probability in [0, 1] for every
    label; they add up to one for a single-label model.
    """

    id: str
    labels: tuple[str, ...]
    scores: Mapping[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The chosen label of a single-label model; an empty string where none was chosen."""
        return self.labels[0] if self.labels else ""
