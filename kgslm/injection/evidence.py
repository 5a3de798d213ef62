"""The graph itself as evidence for the labels.

For a text, the weights of its linked concepts are summed by label (a concept counts for every label whose part of
the graph it lies in), divided by the whole, and the square root is taken, which keeps one lucky mention from
deciding. A classifier adds ``trust * evidence`` to its logits; see ``kgslm.tuning.trust`` for how trust is learnt.

What is known in another way is a channel of its own, with its own trust: concepts of a label, those that a chosen
predicate connects with them, and mentions that the text denies or does not claim.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgslm.injection.grounding import PAIR_STATES, Grounding
from kgslm.injection.injector import second_at
from kgslm.injection.opposites import Flips
from kgslm.records import Example, Link, LinkedText

Flagged = Literal["count", "ignore", "separate"]

_LEAST_IDF = 0.01

CONCEPTS, RELATIONS, FLAGGED = "concepts", "relations", "flagged"


class Part(NamedTuple):
    """What one mention brings to one label. link: its position in the text. channel, label: positions."""

    link: int
    channel: int
    label: int
    weight: float


@dataclass(frozen=True)
class EvidenceScorer:
    """Label scores from linked concepts.

    groundings: one for each label. idf: the weight of a concept, by id; a concept that was never seen has
    ``unseen_idf``, the highest weight. flagged: what becomes of mentions that are denied, possible, past or someone
    else's: they ``count`` as others do, are left aside (``ignore``), or have a channel of their own (``separate``).
    flips: concepts that, where they are denied, count for other labels, by position.
    """

    groundings: tuple[Grounding, ...]
    idf: Mapping[str, float]
    unseen_idf: float
    flagged: Flagged = "count"
    flips: Flips = field(default_factory=dict)
    learnt: ClassVar[bool] = False

    @classmethod
    def fit(
        cls,
        groundings: Sequence[Grounding],
        texts: Iterable[LinkedText],
        flagged: Flagged = "count",
        flips: Flips | None = None,
    ) -> EvidenceScorer:
        """Take the concepts' idf, ``ln((n + 1) / (document frequency + 1))``, from texts, labelled or not.

        It is at least 0.01, so that a concept of every text, as all are where there is one text, counts a little.
        """
        frequency: Counter[str] = Counter()
        count = 0
        for linked in texts:
            frequency.update(set(linked.concepts))
            count += 1
        idf = {concept: _idf(count, df) for concept, df in sorted(frequency.items())}
        return cls(tuple(groundings), idf, _idf(count, 0), flagged, flips or {})

    def renewed(self, fresh: EvidenceScorer) -> EvidenceScorer:
        """As ``fresh``, which was grounded in a later build of the pack, with what this one has learnt from texts.

        A concept that is new under the labels could not be seen before, so that having seen none says nothing of how
        rare it is: it gets the mean weight of the mentions that were seen.
        """
        before = frozenset[str]().union(*(grounding.members for grounding in self.groundings))
        new = frozenset[str]().union(*(grounding.members for grounding in fresh.groundings)) - before - self.idf.keys()
        return replace(
            fresh, idf={**self.idf, **dict.fromkeys(sorted(new), self._usual_idf())}, unseen_idf=self.unseen_idf
        )

    def _usual_idf(self) -> float:
        """The mean weight over the mentions that the weights were taken from."""
        weights = np.array(sorted(self.idf.values()))
        frequency = np.exp(self.unseen_idf - weights) - 1
        return float(np.average(weights, weights=frequency)) if frequency.sum() > 0 else self.unseen_idf

    @property
    def names(self) -> tuple[str, ...]:
        """The labels, once for each channel."""
        labels = [grounding.label for grounding in self.groundings]
        return tuple(
            label if channel == CONCEPTS else f"{channel} {label}" for channel in self.channels for label in labels
        )

    @property
    def grounded(self) -> int:
        """How many labels the pack has concepts for."""
        return sum(bool(grounding.concepts) for grounding in self.groundings)

    def read(self, examples: Sequence[Example], linked: Sequence[LinkedText]) -> list[NDArray[np.float32]]:
        """The scores of each text, shape (1, channels * labels), float32."""
        scores = self.score(linked, [second_at(example) for example in examples])
        return list(scores.reshape(len(scores), 1, -1))

    def facts(self) -> dict[str, Any]:
        """As plain data for JSON."""
        labels = {
            grounding.label: {
                "concepts": list(grounding.concepts),
                "members": sorted(grounding.members),
                "related": sorted(grounding.related),
                "how": grounding.how,
                "why": grounding.why,
            }
            for grounding in self.groundings
        }
        return {
            "labels": labels,
            "idf": dict(self.idf),
            "unseen_idf": self.unseen_idf,
            "flagged": self.flagged,
            "flips": {concept: list(places) for concept, places in self.flips.items()},
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> EvidenceScorer:
        """As it was, also what version 0.1.0 wrote, which knew less of a label. Raises KeyError or TypeError."""
        groundings = tuple(
            Grounding(
                label,
                tuple(entry["concepts"]),
                frozenset(entry["members"]),
                frozenset(entry.get("related", ())),
                entry.get("how", ""),
                entry.get("why", ""),
            )
            for label, entry in facts["labels"].items()
        )
        flips = {concept: tuple(places) for concept, places in facts.get("flips", {}).items()}
        return cls(groundings, facts["idf"], facts["unseen_idf"], facts.get("flagged", "count"), flips)

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels, ``concepts`` first."""
        related = any(grounding.related for grounding in self.groundings)
        return (CONCEPTS, *([RELATIONS] if related else []), *([FLAGGED] if self.flagged == "separate" else []))

    def score(self, texts: Iterable[LinkedText], splits: Sequence[int | None] | None = None) -> NDArray[np.float32]:
        """Shape (texts, channels, labels), float32: the square root of each label's share, less their mean.

        splits: for each text, where the second text of a pair begins in it; None where there is no pair. A row of
        zeros says that no linked concept lies under any label.
        """
        given = list(texts)
        splits = splits or [None] * len(given)
        scores = np.zeros((len(given), len(self.channels), len(self.groundings)))
        for row, (linked, split) in enumerate(zip(given, splits, strict=True)):
            for part in self.parts(linked, split):
                scores[row, part.channel, part.label] += part.weight
        total = scores.sum(axis=2, keepdims=True)
        roots = np.sqrt(np.divide(scores, total, out=scores, where=total > 0))
        return np.asarray(roots - roots.mean(axis=2, keepdims=True), np.float32)

    def contributions(self, linked: LinkedText, split: int | None = None) -> NDArray[np.float64]:
        """What each mention adds to the score: shape (links, channels, labels); the sum over the links is the score.

        The root of a label's share is dealt out to the mentions by their weights; what is taken off as the mean over
        the labels is dealt out with it.
        """
        dealt = np.zeros((len(linked.links), len(self.channels), len(self.groundings)))
        for part in self.parts(linked, split):
            dealt[part.link, part.channel, part.label] += part.weight
        sums = dealt.sum(axis=0, keepdims=True)
        total = sums.sum(axis=2, keepdims=True)
        roots = np.sqrt(np.divide(sums, total, out=np.zeros_like(sums), where=total > 0))
        dealt *= np.divide(roots, sums, out=np.zeros_like(sums), where=sums > 0)
        return np.asarray(dealt - dealt.mean(axis=2, keepdims=True))

    def parts(self, linked: LinkedText, split: int | None = None) -> Iterator[Part]:
        """The weights that are summed. A concept that counts for several labels is divided among them."""
        states = self._states(linked, split)
        for (concept, flagged, turned), places in self._mentions(linked).items():
            # A mention repeated ten times says more than one, not ten times as much.
            weight = (1 + np.log(len(places))) / len(places) * self.idf.get(concept, self.unseen_idf)
            spoken = list(self._counts_for(concept, flagged=flagged, turned=turned))
            for place in places:
                for channel, labels in [*spoken, (0, self._members.get(states.get(place, ""), ()))]:
                    yield from (Part(place, channel, label, weight / len(labels)) for label in labels)

    def _mentions(self, linked: LinkedText) -> dict[tuple[str, bool, bool], list[int]]:
        """The positions of the links by concept, by whether flags set it apart, and by whether denial turns it."""
        groups: dict[tuple[str, bool, bool], list[int]] = defaultdict(list)
        for place, link in enumerate(linked.links):
            flagged = _is_flagged(link)
            if link.concept is not None and not (flagged and self.flagged == "ignore"):
                turned = link.negated and link.concept in self.flips
                groups[link.concept, flagged and self.flagged == "separate", turned].append(place)
        return groups

    def _counts_for(self, concept: str, *, flagged: bool, turned: bool) -> Iterator[tuple[int, tuple[int, ...]]]:
        """``(channel, labels)`` that a mention speaks in and for."""
        if turned:
            yield 0, self.flips[concept]
        elif flagged:
            yield self.channels.index(FLAGGED), self._members.get(concept, ())
        elif concept in self._members:
            yield 0, self._members[concept]
        elif concept in self._related:
            yield 1, self._related[concept]

    def _states(self, linked: LinkedText, split: int | None) -> dict[int, str]:
        """For each mention in the second text of a pair, which of ``PAIR_STATES`` it is in."""
        if split is None or not self._pairs:
            return {}
        first: dict[str, set[bool]] = defaultdict(set)
        for link in linked.links:
            if link.concept is not None and link.end <= split:
                first[link.concept].add(link.negated)
        agrees, differs, absent = PAIR_STATES
        return {
            place: absent if link.concept not in first else agrees if link.negated in first[link.concept] else differs
            for place, link in enumerate(linked.links)
            if link.concept is not None and link.start >= split
        }

    @cached_property
    def _pairs(self) -> bool:
        return any(state in self._members for state in PAIR_STATES)

    @cached_property
    def _members(self) -> Mapping[str, tuple[int, ...]]:
        return positions(grounding.members for grounding in self.groundings)

    @cached_property
    def _related(self) -> Mapping[str, tuple[int, ...]]:
        return positions(grounding.related for grounding in self.groundings)


def positions(groups: Iterable[Iterable[str]]) -> dict[str, tuple[int, ...]]:
    """Concept id to the positions of the groups that it is in."""
    found: dict[str, list[int]] = {}
    for position, group in enumerate(groups):
        for concept in group:
            found.setdefault(concept, []).append(position)
    return {concept: tuple(where) for concept, where in found.items()}


def _idf(count: int, frequency: int) -> float:
    return max(_LEAST_IDF, float(np.log((count + 1) / (frequency + 1))))


def _is_flagged(link: Link) -> bool:
    return link.negated or link.hypothetical or link.historical or link.other_person
