"""Keyword search: BM25 over stemmed English words (bm25s), memory-mapped. After Robertson and Zaragoza 2009."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgslm.errors import KgslmError
from kgslm.records import Hit, Passage

# Single letters and digits count: vitamin C, hepatitis B, type 2.
_WORD = r"(?u)\b\w+\b"
# What asks and links, and says nothing of the matter; a list of its own, for in bm25s's default "will" and "no" go too.
_STOPWORDS = [
    "a",
    "about",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "been",
    "being",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "for",
    "from",
    "had",
    "has",
    "have",
    "how",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "may",
    "me",
    "my",
    "of",
    "on",
    "or",
    "shall",
    "should",
    "so",
    "some",
    "such",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "to",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "would",
    "you",
    "your",
]


def words(text: str) -> list[str]:
    """The stems of a text's words, stop words left out; the analysis of the index."""
    return list(_analyse([text])[0])


class Bm25Index:
    """An inverted index of texts; rows count them in their order."""

    def __init__(self, model: Any, count: int) -> None:
        self._model = model
        self._count = count

    @staticmethod
    def build(texts: Iterable[str], folder: Path) -> None:
        """Index ``texts`` into ``folder``."""
        import bm25s

        tokens = _analyse(texts)
        model = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        # An index needs one word at least.
        model.index([*tokens] if any(tokens) else [["\x00"], *tokens[1:]], show_progress=False)
        model.save(folder, show_progress=False)

    @classmethod
    def open(cls, folder: Path) -> Bm25Index:
        """Map an index into memory. Raises KgslmError where it is damaged."""
        import bm25s

        try:
            model = bm25s.BM25.load(folder, mmap=True)
            count = int(model.scores["num_docs"])
        except Exception as error:
            reason = " ".join(str(error).split())
            raise KgslmError(f"{folder}: the keyword index is damaged ({reason}); build the index again") from error
        return cls(model, count)

    def rarity(self, stem: str) -> float:
        """How much a stem tells, in (0, 1]: its idf as a share of that of a word that no text has."""
        row = self._model.vocab_dict.get(stem)
        first = self._model.scores["indptr"]
        texts = 0 if row is None else int(first[row + 1]) - int(first[row])
        return math.log(1 + (self._count - texts + 0.5) / (texts + 0.5)) / math.log(2 * self._count + 2)

    def rank(self, question: str, top: int, within: range | None = None) -> list[tuple[int, float]]:
        """``(row, score)`` of the best ``top`` texts that share a word with the question, best first.

        within: the rows to choose from; all where None.
        """
        known = [word for word in words(question) if word in self._model.vocab_dict]
        within = range(self._count) if within is None else within
        top = min(top, len(within))
        if not known or not top:
            return []
        scores = self._model.get_scores(known)[within.start : within.stop]
        rows = np.argpartition(-scores, top - 1)[:top]
        # Equal scores in the order of rows: the same on every machine.
        rows = rows[np.lexsort((rows, -scores[rows]))]
        return [(int(row) + within.start, float(scores[row])) for row in rows if scores[row] > 0]


def _analyse(texts: Iterable[str]) -> list[list[str]]:
    stem, pattern, stop = _stemmer().stemWord, re.compile(_WORD), frozenset(_STOPWORDS)
    known: dict[str, str] = {}
    analysed = []
    for text in texts:
        found = []
        for word in pattern.findall(text.lower()):
            if word not in stop:
                stemmed = known.get(word)
                if stemmed is None:
                    stemmed = known[word] = stem(word)
                found.append(stemmed)
        analysed.append(found)
    return analysed


def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


class Bm25Retriever:
    """Keyword search over passages. within: the rows to choose from; all where None."""

    def __init__(self, passages: Sequence[Passage], index: Bm25Index, within: range | None = None) -> None:
        self._passages = passages
        self._index = index
        self._within = within

    @classmethod
    def from_index(cls, index: Any, embedder: object = None, within: range | None = None) -> Bm25Retriever:
        """The keyword search of a ``PassageIndex``."""
        return cls(index.passages, index.bm25, within)

    def search(self, question: str, top: int = 10) -> list[Hit]:
        """At most ``top`` passages that share a word with the question. score: BM25, above 0."""
        return [Hit(self._passages[row], score) for row, score in self._index.rank(question, top, self._within)]

    def search_many(self, questions: Sequence[str], top: int = 10) -> list[list[Hit]]:
        """The same as ``search`` on each question."""
        return [self.search(question, top) for question in questions]
