"""Trainings and vectors of texts that were there before, in another cell of a grid or in another run.

Cells of a grid often do the same work: evidence is added behind the text's own logits, so that a cell with the evidence
arm and one without train the same network; so do cells whose context was left out. What a training comes to is kept by
all that goes into it, down to the tensors of its batches, and taken up where all of that is the same again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from kgslm.caching import Cache, code_version, key_of
from kgslm.caching.space import Space
from kgslm.injection.fusion import Mentioned
from kgslm.models import Backbone
from kgslm.tuning.batches import Batch, Batcher
from kgslm.tuning.loop import Epoch, TrainingSet
from kgslm.tuning.options import TrainOptions, Tuning
from kgslm.tuning.schedule import Schedule

if TYPE_CHECKING:
    from kgslm.tuning.network import Network

_LIBRARIES = ("accelerate", "numpy", "peft", "torch", "transformers")
_BEHIND = ("evidence",)
"""What of a batch is not read by the trained layers: it is added to their logits, after the training."""


@dataclass(frozen=True)
class Trained:
    """What a training came to.

    epochs: how many there were. seconds: what its steps took, when they were done. reused: whether that was before.
    best_dev_score: None without development data.
    """

    epochs: int
    seconds: float
    reused: bool
    best_dev_score: float | None = None


class Memory:
    """Remembers, for one backbone and adapter, what trainings came to and the pooled vectors of texts."""

    def __init__(self, cache: Cache, backbone: Backbone, layers: int, tuning: Tuning) -> None:
        facts = {
            "model": backbone.fingerprint,
            "layers": layers,
            "adapter": tuning.adapter.model_dump(mode="json"),
            "device": str(backbone.compute),
            "libraries": {name: version(name) for name in _LIBRARIES},
            "code": code_version("embedding", "injection", "models", "tuning"),
        }
        self._trainings = cache.space("trainings", facts)
        self._vectors: Space = cache.space("pooled", facts)

    def trained(
        self,
        network: Network,
        batcher: Batcher,
        data: TrainingSet,
        plan: tuple[TrainOptions, Schedule],
        learn: Callable[[], list[Epoch]],
    ) -> Trained:
        """Train in place by ``learn``, or take up what the same training came to before.

        plan: what ``learn`` goes by besides the data. The data have no development score.
        """
        key = _training_key(network, batcher, data, plan)
        state, told = key_of(key, "state"), key_of(key, "facts")
        known = self._trainings.get([state, told])
        if len(known) == 2:
            _load(network, known[state].view(np.float32))
            network.eval()
            return Trained(**json.loads(known[told].tobytes()), reused=True)
        done = timed(learn)
        facts = json.dumps({"epochs": done.epochs, "seconds": done.seconds})
        self._trainings.put({state: _state(network), told: facts.encode()})
        return done

    def pooled(self, network: Network, batch: Batch, compute: Callable[[Batch], Tensor]) -> Tensor:
        """What ``compute`` makes of a batch, with the network as it is now."""
        key = key_of(_threads(), _fixed(network), _state(network), *_tensors(batch))
        known = self._vectors.get([key])
        if key in known:
            rows = torch.from_numpy(known[key].view(np.float32).reshape(batch.units, -1))
            return rows.to(batch.hidden.device)
        made = compute(batch)
        if made.dtype == torch.float32:
            self._vectors.put({key: made.cpu().contiguous().numpy().reshape(-1).view(np.uint8)})
        return made


def timed(learn: Callable[[], list[Epoch]]) -> Trained:
    """Train, and say what it took."""
    start = time.perf_counter()
    history = learn()
    seconds = time.perf_counter() - start
    best = max((epoch.dev_score for epoch in history if epoch.dev_score is not None), default=None)
    return Trained(len(history) - 1, seconds, reused=False, best_dev_score=best)


def _training_key(network: Network, batcher: Batcher, data: TrainingSet, plan: tuple[TrainOptions, Schedule]) -> bytes:
    options, schedule = plan
    # Order 0 is the one that contrastive batches are drawn from.
    orders = [data.order(epoch) for epoch in range(schedule.epochs + 1)]
    told = repr((options, schedule, orders, data.multi_label, data.smoothing))
    parts = [_threads(), _fixed(network), _state(network), told.encode()]
    parts += [rows.numpy().tobytes() for rows in data.targets]
    for start in range(0, len(data.items), options.batch_size):
        parts += _tensors(batcher.collate(data.items[start : start + options.batch_size]))
    return key_of(*parts)


def _threads() -> bytes:
    """The last bits of a sum depend on how many threads share it."""
    return str(torch.get_num_threads()).encode()


def _tensors(batch: Batch | Mentioned) -> Iterator[bytes]:
    """All that the trained layers read of a batch."""
    for field in fields(batch):
        value: Any = getattr(batch, field.name)
        if field.name in _BEHIND or value is None:
            continue
        if isinstance(value, Mentioned):
            yield from _tensors(value)
            continue
        data = value.detach().cpu().contiguous().numpy()
        yield f"{field.name}{data.shape}{data.dtype}".encode()
        yield data.tobytes()


def _fixed(network: Network) -> bytes:
    """What of the fusion is fitted before the training and not changed by it."""
    if network.fusion is None:
        return b""
    buffers = [buffer.detach().cpu().numpy().tobytes() for buffer in network.fusion.buffers()]
    return b"".join([type(network.fusion).__name__.encode(), *buffers])


def _state(network: Network) -> bytes:
    """All parameters that are trained, one behind the other."""
    return b"".join(parameter.detach().cpu().float().numpy().tobytes() for parameter in network.trained())


@torch.no_grad()
def _load(network: Network, values: Any) -> None:
    place = 0
    for parameter in network.trained():
        own = torch.from_numpy(values[place : place + parameter.numel()]).reshape(parameter.shape)
        parameter.copy_(own)
        place += parameter.numel()
