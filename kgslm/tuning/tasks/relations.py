"""Relations between the given entities of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kgslm.data.classification import Dataset, Fields
from kgslm.data.jsonl import record_id
from kgslm.data.marked import read_related, read_relations
from kgslm.data.sampling import sample
from kgslm.embedding.text import Embedder
from kgslm.errors import DataError
from kgslm.evaluation import Decision, decided_relations
from kgslm.injection import EvidenceArm
from kgslm.injection.injector import KnownText
from kgslm.injection.pair_evidence import PairEvidence
from kgslm.injection.pairs import Patterns
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import EntityRelation, Example, Prediction
from kgslm.tuning.batches import Item, Units
from kgslm.tuning.heads.relations import PARTS, RelationHead
from kgslm.tuning.tasks.base import Rows, Task, item_rows
from kgslm.tuning.tokens import Tokeniser, Tokens

_NONE = "no relation"
_FAR = 32
"""Tokens between two mentions that count as half of the way to infinitely far."""
Ranges = list[tuple[int, int]]


@dataclass(frozen=True)
class Relations(Task):
    """One unit a candidate pair; its first logit says that the two are not related.

    patterns: which pairs are candidates.
    """

    patterns: Patterns = field(default_factory=Patterns)

    name = "relations"
    answers = ("relations",)
    leans = True

    @property
    def outputs(self) -> tuple[str, ...]:
        """No relation, then the labels."""
        return (_NONE, *self.labels)

    @classmethod
    def read(cls, path: Path | str, fields: Fields | None = None, *, labelled: bool = True) -> Dataset:
        """See ``read_related``."""
        return read_related(path, (fields or Fields()).text, labelled=labelled)

    @classmethod
    def of(cls, data: Dataset) -> Relations:
        """See ``Task``."""
        labels = {relation.label for example in data for relation in example.relations}
        if not labels:
            raise DataError("training needs relations between entities; the data has none")
        return cls(tuple(sorted(labels)), patterns=Patterns.of(data))

    def facts(self) -> dict[str, Any]:
        """See ``Task``."""
        return {**super().facts(), "patterns": sorted(map(list, self.patterns.known))}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Relations:
        """See ``Task``."""
        known = frozenset((str(head), str(tail), bool(first)) for head, tail, first in facts["patterns"])
        return cls(tuple(facts["labels"]), patterns=Patterns(known))

    def head(self, hidden_size: int) -> RelationHead:
        """See ``Task``."""
        return RelationHead(hidden_size, len(self.outputs))

    def evidence(
        self,
        arm: EvidenceArm,
        pack: KnowledgePack,
        linker: Linker,
        texts: Sequence[Example],
        embedder: Embedder | None = None,
    ) -> PairEvidence:
        """Features of the pairs; which paths and concept groups tell something is seen from ``texts``."""
        return PairEvidence.fit(pack, linker, self.patterns, texts)

    def saved_evidence(self, facts: Mapping[str, Any], pack: KnowledgePack, linker: Linker) -> PairEvidence:
        """See ``Task``."""
        return PairEvidence.from_facts(facts, self.patterns, pack, linker)

    def check_evidence(self, arm: EvidenceArm, pack: KnowledgePack) -> None:
        """Relation labels are not grounded."""

    def cut(self, examples: Sequence[Example], known: Sequence[KnownText], tokeniser: Tokeniser) -> list[Item]:
        """Windows of each text; a pair is a unit of the first window that has most of its two entities."""
        items = []
        for row, (example, text, windows) in enumerate(zip(examples, known, tokeniser.windows(known), strict=True)):
            pairs = self.patterns.pairs(example)
            if not pairs:
                continue
            places = [_mentions(example, window) for window in windows]
            owner = np.array([_owner(pair, places) for pair in pairs])
            for number, window in enumerate(windows):
                own = np.flatnonzero(owner == number)
                if len(own):
                    units = _units([pairs[pair] for pair in own], places[number], window)
                    evidence = None if text.evidence is None else text.evidence[own]
                    items.append(Item((window,), evidence, row, units, tuple(own.tolist())))
        return items

    def targets(self, examples: Sequence[Example], items: Sequence[Item]) -> list[Rows]:
        """See ``Task``. Of several relations of a pair the first one counts."""
        rows = []
        for item in items:
            example = examples[item.text]
            gold = {
                (relation.head, relation.tail): relation.label
                for relation in reversed(example.relations)
                if relation.label in self.labels
            }
            pairs = self.patterns.pairs(example)
            targets = np.zeros((item.units, len(self.outputs)), np.float32)
            for unit, pair in enumerate(item.order):
                targets[unit, self.outputs.index(gold.get(pairs[pair], _NONE))] = 1
            rows.append(targets)
        return rows

    def predictions(self, examples: Sequence[Example], items: Sequence[Item], logits: Rows) -> list[Prediction]:
        """The likeliest label of each candidate pair."""
        found: list[dict[int, EntityRelation]] = [{} for _ in examples]
        for item, rows in zip(items, item_rows(items, logits), strict=True):
            pairs = self.patterns.pairs(examples[item.text])
            for pair, output in zip(item.order, rows.argmax(axis=1).tolist(), strict=True):
                if output:
                    found[item.text][pair] = EntityRelation(*pairs[pair], self.outputs[output])
        return [
            Prediction(example.id, relations=tuple(own[pair] for pair in sorted(own)))
            for example, own in zip(examples, found, strict=True)
        ]

    @staticmethod
    def decided(record: Example | Prediction) -> tuple[Decision, ...]:
        """The relations."""
        return decided_relations(record)

    def record(self, prediction: Prediction) -> dict[str, Any]:
        """``relations``."""
        plain = [{"head": one.head, "tail": one.tail, "label": one.label} for one in prediction.relations]
        return {"id": prediction.id, "relations": plain}

    @classmethod
    def read_prediction(cls, record: Mapping[str, Any], where: str) -> Prediction:
        """See ``Task``."""
        return Prediction(record_id(record, where), relations=read_relations(record, where))

    @staticmethod
    def draw(data: Dataset, shots: int | None, *, seed: int) -> Dataset:
        """``shots`` texts, as they come; smaller draws of a seed are parts of larger ones."""
        return sample(data, shots, seed=seed)

    def remarks(self, data: Dataset) -> dict[str, Any]:
        """How many pairs are looked at, and how many relations more than one a pair."""
        related = [len({(one.head, one.tail) for one in example.relations}) for example in data]
        return {
            "pairs": sum(len(self.patterns.pairs(example)) for example in data),
            "left_out_relations": sum(len(example.relations) for example in data) - sum(related),
        }


def _mentions(example: Example, window: Tokens) -> dict[str, Ranges]:
    """The tokens of each entity id in a window, as (first, behind the last); an id that is not there has none."""
    found: dict[str, Ranges] = {}
    for entity in example.entities:
        inside = [
            token
            for token, (start, end) in enumerate(window.offsets)
            if start < end and start < entity.end and entity.start < end
        ]
        if inside and entity.id:
            found.setdefault(entity.id, []).append((inside[0], inside[-1] + 1))
    return found


def _owner(pair: tuple[str, str], places: Sequence[Mapping[str, Ranges]]) -> int:
    counts = [sum(id_ in found for id_ in pair) for found in places]
    return counts.index(max(counts))


def _units(pairs: Sequence[tuple[str, str]], places: Mapping[str, Ranges], window: Tokens) -> Units:
    rows: list[tuple[int, int, int]] = []
    looks = np.zeros((len(pairs), 3), np.float32)
    for unit, (head, tail) in enumerate(pairs):
        slot = unit * PARTS
        for part, own in enumerate((places.get(head, []), places.get(tail, []))):
            rows += [(slot + part, *tokens) for tokens in own]
        rows += [(slot + 3, *run) for run in window.text_runs]
        nearest = _nearest(places.get(head, []), places.get(tail, []))
        if nearest:
            left, right, head_first = nearest
            gap = max(0, right - left)
            if gap:
                rows.append((slot + 2, left, right))
            looks[unit] = (head_first, gap / (gap + _FAR), gap == 0)
    return Units(len(pairs), PARTS, np.array(rows, np.int64).reshape(-1, 3), looks)


def _nearest(heads: Ranges, tails: Ranges) -> tuple[int, int, bool] | None:
    """Of the two mentions that are closest: where the space between them begins and ends, and whether the head is
    first."""
    spaces = [
        (head[1], tail[0], True) if head <= tail else (tail[1], head[0], False) for head in heads for tail in tails
    ]
    return min(spaces, key=lambda space: (space[1] - space[0], space), default=None)
