"""The context arm: what the pack says of a text's concepts, in words, within a budget."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kgslm.injection.facts import Fact, FactBook
from kgslm.injection.relevance import Relevance
from kgslm.packs import KnowledgePack
from kgslm.records import LinkedText

_FLOOR = 0.2


@dataclass(frozen=True, slots=True)
class Snippet:
    """A sentence of context. start, end: the first mention of the concept that it is about."""

    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Budget:
    """facts: sentences a text. tokens: of all sentences together."""

    facts: int = 6
    tokens: int = 64


@dataclass(frozen=True)
class ContextWriter:
    """Chooses sentences about a text's concepts.

    Concepts that are mentioned often and say much go first: a mention count's logarithm times the concept's intrinsic
    information content (Seco et al. 2004). Times how much a sentence has to do with the text and how telling its
    predicate is for the task, this is a sentence's worth; half of it, a third and so on for the second, third, ...
    sentence about one concept. The best go in until the budget is used up; one that no longer fits is left out whole.

    count_tokens: the length of a text in the backbone's tokens. relevance: None means that all facts are equally
    relevant. weights: of predicates, in [0, 1]; one that is not named has 1, one with 0 is never told.
    """

    pack: KnowledgePack
    facts: FactBook
    count_tokens: Callable[[str], int]
    budget: Budget = Budget()
    relevance: Relevance | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    _lengths: dict[str, int] = field(default_factory=dict, repr=False)
    _informations: dict[str, float] = field(default_factory=dict, repr=False)

    def write(self, linked: LinkedText) -> tuple[Snippet, ...]:
        """The context of one text; see ``write_many``."""
        return self.write_many([linked])[0]

    def write_many(self, texts: Sequence[LinkedText]) -> list[tuple[Snippet, ...]]:
        """The contexts, the best sentences first; empty where a text has no linked concept or nothing fits."""
        facts = [self.known(linked) for linked in texts]
        if self.relevance is None:
            relevant = [[1.0] * len(own) for own in facts]
        else:
            found = self.relevance.scores([linked.text for linked in texts], facts)
            # What shares no word with the text may still be worth telling.
            relevant = [[_FLOOR + (1 - _FLOOR) * score for score in own] for own in found]
        return [self._choose(*each) for each in zip(texts, facts, relevant, strict=True)]

    def weighted(self, weights: Mapping[str, float]) -> ContextWriter:
        """The same writer with other weights of predicates."""
        return replace(self, weights=dict(weights))

    def known(self, linked: LinkedText) -> list[Fact]:
        """All facts about the text's concepts, in order of mention."""
        return [fact for concept in dict.fromkeys(linked.concepts) for fact in self.facts.of(concept)]

    def _choose(self, linked: LinkedText, facts: Iterable[Fact], relevant: Iterable[float]) -> tuple[Snippet, ...]:
        counts = Counter(linked.concepts)
        first = {link.concept: link for link in reversed(linked.links)}
        told: Counter[str] = Counter()
        worths = []
        for fact, relevance in zip(facts, relevant, strict=True):
            own = (1 + math.log(counts[fact.concept])) * self._information(fact.concept)
            worths.append((own * relevance * self.weights.get(fact.predicate, 1.0), fact))
        ranked = []
        for worth, fact in sorted(worths, key=lambda pair: -pair[0]):
            told[fact.concept] += 1
            ranked.append((worth / told[fact.concept], fact))
        chosen: dict[str, Snippet] = {}
        room = self.budget.tokens
        for worth, fact in sorted(ranked, key=lambda pair: -pair[0]):
            if len(chosen) == self.budget.facts or worth <= 0:
                break
            length = self._length(fact.words)
            if length <= room and fact.words not in chosen:
                link = first[fact.concept]
                chosen[fact.words] = Snippet(fact.words, link.start, link.end)
                room -= length
        return tuple(chosen.values())

    def _length(self, words: str) -> int:
        if words not in self._lengths:
            self._lengths[words] = self.count_tokens(words)
        return self._lengths[words]

    def _information(self, id_: str) -> float:
        """1 for a concept without narrower ones, towards 0 for the root of everything."""
        if id_ not in self._informations:
            below = len(self.pack.descendants(id_))
            self._informations[id_] = 1 - math.log(1 + below) / math.log(1 + len(self.pack))
        return self._informations[id_]
