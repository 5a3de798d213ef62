"""The index of the words of a pack's names, made from the names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kgslm.linking.names import NameTable
from kgslm.linking.ngrams import Floats, Ints
from kgslm.linking.shortenings import learn_shortened
from kgslm.linking.word_matches import WordIndex, words_of

_COMMON = 50_000
"""Names; of a word that more of them have, they are not listed."""
_CONCEPTS, _NAMES = 20_000, 12
"""Concepts, and names of each, that are read to learn which words are kept."""
_SURE = 0.8
"""How well a word must match to be the same word."""
_DOUBT = 4
"""Names beside which each word is also seen as an average one."""


def build_words(table: NameTable, clusters: Mapping[str, int]) -> WordIndex:
    """The index of a table's names. clusters: word to the number of its cluster; others stand for themselves alone."""
    whole = [words_of(text) for text in table.texts]
    names = [list(dict.fromkeys(own)) for own in whole]
    words = sorted({word for own in names for word in own})
    places = {word: number for number, word in enumerate(words)}
    about = [{places[word] for word in words_of(text) if word in places} for text in table.about]
    of_concept: list[set[int]] = about or [set() for _ in table.ids]
    for own, owner, learnt in zip(names, table.owners.tolist(), table.learnt.tolist(), strict=True):
        if not learnt:
            of_concept[owner].update(places[word] for word in own)
    numbers = [[places[word] for word in own] for own in names]
    counts = np.bincount([it for own in numbers for it in own] or [0], minlength=max(1, len(words)))
    idf = (np.log((1 + len(names)) / (1 + counts)) + 1).astype(np.float32)
    common = counts > max(_COMMON, len(names) // 10)
    firsts, rows = _inverted(numbers, common)
    concept_firsts, concepts = _inverted([sorted(own) for own in of_concept], common)
    index = WordIndex(
        words=words,
        name_firsts=np.cumsum([0, *map(len, whole)], dtype=np.int64),
        name_words=np.array([places[word] for own in whole for word in own], np.int32),
        firsts=firsts,
        rows=rows,
        concept_firsts=concept_firsts,
        concepts=concepts,
        totals=np.array([idf[own].sum() for own in numbers], np.float32),
        idf=idf,
        telling=idf,
        clusters=np.array([clusters.get(word, -1 - place) for place, word in enumerate(words)], np.int32),
        shares=learn_shortened(table, names),
    )
    return replace(index, telling=idf * _kept(index, table))


def _kept(index: WordIndex, table: NameTable) -> Floats:
    """For each word the share of the other names of its concepts that have it or a word for it. Shape (words,)."""
    seen, kept = np.zeros(len(index.idf)), np.zeros(len(index.idf))
    meanings: dict[int, dict[int, float]] = {}
    step = max(1, -(-len(table.ids) // _CONCEPTS))
    for first, last in zip(table.firsts[:-1:step].tolist(), table.firsts[1::step].tolist(), strict=True):
        names = [set(index.numbers(row)) for row in range(first, min(last, first + _NAMES)) if not table.learnt[row]]
        for place, own in enumerate(names):
            for number in own:
                if number not in meanings:
                    meanings[number] = index.meanings(index.words[number])
                for other in names[:place] + names[place + 1 :]:
                    seen[number] += 1
                    kept[number] += _best(meanings[number], other)
    usual = kept.sum() / seen.sum() if seen.any() else 1.0
    return np.asarray((kept + _DOUBT * usual) / (seen + _DOUBT), np.float32)


def _best(meanings: Mapping[int, float], name: set[int]) -> float:
    return min(1.0, max((value for number, value in meanings.items() if number in name), default=0.0) / _SURE)


def _inverted(numbers: Sequence[Sequence[int]], left_out: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.int32]]:
    """(where the rows of each word start, the rows of those that have it)."""
    owners = np.repeat(np.arange(len(numbers), dtype=np.int32), [len(own) for own in numbers])
    flat = np.array([it for own in numbers for it in own], np.int64)
    kept = ~left_out[flat]
    flat, owners = flat[kept], owners[kept]
    firsts = np.zeros(len(left_out) + 1, np.int64)
    np.cumsum(np.bincount(flat, minlength=len(left_out)), out=firsts[1:])
    return firsts, owners[np.argsort(flat, kind="stable")]
