"""The context arm: what the pack says of a text's concepts, in words, within a budget."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from kgslm.packs import KnowledgePack
from kgslm.packs.verbalise import sentence, verbalise, wording
from kgslm.records import IS_A, Concept, LinkedText

_SENTENCES_A_CONCEPT = 3
_BROADER = 3


class ContextWriter:
    """Writes the context of a text: for each linked concept its definition, what it is a kind of and its facts.

    Concepts that are mentioned often and say much go first: a mention count's logarithm times the concept's intrinsic
    information content (Seco et al. 2004). Every concept has its first sentence before any has its second, until
    ``max_facts`` sentences or the token budget are reached.

    count_tokens: the length of a text in the backbone's tokens. A sentence that no longer fits is left out whole.
    """

    def __init__(
        self, pack: KnowledgePack, count_tokens: Callable[[str], int], *, max_facts: int = 6, max_tokens: int = 64
    ) -> None:
        self._pack = pack
        self._count_tokens = count_tokens
        self._max_facts = max_facts
        self._max_tokens = max_tokens
        self._sentences: dict[str, tuple[tuple[str, int], ...]] = {}
        self._informations: dict[str, float] = {}

    def write(self, linked: LinkedText) -> str:
        """The context; empty where the text has no linked concept or nothing fits."""
        counts = Counter(linked.concepts)
        ranked = sorted(counts, key=lambda concept: -(1 + math.log(counts[concept])) * self._information(concept))
        chosen: list[str] = []
        room = self._max_tokens
        for words, length in self._by_turns(ranked):
            if len(chosen) == self._max_facts:
                break
            if length <= room and words not in chosen:
                chosen.append(words)
                room -= length
        return " ".join(chosen)

    def _by_turns(self, concepts: list[str]) -> Iterator[tuple[str, int]]:
        """The first sentence of every concept, then the second of every concept, and so on."""
        for turn in range(_SENTENCES_A_CONCEPT):
            for concept in concepts:
                sentences = self._of(concept)
                if turn < len(sentences):
                    yield sentences[turn]

    def _of(self, concept: str) -> tuple[tuple[str, int], ...]:
        if concept not in self._sentences:
            written = islice(dict.fromkeys(self._write_concept(concept)), _SENTENCES_A_CONCEPT)
            self._sentences[concept] = tuple((words, self._count_tokens(words)) for words in written)
        return self._sentences[concept]

    def _information(self, id_: str) -> float:
        """1 for a concept without narrower ones, towards 0 for the root of everything."""
        if id_ not in self._informations:
            below = len(self._pack.descendants(id_))
            self._informations[id_] = 1 - math.log(1 + below) / math.log(1 + len(self._pack))
        return self._informations[id_]

    def _write_concept(self, id_: str) -> Iterator[str]:
        concept = self._pack.concept(id_)
        if concept.definition:
            yield f"{concept.name}: {concept.definition.split('. ')[0].rstrip('.')}."
        if broader := self._broader(concept):
            yield sentence(concept.name, wording(IS_A), broader)
        for relation in self._pack.neighbours(id_):
            if relation.subject == concept.id and relation.predicate != IS_A:
                yield verbalise(self._pack, relation)

    def _broader(self, concept: Concept) -> list[str]:
        """Names of the nearest broader concepts."""
        return [self._pack.concept(id_).name for id_ in self._pack.ancestors(concept.id)[:_BROADER]]
