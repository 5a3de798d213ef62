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

from kgslm.linking.comparison import abbreviates, same_name, same_numbers
from kgslm.linking.names import Memory, NameTable
from kgslm.linking.ngrams import Floats, Ints, SparseIndex, compact, pieces, stems, top_rows
from kgslm.linking.readings import AS_IS, DERIVED, PART, Reading

NAME_FEATURES = ("ngrams", "dense", "in_name", "in_mention", "overlap")
FEATURES = (
    *(f"best_{name}" for name in NAME_FEATURES),
    *(f"most_{name}" for name in NAME_FEATURES),
    *("exact", "weight", "ratio", "partial", "compact", "head", "first", "numbers", "abbreviates", "names"),
    *(
        "learnt_share",
        "learnt_count",
        "prior",
        "learnt_ngrams",
        "known",
        "document",
        "as_is",
        "part",
        "derived",
        "in_concept",
    ),
)
RELATIVE = ("best_ngrams", "best_dense", "most_overlap", "learnt_ngrams", "prior", "abbreviates", "ratio")
MENTION_FEATURES = ("words", "letters", "capitals", "digits")
PRIOR = {
    "best_ngrams": 2.0, "most_ngrams": 3.7, "most_dense": 5.9, "most_overlap": 2.0, "best_in_mention": -1.9,
    "exact": 0.6, "abbreviates": 4.7, "names": 0.2, "document": 0.6, "in_concept": -1.5, "head": -1.0,
    "first": -0.7, "part": -3.4, "derived": -0.5, "learnt_share": 2.0, "prior": 0.2,
}  # fmt: skip
"""What ranking starts from, where nothing is known yet: weights that do well on diseases, courts, law reporters and
companies alike (tuned on the visible parts of public linking tasks, without what their mentions teach)."""
WIDTH = len(FEATURES) + 2 * len(RELATIVE) + len(MENTION_FEATURES)

