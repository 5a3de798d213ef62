"""The context arm: what the pack says of a text's concepts, in words, within a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from kgslm.packs import KnowledgePack
from kgslm.packs.verbalise import verbalise
from kgslm.records import IS_A, LinkedText

_FACTS_A_CONCEPT = 3


class ContextWriter:
    """Writes the context of a text: for each linked concept, most mentioned first, its definition or what it is a
    kind of, then one of its facts after another, until ``max_facts`` sentences or the token budget are reached.

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

    def write(self, linked: LinkedText) -> str:
        """The context; empty where the text has no linked concept or nothing fits."""
        counts = Counter(linked.concepts)
        ranked = sorted(counts, key=lambda concept: -counts[concept])
        chosen: list[str] = []
        room = self._max_tokens
        for sentence, length in self._by_turns(ranked):
            if len(chosen) == self._max_facts:
                break
            if length <= room and sentence not in chosen:
                chosen.append(sentence)
                room -= length
        return " ".join(chosen)

    def _by_turns(self, concepts: list[str]) -> Iterator[tuple[str, int]]:
        """The first sentence of every concept, then the second of every concept, and so on."""
        for turn in range(_FACTS_A_CONCEPT):
            for concept in concepts:
                sentences = self._of(concept)
                if turn < len(sentences):
                    yield sentences[turn]

    def _of(self, concept: str) -> tuple[tuple[str, int], ...]:
        if concept not in self._sentences:
            written = dict.fromkeys(self._write_concept(concept))
            self._sentences[concept] = tuple((sentence, self._count_tokens(sentence)) for sentence in written)
        return self._sentences[concept]

    def _write_concept(self, id_: str) -> Iterator[str]:
        concept = self._pack.concept(id_)
        if concept.definition:
            yield f"{concept.name}: {concept.definition.split('. ')[0].rstrip('.')}."
        relations = [relation for relation in self._pack.neighbours(id_) if relation.subject == concept.id]
        # The hierarchy says what the concept is; it goes before what else is known of it.
        relations.sort(key=lambda relation: relation.predicate != IS_A)
        for relation in relations[:_FACTS_A_CONCEPT]:
            yield verbalise(self._pack, relation)
