"""A reader without a language model: it quotes what fits the question best, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kgslm.packs.verbalise import wording
from kgslm.records import Answer, Passage
from kgslm.serving.candidates import Candidate, Rarity, Wordings, candidates
from kgslm.serving.question import Question

if TYPE_CHECKING:
    from kgslm.embedding import Embedder

_COMPARED = 48
"""Candidates that are compared with the question by meaning: the best by their words."""
_FIT, _MEANING, _FOCUS = 0.4, 0.35, 0.25


class ExtractiveReader:
    """Quotes the sentence, or the list of facts, that says what is asked.

    embedder: compares meanings; words and concepts alone decide without one. rarity: how much a stem tells, in (0, 1];
    all alike without it. wordings: how predicates read. min_fit: the share of the asked words that an answer must say.
    Questions that name no concept rest on words and meaning alone. For them, min_meaning is the least cosine of the
    question and the answer, which tells other matters in the same words apart, and min_confidence the least of all
    together.
    """

    def __init__(
        self,
        embedder: Embedder | None = None,
        rarity: Rarity | None = None,
        *,
        wordings: Wordings = wording,
        min_fit: float = 0.5,
        min_meaning: float = 0.4,
        min_confidence: float = 0.53,
    ) -> None:
        self._embedder = embedder
        self._rarity = rarity or (lambda stem: 1.0)
        self._wordings = wordings
        self._min_fit = min_fit
        self._min_meaning = min_meaning
        self._min_confidence = min_confidence

    def read(self, question: Question, passages: Sequence[Passage]) -> Answer:
        """The best quotes as an answer, or an answer that is not found. confidence: a weighted mean of fit, nearness in
        meaning and focus."""
        found = [
            one for one in candidates(question, passages, self._rarity, self._wordings) if one.fit >= self._min_fit
        ]
        found = sorted(found, key=lambda one: -(one.fit + one.focus))[:_COMPARED]
        if not found:
            return Answer(question.text, "")
        scores, near = self._scores(question, found)
        best = int(np.argmax(scores))
        confidence = float(np.clip(scores[best], 0, 1))
        if not question.mentions and (confidence < self._min_confidence or near[best] < self._min_meaning):
            return Answer(question.text, "", confidence=confidence)
        quotes = found[best].citations
        return Answer(question.text, " ".join(citation.quote for citation in quotes), quotes, confidence)

    def _scores(self, question: Question, found: Sequence[Candidate]) -> tuple[list[float], list[float]]:
        """Of each candidate the score and the cosine with the question; 1 for all where nothing compares meanings."""
        if self._embedder is None:
            return [(_FIT * one.fit + _FOCUS * one.focus) / (_FIT + _FOCUS) for one in found], [1.0] * len(found)
        vectors = self._embedder.embed([question.text, *(one.gist for one in found)])
        near = (vectors[1:] @ vectors[0]).tolist()
        scores = [_FIT * one.fit + _MEANING * cos + _FOCUS * one.focus for one, cos in zip(found, near, strict=True)]
        return scores, near
