"""Training examples made ready for what is learnt beside the network: probe and trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kgslm.data.sampling import in_order
from kgslm.errors import DataError
from kgslm.records import Example
from kgslm.tuning.batches import Item
from kgslm.tuning.heads.probe import Floats
from kgslm.tuning.model import KnowledgeModel
from kgslm.tuning.tasks.base import Rows
from kgslm.tuning.trust import CrossFit

_ENOUGH_UNITS = 8_000
"""For probe and trust; it bounds their memory and time."""


@dataclass(frozen=True)
class Study:
    """Training examples made ready, and the units that probe and trust are learnt from: all of them, or those of the
    first texts in a random order where there are very many.

    targets: one array an item. chosen: positions of items. fit: how their units are dealt into folds.
    """

    items: list[Item]
    targets: list[Rows]
    chosen: list[int]
    fit: CrossFit

    @classmethod
    def of(cls, model: KnowledgeModel, examples: Sequence[Example]) -> Study:
        """Prepare the examples for a model. Raises DataError where none has a unit."""
        items = model.prepare(examples)
        seed = model.tuning.train.seed
        if not items:
            raise DataError("the training texts have nothing that could be learnt from")
        chosen, units = list[int](), 0
        of_text: dict[int, list[int]] = {}
        for number, item in enumerate(items):
            of_text.setdefault(item.text, []).append(number)
        for text in in_order(examples, seed=seed, epoch=0):
            if units < _ENOUGH_UNITS:
                chosen += of_text.get(text, [])
                units += sum(items[number].units for number in of_text.get(text, []))
        chosen.sort()
        origins = [examples[items[number].text].origin for number in chosen for _ in range(items[number].units)]
        return cls(items, model.task.targets(examples, items), chosen, CrossFit(model.multi_label, origins, seed))

    @property
    def chosen_items(self) -> list[Item]:
        """The items that the units are of."""
        return [self.items[number] for number in self.chosen]

    @property
    def chosen_targets(self) -> Floats:
        """Shape (units, outputs)."""
        return np.concatenate([self.targets[number] for number in self.chosen]).astype(float)
