"""A backbone that knows a domain: predictions, saving and loading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgslm.errors import DataError
from kgslm.injection.injector import Injector
from kgslm.models import Backbone
from kgslm.packs import KnowledgePack
from kgslm.records import Example, Explanation, Prediction
from kgslm.tuning.batches import Batch, Batcher, Item
from kgslm.tuning.frozen import Progress
from kgslm.tuning.network import Network
from kgslm.tuning.options import Tuning
from kgslm.tuning.tasks.base import Task, item_rows

_BATCH = 64


@dataclass(frozen=True)
class KnowledgeModel:
    """A tuned model with the knowledge that it was trained on.

    task: what it says of a text. pack: None for a model without knowledge. facts: how it was trained, for people.
    """

    backbone: Backbone
    network: Network
    batcher: Batcher
    injector: Injector
    task: Task
    tuning: Tuning
    pack: KnowledgePack | None
    facts: dict[str, Any]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the task."""
        return self.task.labels

    @property
    def multi_label(self) -> bool:
        """Whether a text may have any number of labels."""
        return self.task.multi_label

    def logits(self, examples: Sequence[Example], progress: Progress | None = None) -> NDArray[np.float32]:
        """Shape (units, outputs), float32: of the texts, or of their words or pairs, one after the other."""
        return self.infer(self.prepare(examples, progress), self.network)

    def prepare(self, examples: Sequence[Example], progress: Progress | None = None) -> list[Item]:
        """Texts linked, tokenised and through the frozen layers, ready for any number of passes."""
        items = self.task.cut(examples, self.injector.read(examples), self.batcher.tokeniser)
        self.batcher.prepare(items, progress)
        return items

    def infer(self, items: Sequence[Item], compute: Callable[[Batch], Tensor]) -> NDArray[np.float32]:
        """What ``compute``, the network or a method of it, gives for the units; shape (units, width), float32."""
        values: dict[int, NDArray[np.float32]] = {}
        self.network.eval()
        with torch.inference_mode(), self.backbone.compute.autocast():
            for rows, batch in self.batcher.in_length_order(items, _BATCH):
                found = item_rows([items[row] for row in rows], compute(batch).float().cpu().numpy())
                values.update(zip(rows, found, strict=True))
        if not values:
            return np.zeros((0, len(self.task.outputs)), np.float32)
        return np.concatenate([values[row] for row in range(len(items))])

    def vectors(self, items: Sequence[Item]) -> NDArray[np.float64]:
        """The units' vectors that the head reads, as the network is now, shape (units, features)."""
        return self.infer(items, self.network.pooled).astype(float)

    def predict(self, texts: Iterable[str | Example], progress: Progress | None = None) -> list[Prediction]:
        """What the model says of each text, in order. An empty text gets a prediction too.

        Texts are strings, whose ids are then "0", "1", ..., or examples, whose labels are not looked at. Raises
        DataError for a single string.
        """
        examples = as_examples(texts)
        if not examples:
            return []
        items = self.prepare(examples, progress)
        return self.task.predictions(examples, items, self.infer(items, self.network))

    def explain(self, texts: Iterable[str | Example]) -> Iterator[Explanation]:
        """Why the model decides as it does on each text, in order: links, their paths to the label, each arm's share.

        One text after another, each as slow as some dozens of predictions. Raises MissingExtra without captum.
        """
        from kgslm.tuning.explain import explain

        return explain(self, as_examples(texts))

    def save(self, path: Path | str) -> None:
        """Write the model folder, whole or not at all: adapter, head, fusion, evidence, labels, pack fingerprint."""
        from kgslm.tuning.checkpoint import save_model

        save_model(self, Path(path))

    @classmethod
    def load(
        cls,
        path: Path | str,
        *,
        pack: KnowledgePack | Path | str | None = None,
        device: str = "auto",
        later: bool = False,
    ) -> KnowledgeModel:
        """Open a saved model. pack: the pack that it was trained with, where it is no longer at its old place.

        later: ``pack`` is another build of that pack, such as a new release of its ontology. Labels are grounded again,
        and new names are linked; nothing is learnt. Graph vectors must have been made with ``--refresh`` from those of
        the training. Raises ModelError where the folder is no model, or the pack is another one than the model was
        trained with.
        """
        from kgslm.tuning.checkpoint import load_model

        return load_model(Path(path), pack=pack, device=device, later=later)


def as_examples(texts: Iterable[str | Example]) -> list[Example]:
    """Texts to be predicted; strings get the ids "0", "1", ... Raises DataError for a single string."""
    if isinstance(texts, str):
        raise DataError("predict: a list of texts was expected; put a single text into a list")
    return [text if isinstance(text, Example) else Example(str(number), text) for number, text in enumerate(texts)]
