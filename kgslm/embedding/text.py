"""Vectors of texts and of concepts, from a small sentence encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from kgslm.models import Backbone

Vectors = NDArray[np.float32]
Progress = Callable[[int], None]
"""Called with the number of texts done since the last call."""

_TOKENISED_AT_ONCE = 4096
_SHORT = 32
_STEADY_ROWS, _STEADY_STEP = 8, 8
"""Texts of a steady batch, and what its width in tokens is a multiple of."""


class Embedder(Protocol):
    """Turns texts into vectors.

    name: as a person would name it. dim: the width of a vector. fingerprint: two embedders with the same one give the
    same vectors.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def dim(self) -> int: ...  # noqa: D102

    @property
    def fingerprint(self) -> str: ...  # noqa: D102

    def embed(self, texts: Sequence[str], batch_size: int = 64, progress: Progress | None = None) -> Vectors:
        """One vector a text, in the order of the texts. Shape (texts, dim), float32."""
        ...


class TextEmbedder:
    """Mean of the last hidden states over a text's tokens, as sentence-transformers computes it.

    max_length: tokens of a text that are read, special tokens included; the rest is cut off.
    normalise: scale vectors to length one, so that a dot product is the cosine.
    precise: compute in float32; otherwise in the device's inference precision.
    steady: compute in batches of a few fixed shapes, so that a vector depends on nothing but its text, to the last bit.
    Otherwise the texts beside it change its last digits, in bfloat16 the third one.
    """

    def __init__(
        self,
        backbone: Backbone,
        *,
        max_length: int = 256,
        normalise: bool = True,
        precise: bool = False,
        steady: bool = False,
    ) -> None:
        self.backbone = backbone
        self.max_length = min(max_length, backbone.max_positions)
        self.normalise = normalise
        self.precise = precise
        self.steady = steady
        self._model = _in_precision(backbone, precise)

    @property
    def name(self) -> str:
        """The name of the backbone."""
        return self.backbone.name

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self.backbone.hidden_size

    @property
    def fingerprint(self) -> str:
        """Of the weights and of what else decides the vectors."""
        return f"{self.backbone.fingerprint}-mean-{self.max_length}{'-unit' if self.normalise else ''}"

    def embed(self, texts: Sequence[str], batch_size: int = 64, progress: Progress | None = None) -> Vectors:
        """One vector a text, in the order of the texts. Shape (texts, dim), float32.

        batch_size: texts of up to 32 tokens in one batch; longer ones go in smaller batches of as many tokens. Steady
        batches have eight.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        with self._workers() as workers:
            for start in range(0, len(texts), _TOKENISED_AT_ONCE):
                tokens = self._tokenise(texts[start : start + _TOKENISED_AT_ONCE])
                lengths = [len(ids) for ids in tokens]
                batches = list(_steady_batches(lengths) if self.steady else _batches(lengths, batch_size))
                pooled = workers([[tokens[row] for row in rows] for rows in batches])
                for rows, found in zip(batches, pooled, strict=True):
                    vectors[[start + row for row in rows]] = found
                    if progress:
                        progress(len(rows))
        return vectors

    @contextmanager
    def _workers(self) -> Iterator[Callable[[list[list[list[int]]]], Iterator[Vectors]]]:
        """Something that pools many batches, in order.

        On a CPU each thread takes whole batches. One batch over all threads would wait, at every layer, for the
        slowest of them, which on a busy machine costs several times the work itself.
        """
        import torch

        threads = torch.get_num_threads()
        if self.backbone.device.type != "cpu" or threads == 1:
            yield lambda batches: map(self._pooled, batches)
            return
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            try:
                yield lambda batches: pool.map(self._pooled, batches)
            finally:
                torch.set_num_threads(threads)

    def _tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self.backbone.tokenizer(
            list(texts), truncation=True, max_length=self.max_length, return_attention_mask=False
        )
        return list(encoded["input_ids"])

    def _pooled(self, tokens: list[list[int]]) -> Any:
        import torch

        width = max(len(ids) for ids in tokens)
        count = len(tokens)
        if self.steady:
            width = _steady_width(width)
            tokens = [*tokens, *[tokens[-1]] * (_STEADY_ROWS - count)]
        padding = self.backbone.tokenizer.pad_token_id or 0
        ids = torch.tensor([[*row, *[padding] * (width - len(row))] for row in tokens])
        lengths = torch.tensor([len(row) for row in tokens])
        mask = torch.arange(width)[None, :] < lengths[:, None]
        ids, mask = ids.to(self.backbone.device), mask.to(self.backbone.device)
        with torch.inference_mode():
            states = self._model(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
            pooled = (states * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
            if self.normalise:
                pooled = torch.nn.functional.normalize(pooled, dim=1)
            return pooled[:count].cpu().numpy()


def _in_precision(backbone: Backbone, precise: bool) -> Any:
    import torch

    if precise or backbone.compute.inference_dtype == torch.float32:
        return backbone.model
    # A copy: the backbone's own weights stay float32 for whoever trains them.
    return deepcopy(backbone.model).to(backbone.compute.inference_dtype)


def _steady_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows of one width in batches of eight, or of what is left."""
    by_width: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        by_width.setdefault(_steady_width(length), []).append(row)
    for rows in by_width.values():
        for start in range(0, len(rows), _STEADY_ROWS):
            yield rows[start : start + _STEADY_ROWS]


def _steady_width(length: int) -> int:
    return -(-max(length, 1) // _STEADY_STEP) * _STEADY_STEP


def _batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Rows in batches of similar length, longest first, so that little is padding and memory peaks at once."""
    budget = batch_size * _SHORT
    batch: list[int] = []
    width = 0
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        width = width or max(lengths[row], 1)
        if batch and (len(batch) + 1) * max(width, _SHORT) > budget:
            yield batch
            batch, width = [], max(lengths[row], 1)
        batch.append(row)
    if batch:
        yield batch
