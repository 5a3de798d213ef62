"""What speaks for each candidate of a mention, as numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from kgslm.linking.alignment import Paired, pair
from kgslm.linking.comparison import abbreviates, same_name, same_numbers
from kgslm.linking.feature_names import (
    FEATURES,
    FEW_SHORTENED,
    MANY_SHORTENED,
    NAME_FEATURES,
    RELATIVE,
    WIDTH,
)
from kgslm.linking.names import Memory, NameTable
from kgslm.linking.ngrams import Floats, Ints, SparseIndex, compact, pieces, top_rows
from kgslm.linking.readings import AS_IS, DERIVED, PART, Reading
from kgslm.linking.word_matches import Cover, WordIndex, words_of

_DOCUMENT, _LEARNT = FEATURES.index("document"), FEATURES.index("learnt_ngrams")
_IN_CONCEPT = FEATURES.index("in_concept")
_COMPARED = 2 * len(NAME_FEATURES)
_PAIRED = len(FEATURES) - len(Paired._fields)
_ALIKE = [NAME_FEATURES.index(name) for name in ("ngrams", "dense", "overlap")]
_TOP_NAMES = 48
_FEW = 4
_ALIKEST = 2
"""Names of a candidate whose words are paired with the mention's: those that look most alike."""
_MOST_NAMES = 120
"""Names of one concept that are looked at; the first ones."""


@dataclass(frozen=True, slots=True)
class Query:
    """A mention to be linked.

    readings: the likeliest first. words: stems of the document. document: its id while training; its own mentions
    must not be told. hidden: rows of names, and gone: rows of concepts, that are treated as if they were not there.
    listed: rows of concepts that are candidates in any case.
    """

    readings: tuple[Reading, ...]
    words: Collection[str] = frozenset()
    document: str | None = None
    hidden: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    listed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """The candidates of a mention. concepts: rows of the name table. values: shape (candidates, WIDTH), float32.

    unsaid: the stems of each candidate's best name that are not in the mention.
    """

    concepts: Ints
    values: Floats
    unsaid: tuple[frozenset[str], ...] = ()

    def within(self, words: Collection[str]) -> Described:
        """The same with what the words of a document say: the share of ``unsaid`` that is among them."""
        values = self.values.copy()
        if len(values):
            values[:, _DOCUMENT] = [len(own & set(words)) / len(own) if own else 1.0 for own in self.unsaid]
        return replace(self, values=values)


