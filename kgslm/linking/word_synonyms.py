"""Words that a vocabulary itself uses for the same thing: "renal" and "kidney", "cutaneous" and "skin".

Where two names of one concept differ in one word alone, their words may mean the same. Where the names of two
concepts differ in just these words, they do not: "short nose" and "small nose".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kgslm.linking.hashing import class_numbers, running_sums

Classes = NDArray[np.int32]
Kinship = Literal["none", "alike", "contrary"]
"""alike: words that look like ones of one root. contrary: words that are known not to mean the same."""

_LONGEST_NAME = 8
_MOST_ALIKE = 8
"""Of the names of one concept that differ in one word, each is compared with so many that follow it."""
_MOST_ENTRIES = 4_000_000
_MOST_PAIRS = 100_000
_FEWEST_CONCEPTS = 2
_DOUBT = {"none": 3.0, "alike": 0.5}
"""Rests in which two words are thought to disagree before they are counted: five good ones outweigh it, or a single one
for words of one root."""
_SURE = 0.6
_UNLIKELY = 0.4


def learn_word_synonyms(
    classes: Classes,
    firsts: NDArray[np.int64],
    concepts: NDArray[np.int32],
    size: int,
    kinship: Callable[[int, int], Kinship],
) -> Classes:
    """Which stem classes mean the same; ``clusters[c]`` is the least class of the cluster of ``c``. Shape (size + 1,).

    classes, firsts: name n has the classes ``classes[firsts[n]:firsts[n + 1]]``. concepts: one entry a name, negative
    for names that are not read.
    size: how many classes there are; they count from 1. kinship: what two classes are to each other, whatever the names
    say. Of very large vocabularies a sample of the concepts is read.
    """
    clusters = np.arange(size + 1, dtype=np.int32)
    entries = _entries(classes, firsts, concepts)
    pairs = {}
    for first, second, count in _pairs(entries):
        kin = kinship(first, second)
        if kin == "alike" or (kin == "none" and count >= _FEWEST_CONCEPTS):
            pairs[first, second] = _DOUBT[kin]
    if not pairs:
        return clusters
    agreement = _agreement(pairs, entries)
    for members in _merge(pairs, agreement):
        clusters[members] = min(members)
    return clusters


def _entries(
    classes: Classes, firsts: NDArray[np.int64], concepts: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int32], Classes]:
    """(key of the rest of the name, concept, class) for each class of each name; each once, in this order."""
    lengths = np.diff(firsts)
    sums = running_sums(classes)
    keys = sums[firsts[1:]] - sums[firsts[:-1]]
    usable = (lengths >= 2) & (lengths <= _LONGEST_NAME) & (concepts >= 0)
    step = int(lengths[usable].sum()) // _MOST_ENTRIES + 1
    rows = np.flatnonzero(usable & (concepts % step == 0))
    counts = lengths[rows]
    names = np.repeat(rows, counts)
    places = np.arange(len(names)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(firsts[rows], counts)
    own = classes[places]
    rests = keys[names] - class_numbers(own)
    order = np.lexsort((own, concepts[names], rests))
    rests, owners, own = rests[order], concepts[names][order], own[order]
    fresh = np.ones(len(rests), np.bool_)
    fresh[1:] = (rests[1:] != rests[:-1]) | (owners[1:] != owners[:-1]) | (own[1:] != own[:-1])
    return rests[fresh], owners[fresh], own[fresh]


def _pairs(entries: tuple[NDArray[np.uint64], NDArray[np.int32], Classes]) -> list[tuple[int, int, int]]:
    """The pairs of classes in which names of a concept differ, with the number of such concepts; the most first."""
    rests, concepts, classes = entries
    found = []
    for step in range(1, min(_MOST_ALIKE, len(rests) - 1) + 1):
        alike = np.flatnonzero((rests[step:] == rests[:-step]) & (concepts[step:] == concepts[:-step]))
        found.append(np.stack([classes[alike], classes[alike + step], concepts[alike]], axis=1))
    if not found:
        return []
    pairs = np.unique(np.concatenate(found), axis=0)[:, :2]
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)
    often = np.argsort(-counts, kind="stable")[:_MOST_PAIRS]
    return [
        (first, second, count)
        for (first, second), count in zip(pairs[often].tolist(), counts[often].tolist(), strict=True)
    ]


def _agreement(
    pairs: Mapping[tuple[int, int], float], entries: tuple[NDArray[np.uint64], NDArray[np.int32], Classes]
) -> dict[tuple[int, int], float]:
    """For each pair: of the rests that both words stand beside, the share in which they name one concept.

    pairs: with the number of rests in which they are thought not to, before any is counted.
    """
    rests, concepts, classes = entries
    wanted = np.unique(np.array([item for pair in pairs for item in pair]))
    order = np.argsort(classes, kind="stable")
    begins = np.searchsorted(classes[order], wanted)
    ends = np.searchsorted(classes[order], wanted, side="right")
    rows = {
        it: order[begin:end] for it, begin, end in zip(wanted.tolist(), begins.tolist(), ends.tolist(), strict=True)
    }
    beside = {it: np.unique(rests[own]) for it, own in rows.items()}
    # One number for the rest and the concept together: two classes with the same one name one concept.
    both = rests + class_numbers(concepts + np.int32(1)) * np.uint64(3)
    agreement = {}
    for (first, second), doubt in pairs.items():
        shared = np.intersect1d(both[rows[first]], both[rows[second]])
        same = len(np.unique(rests[rows[first]][np.isin(both[rows[first]], shared)]))
        total = len(np.intersect1d(beside[first], beside[second], assume_unique=True))
        agreement[first, second] = same / (total + doubt)
    return agreement


def _merge(pairs: Iterable[tuple[int, int]], agreement: dict[tuple[int, int], float]) -> list[list[int]]:
    """Clusters, the surest pairs first; at least half of the pairs in one are in ``pairs``, and none disagrees."""
    members: dict[int, list[int]] = {}
    # Stable: pairs of more concepts come before rarer ones of the same share.
    for first, second in sorted(pairs, key=lambda pair: -agreement[pair]):
        if agreement[first, second] < _SURE:
            break
        ours, theirs = members.get(first, [first]), members.get(second, [second])
        crossing = [agreement.get((min(it, other), max(it, other))) for it in ours for other in theirs]
        known = [share for share in crossing if share is not None]
        if ours is not theirs and 2 * len(known) >= len(crossing) and min(known) > _UNLIKELY:
            both = ours + theirs
            members.update(dict.fromkeys(both, both))
    return list({id(cluster): cluster for cluster in members.values()}.values())
