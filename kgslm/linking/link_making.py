"""Links made by the hundred thousand."""

from __future__ import annotations

from dataclasses import fields
from typing import cast

from kgslm.linking.assertion import NO_FLAGS, FlagValues
from kgslm.linking.candidates import Candidates
from kgslm.records import Link


class _Filled:
    """A link before it is frozen: with the same slots, which can be filled three times as fast."""

    __slots__ = tuple(it.name for it in fields(Link))

    def __init__(self, start: int, surface: str, candidates: Candidates, flags: FlagValues) -> None:
        best = candidates[0]
        self.start, self.end, self.surface = start, start + len(surface), surface
        self.concept, self.name, self.score = best.concept, best.name, best.score
        self.negated, self.hypothetical, self.historical, self.other_person = flags
        self.candidates = candidates


def make_link(start: int, surface: str, candidates: Candidates, flags: FlagValues = NO_FLAGS) -> Link:
    """The link of a surface, which is not empty, that starts at ``start``, to the best candidate; NIL without any."""
    if not candidates:
        return Link(start, start + len(surface), surface, None, score=0.0)
    link = _Filled(start, surface, candidates, flags)
    link.__class__ = Link  # type: ignore[assignment]
    return cast(Link, link)
