"""How well documents are linked: precision, recall, F1 and accuracy against gold entities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from kgslm.evaluation.link_errors import ErrorClass, Judge, error_classes

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 in [0, 1], 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, hits: int, predicted: int, gold: int) -> Score:
        """From counts."""
        return cls(
            hits / predicted if predicted else 0.0,
            hits / gold if gold else 0.0,
            2 * hits / (predicted + gold) if predicted + gold else 0.0,
        )


@dataclass(frozen=True)
class GoldScores:
    """mention: span and concept; document: the set of concepts of each document; both over all documents together.

    accuracy: the share of given mentions with the right concept or rightly NIL (Acc@1); None where mentions were
    not given. entities: gold entities, those without a concept included. errors: the classes of ``link_errors``.
    """

    mention: Score
    document: Score
    accuracy: float | None
    entities: int
    errors: dict[str, ErrorClass] = field(default_factory=dict)


@dataclass
class _Counts:
    """Hits, predicted and gold."""

    hits: int = 0
    predicted: int = 0
    gold: int = 0

    def add(self, hits: int, predicted: int, gold: int) -> None:
        self.hits += hits
        self.predicted += predicted
        self.gold += gold

    def score(self) -> Score:
        return Score.of(self.hits, self.predicted, self.gold)


@dataclass
class LinkCounts:
    """What is counted over linked documents; counts of parts of a stream add up. given: mentions were given."""

    given: bool
    mention: _Counts = field(default_factory=_Counts)
    document: _Counts = field(default_factory=_Counts)
    right: int = 0
    entities: int = 0
    errors: dict[str, ErrorClass] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.errors = self.errors or error_classes(self.given)

    def merge(self, later: LinkCounts) -> None:
        """Add what was counted in later documents."""
        for ours, theirs in ((self.mention, later.mention), (self.document, later.document)):
            ours.add(theirs.hits, theirs.predicted, theirs.gold)
        self.right += later.right
        self.entities += later.entities
        for name, counted in later.errors.items():
            self.errors[name].merge(counted)

    def scores(self) -> GoldScores:
        """The figures of all documents together."""
        accuracy = self.right / self.entities if self.given and self.entities else None
        return GoldScores(self.mention.score(), self.document.score(), accuracy, self.entities, self.errors)


class LinkScorer:
    """Compares linked documents with their ``entities``.

    Ids are read through the pack's alternative and replaced ids, and of several ids in one entity (``A|B``, ``A+B``)
    one must be found. given: the mentions were given, not found.
    """

    def __init__(self, pack: KnowledgePack, given: bool) -> None:
        self._judge = Judge(pack, given)

    def add(self, counts: LinkCounts, record: Mapping[str, Any]) -> None:
        """Count a document with ``id``, ``text``, ``entities`` and ``links``."""
        gold = self._judge.gold(record)
        found = {(link["start"], link["end"]): link["concept"] for link in record["links"]}
        concepts = {span: self._judge.resolve([concept]) for span, concept in found.items() if concept is not None}
        hits = sum(not ids.isdisjoint(gold.get(span, ())) for span, ids in concepts.items())
        counts.mention.add(hits, len(concepts), sum(map(bool, gold.values())))
        gold_ids, found_ids = _union(gold.values()), _union(concepts.values())
        counts.document.add(len(gold_ids & found_ids), len(found_ids), len(gold_ids))
        counts.right += hits + sum(not ids and found.get(span) is None for span, ids in gold.items())
        counts.entities += len(gold)
        for verdict in self._judge.verdicts(record, gold):
            counted = counts.errors[verdict.kind]
            example = partial(self._judge.example, record, verdict)
            counted.add(example)
            if verdict.part:
                counted.parts[verdict.part].add(example)


def _union(sets: Iterable[set[str]]) -> set[str]:
    return set().union(*sets)
