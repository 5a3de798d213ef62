"""From a question to a cited answer, or to an honest "not found"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from kgslm.linking.protocol import Linker
from kgslm.records import Answer, Passage
from kgslm.retrieval.index import PassageIndex
from kgslm.retrieval.protocol import Retriever
from kgslm.serving.extractive import ExtractiveReader
from kgslm.serving.question import Question, read_question

PASSAGES = 30
"""Passages that the retriever hands to the reader."""


class Reader(Protocol):
    """Makes an answer from passages."""

    def read(self, question: Question, passages: Sequence[Passage]) -> Answer:
        """An answer whose citations quote ``passages``; one without citations where these do not answer."""
        ...


class Answerer:
    """Answers questions from sources.

    retriever: finds passages. reader: makes the answer from them. linker: finds the concepts that a question names.
    about: the passages that are about a concept, such as all facts of a drug; they are read besides those found.
    """

    def __init__(
        self,
        retriever: Retriever,
        reader: Reader | None = None,
        linker: Linker | None = None,
        about: Callable[[str], Iterable[Passage]] | None = None,
    ) -> None:
        self._retriever = retriever
        self._reader = reader or ExtractiveReader()
        self._linker = linker
        self._about = about

    @classmethod
    def open(cls, index: Path | str) -> Answerer:
        """The answerer of an index folder: hybrid search, the pack's names for linking, the extractive reader.

        Raises KgslmError where the index cannot be opened, MissingExtra where its model is not installed.
        """
        opened = PassageIndex.open(index)
        embedder = opened.embedder()
        return cls(
            opened.retriever("hybrid", embedder),
            ExtractiveReader(embedder, opened.bm25.rarity, wordings=opened.wording),
            opened.linker,
            lambda concept: [opened.passages[row] for row in opened.passages.about(concept)],
        )

    def ask(self, question: str) -> Answer:
        """Answer one question; ``found`` is False where the sources do not answer it, or where it asks nothing."""
        asked = read_question(question, self._linker)
        if asked.empty:
            return Answer(question, "")
        passages: dict[str, Passage] = {}
        if self._about is not None:
            for concept in sorted({concept for mention in asked.mentions for concept in mention.concepts}):
                passages.update((passage.id, passage) for passage in self._about(concept))
        passages.update((hit.passage.id, hit.passage) for hit in self._retriever.search(question, PASSAGES))
        return self._reader.read(asked, list(passages.values()))
