"""Entities: labelled spans, exact to the character, found as one tag a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgslm.data.classification import Dataset, Fields
from kgslm.data.jsonl import record_id
from kgslm.data.marked import read_tagged
from kgslm.data.sampling import sample
from kgslm.data.spans import read_entities
from kgslm.embedding.text import Embedder
from kgslm.errors import DataError
from kgslm.evaluation import Decision, decided_entities
from kgslm.injection import EvidenceArm, ShuffledLinker, ground_labels
from kgslm.injection.injector import KnownText
from kgslm.injection.moved import MovedLinker
from kgslm.injection.span_evidence import SpanEvidence
from kgslm.injection.words import word_spans
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Entity, Example, Prediction
from kgslm.tuning.batches import Item, Units
from kgslm.tuning.heads.tagging import PARTS, TaggingHead, shapes
from kgslm.tuning.tasks.base import Rows, Task, item_rows
from kgslm.tuning.tasks.tags import TagSet, tag_words
from kgslm.tuning.tokens import Tokeniser


@dataclass(frozen=True)
class Tagging(Task):
    """One unit a word, and one logit a tag."""

    name = "tagging"
    answers = ("entities",)
    leans = True

    @property
    def tags(self) -> TagSet:
        """The tags of the labels."""
        return TagSet(self.labels)

    @property
    def outputs(self) -> tuple[str, ...]:
        """One a tag."""
        return self.tags.names

    @classmethod
    def read(cls, path: Path | str, fields: Fields | None = None, *, labelled: bool = True) -> Dataset:
        """See ``read_tagged``."""
        return read_tagged(path, (fields or Fields()).text, labelled=labelled)

    @classmethod
    def of(cls, data: Dataset) -> Tagging:
        """See ``Task``."""
        labels = {entity.label for example in data for entity in example.entities}
        if not labels:
            raise DataError("training needs entities with labels; the data has none")
        if "" in labels:
            raise DataError("training needs a label for every entity; the data has entities without one")
        return cls(tuple(sorted(labels)))

    def head(self, hidden_size: int) -> TaggingHead:
        """See ``Task``."""
        return TaggingHead(hidden_size, len(self.outputs))

    def evidence(
        self,
        arm: EvidenceArm,
        pack: KnowledgePack,
        linker: Linker,
        texts: Sequence[Example],
        embedder: Embedder | None = None,
    ) -> SpanEvidence:
        """Features of the words; which concept groups tell something is seen from ``texts``."""
        groundings = ground_labels(pack, self.labels, arm.labels, arm.label_names)
        return SpanEvidence.fit(pack, groundings, linker.link_many([example.text for example in texts]))

    def saved_evidence(self, facts: Mapping[str, Any], pack: KnowledgePack, linker: Linker) -> SpanEvidence:
        """See ``Task``."""
        return SpanEvidence.from_facts(facts, pack)

    @staticmethod
    def shuffled(linker: Linker, pack: KnowledgePack) -> Linker:
        """Concepts swapped, and links moved: where all concepts are of one type, places are what a pack knows."""
        return MovedLinker(ShuffledLinker(linker, pack))

    def cut(self, examples: Sequence[Example], known: Sequence[KnownText], tokeniser: Tokeniser) -> list[Item]:
        """Windows of each text; a word is a unit of the window where it has most text on both sides."""
        items = []
        for row, (text, windows) in enumerate(zip(known, tokeniser.windows(known), strict=True)):
            words = word_spans(text.text)
            looks = shapes(text.text, words)
            covered = [_pieces(window.offsets, words) for window in windows]
            owner = _owners(covered, [len(window.offsets) for window in windows])
            for number, window in enumerate(windows):
                own = np.flatnonzero(owner == number)
                if not len(own):
                    continue
                evidence = None if text.evidence is None else text.evidence[own]
                units = Units(len(own), PARTS, _ranges(own, covered[number]), looks[own])
                items.append(Item((window,), evidence, row, units))
        return items

    def targets(self, examples: Sequence[Example], items: Sequence[Item]) -> list[Rows]:
        """See ``Task``."""
        tags = [tag_words(self.tags, example.text, example.entities).tags for example in examples]
        rows = [np.eye(len(self.outputs), dtype=np.float32)[np.array(own, np.int64)] for own in tags]
        return _by_item(items, rows)

    def predictions(self, examples: Sequence[Example], items: Sequence[Item], logits: Rows) -> list[Prediction]:
        """The likeliest entities."""
        parts: list[list[Rows]] = [[] for _ in examples]
        for item, rows in zip(items, item_rows(items, logits), strict=True):
            parts[item.text].append(rows)
        return [
            Prediction(
                example.id,
                entities=self.tags.decode(np.concatenate(rows).astype(float), word_spans(example.text)) if rows else (),
            )
            for example, rows in zip(examples, parts, strict=True)
        ]

    @staticmethod
    def decided(record: Example | Prediction) -> tuple[Decision, ...]:
        """The entities."""
        return decided_entities(record)

    def record(self, prediction: Prediction) -> dict[str, Any]:
        """``entities``."""
        return {"id": prediction.id, "entities": [_plain(entity) for entity in prediction.entities]}

    @classmethod
    def read_prediction(cls, record: Mapping[str, Any], where: str) -> Prediction:
        """See ``Task``. The text is not there: a span is not held against its length."""
        if record.get("entities") is None:
            raise DataError(f"{where}: no entities; the field 'entities' is needed, [] where none was found")
        entities = read_entities(record, where, with_text=False)
        return Prediction(record_id(record, where), entities=entities)

    @staticmethod
    def draw(data: Dataset, shots: int | None, *, seed: int) -> Dataset:
        """``shots`` texts, with and without entities as they come; smaller draws of a seed are parts of larger ones."""
        return sample(data, shots, seed=seed)

    def remarks(self, data: Dataset) -> dict[str, Any]:
        """How many entities do not fit the words."""
        tagged = [tag_words(self.tags, example.text, example.entities) for example in data]
        return {
            "entities": sum(len(example.entities) for example in data),
            "widened_entities": sum(one.widened for one in tagged),
            "left_out_entities": sum(one.left_out for one in tagged),
        }


def _plain(entity: Entity) -> dict[str, Any]:
    return {"start": entity.start, "end": entity.end, "label": entity.label, **({"id": entity.id} if entity.id else {})}


def _pieces(offsets: Sequence[tuple[int, int]], words: Sequence[tuple[int, int]]) -> np.ndarray[Any, Any]:
    """Shape (words, 2): the first token of each word and the one behind its last; 0, 0 where no token is of it."""
    found = np.zeros((len(words), 2), np.int64)
    place = 0
    for token, (start, end) in enumerate(offsets):
        if start == end:
            continue
        while place and words[place - 1][1] > start:
            place -= 1
        while place < len(words) and words[place][1] <= start:
            place += 1
        other = place
        while other < len(words) and words[other][0] < end:
            if not found[other, 1]:
                found[other, 0] = token
            found[other, 1] = token + 1
            other += 1
    return found


def _owners(covered: Sequence[np.ndarray[Any, Any]], lengths: Sequence[int]) -> np.ndarray[Any, Any]:
    """For each word the window it is a unit of: the one where the nearest end is furthest; the first without any."""
    nearest = [
        np.where(pieces[:, 1] > 0, np.minimum(pieces[:, 0], length - pieces[:, 1]) + 1, 0)
        for pieces, length in zip(covered, lengths, strict=True)
    ]
    owners = np.argmax(np.stack(nearest), axis=0)
    # Words that no token stands for go with their left neighbour, so that owners never step back.
    return np.maximum.accumulate(owners)


def _ranges(own: np.ndarray[Any, Any], pieces: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rows of (slot, first token, behind the last): each word, and its neighbours as far as the window has them."""
    rows = []
    for unit, word in enumerate(own.tolist()):
        for part, place in enumerate((word, word - 1, word + 1)):
            if 0 <= place < len(pieces) and pieces[place, 1]:
                rows.append((unit * PARTS + part, *pieces[place]))
    return np.array(rows, np.int64).reshape(-1, 3)


def _by_item(items: Sequence[Item], rows: Sequence[Rows]) -> list[Rows]:
    """Rows of whole texts, parted by item: the units of a text follow each other through its items."""
    done: dict[int, int] = {}
    parted = []
    for item in items:
        start = done.get(item.text, 0)
        done[item.text] = start + item.units
        parted.append(rows[item.text][start : start + item.units])
    return parted
