"""Denied mentions of what has an opposite: "not profitable" is as good as "unprofitable"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kgslm.injection.grounding import Grounding
from kgslm.packs import KnowledgePack

Flips = Mapping[str, tuple[int, ...]]
"""Concept id to the positions of the labels that it counts for where it is denied."""


def label_flips(pack: KnowledgePack, groundings: Sequence[Grounding]) -> dict[str, tuple[int, ...]]:
    """The concepts whose opposite, or that of a broader concept, lies under other labels than they do.

    The pack says what is opposite by relations called ``OPPOSITE_OF``, in any case and with any prefix; they hold both
    ways and for all that is narrower.
    """
    flips: dict[str, set[int]] = {}
    for predicate in pack.predicates():
        if predicate.rpartition(":")[2].casefold() != "opposite_of":
            continue
        for relation in pack.relations(predicate):
            sides = [{id_, *pack.descendants(id_)} for id_ in (relation.subject, relation.object)]
            labels = [_labels_of(side, groundings) for side in sides]
            for side, others, own in ((sides[0], labels[1], labels[0]), (sides[1], labels[0], labels[1])):
                if others - own:
                    for id_ in side:
                        flips.setdefault(id_, set()).update(others - own)
    return {id_: tuple(sorted(labels)) for id_, labels in sorted(flips.items())}


def _labels_of(concepts: set[str], groundings: Sequence[Grounding]) -> set[int]:
    return {place for place, grounding in enumerate(groundings) if not concepts.isdisjoint(grounding.members)}
