"""Word by word, what a mention and a name have in common and what each says more.

A word of one is paired with one word of the other. What stays without a partner counts by how rare it is and by how
faithfully the names of a concept keep it: "United States" is left out of many a court's shorter names, "Northern" of
none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kgslm.linking.ngrams import Floats

_WHOLE = 0.3
"""The weight of words without a partner below which nothing is missing."""
_ADDED = 0.3
"""What a word that only the name has takes from a pairing, one that only the mention has taking 1."""


class Paired(NamedTuple):
    """How the words of a mention and a name pair off.

    missing, added: the weight of the words that only the mention, only the name has. shared: of the mention's others.
    in_order: the share of neighbours that are neighbours in both; 0.5 where there are none. of_mention, of_name: the
    share of words that have a partner. whole_mention, whole_name: whether nothing of weight is without one.
    """

    missing: float
    added: float
    shared: float
    in_order: float
    of_mention: float
    of_name: float
    whole_mention: float
    whole_name: float

    @property
    def fit(self) -> float:
        """The better of two pairings of one mention has the higher one; 0 is the best there is."""
        return -self.missing - _ADDED * self.added


def pair(matches: Sequence[Mapping[int, float]], heft: Sequence[float], name: Sequence[int], weights: Floats) -> Paired:
    """Pair the words of a mention with those of a name, what matches best first, then what stands nearest.

    matches: for each word of the mention the numbers of the words that it may stand for, with how well, in (0, 1].
    heft: the weight of each. name: the numbers of the name's words. weights: the weight of each number.
    """
    possible = [
        (-value, abs(at - place), at, place)
        for at, own in enumerate(matches)
        for place, number in enumerate(name)
        if (value := own.get(number))
    ]
    possible.sort()
    partner: dict[int, int] = {}
    taken: dict[int, float] = {}
    missing, shared = sum(heft), 0.0
    for value, _, at, place in possible:
        if at not in partner and place not in taken:
            partner[at] = place
            taken[place] = -value
            shared -= value * heft[at]
    missing -= shared
    added = sum(float(weights[number]) * (1 - taken.get(place, 0.0)) for place, number in enumerate(name))
    neighbours = sum(partner.get(at + 1) == place + 1 for at, place in partner.items())
    return Paired(
        missing,
        added,
        shared,
        neighbours / (len(partner) - 1) if len(partner) > 1 else 0.5,
        len(partner) / max(1, len(matches)),
        len(partner) / max(1, len(name)),
        float(missing < _WHOLE),
        float(added < _WHOLE),
    )
