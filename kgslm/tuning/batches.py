"""Texts to the tensors of one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgslm.injection.entities import EntityVectors
from kgslm.injection.injector import KnownText
from kgslm.tuning.frozen import FrozenStates, Progress, length_mask
from kgslm.tuning.tokens import Tokeniser, Tokens


@dataclass(frozen=True)
class Item:
    """A text made ready. evidence: shape (labels,), float32, or None."""

    tokens: Tokens
    evidence: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Batch:
    """One step's tensors.

    hidden: shape (batch, tokens, hidden), the frozen states. mask: shape (batch, tokens), int64, tokens that are
    attended to. text_mask: the same shape, float32, tokens that are pooled. vectors: shape (concepts, vector).
    concept_index: shape (batch, tokens), int64; 0 means no concept. evidence: shape (batch, labels) or None.
    """

    hidden: Tensor
    mask: Tensor
    text_mask: Tensor
    vectors: Tensor | None
    concept_index: Tensor
    evidence: Tensor | None


class Batcher:
    """Makes texts ready once and collates them as often as needed.

    entities: where concept vectors come from; None leaves mentions aside.
    """

    def __init__(
        self, tokeniser: Tokeniser, frozen: FrozenStates, device: torch.device, entities: EntityVectors | None = None
    ) -> None:
        self._tokeniser = tokeniser
        self._frozen = frozen
        self._device = device
        self._entities = entities

    @property
    def vectors_checksum(self) -> str:
        """Of the concept vectors that come along, where they are stored in the pack; else empty."""
        return "" if self._entities is None else self._entities.checksum

    def prepare(self, texts: Sequence[KnownText], progress: Progress | None = None) -> list[Item]:
        """Tokenise, and compute frozen states and concept vectors ahead where they can be remembered."""
        tokens = self._tokeniser.encode(texts)
        if self._entities is not None:
            self._entities.prepare(concept for text in tokens for concept in text.concepts)
        self._frozen.get(tokens, progress)
        return [Item(token, text.evidence) for token, text in zip(tokens, texts, strict=True)]

    def collate(self, items: Sequence[Item]) -> Batch:
        """One batch, padded to its longest text."""
        states = self._frozen.get([item.tokens for item in items])
        width = max(len(item.tokens.ids) for item in items)
        hidden = torch.zeros(len(items), width, states[0].shape[1])
        for row, state in enumerate(states):
            hidden[row, : len(state)] = state
        vectors, index = self._concepts(items, width)
        evidence = [item.evidence for item in items if item.evidence is not None]
        device = self._device
        return Batch(
            hidden=hidden.to(device),
            mask=length_mask([len(item.tokens.ids) for item in items], width).to(device),
            text_mask=length_mask([item.tokens.text_tokens for item in items], width).float().to(device),
            vectors=None if vectors is None else vectors.to(device),
            concept_index=index.to(device),
            evidence=torch.from_numpy(np.stack(evidence)).to(device) if evidence else None,
        )

    def in_length_order(self, items: Sequence[Item], batch_size: int) -> Iterator[tuple[list[int], Batch]]:
        """Positions and batches of all items, the longest first, for inference."""
        order = sorted(range(len(items)), key=lambda position: -len(items[position].tokens.ids))
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            yield rows, self.collate([items[row] for row in rows])

    def _concepts(self, items: Sequence[Item], width: int) -> tuple[Tensor | None, Tensor]:
        index = torch.zeros(len(items), width, dtype=torch.long)
        if self._entities is None:
            return None, index
        order: dict[str, int] = {}
        for row, item in enumerate(items):
            own = [0, *(order.setdefault(concept, len(order) + 1) for concept in item.tokens.concepts)]
            if item.tokens.concept_index:
                index[row, : len(item.tokens.ids)] = torch.tensor(own)[list(item.tokens.concept_index)]
        return torch.from_numpy(self._entities.get(list(order))), index
