"""Hidden states below the trained layers, computed once a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np
import torch
from torch import Tensor

from kgslm.models import Backbone
from kgslm.tuning.split import Bottom
from kgslm.tuning.tokens import Tokens

Progress = Callable[[int], None]
"""Called with the number of texts done since the last call."""

_TOKENS_A_BATCH = 2048


class FrozenStates:
    """The frozen lower part of a backbone, with a memory of what it has computed.

    capacity: bytes to remember; texts beyond it are computed again at every use. States are float32 on the CPU. One
    object serves every model that shares the backbone and the number of frozen layers.
    """

    def __init__(self, backbone: Backbone, layers: int, *, capacity: int = 2 << 30) -> None:
        self.layers = layers
        self._device = backbone.device
        self._padding = backbone.tokenizer.pad_token_id or 0
        self._bottom = Bottom(backbone.model, layers).to(backbone.device)
        self._room = capacity
        self._known: dict[bytes, Tensor] = {}

    def get(self, texts: Sequence[Tokens], progress: Progress | None = None) -> list[Tensor]:
        """The states of each text, shape (tokens, hidden), float32 on the CPU."""
        keys = [_key(text) for text in texts]
        fresh: dict[bytes, Tensor] = {}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if progress:
            progress(len(texts) - len(missing))
        for batch in _batches(list(missing.items())):
            for (key, text), states in zip(batch, self._compute([text for _, text in batch]), strict=True):
                # A copy: a view would keep the padded batch alive.
                fresh[key] = states[: len(text.ids)].clone()
            if progress:
                progress(len(batch))
        self._remember(fresh)
        return [self._known[key] if key in self._known else fresh[key] for key in keys]

    def _compute(self, texts: Sequence[Tokens]) -> Tensor:
        width = max(len(text.ids) for text in texts)
        ids = torch.tensor([[*text.ids, *[self._padding] * (width - len(text.ids))] for text in texts])
        types = torch.tensor([[*text.types, *[0] * (width - len(text.ids))] for text in texts])
        mask = length_mask([len(text.ids) for text in texts], width)
        states: Tensor = self._bottom(ids.to(self._device), mask.to(self._device), types.to(self._device))
        return states.float().cpu()

    def _remember(self, fresh: dict[bytes, Tensor]) -> None:
        for key, states in fresh.items():
            size = states.numel() * states.element_size()
            if size > self._room:
                return
            self._known[key] = states
            self._room -= size


def length_mask(lengths: Sequence[int], width: int) -> Tensor:
    """Shape (texts, width), int64: 1 where a text has a token, 0 behind its end."""
    return (torch.arange(width)[None, :] < torch.tensor(list(lengths))[:, None]).long()


def _batches(items: list[tuple[bytes, Tokens]]) -> list[list[tuple[bytes, Tokens]]]:
    """Texts of similar length together, so that little is padding."""
    batches: list[list[tuple[bytes, Tokens]]] = []
    width = 0
    for item in sorted(items, key=lambda item: -len(item[1].ids)):
        if not batches or (len(batches[-1]) + 1) * width > _TOKENS_A_BATCH:
            batches.append([])
            width = len(item[1].ids)
        batches[-1].append(item)
    return batches


def _key(text: Tokens) -> bytes:
    content = np.array([text.ids, text.types], dtype=np.int32).tobytes()
    return blake2b(content, digest_size=16).digest()
