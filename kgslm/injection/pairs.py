"""Which pairs of a text's entities may be related."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kgslm.records import Entity, Example

Pattern = tuple[str, str, bool]
"""Label of the head, label of the tail, and whether the head comes first in the text."""


@dataclass(frozen=True)
class Patterns:
    """The sorts of pairs that have relations in the training texts; others are not looked at.

    So a relation that always leads from a drug to a gene is not asked of two genes, and one that is always given in
    the order of the text is asked once.
    """

    known: frozenset[Pattern] = frozenset()

    @classmethod
    def of(cls, examples: Iterable[Example]) -> Patterns:
        """Those of labelled examples."""
        found: set[Pattern] = set()
        for example in examples:
            first = _first_mentions(example)
            found.update(
                _pattern(first[relation.head], first[relation.tail])
                for relation in example.relations
                if relation.head in first and relation.tail in first
            )
        return cls(frozenset(found))

    def pairs(self, example: Example) -> list[tuple[str, str]]:
        """``(head id, tail id)`` of every candidate pair, in the order of the text."""
        first = _first_mentions(example)
        return [
            (head, tail)
            for head, one in first.items()
            for tail, other in first.items()
            if head != tail and _pattern(one, other) in self.known
        ]


def _first_mentions(example: Example) -> dict[str, Entity]:
    """The first mention of each id; mentions without an id are not related to anything."""
    first: dict[str, Entity] = {}
    for entity in sorted(example.entities, key=lambda entity: (entity.start, entity.end, entity.id)):
        if entity.id:
            first.setdefault(entity.id, entity)
    return first


def _pattern(head: Entity, tail: Entity) -> Pattern:
    return head.label, tail.label, (head.start, head.end, head.id) < (tail.start, tail.end, tail.id)
