"""What a pack says of a concept, as sentences: the material of the context arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from kgslm.errors import ConfigError, unknown
from kgslm.packs import KnowledgePack
from kgslm.packs.verbalise import Wording, pack_wording, sentence
from kgslm.records import IS_A, Concept, Relation

DEFINITION = "DEFINITION"
"""Stands beside the pack's predicates for what a concept's definition says."""

_TAILS = 3
_FACTS = 12
_RELATIONS = 200


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence about a concept. name: the concept's.

    predicate: ``DEFINITION`` or one of the pack. tails: ids of the concepts at the other end; none for a definition.
    """

    concept: str
    predicate: str
    tails: tuple[str, ...]
    words: str
    name: str


class FactBook:
    """The facts of each concept: its definition, what it is a kind of, and its other relations in both directions.

    allow: predicates to tell of; empty means all. deny: those to leave out. Raises ConfigError for one that the pack
    does not have.
    """

    def __init__(self, pack: KnowledgePack, allow: Sequence[str] = (), deny: Sequence[str] = ()) -> None:
        known = (DEFINITION, *pack.predicates())
        for key, names in (("allow", allow), ("deny", deny)):
            for name in names:
                if name not in (*known, IS_A):
                    raise ConfigError(f"inject.context.{key}: {unknown('predicate', name, known)}")
        self._pack = pack
        self._told = {name for name in (allow or (*known, IS_A)) if name not in deny}
        self._known: dict[str, tuple[Fact, ...]] = {}

    def of(self, concept: str) -> tuple[Fact, ...]:
        """The facts of a concept, at most twelve, the more telling kinds first; each sentence once."""
        if concept not in self._known:
            # A linker of one's own may give an alternative id.
            facts = {fact.words: replace(fact, concept=concept) for fact in self._write(self._pack.concept(concept))}
            self._known[concept] = tuple(islice(facts.values(), _FACTS))
        return self._known[concept]

    def _write(self, concept: Concept) -> Iterator[Fact]:
        if concept.definition and DEFINITION in self._told:
            words = f"{concept.name}: {concept.definition.split('. ')[0].rstrip('.')}."
            yield Fact(concept.id, DEFINITION, (), words, concept.name)
        if IS_A in self._told and (broader := self._pack.ancestors(concept.id)[:_TAILS]):
            yield self._fact(concept, IS_A, pack_wording(self._pack, IS_A), broader)
        relations = [
            relation
            for relation in self._pack.neighbours(concept.id)[:_RELATIONS]
            if relation.predicate != IS_A and relation.predicate in self._told
        ]
        forward = [relation for relation in relations if relation.subject == concept.id]
        yield from self._grouped(concept, forward, inverse=False)
        yield from self._grouped(concept, [it for it in relations if it.subject != concept.id], inverse=True)

    def _grouped(self, concept: Concept, relations: list[Relation], *, inverse: bool) -> Iterator[Fact]:
        for predicate, group in groupby(relations, key=lambda relation: relation.predicate):
            wording = pack_wording(self._pack, predicate)
            # "Pain has finding site ..." is no sentence about the site.
            if inverse and not wording.inverse:
                continue
            tails = [relation.subject if inverse else relation.object for relation in group]
            for start in range(0, len(tails), _TAILS):
                yield self._fact(concept, predicate, wording, tails[start : start + _TAILS], inverse=inverse)

    def _fact(
        self, concept: Concept, predicate: str, wording: Wording, tails: Sequence[str], *, inverse: bool = False
    ) -> Fact:
        names = [self._pack.concept(tail).name for tail in tails]
        words = sentence(concept.name, wording, names, inverse=inverse)
        return Fact(concept.id, predicate, tuple(tails), words, concept.name)
