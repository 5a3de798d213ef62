"""Which kinds of facts tell the labels apart, learnt from training examples alone."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from kgslm.injection.facts import Fact

_FOLDS = 5
_PRIOR = 1.0


def learn_predicate_weights(
    facts: Sequence[Sequence[Fact]], labels: Sequence[Sequence[str]], origins: Sequence[str]
) -> Mapping[str, float]:
    """A weight for each predicate, in [0, 1]; the most telling one has 1.

    A predicate tells as much as the concepts at the other end of its facts say of a text's labels: the mean gain in
    log-likelihood of the labels, over their frequency, on folds that the counts were not taken from. On the others
    everything would be telling where texts are few. A predicate that tells nothing has 0; where none tells anything,
    all have 1, as before.

    facts: those of each text's concepts. labels, origins: of each text; texts of one origin share a fold.
    """
    folds = [number % _FOLDS for number in _numbers(origins)]
    gains: dict[str, float] = defaultdict(float)
    for fold in range(_FOLDS):
        inside = [text for text, own in enumerate(folds) if own != fold]
        counts = _Counts([facts[text] for text in inside], [labels[text] for text in inside])
        for text, own in enumerate(folds):
            if own == fold:
                for predicate, gain in counts.gains(facts[text], labels[text]).items():
                    gains[predicate] += gain
    best = max(gains.values(), default=0.0)
    if best <= 0:
        return dict.fromkeys(sorted(gains), 1.0)
    return {predicate: max(0.0, gain) / best for predicate, gain in sorted(gains.items())}


class _Counts:
    """How often each label goes with each concept at the end of a predicate's facts."""

    def __init__(self, facts: Sequence[Sequence[Fact]], labels: Sequence[Sequence[str]]) -> None:
        self._labels = Counter(label for own in labels for label in own)
        self._total = sum(self._labels.values())
        self._with: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for own, given in zip(facts, labels, strict=True):
            for key in _keys(own):
                self._with[key].update(given)

    def gains(self, facts: Sequence[Fact], labels: Sequence[str]) -> dict[str, float]:
        """By predicate, the mean gain over its concepts, in nats a label; 0 for concepts that were never seen."""
        own: dict[str, list[float]] = defaultdict(list)
        for predicate, tail in sorted(_keys(facts)):
            seen = self._with.get((predicate, tail), Counter())
            own[predicate] += [self._gain(seen, label) for label in labels if self._labels[label]]
        return {predicate: sum(values) / len(values) for predicate, values in own.items() if values}

    def _gain(self, seen: Counter[str], label: str) -> float:
        expected = self._labels[label] / self._total
        found = (seen[label] + _PRIOR * expected) / (sum(seen.values()) + _PRIOR)
        return math.log(found / expected)


def _keys(facts: Sequence[Fact]) -> set[tuple[str, str]]:
    # A definition has no concept at its other end: what it tells is told by whose definition it is.
    return {(fact.predicate, tail) for fact in facts for tail in (fact.tails or (fact.concept,))}


def _numbers(origins: Sequence[str]) -> list[int]:
    known = {origin: number for number, origin in enumerate(dict.fromkeys(origins))}
    return [known[origin] for origin in origins]
