"""The training loop, in full view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from kgslm.models import DeviceChoice
from kgslm.tuning.batches import Batch, Batcher, Item
from kgslm.tuning.heads.probe import rarity
from kgslm.tuning.network import Network
from kgslm.tuning.options import TrainOptions
from kgslm.tuning.schedule import Schedule, share_of_peak


@dataclass(frozen=True, slots=True)
class Epoch:
    """What happened in one epoch; number 0 is the state before training. dev_score: None without development data."""

    number: int
    of: int
    loss: float
    dev_score: float | None


@dataclass(frozen=True)
class Watch:
    """Who is told of progress. step: called after every step with (steps done, steps in all)."""

    step: Callable[[int, int], None] = lambda _done, _all: None
    epoch: Callable[[Epoch], None] = lambda _epoch: None

    def part(self, before: int, steps: int) -> Watch:
        """For a part of the steps, behind ``before`` others, of ``steps`` in all."""
        return Watch(lambda done, _: self.step(before + done, steps), self.epoch)


def train(
    network: Network,
    batcher: Batcher,
    data: TrainingSet,
    options: TrainOptions,
    schedule: Schedule,
    compute: DeviceChoice,
    watch: Watch,
) -> list[Epoch]:
    """Train in place and return what happened. With development data the best state seen is kept at the end."""
    steps = data.steps(options, schedule)
    stepper = _Stepper(network, options, schedule, compute, steps)
    keeper = _Keeper(network, options.patience)
    history: list[Epoch] = []
    # Dropout is drawn by the seed alone, and the caller's own random state is left as it was.
    with torch.random.fork_rng(devices=[compute.device] if compute.device.type == "cuda" else []):
        torch.manual_seed(options.seed)
        for number in range(schedule.epochs + 1):
            loss = float("nan")
            if number:
                network.train()
                loss = _one_epoch(batcher, data, stepper, data.order(number), options.batch_size, watch)
            network.eval()
            history.append(Epoch(number, schedule.epochs, loss, data.dev_score() if data.dev_score else None))
            watch.epoch(history[-1])
            if keeper.see(history[-1]):
                break
    keeper.restore()
    return history


def _one_epoch(
    batcher: Batcher, data: TrainingSet, stepper: _Stepper, order: list[int], batch_size: int, watch: Watch
) -> float:
    """Every example once, in ``order``; returns the mean loss."""
    total = 0.0
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        loss = stepper.step(batcher.collate([data.items[row] for row in rows]), data, rows)
        total += loss * len(rows)
        watch.step(stepper.done, stepper.steps)
    return total / len(order)


class _Stepper:
    """One optimiser step after another, through accelerate."""

    def __init__(
        self, network: Network, options: TrainOptions, schedule: Schedule, compute: DeviceChoice, steps: int
    ) -> None:
        from accelerate import Accelerator

        self.done = 0
        self.steps = steps
        self._compute = compute
        # Its own mixed precision is one for the whole process; two models may have two.
        self._accelerator = Accelerator(cpu=compute.device.type == "cpu", mixed_precision="no")
        optimiser, self._rates = _optimiser(network, options, schedule, steps)
        self._network, self._optimiser = self._accelerator.prepare(network, optimiser)
        network.begin(steps)

    def step(self, batch: Batch, data: TrainingSet, rows: list[int]) -> float:
        """Forward, backward, clip, update; returns the loss."""
        with self._compute.autocast():
            logits = self._network.text_logits(batch)
        loss = data.loss(logits.float(), torch.cat([data.targets[row] for row in rows]).to(logits.device))
        self._optimiser.zero_grad()
        self._accelerator.backward(loss)
        self._accelerator.clip_grad_norm_(self._network.trained(), 1.0)
        self._optimiser.step()
        self._rates.step()
        self.done += 1
        self._network.stepped(self.done)
        return loss.item()


@dataclass(frozen=True)
class TrainingSet:
    """What is learnt from.

    targets: for each item, shape (units, outputs), float32. order: epoch number to positions. dev_score: the network's
    score on development data, higher is better; None where there is none. smoothing: of single-label targets.
    """

    items: Sequence[Item]
    targets: Sequence[Tensor]
    order: Callable[[int], list[int]]
    multi_label: bool
    smoothing: float = 0.0
    dev_score: Callable[[], float] | None = None

    def steps(self, options: TrainOptions, schedule: Schedule) -> int:
        """How many there are in all epochs."""
        return schedule.epochs * -(-len(self.items) // options.batch_size)

    @cached_property
    def _rarity(self) -> Tensor:
        return torch.from_numpy(rarity(torch.cat(list(self.targets)).numpy()))

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy: over the labels, or for each label where a text may have several, then weighed by rarity."""
        if self.multi_label:
            weights = self._rarity.to(logits)
            return nn.functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights)
        return nn.functional.cross_entropy(logits, targets, label_smoothing=self.smoothing)


class _Keeper:
    """Remembers the best state and says when to stop."""

    def __init__(self, network: Any, patience: int) -> None:
        self._network = network
        self._patience = patience
        self._best: float | None = None
        self._state: dict[str, Tensor] = {}
        self._since = 0

    def see(self, epoch: Epoch) -> bool:
        """Take note of an epoch; True where training should stop."""
        if epoch.dev_score is None:
            return False
        if self._best is None or epoch.dev_score > self._best:
            self._best = epoch.dev_score
            self._since = 0
            self._state = {
                name: parameter.detach().clone()
                for name, parameter in self._network.named_parameters()
                if parameter.requires_grad
            }
            return False
        self._since += 1
        return self._since >= self._patience

    @torch.no_grad()
    def restore(self) -> None:
        for name, parameter in self._network.named_parameters():
            if name in self._state:
                parameter.copy_(self._state[name])


def _optimiser(network: Network, options: TrainOptions, schedule: Schedule, steps: int) -> tuple[Any, Any]:
    head = list(network.head.parameters())
    heads = {id(parameter) for parameter in head}
    others = [parameter for parameter in network.trained() if id(parameter) not in heads]
    optimiser = torch.optim.AdamW(
        [{"params": others, "lr": schedule.learning_rate}, {"params": head, "lr": schedule.head_learning_rate}],
        weight_decay=options.weight_decay,
    )
    rates = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: share_of_peak(step, steps))
    return optimiser, rates
