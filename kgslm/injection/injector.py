"""The arms at work: from texts to what the pack knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.context import ContextWriter
from kgslm.injection.evidence import EvidenceScorer
from kgslm.linking import Linker
from kgslm.records import Example, LinkedText


@dataclass(frozen=True)
class KnownText:
    """A text with what the pack knows of it.

    context: words to put behind the text. mentions: (start, end, concept id), for the embeddings arm.
    evidence: shape (labels,), float32, or None. Each is empty where its arm is off.
    """

    text: str
    text_pair: str | None = None
    context: str = ""
    mentions: tuple[tuple[int, int, str], ...] = ()
    evidence: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Injector:
    """Links texts once and lets every arm that is on use the links. Without a linker nothing is known of any text."""

    linker: Linker | None = None
    context: ContextWriter | None = None
    evidence: EvidenceScorer | None = None
    embeddings: bool = False

    def read(self, examples: Sequence[Example]) -> list[KnownText]:
        """What is known of each text, in order."""
        if self.linker is None:
            return [KnownText(example.text, example.text_pair) for example in examples]
        linked = list(self.linker.link_many([whole_text(example) for example in examples]))
        scores = self.evidence.score(linked) if self.evidence else [None] * len(linked)
        return [
            KnownText(
                text=example.text,
                text_pair=example.text_pair,
                context=self.context.write(links) if self.context else "",
                mentions=_mentions(links, len(example.text)) if self.embeddings else (),
                evidence=score,
            )
            for example, links, score in zip(examples, linked, scores, strict=True)
        ]


def whole_text(example: Example) -> str:
    """What is linked: the text, and behind it the second text of a pair."""
    return example.text if example.text_pair is None else f"{example.text}\n\n{example.text_pair}"


def _mentions(linked: LinkedText, length: int) -> tuple[tuple[int, int, str], ...]:
    """The linked mentions of the first ``length`` characters."""
    return tuple(
        (link.start, link.end, link.concept) for link in linked.links if link.concept is not None and link.end <= length
    )
