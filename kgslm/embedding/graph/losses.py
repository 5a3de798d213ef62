"""What a model learns from: all tails, all known tails of a pair, or a few drawn ones."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kgslm.embedding.graph.models import GraphModel
from kgslm.embedding.graph.triples import TailIndex, Triples


class Loss(Protocol):
    """A loss over numbered examples.

    width: scores of one example, so that a batch can be cut to what fits into memory.
    """

    @property
    def width(self) -> int: ...  # noqa: D102

    def __len__(self) -> int:
        """How many examples an epoch has."""
        ...

    def __call__(self, model: GraphModel, places: Tensor) -> Tensor:
        """The summed loss of the examples at ``places``, shape (batch,), int64."""
        ...


class OneVsAll:
    """Softmax over all entities for each fact (Lacroix et al. 2018). penalty: weight of the N3 norm."""

    def __init__(self, triples: Triples, device: torch.device, penalty: float = 0.0) -> None:
        self._facts = torch.from_numpy(triples.array).to(device)
        self._penalty = penalty
        self.width = triples.entities

    def __len__(self) -> int:
        return len(self._facts)

    def __call__(self, model: GraphModel, places: Tensor) -> Tensor:
        """See ``Loss``."""
        heads, relations, tails = self._facts[places].unbind(dim=1)
        head, relation = model.entities(heads), model.relations(relations)
        scores = model.compare(model.query(head, relation), model.entities.weight)
        loss = functional.cross_entropy(scores, tails, reduction="sum")
        if self._penalty:
            loss = loss + self._penalty * _size(model, head, relation, model.entities(tails))
        return loss


class KvsAll:
    """For each head and relation, softmax over all entities against an even share for each known tail.

    As the ``kl`` loss of Ruffinelli et al. 2020; unlike binary cross-entropy it needs no bias for distances.
    """

    def __init__(self, triples: Triples, device: torch.device) -> None:
        self._index = TailIndex(triples)
        self._device = device
        self._heads, self._relations = self._index.pairs()
        self.width = triples.entities

    def __len__(self) -> int:
        return len(self._index)

    def __call__(self, model: GraphModel, places: Tensor) -> Tensor:
        """See ``Loss``."""
        chosen = places.cpu().numpy()
        heads, relations = self._heads[chosen], self._relations[chosen]
        rows, tails = self._index.tails(heads, relations)
        share = 1 / np.bincount(rows, minlength=len(chosen)).astype(np.float32)
        on = self._device
        scores = model.score_all_tails(torch.from_numpy(heads).to(on), torch.from_numpy(relations).to(on))
        found = functional.log_softmax(scores, dim=1)[torch.from_numpy(rows).to(on), torch.from_numpy(tails).to(on)]
        return -(found * torch.from_numpy(share[rows]).to(on)).sum()


class NegativeSampling:
    """Softmax over the true tail and drawn ones, which a batch shares, so that they are scored by one product.

    negatives: how many are drawn, evenly from all entities. generator: on the CPU, where they are drawn.
    """

    def __init__(
        self,
        triples: Triples,
        device: torch.device,
        negatives: int,
        generator: torch.Generator,
        penalty: float = 0.0,
    ) -> None:
        self._facts = torch.from_numpy(triples.array).to(device)
        self._generator = generator
        self._entities = triples.entities
        self._penalty = penalty
        self.width = negatives + 1

    def __len__(self) -> int:
        return len(self._facts)

    def __call__(self, model: GraphModel, places: Tensor) -> Tensor:
        """See ``Loss``."""
        heads, relations, tails = self._facts[places].unbind(dim=1)
        drawn = torch.randint(self._entities, (self.width - 1,), generator=self._generator).to(tails.device)
        head, relation, tail = model.entities(heads), model.relations(relations), model.entities(tails)
        queries = model.query(head, relation)
        wrong = model.compare(queries, model.entities(drawn))
        # A drawn entity that is the true tail is no wrong answer.
        wrong = wrong.masked_fill(drawn[None, :] == tails[:, None], -torch.inf)
        true = model.compare_pairs(queries, tail)
        loss: Tensor = (torch.logaddexp(true, torch.logsumexp(wrong, dim=1)) - true).sum()
        if self._penalty:
            loss = loss + self._penalty * _size(model, head, relation, tail)
        return loss


def _size(model: GraphModel, *vectors: Tensor) -> Tensor:
    """How large the numbers of some facts are, all together."""
    return model.size(torch.cat(vectors))
