"""The arms at work: from texts to what the pack knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.context import ContextWriter, Snippet
from kgslm.linking import Linker
from kgslm.records import Example, Link, LinkedText

Candidates = tuple[tuple[str, float], ...]
"""Concept ids with the linker's scores, best first; the scores sum to one."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of a text, end exclusive, with what it may stand for."""

    start: int
    end: int
    candidates: Candidates


_BETWEEN = "\n\n"


@dataclass(frozen=True)
class KnownText:
    """A text with what the pack knows of it.

    context: sentences to put beside the text. mentions: for the embeddings arm, those of the first text of a pair.
    evidence: shape (units, width), float32, or None: one row for the text, or one for each of its words or pairs.
    Each is empty where its arm is off.
    """

    text: str
    text_pair: str | None = None
    context: tuple[Snippet, ...] = ()
    mentions: tuple[Mention, ...] = ()
    evidence: NDArray[np.float32] | None = None


class Evidence(Protocol):
    """The evidence arm of one task.

    learnt: whether what it reads are features, whose worth for each output is learnt, and not scores of the outputs.
    """

    @property
    def learnt(self) -> bool: ...  # noqa: D102

    @property
    def names(self) -> tuple[str, ...]:
        """What each column stands for."""
        ...

    @property
    def grounded(self) -> int | None:
        """How many labels the pack has concepts for; None where labels are not looked for there."""
        ...

    def read(self, examples: Sequence[Example], linked: Sequence[LinkedText]) -> Sequence[NDArray[np.float32]]:
        """For each text, shape (units, width), float32; rows of zeros where the pack says nothing."""
        ...

    def facts(self) -> dict[str, Any]:
        """As plain data for JSON."""
        ...


@dataclass(frozen=True)
class Injector:
    """Links texts once and lets every arm that is on use the links. Without a linker nothing is known of any text.

    candidates: how many of the concepts that a mention may stand for the embeddings arm sees; 0 where it is off.
    """

    linker: Linker | None = None
    context: ContextWriter | None = None
    evidence: Evidence | None = None
    candidates: int = 0

    def read(self, examples: Sequence[Example]) -> list[KnownText]:
        """What is known of each text, in order."""
        if self.linker is None:
            return [KnownText(example.text, example.text_pair) for example in examples]
        linked = list(self.linker.link_many([whole_text(example) for example in examples]))
        scores = self.evidence.read(examples, linked) if self.evidence else [None] * len(linked)
        contexts = self.context.write_many(linked) if self.context else [()] * len(linked)
        return [
            KnownText(
                text=example.text,
                text_pair=example.text_pair,
                context=context,
                mentions=_mentions(links, len(example.text), self.candidates) if self.candidates else (),
                evidence=score,
            )
            for example, links, context, score in zip(examples, linked, contexts, scores, strict=True)
        ]


def whole_text(example: Example) -> str:
    """What is linked: the text, and behind it the second text of a pair."""
    return example.text if example.text_pair is None else f"{example.text}{_BETWEEN}{example.text_pair}"


def second_at(example: Example) -> int | None:
    """Where the second text of a pair begins in ``whole_text``."""
    return None if example.text_pair is None else len(example.text) + len(_BETWEEN)


def _mentions(linked: LinkedText, length: int, candidates: int) -> tuple[Mention, ...]:
    """The linked mentions of the first ``length`` characters."""
    return tuple(
        Mention(link.start, link.end, _candidates(link, link.concept, candidates))
        for link in linked.links
        if link.concept is not None and link.end <= length
    )


def _candidates(link: Link, chosen: str, most: int) -> Candidates:
    scores = {candidate.concept: candidate.score for candidate in link.candidates}
    # The chosen concept is one of them even where its score is not among the highest.
    ranked = sorted(scores, key=lambda concept: (concept != chosen, -scores[concept]))[:most]
    whole = sum(scores[concept] for concept in ranked)
    if chosen not in scores or whole <= 0:
        return ((chosen, 1.0),)
    return tuple((concept, scores[concept] / whole) for concept in ranked)
