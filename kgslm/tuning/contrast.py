"""Before training: texts of one label are drawn together and those of others apart.

With a few examples of each label there are many more pairs than texts, and they teach the encoder what the labels are
about (after SetFit, Tunstall et al. 2022; here all pairs of a batch are used at once). The head then starts from a
logistic regression on the vectors as they are afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from kgslm.errors import ConfigError
from kgslm.models import DeviceChoice
from kgslm.tuning.batches import Batcher
from kgslm.tuning.loop import TrainingSet, Watch
from kgslm.tuning.network import Network
from kgslm.tuning.options import TrainOptions
from kgslm.tuning.schedule import Schedule, share_of_peak

_RATE = 1e-3
"""The peak learning rate."""
_LEAST = 2
"""Texts of a label in a batch; one alone has no other to be near."""


def contrast(
    network: Network,
    batcher: Batcher,
    data: TrainingSet,
    plan: tuple[TrainOptions, Schedule],
    compute: DeviceChoice,
    watch: Watch,
) -> None:
    """Train all but the head in place, ``schedule.contrast`` steps.

    The cosine of two texts is brought to the share of their labels that they have in common. Raises ConfigError where
    parts of texts are labelled.
    """
    if any(item.units != 1 for item in data.items):
        raise ConfigError("train.contrast: only where whole texts are labelled; leave it at 0 for other tasks")
    options, schedule = plan
    head = {id(parameter) for parameter in network.head.parameters()}
    trained = [parameter for parameter in network.trained() if id(parameter) not in head]
    if not trained:
        return
    labels = _labels(data.targets)
    optimiser = torch.optim.AdamW(trained, lr=_RATE, weight_decay=options.weight_decay)
    rates = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: share_of_peak(step, schedule.contrast))
    with torch.random.fork_rng(devices=[compute.device] if compute.device.type == "cuda" else []):
        torch.manual_seed(options.seed)
        network.train()
        for done, rows in enumerate(draws(data, options, schedule), 1):
            batch = batcher.collate([data.items[row] for row in rows])
            with compute.autocast():
                vectors = network.pooled(batch)
            loss = _loss(vectors.float(), labels[rows].to(vectors.device))
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            rates.step()
            watch.step(done, schedule.contrast)
        network.eval()


def draws(data: TrainingSet, options: TrainOptions, schedule: Schedule) -> Iterator[list[int]]:
    """The rows of each step's batch; the same texts each time, in whatever order they are given."""
    order, generator = data.order(0), torch.Generator().manual_seed(options.seed)
    labels, size = _labels(data.targets)[order], max(options.batch_size, 2 * _LEAST)
    for _ in range(schedule.contrast):
        yield [order[place] for place in _draw(labels, size, generator)]


def _labels(rows: Sequence[Tensor]) -> Tensor:
    """The targets with a column for having no label at all, shape (texts, labels + 1)."""
    targets = torch.cat(list(rows))
    return torch.cat([targets, (targets.sum(dim=1, keepdim=True) == 0).to(targets)], dim=1)


def _draw(labels: Tensor, size: int, generator: torch.Generator) -> list[int]:
    """Rows of a batch, about as many of each label; fewer than ``size`` where there are not as many."""
    owners = [own for column in labels.T if len(own := torch.nonzero(column)[:, 0])]
    each = max(_LEAST, size // len(owners))
    rows: dict[int, None] = {}
    for label in torch.randperm(len(owners), generator=generator).tolist():
        own = owners[label]
        chosen = own[torch.randperm(len(own), generator=generator)[:each]]
        rows.update(dict.fromkeys(chosen.tolist()))
        if len(rows) >= size:
            break
    return list(rows)[:size]


def _loss(vectors: Tensor, labels: Tensor) -> Tensor:
    """The mean squared error of the cosines; pairs with labels in common weigh as much as all others together."""
    unit = nn.functional.normalize(vectors, dim=1)
    shared = labels @ labels.T
    counts = labels.sum(dim=1)
    wanted = shared / (counts[:, None] + counts[None, :] - shared)
    errors = (unit @ unit.T - wanted) ** 2
    others = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    near, far = errors[(wanted > 0) & others], errors[wanted == 0]
    return (near.mean() if len(near) else near.sum()) + (far.mean() if len(far) else far.sum())
