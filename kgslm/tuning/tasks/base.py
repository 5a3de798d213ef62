"""What every task can do.

A text has *units*, each of which gets one row of logits: the text itself, its words, or its pairs of entities. Probe,
trust, loss and head work on units and know nothing of the task.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kgslm.data.classification import Dataset, Fields
from kgslm.data.sampling import draw_shots
from kgslm.embedding.text import Embedder
from kgslm.errors import ModelError
from kgslm.evaluation import ClassificationScores, Decision, classification_scores
from kgslm.injection import EvidenceArm, ShuffledLinker
from kgslm.injection.injector import Evidence, KnownText
from kgslm.linking import Linker
from kgslm.packs import KnowledgePack
from kgslm.records import Example, Prediction
from kgslm.tuning.batches import Item
from kgslm.tuning.heads import Head
from kgslm.tuning.schedule import Few
from kgslm.tuning.tasks.names import TASKS
from kgslm.tuning.tokens import Tokeniser

_LESS = np.linspace(0, 4, 17)
Rows = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Task(ABC):
    """What is learnt, as far as the training data settles it.

    labels: those of the data, sorted. multi_label: whether a unit may have any number of labels.
    """

    labels: tuple[str, ...]
    multi_label: bool = False

    name: ClassVar[str]
    answers: ClassVar[tuple[str, ...]]
    """Fields by which a prediction of this task is known."""
    few: ClassVar[Few] = Few()
    """What ``auto`` means for few examples."""

    leans: ClassVar[bool] = False
    """Whether the first output says that there is nothing, and may be asked to say it less; see ``lean``."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """What each logit of a unit stands for."""
        return self.labels

    @classmethod
    @abstractmethod
    def read(cls, path: Path | str, fields: Fields | None = None, *, labelled: bool = True) -> Dataset:
        """Read the contract's form. Raises DataError with file and line."""

    @classmethod
    @abstractmethod
    def of(cls, data: Dataset) -> Task:
        """The task that training data sets. Raises DataError where there is nothing to tell apart."""

    def facts(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return {"labels": list(self.labels), "multi_label": self.multi_label}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Task:
        """As it was. Raises KeyError, TypeError or ValueError for facts of another form."""
        return cls(tuple(facts["labels"]), bool(facts["multi_label"]))

    @abstractmethod
    def head(self, hidden_size: int) -> Head:
        """An untrained head with one logit an output."""

    @abstractmethod
    def evidence(
        self,
        arm: EvidenceArm,
        pack: KnowledgePack,
        linker: Linker,
        texts: Sequence[Example],
        embedder: Embedder | None = None,
    ) -> Evidence:
        """The evidence arm. texts: of the domain; their labels are not looked at. embedder: tells what is alike.

        Raises ConfigError.
        """

    @abstractmethod
    def saved_evidence(self, facts: Mapping[str, Any], pack: KnowledgePack, linker: Linker) -> Evidence:
        """The evidence arm as it was. Raises KeyError, TypeError or ValueError for facts of another form."""

    def renewed_evidence(
        self, saved: Evidence, arm: EvidenceArm, pack: KnowledgePack, linker: Linker, embedder: Embedder | None
    ) -> Evidence:
        """The evidence arm as it was, in a later build of its pack. Raises ModelError where it does not fit that."""
        raise ModelError(f"the evidence of {self.name} cannot be moved to another build of its pack; train again")

    def check_evidence(self, arm: EvidenceArm, pack: KnowledgePack) -> None:
        """Raise ConfigError where the arm names what is not in the pack."""
        arm.model_copy(update={"likeness": None}).ground(pack, self.labels)

    @staticmethod
    def shuffled(linker: Linker, pack: KnowledgePack) -> Linker:
        """The control's linker: as much knowledge, but wrong in all that this task could learn from."""
        return ShuffledLinker(linker, pack)

    @abstractmethod
    def cut(self, examples: Sequence[Example], known: Sequence[KnownText], tokeniser: Tokeniser) -> list[Item]:
        """Texts to what one pass of the backbone reads, with their units; a text may become several items."""

    @abstractmethod
    def targets(self, examples: Sequence[Example], items: Sequence[Item]) -> list[Rows]:
        """For each item, shape (units, outputs), float32: 1 where it has the output."""

    @abstractmethod
    def predictions(self, examples: Sequence[Example], items: Sequence[Item], logits: Rows) -> list[Prediction]:
        """What the logits say of each text. logits: shape (units of all items, outputs)."""

    def lean(self, examples: Sequence[Example], items: Sequence[Item], logits: Floats) -> Floats:
        """What to add to each output's logits, shape (outputs,), for the best figure.

        A likelihood is best where a model says little; F1 asks it to say more. Where the first output says that there
        is nothing, less is added to it as far as the figure grows; the middle of the best values in a row is taken, as
        with few texts the figure is a staircase. logits: out of fold, shape (units of the items, outputs).
        """
        lean = np.zeros(len(self.outputs))
        if not self.leans:
            return lean
        texts = sorted({item.text for item in items})
        gold = [self.decided(examples[text]) for text in texts]
        figures = []
        for less in _LESS:
            rows = logits.copy()
            rows[:, 0] -= less
            said = self.predictions(examples, items, rows.astype(np.float32))
            figures.append(self.figure(classification_scores(gold, [self.decided(said[text]) for text in texts])))
        smooth = np.convolve(np.pad(figures, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
        lean[0] = -_LESS[int(np.argmax(smooth))]
        return lean

    @staticmethod
    @abstractmethod
    def decided(record: Example | Prediction) -> tuple[Decision, ...]:
        """What is scored."""

    @staticmethod
    def figure(scores: ClassificationScores) -> float:
        """The figure by which the best epoch is chosen, higher is better."""
        return scores.micro_f1

    @abstractmethod
    def record(self, prediction: Prediction) -> dict[str, Any]:
        """A prediction in the contract's form."""

    @classmethod
    @abstractmethod
    def read_prediction(cls, record: Mapping[str, Any], where: str) -> Prediction:
        """A prediction from the contract's form. Raises DataError."""

    @staticmethod
    def draw(data: Dataset, shots: int | None, *, seed: int) -> Dataset:
        """A few-shot sample: ``shots`` examples a label; None means all."""
        return draw_shots(data, shots, seed=seed)

    def remarks(self, data: Dataset) -> dict[str, Any]:
        """What people should know of the training data."""
        return {}


def task_class(name: str) -> type[Task]:
    """The task called ``name``. Raises ConfigError where there is none."""
    found: type[Task] = TASKS.load(name)
    return found


def item_rows(items: Sequence[Item], rows: Rows) -> list[Rows]:
    """Rows of all units, parted by item."""
    if not items:
        return []
    bounds = np.cumsum([item.units for item in items])[:-1]
    return np.split(rows, bounds)
