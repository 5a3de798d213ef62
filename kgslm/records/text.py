"""Documents and the concepts found in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an id that is unique in its file."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a mention may stand for. score: in [0, 1], higher is better."""

    concept: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Link:
    """A mention with its concept.

    start, end: Python string indices, end exclusive. surface: the mention as it stands in the text.
    concept: a concept id, None for NIL. name: the concept's preferred name, empty for NIL.
    score: in [0, 1], higher is better. candidates: best first, the chosen concept among them.
    negated: the text denies it ("no fever"). hypothetical: it may be so ("if fever occurs", "suspected"). historical:
    it was so before ("history of fever"). other_person: someone else has it ("mother had fever").
    """

    start: int
    end: int
    surface: str
    concept: str | None
    name: str = ""
    score: float = 1.0
    negated: bool = False
    hypothetical: bool = False
    historical: bool = False
    other_person: bool = False
    candidates: tuple[Candidate, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: start {self.start}, end {self.end}")
        if len(self.surface) != self.end - self.start:
            raise ValueError(f"the surface {self.surface!r} does not fill the span {self.start}-{self.end}")


@dataclass(frozen=True, slots=True)
class LinkedText:
    """A text with its links, in order of start; each surface equals its span of the text."""

    text: str
    links: tuple[Link, ...] = ()
    id: str = ""

    def __post_init__(self) -> None:
        last = 0
        for link in self.links:
            if self.text[link.start : link.end] != link.surface:
                raise ValueError(
                    f"the text has {self.text[link.start : link.end]!r} at {link.start}-{link.end}, "
                    f"the link says {link.surface!r}"
                )
            if link.start < last:
                raise ValueError(f"links are not in order of start: {link.start} after {last}")
            last = link.start

    @property
    def concepts(self) -> tuple[str, ...]:
        """The ids of the linked concepts in order of mention, repeats kept, NIL left out; flags make no difference."""
        return tuple(link.concept for link in self.links if link.concept is not None)
