"""Learn a graph's vectors: one visible loop with early stopping, in bounded memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgslm.embedding.graph.config import GraphConfig
from kgslm.embedding.graph.evaluate import CELLS, RankScores, evaluate
from kgslm.embedding.graph.losses import KvsAll, Loss, NegativeSampling, OneVsAll
from kgslm.embedding.graph.models import MODELS, GraphModel
from kgslm.embedding.graph.optimiser import Optimiser, RowAdam
from kgslm.embedding.graph.triples import Triples
from kgslm.embedding.store import Vectors
from kgslm.errors import ModelError
from kgslm.models import pick_device
from kgslm.models.device import few_threads

Progress = Callable[[int], None]
"""Called with the number of epochs done since the last call; those that early stopping saves count as done."""

_ALL_TAILS = 2_000_000_000
"""Scores of one epoch up to which all tails are scored: about a minute on two cores of a CPU."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where vectors begin.

    entities: shape (entities, dim); relations: shape (2 relations, width), or None to draw them. fixed_entities,
    fixed_relations: rows that stay as they are, to the last bit; None fixes none.
    """

    entities: Vectors | None = None
    relations: Vectors | None = None
    fixed_entities: NDArray[np.bool_] | None = None
    fixed_relations: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Parts:
    """What is learnt from, stopped on and tested on. known: all true facts, which ranking filters by."""

    train: Triples
    valid: Triples
    test: Triples
    known: Triples

    @classmethod
    def of(cls, facts: Triples, config: GraphConfig, known: Triples | None = None) -> Parts:
        """Hold out facts as the configuration says."""
        rest, test = facts.split(config.held_out, seed=config.seed)
        train, valid = rest.split(config.held_out, seed=config.seed + 1)
        return cls(train, valid, test, known or facts)


@dataclass(frozen=True, eq=False)
class Trained:
    """What training made. epochs: how many were run; ``best_epoch`` is the one that was kept.

    valid, test: ranks of the held-out facts; without queries where nothing could be held out.
    """

    model: GraphModel
    epochs: int
    best_epoch: int
    valid: RankScores
    test: RankScores
    seconds: float

    @property
    def entities(self) -> Vectors:
        """Shape (entities, dim), float32."""
        return _array(self.model.entities.weight)

    @property
    def relations(self) -> Vectors:
        """Shape (2 relations, width), float32; the second half are the inverses."""
        return _array(self.model.relations.weight)


def train_graph(
    parts: Parts, config: GraphConfig, start: Start | None = None, progress: Progress | None = None
) -> Trained:
    """Learn from ``parts.train``. Raises ModelError where the loss or a score is no finite number.

    The same seed gives the same vectors on the same device and number of threads.
    """
    begun = time.perf_counter()
    start, device = start or Start(), pick_device(config.device).device
    facts = parts.train.with_inverses()
    loss_name = _loss_name(config, facts, device)
    model = _make(facts, config, start, sparse=loss_name == "negatives").to(device)
    generator = torch.Generator().manual_seed(config.seed)
    loss = _loss(loss_name, facts, config, device, generator)
    run = _Run(model, loss, config, generator, _Keeper(model, start))
    best = _Best(model, parts, device)
    epoch = 0
    for epoch in range(1, config.epochs + 1):
        with few_threads(min(config.batch_size, len(facts)) * loss.width * config.dim, device):
            run.epoch()
        if progress:
            progress(1)
        if (epoch % config.check_every == 0 or epoch == config.epochs) and best.stale(epoch) >= config.patience:
            break
    if progress:
        progress(config.epochs - epoch)
    best.restore()
    test = evaluate(model, parts.test, parts.known, device)
    return Trained(model, epoch, best.epoch or epoch, best.scores, test, time.perf_counter() - begun)


class _Run:
    """One epoch after the other."""

    def __init__(
        self, model: GraphModel, loss: Loss, config: GraphConfig, generator: torch.Generator, keeper: _Keeper
    ) -> None:
        self._model = model
        self._loss = loss
        self._batch_size = config.batch_size
        self._generator = generator
        self._keeper = keeper
        sparse = model.entities.sparse
        self._optimiser: Optimiser
        if sparse:
            self._optimiser = RowAdam(model.parameters(), lr=config.learning_rate)
        else:
            self._optimiser = torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=True)

    def epoch(self) -> None:
        """Visit every example once, in a drawn order."""
        order = torch.randperm(len(self._loss), generator=self._generator)
        total = torch.zeros((), device=self._model.entities.weight.device)
        for batch in torch.split(order, self._batch_size):
            self._optimiser.zero_grad()
            for piece in torch.split(batch, max(CELLS // self._loss.width, 1)):
                loss = self._loss(self._model, piece) / len(batch)
                loss.backward()  # type: ignore[no-untyped-call]
                total += loss.detach()
            self._optimiser.step()
            self._keeper.put_back()
        if not bool(torch.isfinite(total)):
            raise ModelError("the loss is not a finite number: training ran away; choose a lower learning_rate")


class _Keeper:
    """Puts rows that are fixed back after each step, to the last bit."""

    def __init__(self, model: GraphModel, start: Start) -> None:
        tables = ((model.entities, start.fixed_entities), (model.relations, start.fixed_relations))
        self._kept: list[tuple[Tensor, Tensor, Tensor]] = []
        for table, fixed in tables:
            if fixed is not None and fixed.any():
                rows = torch.from_numpy(np.flatnonzero(fixed)).to(table.weight.device)
                self._kept.append((table.weight, rows, table.weight.detach()[rows].clone()))

    @torch.no_grad()
    def put_back(self) -> None:
        for table, rows, values in self._kept:
            table[rows] = values


class _Best:
    """The best state so far by the mean reciprocal rank of the facts held out for that."""

    def __init__(self, model: GraphModel, parts: Parts, device: torch.device) -> None:
        self._model = model
        self._parts = parts
        self._device = device
        self._state: dict[str, Tensor] = {}
        self._stale = 0
        self.epoch = 0
        self.scores = evaluate(model, parts.valid, parts.known, device)

    def stale(self, epoch: int) -> int:
        """Look at the model now; returns how many checks in a row have brought nothing better."""
        if not len(self._parts.valid):
            return 0
        scores = evaluate(self._model, self._parts.valid, self._parts.known, self._device)
        self._stale += 1
        if scores.mrr > self.scores.mrr:
            self._stale, self.epoch, self.scores = 0, epoch, scores
            self._state = {name: value.detach().clone() for name, value in self._model.state_dict().items()}
        return self._stale

    def restore(self) -> None:
        """Bring the best state back, where there is one."""
        if self._state:
            self._model.load_state_dict(self._state)


def _make(facts: Triples, config: GraphConfig, start: Start, *, sparse: bool) -> GraphModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        model = MODELS[config.method](facts.entities, facts.relations, config.dim, sparse=sparse)
    with torch.no_grad():
        if start.entities is not None:
            model.entities.weight.copy_(torch.from_numpy(start.entities))
        if start.relations is not None:
            model.relations.weight.copy_(torch.from_numpy(start.relations))
    return model


def _loss_name(config: GraphConfig, facts: Triples, device: torch.device) -> str:
    if config.loss != "auto":
        return config.loss
    most = _ALL_TAILS if device.type == "cpu" else 100 * _ALL_TAILS
    return "1vsall" if len(facts) * facts.entities <= most else "negatives"


def _loss(name: str, facts: Triples, config: GraphConfig, device: torch.device, generator: torch.Generator) -> Loss:
    if name == "kvsall":
        return KvsAll(facts, device)
    penalty = config.penalty if config.method in ("distmult", "complex") else 0.0
    if name == "1vsall":
        return OneVsAll(facts, device, penalty)
    return NegativeSampling(facts, device, config.negatives, generator, penalty)


def _array(table: Tensor) -> Vectors:
    array: Vectors = table.detach().cpu().numpy()
    return array
