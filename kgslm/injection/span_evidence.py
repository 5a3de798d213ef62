"""What a pack says of each word of a text: whether it stands in a linked mention, and of which sort of concept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.grounding import Grounding
from kgslm.injection.groups import ConceptGroups
from kgslm.injection.words import word_spans, words_within
from kgslm.packs import KnowledgePack
from kgslm.records import Example, Link, LinkedText

_FLAGS = ("link", "score", "as written", "one word", "capitals", "ambiguous")
_AROUND = ("outside", "before", "after")
_FIRST, _FURTHER = "first", "further"


class SpanEvidence:
    """Features of words, from the links of their text. What they are worth for each tag is learnt; see
    ``kgslm.tuning.trust``.

    A word is outside of all mentions, or the first or a further word of one; for the latter two come the facts of
    the link (its score, whether the surface is a name of the concept as it is written, one word, capitals as of an
    abbreviation, or has other readings) and the groups of its concept.
    """

    learnt = True

    def __init__(self, groups: ConceptGroups, pack: KnowledgePack) -> None:
        self._groups = groups
        self._pack = pack
        self._surfaces: dict[tuple[str, str], bool] = {}

    @classmethod
    def fit(cls, pack: KnowledgePack, groundings: Sequence[Grounding], texts: Iterable[LinkedText]) -> SpanEvidence:
        """Choose the concept groups from texts, labelled or not."""
        concepts = [concept for linked in texts for concept in linked.concepts]
        return cls(ConceptGroups.choose(pack, groundings, concepts), pack)

    @property
    def names(self) -> tuple[str, ...]:
        """One a feature."""
        facts = (*_FLAGS, *self._groups.names)
        return (*_AROUND, *(f"{position} {fact}" for position in (_FIRST, _FURTHER) for fact in facts))

    @property
    def grounded(self) -> int:
        """How many labels the pack has concepts for."""
        return sum(bool(grounding.concepts) for grounding in self._groups.groundings)

    def read(self, examples: Sequence[Example], linked: Sequence[LinkedText]) -> list[NDArray[np.float32]]:
        """For each text, shape (words, features), float32, each in [0, 1]."""
        return [self._of(example.text, links) for example, links in zip(examples, linked, strict=True)]

    def facts(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return self._groups.facts()

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], pack: KnowledgePack) -> SpanEvidence:
        """As it was. Raises KeyError or TypeError for facts of another form."""
        return cls(ConceptGroups.from_facts(facts, pack), pack)

    def _of(self, text: str, linked: LinkedText) -> NDArray[np.float32]:
        words = word_spans(text)
        features = np.zeros((len(words), len(self.names)), np.float32)
        features[:, 0] = 1
        width = len(_FLAGS) + len(self._groups)
        for link in linked.links:
            within = words_within(words, link.start, link.end)
            if link.concept is None or not within or link.end > len(text):
                continue
            own = np.concatenate([self._flags(link, len(within)), self._groups.of(link.concept)])
            for place in within:
                start = len(_AROUND) + width * (place > within[0])
                features[place, 0] = 0
                part = features[place, start : start + width]
                np.maximum(part, own, out=part)
            if within[0] > 0:
                features[within[0] - 1, 1] = 1
            if within[-1] + 1 < len(words):
                features[within[-1] + 1, 2] = 1
        return features

    def _flags(self, link: Link, words: int) -> NDArray[np.float32]:
        key = (link.surface, str(link.concept))
        if key not in self._surfaces:
            names = {name.casefold() for name, _ in self._pack.names_of(key[1])}
            self._surfaces[key] = link.surface.casefold() in names
        capitals = link.surface.isupper() and len(link.surface) > 1
        facts = (1.0, link.score, self._surfaces[key], words == 1, capitals, len(link.candidates) > 1)
        return np.array(facts, np.float32)
