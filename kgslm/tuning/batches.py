"""Texts to the tensors of one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgslm.injection.entities import EntityVectors
from kgslm.injection.fusion import Mentioned
from kgslm.injection.injector import Candidates
from kgslm.tuning.frozen import FrozenStates, Progress, length_mask, position_matrix
from kgslm.tuning.tokens import Tokeniser, Tokens


@dataclass(frozen=True)
class Units:
    """The parts of a text that get logits of their own.

    count: how many. slots: how many runs of tokens the vector of each is made from. ranges: shape (ranges, 3), int64:
    slot (of all units, one after the other), first token, the one behind the last. looks: shape (count, looks),
    float32, what else is known of each.
    """

    count: int
    slots: int
    ranges: NDArray[np.int64]
    looks: NDArray[np.float32]


@dataclass(frozen=True)
class Item:
    """A text, or a window of one that is an item of its own, made ready.

    windows: one or more; one where the item has parts. evidence: shape (units, width), float32, or None. text: the
    position of the text among those made ready with it.
    parts: None where the text itself is the one unit. order: which of the text's units these are, where it is not a
    run of them.
    """

    windows: tuple[Tokens, ...]
    evidence: NDArray[np.float32] | None = None
    text: int = 0
    parts: Units | None = None
    order: tuple[int, ...] = ()

    @property
    def units(self) -> int:
        """How many rows of logits it gets."""
        return 1 if self.parts is None else self.parts.count

    @property
    def width(self) -> int:
        """The tokens of its longest window."""
        return max(len(window.ids) for window in self.windows)


@dataclass(frozen=True)
class Batch:
    """One step's tensors; a row is a window of a text.

    hidden: shape (rows, tokens, hidden), the frozen states. mask: shape (rows, tokens), int64, tokens that are
    attended to. text_mask: the same shape, float32, tokens that are pooled. positions: the same shape, int64, or None
    where they are 0, 1, 2, ... texts: shape (rows,), int64, the text that each row is a window of, or None where each
    is a text of its own. mentioned: for the fusion, or None. evidence: shape (units, width) or None.
    ranges: shape (ranges, 4), int64, and looks: shape (units, looks), as of ``Units``, with the row of the batch behind
    the slot; None where texts are the units.
    """

    hidden: Tensor
    mask: Tensor
    text_mask: Tensor
    positions: Tensor | None = None
    texts: Tensor | None = None
    mentioned: Mentioned | None = None
    evidence: Tensor | None = None
    ranges: Tensor | None = None
    looks: Tensor | None = None

    @property
    def units(self) -> int:
        """How many rows of logits there are."""
        return self.size if self.looks is None else len(self.looks)

    @property
    def size(self) -> int:
        """How many texts it has."""
        return len(self.hidden) if self.texts is None else int(self.texts.max()) + 1


@dataclass(frozen=True)
class Batcher:
    """Makes texts ready once and collates them as often as needed.

    entities: where concept vectors come from; None leaves mentions aside.
    """

    tokeniser: Tokeniser
    frozen: FrozenStates
    device: torch.device
    entities: EntityVectors | None = None

    @property
    def vectors_checksum(self) -> str:
        """Of the concept vectors that come along, where they are stored in the pack; else empty."""
        return "" if self.entities is None else self.entities.checksum

    def prepare(self, items: Sequence[Item], progress: Progress | None = None) -> None:
        """Compute frozen states and concept vectors ahead where they can be remembered."""
        windows = [window for item in items for window in item.windows]
        if self.entities is not None:
            self.entities.prepare(concept for window in windows for concept in window.concepts)
        self.frozen.get(windows, progress)

    def collate(self, items: Sequence[Item]) -> Batch:
        """One batch, padded to its longest window."""
        windows = [window for item in items for window in item.windows]
        states = self.frozen.get(windows)
        width = max(len(window.ids) for window in windows)
        hidden = torch.zeros(len(windows), width, states[0].shape[1])
        for row, state in enumerate(states):
            hidden[row, : len(state)] = state
        mask = length_mask([len(window.ids) for window in windows], width)
        text_mask = mask.float()
        for row, window in enumerate(windows):
            text_mask[row, window.apart[0] : sum(window.apart)] = 0
        evidence = [item.evidence for item in items if item.evidence is not None]
        device = self.device
        ranges, looks = _units(items)
        return Batch(
            hidden=hidden.to(device),
            mask=mask.to(device),
            text_mask=text_mask.to(device),
            positions=_moved(position_matrix(windows, width), device),
            texts=_moved(_owners(items), device),
            mentioned=None if self.entities is None else self._mentioned(windows, width, self.entities),
            evidence=torch.from_numpy(np.concatenate(evidence)).to(device) if evidence else None,
            ranges=_moved(ranges, device),
            looks=_moved(looks, device),
        )

    def in_length_order(self, items: Sequence[Item], batch_size: int) -> Iterator[tuple[list[int], Batch]]:
        """Positions and batches of all items, the longest first, for inference. A batch has at most ``batch_size``
        windows, but always a whole text.
        """
        rows: list[int] = []
        size = 0
        for row in sorted(range(len(items)), key=lambda position: -items[position].width):
            if rows and size + len(items[row].windows) > batch_size:
                yield rows, self.collate([items[row] for row in rows])
                rows, size = [], 0
            rows.append(row)
            size += len(items[row].windows)
        if rows:
            yield rows, self.collate([items[row] for row in rows])

    def _mentioned(self, windows: Sequence[Tokens], width: int, entities: EntityVectors) -> Mentioned:
        concepts: dict[str, int] = {}
        mentions: dict[Candidates, int] = {}
        index = torch.zeros(len(windows), width, dtype=torch.long)
        for row, window in enumerate(windows):
            own = [0, *(mentions.setdefault(mention, len(mentions) + 1) for mention in window.mentions)]
            if window.mention_index:
                index[row, : len(window.ids)] = torch.tensor(own)[list(window.mention_index)]
        most = max(map(len, mentions), default=1)
        candidates = torch.zeros(len(mentions), most, dtype=torch.long)
        weights = torch.zeros(len(mentions), most)
        for row, mention in enumerate(mentions):
            for column, (concept, weight) in enumerate(mention):
                candidates[row, column] = concepts.setdefault(concept, len(concepts) + 1)
                weights[row, column] = weight
        vectors = torch.from_numpy(entities.get(list(concepts)))
        return Mentioned(*(tensor.to(self.device) for tensor in (vectors, candidates, weights, index)))


def _owners(items: Sequence[Item]) -> Tensor | None:
    if all(len(item.windows) == 1 for item in items):
        return None
    return torch.tensor([number for number, item in enumerate(items) for _ in item.windows])


def _moved(tensor: Tensor | None, device: torch.device) -> Tensor | None:
    return None if tensor is None else tensor.to(device)


def _units(items: Sequence[Item]) -> tuple[Tensor | None, Tensor | None]:
    """Ranges and looks of all units of a batch; None where its texts are the units."""
    parts = [item.parts for item in items if item.parts is not None]
    if not parts:
        return None, None
    ranges = []
    done = 0
    for row, units in enumerate(parts):
        slot, start, end = units.ranges.T
        ranges.append(np.stack([slot + done, np.full(len(slot), row), start, end], axis=1))
        done += units.count * units.slots
    return torch.from_numpy(np.concatenate(ranges)), torch.from_numpy(np.concatenate([units.looks for units in parts]))