@dataclass(frozen=True)
class Evidence:
    """The tables that features are read from. vectors: shape (names, dim), of unit length; None: no encoder."""

    table: NameTable
    grams: SparseIndex
    words: WordIndex
    vectors: NDArray[Any] | None = None
    memory: Memory = field(default_factory=Memory)
    count: int = 24

    def describe(self, query: Query, dense: Mapping[str, tuple[Floats, Ints]]) -> Described:
        """Candidates with features. dense: reading to (its vector, rows of the nearest names)."""
        looked = [self._look(query, reading, dense.get(reading.text)) for reading in query.readings]
        concepts = self._chosen(query, looked)
        if not len(concepts):
            return Described(concepts, np.zeros((0, WIDTH), np.float32))
        rows, starts = self._names(query, concepts)
        options = [look.values(self, rows) for look in looked]
        chosen = _best(options, starts)
        most = [np.maximum.reduceat(option, starts) for option in options]
        learnt = [np.maximum.reduceat(option[:, 0] * self.table.learnt[rows], starts) for option in options]
        values = np.zeros((len(concepts), len(FEATURES)), np.float32)
        unsaid = []
        own_hidden = {row for row in query.hidden if not self.table.learnt[row]}
        for index, (which, places) in enumerate(chosen):
            place, concept = places[0], int(concepts[index])
            row = int(rows[place])
            other = self.words.of_name(row)
            unsaid.append(frozenset(other) - looked[which].own)
            values[index, : len(NAME_FEATURES)] = options[which][place]
            values[index, len(NAME_FEATURES) : _COMPARED] = most[which][index]
            values[index, _COMPARED:_PAIRED] = self._compared(query, looked[which], concept, row, other)
            values[index, _PAIRED:] = self._paired(query, looked[which], [int(rows[it]) for it in places])
            values[index, _LEARNT] = learnt[which][index]
            # Taught names are no words of their concept there, so that hiding one must not show.
            hidden = bool(own_hidden) and not own_hidden.isdisjoint(self._span(concept))
            values[index, _IN_CONCEPT] = most[which][index][2] if hidden else looked[which].cover.in_concept[concept]
        return Described(concepts, _widened(values, query.readings[0].text), tuple(unsaid)).within(query.words)

    def _look(self, query: Query, reading: Reading, dense: tuple[Floats, Ints] | None) -> _Look:
        grams, _ = self.grams.scores(reading.text)
        cover = self.words.cover(reading.text, len(self.table.ids))
        if query.hidden:
            grams[list(query.hidden)] = 0
            cover.both[list(query.hidden)] = 0
        own, words = words_of(reading.text), self.words
        meanings, heft = [words.meanings(it) for it in own], [words.weight(it) for it in own]
        return _Look(reading, own, grams, cover, dense, meanings, heft)

    def _chosen(self, query: Query, looked: Sequence[_Look]) -> Ints:
        """The concepts of the names that look most alike, of the listed ones and of those that mentions taught."""
        order: dict[int, float] = dict.fromkeys(query.listed, 9.0)
        for look in looked:
            ranked = [(top, own[top]) for own in (look.grams, look.cover.both) for top in (top_rows(own, _TOP_NAMES),)]
            if look.dense is not None and self.vectors is not None:
                rows = look.dense[1]
                ranked.append((rows, self.vectors[rows].astype(np.float32) @ look.dense[0]))
            for rows, scores in ranked:
                owners = self.table.owners[rows].tolist()
                places = {row: place for place, row in enumerate(dict.fromkeys(owners))}
                for row, owner, score in zip(rows.tolist(), owners, scores.tolist(), strict=True):
                    if row not in query.hidden:
                        # The place counts more than the score, as the scores of the two are not alike.
                        value = 1 / (2 + places[owner]) + 0.01 * score
                        order[owner] = max(order.get(owner, 0.0), value)
            for id_ in self.memory.meant(look.reading.text, query.document):
                if (taught := self.rows.get(id_)) is not None:
                    order[taught] = 9.0
        kept = [row for row in sorted(order, key=lambda row: (-order[row], row)) if row not in query.gone]
        return np.array(kept[: self.count], np.int64)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Concept id to its row in the table."""
        return {id_: row for row, id_ in enumerate(self.table.ids)}

    @property
    def shortened(self) -> float:
        """How much the pack is one that writes many of its words both in full and shortened, from 0 to 1."""
        share = len(self.words.shares) / max(1, len(self.words.words))
        return min(max((share - FEW_SHORTENED) / (MANY_SHORTENED - FEW_SHORTENED), 0.0), 1.0)

    @cached_property
    def _own_names(self) -> Ints:
        """How many names each concept has in the pack; what mentions taught would tell which one they mean."""
        known = np.concatenate([[0], np.cumsum(~self.table.learnt)])
        return np.asarray(known[self.table.firsts[1:]] - known[self.table.firsts[:-1]], np.int64)

    def _span(self, concept: int, most: int = _MOST_NAMES) -> range:
        """The rows of a concept's names."""
        first = int(self.table.firsts[concept])
        return range(first, min(int(self.table.firsts[concept + 1]), first + most))

    def _names(self, query: Query, concepts: Ints) -> tuple[Ints, list[int]]:
        """(rows of the candidates' names, where those of each candidate start); a candidate has at least one."""
        parts: list[int] = []
        starts: list[int] = []
        for concept in concepts.tolist():
            span = self._span(concept)
            starts.append(len(parts))
            parts += [row for row in span if row not in query.hidden] or [span.start]
        return np.array(parts, np.int64), starts

    def _compared(self, query: Query, look: _Look, concept: int, row: int, other: list[str]) -> list[float]:
        """The features from ``exact`` to ``in_concept`` for one name, which has the words ``other``, and a reading."""
        table, text, name, own = self.table, look.reading.text, self.table.texts[row], look.words
        hidden = row in query.hidden
        meant = self.memory.meant(text, query.document) if self.memory.surfaces else {}
        id_ = table.ids[concept]
        share = meant.get(id_, 0) / (sum(meant.values()) + 0.5) if meant else 0.0
        low, low_name = text.lower(), name.lower()
        return [
            0.0 if hidden else same_name(text, own, name, other),
            float(table.weights[row]),
            0.0 if hidden else fuzz.ratio(low, low_name) / 100,
            0.0 if hidden else fuzz.token_set_ratio(low, low_name) / 100,
            float(not hidden and compact(text) == compact(name)),
            float(bool(own) and bool(other) and own[-1] == other[-1]),
            float(bool(own) and bool(other) and own[0] == other[0]),
            same_numbers(text, name),
            self._abbreviates(query, own, concept, other),
            math.log1p(int(self._own_names[concept])),
            share,
            math.log1p(meant.get(id_, 0)),
            self.memory.prior(id_, query.document) if self.memory.concepts else 0.0,
            0.0,  # learnt_ngrams, filled in by the caller
            float(bool(meant)),
            0.0,  # document: see Described.within
            float(look.reading.kind == AS_IS),
            float(look.reading.kind == PART),
            float(look.reading.kind == DERIVED),
            0.0,  # in_concept, filled in by the caller
        ]

    def _paired(self, query: Query, look: _Look, rows: list[int]) -> Paired:
        """The best pairing of the reading's words with those of a name; a hidden one has none."""
        numbers = ([] if row in query.hidden else self.words.numbers(row) for row in rows)
        found = (pair(look.meanings, look.heft, own, self.words.telling) for own in numbers)
        return max(found, key=lambda it: it.fit)

    def _abbreviates(self, query: Query, own: list[str], concept: int, best: list[str]) -> float:
        """Of the best name and of the first few: what looks most alike need not be what is shortened."""
        first = [self.words.of_name(row) for row in self._span(concept, _FEW) if row not in query.hidden]
        return max(abbreviates(own, other) for other in (best, *first))


