"""One label or any number of labels for a whole text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from kgslm.data.classification import Dataset, Fields, read_examples, read_labels
from kgslm.data.jsonl import record_id
from kgslm.embedding.text import Embedder
from kgslm.errors import DataError, ModelError
from kgslm.evaluation import ClassificationScores, Decision, decided_labels
from kgslm.injection import EvidenceArm, EvidenceScorer
from kgslm.injection.injector import Evidence, KnownText, whole_text
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Example, Prediction
from kgslm.tuning.batches import Item
from kgslm.tuning.heads import ClassificationHead
from kgslm.tuning.heads.classification import target_matrix
from kgslm.tuning.schedule import Few
from kgslm.tuning.tasks.base import Rows, Task
from kgslm.tuning.tokens import Tokeniser

_THRESHOLD = 0.5


@dataclass(frozen=True)
class Classification(Task):
    """One unit a text, and one logit a label."""

    name = "classification"
    answers = ("label", "labels")
    few = Few(contrast=60)

    @classmethod
    def read(cls, path: Path | str, fields: Fields | None = None, *, labelled: bool = True) -> Dataset:
        """See ``read_examples``."""
        return read_examples(path, fields, labelled=labelled)

    @classmethod
    def of(cls, data: Dataset) -> Classification:
        """See ``Task``."""
        if len(data.labels) < 2:
            raise DataError(f"training needs at least two labels; the data has {', '.join(data.labels) or 'none'}")
        return cls(data.labels, data.multi_label)

    def head(self, hidden_size: int) -> ClassificationHead:
        """See ``Task``."""
        return ClassificationHead(hidden_size, len(self.labels))

    def evidence(
        self,
        arm: EvidenceArm,
        pack: KnowledgePack,
        linker: Linker,
        texts: Sequence[Example],
        embedder: Embedder | None = None,
    ) -> EvidenceScorer:
        """Label scores; the idf of the concepts is that of ``texts``."""
        groundings = arm.ground(pack, self.labels, embedder)
        return arm.scorer(pack, groundings, linker.link_many([whole_text(example) for example in texts]))

    def saved_evidence(self, facts: Mapping[str, Any], pack: KnowledgePack, linker: Linker) -> EvidenceScorer:
        """See ``Task``."""
        return EvidenceScorer.from_facts(facts)

    def renewed_evidence(
        self, saved: Evidence, arm: EvidenceArm, pack: KnowledgePack, linker: Linker, embedder: Embedder | None
    ) -> EvidenceScorer:
        """See ``Task``. Labels are grounded again; what was learnt of the concepts from texts stays."""
        assert isinstance(saved, EvidenceScorer)
        known = sum(id_ in pack for id_ in saved.idf)
        if known < len(saved.idf) / 2:
            raise ModelError(
                f"{pack.path} has {known} of the {len(saved.idf)} concepts that the training texts name; "
                "that is another pack, not a later build"
            )
        fresh = self.evidence(arm, pack, linker, (), embedder)
        if fresh.names != saved.names:
            raise ModelError("the pack no longer has the relations that evidence was learnt from; train again")
        return saved.renewed(fresh)

    def cut(self, examples: Sequence[Example], known: Sequence[KnownText], tokeniser: Tokeniser) -> list[Item]:
        """Each text whole, as far as the backbone reads."""
        tokens = tokeniser.encode(known)
        return [Item(own, text.evidence, row) for row, (own, text) in enumerate(zip(tokens, known, strict=True))]

    def targets(self, examples: Sequence[Example], items: Sequence[Item]) -> list[Rows]:
        """See ``Task``."""
        return list(target_matrix([example.labels for example in examples], self.labels)[:, None])

    def predictions(self, examples: Sequence[Example], items: Sequence[Item], logits: Rows) -> list[Prediction]:
        """The likeliest label, or every label that is likelier than not."""
        values = torch.from_numpy(logits).double()
        scores = values.sigmoid() if self.multi_label else values.softmax(dim=1)
        return [
            Prediction(example.id, self._chosen(row), dict(zip(self.labels, row, strict=True)))
            for example, row in zip(examples, scores.tolist(), strict=True)
        ]

    @staticmethod
    def decided(record: Example | Prediction) -> tuple[Decision, ...]:
        """The labels."""
        return decided_labels(record)

    @staticmethod
    def figure(scores: ClassificationScores) -> float:
        """See ``Task``."""
        return scores.macro_f1

    def record(self, prediction: Prediction) -> dict[str, Any]:
        """``label`` or ``labels``, and ``scores``."""
        chosen = {"labels": list(prediction.labels)} if self.multi_label else {"label": prediction.label}
        return {"id": prediction.id, **chosen, "scores": {label: round(s, 6) for label, s in prediction.scores.items()}}

    @classmethod
    def read_prediction(cls, record: Mapping[str, Any], where: str) -> Prediction:
        """See ``Task``."""
        labels, _ = read_labels(record, "label", where)
        return Prediction(record_id(record, where), labels, record.get("scores") or {})

    def _chosen(self, scores: list[float]) -> tuple[str, ...]:
        if self.multi_label:
            return tuple(label for label, score in zip(self.labels, scores, strict=True) if score >= _THRESHOLD)
        return (self.labels[max(range(len(scores)), key=scores.__getitem__)],)