_DOCUMENT, _LEARNT = FEATURES.index("document"), FEATURES.index("learnt_ngrams")
_COMPARED = 2 * len(NAME_FEATURES)
_TOP_NAMES = 48
_FEW = 6
_REMEMBERED = 50_000
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
    stems: SparseIndex
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
        values = np.zeros((len(concepts), len(FEATURES)), np.float32)
        unsaid = []
        words = [stems(reading.text) for reading in query.readings]
        for index, (start, end) in enumerate(zip(starts, [*starts[1:], len(rows)], strict=True)):
            which, best = _best(options, start, end)
            own, row = options[which][start:end], int(rows[start + best])
            other = stems(self.table.texts[row])
            unsaid.append(frozenset(other) - set(words[which]))
            values[index, : len(NAME_FEATURES)] = own[best]
            values[index, len(NAME_FEATURES) : _COMPARED] = own.max(axis=0)
            values[index, _COMPARED:] = self._compared(query, which, int(concepts[index]), row, (words[which], other))
            learnt = self.table.learnt[rows[start:end]]
            values[index, _LEARNT] = own[learnt, 0].max() if learnt.any() else 0.0
        return Described(concepts, _widened(values, query.readings[0].text), tuple(unsaid)).within(query.words)

    def _look(self, query: Query, reading: Reading, dense: tuple[Floats, Ints] | None) -> _Look:
        grams, _ = self.grams.scores(reading.text)
        shared, total = self.stems.scores(reading.text)
        if query.hidden:
            grams[list(query.hidden)] = 0
        near = top_rows(grams, _TOP_NAMES)
        return _Look(grams, shared, max(total, 1e-6), near, dense)

    def _chosen(self, query: Query, looked: Sequence[_Look]) -> Ints:
        """The concepts of the names that look most alike, of the listed ones and of those that mentions taught."""
        order: dict[int, float] = dict.fromkeys(query.listed, 9.0)
        for look, reading in zip(looked, query.readings, strict=True):
            ranked = [(look.near, look.grams[look.near])]
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
            for id_ in self.memory.meant(reading.text, query.document):
                if (taught := self.rows.get(id_)) is not None:
                    order[taught] = 9.0
        kept = [row for row in sorted(order, key=lambda row: (-order[row], row)) if row not in query.gone]
        return np.array(kept[: self.count], np.int64)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Concept id to its row in the table."""
        return {id_: row for row, id_ in enumerate(self.table.ids)}

    @cached_property
    def _word_sets(self) -> dict[int, frozenset[str]]:
        return {}

    def _words_of(self, concept: int, hidden: frozenset[int]) -> frozenset[str]:
        """The stems of all that is said of a concept, but for hidden names."""
        table = self.table
        span = range(int(table.firsts[concept]), int(table.firsts[concept + 1]))
        kept = [row for row in span if row not in hidden] if hidden else span
        if len(kept) == len(span) and (known := self._word_sets.get(concept)) is not None:
            return known
        texts = [table.texts[row] for row in kept]
        texts += [table.about[concept]] if table.about else []
        found = frozenset(word for text in texts for word in stems(text))
        if len(kept) == len(span):
            if len(self._word_sets) > _REMEMBERED:
                self._word_sets.clear()
            self._word_sets[concept] = found
        return found

    def _names(self, query: Query, concepts: Ints) -> tuple[Ints, list[int]]:
        """(rows of the candidates' names, where those of each candidate start); a candidate has at least one."""
        parts, starts, count = [], [], 0
        for concept in concepts.tolist():
            first, last = int(self.table.firsts[concept]), int(self.table.firsts[concept + 1])
            rows = [row for row in range(first, min(last, first + _MOST_NAMES)) if row not in query.hidden] or [first]
            starts.append(count)
            parts += rows
            count += len(rows)
        return np.array(parts, np.int64), starts

    def _compared(
        self, query: Query, which: int, concept: int, row: int, words: tuple[list[str], list[str]]
    ) -> list[float]:
        """The features from ``exact`` to ``part`` for one name and one reading."""
        table, reading = self.table, query.readings[which]
        text, name = reading.text, table.texts[row]
        hidden = row in query.hidden
        own, other = words
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
            self._abbreviates(query, text, concept, name),
            math.log1p(int(table.firsts[concept + 1] - table.firsts[concept])),
            share,
            math.log1p(meant.get(id_, 0)),
            self.memory.prior(id_, query.document) if self.memory.concepts else 0.0,
            0.0,  # learnt_ngrams, filled in by the caller
            float(bool(meant)),
            0.0,  # document: see Described.within
            float(reading.kind == AS_IS),
            float(reading.kind == PART),
            float(reading.kind == DERIVED),
            self._within(query, concept, own),
        ]

    def _abbreviates(self, query: Query, text: str, concept: int, best: str) -> float:
        """Of the best name and of the first few: what looks most alike need not be what is shortened."""
        first, last = int(self.table.firsts[concept]), int(self.table.firsts[concept + 1])
        names = {self.table.texts[row] for row in range(first, min(last, first + _FEW)) if row not in query.hidden}
        return max((abbreviates(text, name) for name in names | {best}), default=0.0)

    def _within(self, query: Query, concept: int, own: Sequence[str]) -> float:
        """The share of the mention's words that are anywhere in the concept's names and description."""
        words = self._words_of(concept, query.hidden)
        return sum(word in words for word in own) / max(1, len(own))


@dataclass(frozen=True, slots=True)
class _Look:
    """What one reading has in common with all names."""

    grams: Floats
    shared: Floats
    total: float
    near: Ints
    dense: tuple[Floats, Ints] | None

    def values(self, evidence: Evidence, rows: Ints) -> Floats:
        """Shape (rows, 5): the NAME_FEATURES of each name."""
        in_name = np.minimum(self.shared[rows] / self.total, 1)
        in_mention = np.minimum(self.shared[rows] / np.maximum(evidence.stems.totals[rows], 1e-6), 1)
        overlap = 2 * in_name * in_mention / np.maximum(in_name + in_mention, 1e-6)
        dense = np.zeros(len(rows), np.float32)
        if self.dense is not None and evidence.vectors is not None:
            dense = evidence.vectors[rows].astype(np.float32) @ self.dense[0]
        return np.stack([self.grams[rows], dense, in_name, in_mention, overlap], axis=1)


def prior_weights() -> Floats:
    """``PRIOR`` as one weight a feature, shape (WIDTH,)."""
    weights = np.zeros(WIDTH, np.float32)
    for name, weight in PRIOR.items():
        weights[FEATURES.index(name)] = weight
    return weights


def _best(options: Sequence[Floats], start: int, end: int) -> tuple[int, int]:
    """(reading, name) that look most alike: n-grams, vectors and overlap together."""
    sums = [option[start:end, 0] + option[start:end, 1] + option[start:end, 4] for option in options]
    which = max(range(len(sums)), key=lambda index: (round(float(sums[index].max()), 4), -index))
    return which, int(sums[which].argmax())


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