@dataclass(frozen=True, slots=True)
class _Look:
    """What one reading, with its words, has in common with all names."""

    reading: Reading
    words: list[str]
    grams: Floats
    cover: Cover
    dense: tuple[Floats, Ints] | None
    meanings: list[dict[int, float]]
    heft: list[float]

    @property
    def own(self) -> set[str]:
        return set(self.words)

    def values(self, evidence: Evidence, rows: Ints) -> Floats:
        """Shape (rows, 5): the NAME_FEATURES of each name."""
        dense = np.zeros(len(rows), np.float32)
        if self.dense is not None and evidence.vectors is not None:
            dense = evidence.vectors[rows].astype(np.float32) @ self.dense[0]
        return np.stack([self.grams[rows], dense, *(shares[rows] for shares in self.cover[:3])], axis=1)


def _best(options: Sequence[Floats], starts: Sequence[int]) -> list[tuple[int, list[int]]]:
    """For each candidate the reading, and the rows of the values, that look most alike, the best one first.

    What counts is n-grams, vectors and words together.
    """
    sums = [option[:, _ALIKE].sum(axis=1) for option in options]
    tops = np.round([np.maximum.reduceat(own, starts) for own in sums], 4)
    found = []
    for which, start, end in zip(tops.argmax(axis=0).tolist(), starts, [*starts[1:], len(sums[0])], strict=True):
        order = np.argsort(-sums[which][start:end], kind="stable")[:_ALIKEST]
        found.append((which, [start + it for it in order.tolist()]))
    return found


def _widened(values: Floats, text: str) -> Floats:
    """The features, with how far each is from the best candidate's and the best other one's, and the mention's own."""
    columns = [values]
    for name in RELATIVE:
        column = values[:, FEATURES.index(name)]
        best = column.max()
        others = np.where(column == best, np.sort(column)[-2] if len(column) > 1 else 0.0, best)
        columns += [(column - best)[:, None], (column - others)[:, None]]
    letters = [it for it in text if it.isalpha()]
    mention = [
        math.log1p(len(pieces(text))),
        math.log1p(len(letters)),
        sum(map(str.isupper, letters)) / max(1, len(letters)),
        float(any(map(str.isdigit, text))),
    ]
    columns.append(np.tile(np.array(mention, np.float32), (len(values), 1)))
    return np.concatenate(columns, axis=1).astype(np.float32)
