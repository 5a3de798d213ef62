"""Passages, search hits and cited answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable piece of text.

    title: what the passage is about (a concept's name, a document's id). source: where it comes from, as a person
    would cite it. concepts: ids of the concepts that the passage is about.
    """

    id: str
    text: str
    title: str = ""
    source: str = ""
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. score: comparable only within one result list, higher is better."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote: ``passage.text[start:end] == quote``."""

    passage: Passage
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= len(self.passage.text):
            raise ValueError(f"{self.passage.id}: no quote at {self.start}-{self.end}")

    @property
    def quote(self) -> str:
        """The quoted words."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its citations; ``found`` is False, ``text`` and ``citations`` are empty where the sources do
    not answer. confidence: in [0, 1], higher is better."""

    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    confidence: float = 0.0

    @property
    def found(self) -> bool:
        """Whether the sources answer the question."""
        return bool(self.citations)
