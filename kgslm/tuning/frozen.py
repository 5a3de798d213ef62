"""Hidden states below the trained layers, computed once a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from importlib.metadata import version
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kgslm.caching import Cache, code_version, key_of
from kgslm.caching.store import Bytes
from kgslm.models import Backbone
from kgslm.models.device import one_thread
from kgslm.tuning.split import Bottom
from kgslm.tuning.tokens import Tokens

Progress = Callable[[int], None]
"""Called with the number of texts done since the last call."""

_TOKENS_A_BATCH = 2048


class FrozenStates:
    """The frozen lower part of a backbone, with a memory of what it has computed.

    capacity: bytes to remember; texts beyond it are computed again at every use. States are float32 on the CPU. One
    object serves every model that shares the backbone and the number of frozen layers.
    cache: where states are kept on disk instead, for other runs and other processes: four bytes a token and hidden
    unit, 197 kB for 128 tokens of MiniLM. On a CPU each text is then computed alone and on one thread, so that its
    states do not depend, to the last bit, on which other texts were missing.
    """

    def __init__(self, backbone: Backbone, layers: int, *, capacity: int = 2 << 30, cache: Cache | None = None) -> None:
        self.layers = layers
        self._device = backbone.device
        self._padding = backbone.tokenizer.pad_token_id or 0
        self._bottom = Bottom(backbone.model, layers).to(backbone.device)
        self._room = capacity
        self._known: dict[bytes, Tensor] = {}
        self._space = None if cache is None else cache.space("states", _facts(backbone, layers))

    def forgetful(self) -> FrozenStates:
        """The same layers without what was computed before, here or on disk."""
        bare = copy(self)
        bare._known, bare._space = {}, None
        return bare

    def get(self, texts: Sequence[Tokens], progress: Progress | None = None) -> list[Tensor]:
        """The states of each text, shape (tokens, hidden), float32 on the CPU."""
        keys = [_key(text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        found = self._recall(wanted)
        missing = {key: text for key, text in wanted.items() if key not in found}
        if progress:
            progress(len(texts) - len(missing))
        for batch in self._batches(missing):
            found |= self._make(dict(batch))
            if progress:
                progress(len(batch))
        return [found[key] for key in keys]

    def _batches(self, missing: dict[bytes, Tokens]) -> list[list[tuple[bytes, Tokens]]]:
        batches = _batches(list(missing.items()))
        if self._space is not None:
            # Each process in an order of its own: those that need the same texts share the work by finding what the
            # others have made meanwhile. The order makes no difference to the states.
            Random().shuffle(batches)
        return batches

    def _make(self, batch: dict[bytes, Tokens]) -> dict[bytes, Tensor]:
        """Compute and remember the states of a batch."""
        done = self._recall(batch) if self._space is not None else {}
        left = {key: text for key, text in batch.items() if key not in done}
        if self._space is not None and self._device.type == "cpu":
            with one_thread(self._device):
                states: Tensor | list[Tensor] = [self._compute([text])[0] for text in left.values()]
        else:
            states = self._compute(list(left.values()))
        # A copy: a view would keep the padded batch alive.
        fresh = {key: made[: len(text.ids)].clone() for (key, text), made in zip(left.items(), states, strict=True)}
        self._remember(fresh)
        return {**done, **fresh}

    def _compute(self, texts: Sequence[Tokens]) -> Tensor | list[Tensor]:
        if not texts:
            return []
        width = max(len(text.ids) for text in texts)
        ids = torch.tensor([[*text.ids, *[self._padding] * (width - len(text.ids))] for text in texts])
        types = torch.tensor([[*text.types, *[0] * (width - len(text.ids))] for text in texts])
        mask = length_mask([len(text.ids) for text in texts], width)
        positions = position_matrix(texts, width)
        states: Tensor = self._bottom(
            ids.to(self._device),
            mask.to(self._device),
            types.to(self._device),
            None if positions is None else positions.to(self._device),
        )
        return states.float().cpu()

    def _recall(self, texts: Mapping[bytes, Tokens]) -> dict[bytes, Tensor]:
        found = {key: self._known[key] for key in texts if key in self._known}
        if self._space is not None:
            for key, value in self._space.get([key for key in texts if key not in found]).items():
                found[key] = torch.from_numpy(value.view(np.float32).reshape(len(texts[key].ids), -1))
        return found

    def _remember(self, fresh: Mapping[bytes, Tensor]) -> None:
        if self._space is not None and self._space.put({key: _bytes(states) for key, states in fresh.items()}):
            return
        for key, states in fresh.items():
            size = states.numel() * states.element_size()
            if size > self._room:
                return
            self._known[key] = states
            self._room -= size


def _facts(backbone: Backbone, layers: int) -> dict[str, Any]:
    """All that the states of a text depend on besides its tokens."""
    return {
        "model": backbone.fingerprint,
        "layers": layers,
        "dtype": "float32",
        "device": backbone.device.type,
        "torch": torch.__version__,
        "transformers": version("transformers"),
        "code": code_version("models", "tuning/split.py", "tuning/frozen.py"),
    }


def _bytes(states: Tensor) -> Bytes:
    return states.contiguous().numpy().reshape(-1).view(np.uint8)


def length_mask(lengths: Sequence[int], width: int) -> Tensor:
    """Shape (texts, width), int64: 1 where a text has a token, 0 behind its end."""
    return (torch.arange(width)[None, :] < torch.tensor(list(lengths))[:, None]).long()


def position_matrix(texts: Sequence[Tokens], width: int) -> Tensor | None:
    """Shape (texts, width), int64; None where all texts have the usual positions 0, 1, 2, ..."""
    if not any(text.positions for text in texts):
        return None
    rows = [text.positions or tuple(range(len(text.ids))) for text in texts]
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])


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
    rows = [text.ids, text.types, text.positions] if text.positions else [text.ids, text.types]
    return key_of(np.array(rows, dtype=np.int32).tobytes())
