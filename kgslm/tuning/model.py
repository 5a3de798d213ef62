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

_BATCH = 64
_THRESHOLD = 0.5


@dataclass(frozen=True)
class KnowledgeModel:
    """A tuned classifier with the knowledge that it was trained on.

    labels: in the order of the logits. multi_label: whether a text may have any number of labels. pack: None for a
    model without knowledge. facts: how it was trained, for people.
    """

    backbone: Backbone
    network: Network
    batcher: Batcher
    injector: Injector
    labels: tuple[str, ...]
    multi_label: bool
    tuning: Tuning
    pack: KnowledgePack | None
    facts: dict[str, Any]

    def logits(self, examples: Sequence[Example], progress: Progress | None = None) -> NDArray[np.float32]:
        """Shape (texts, labels), float32."""
        return self.infer(self.prepare(examples, progress), self.network)

    def prepare(self, examples: Sequence[Example], progress: Progress | None = None) -> list[Item]:
        """Texts linked, tokenised and through the frozen layers, ready for any number of passes."""
        return self.batcher.prepare(self.injector.read(examples), progress)

    def infer(self, items: Sequence[Item], compute: Callable[[Batch], Tensor]) -> NDArray[np.float32]:
        """What ``compute``, the network or a method of it, gives for each text; shape (texts, width), float32."""
        rows_done: list[int] = []
        values = []
        self.network.eval()
        with torch.inference_mode(), self.backbone.compute.autocast():
            for rows, batch in self.batcher.in_length_order(items, _BATCH):
                rows_done += rows
                values.append(compute(batch).float().cpu().numpy())
        if not values:
            return np.zeros((0, len(self.labels)), np.float32)
        return np.concatenate(values)[np.argsort(rows_done)]

    def choose(self, logits: NDArray[np.float32]) -> list[tuple[str, ...]]:
        """The labels that logits of shape (texts, labels) stand for."""
        return [self._chosen(row) for row in self.probabilities(logits)]

    def predict(self, texts: Iterable[str | Example], progress: Progress | None = None) -> list[Prediction]:
        """What the model says of each text, in order. An empty text gets a prediction too.

        Texts are strings, whose ids are then "0", "1", ..., or examples, whose labels are not looked at. Raises
        DataError for a single string.
        """
        examples = as_examples(texts)
        if not examples:
            return []
        scores = self.probabilities(self.logits(examples, progress))
        return [
            Prediction(example.id, self._chosen(row), dict(zip(self.labels, row.tolist(), strict=True)))
            for example, row in zip(examples, scores, strict=True)
        ]

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
        cls, path: Path | str, *, pack: KnowledgePack | Path | str | None = None, device: str = "auto"
    ) -> KnowledgeModel:
        """Open a saved model. pack: the pack that it was trained with, where it is no longer at its old place.

        Raises ModelError where the folder is no model, or the pack is another one than the model was trained with.
        """
        from kgslm.tuning.checkpoint import load_model

        return load_model(Path(path), pack=pack, device=device)

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of every label, shape (texts, labels); of single labels they add up to one."""
        values = torch.from_numpy(logits).double()
        return np.asarray((values.sigmoid() if self.multi_label else values.softmax(dim=1)).numpy())

    def _chosen(self, scores: NDArray[np.float64]) -> tuple[str, ...]:
        if self.multi_label:
            return tuple(label for label, score in zip(self.labels, scores, strict=True) if score >= _THRESHOLD)
        return (self.labels[int(scores.argmax())],)


def as_examples(texts: Iterable[str | Example]) -> list[Example]:
    """Texts to be predicted; strings get the ids "0", "1", ... Raises DataError for a single string."""
    if isinstance(texts, str):
        raise DataError("predict: a list of texts was expected; put a single text into a list")
    return [text if isinstance(text, Example) else Example(str(number), text) for number, text in enumerate(texts)]
