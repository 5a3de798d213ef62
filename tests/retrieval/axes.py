"""An embedder with known answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kgslm.embedding import Vectors

AXES = ("aspirin", "fever", "house", "metformin")


class AxisEmbedder:
    """One axis a word: a text is the sum of the axes whose words it has, of length one; a fifth axis where none is."""

    name = "axes"
    dim = len(AXES) + 1
    fingerprint = "axes-1"

    def embed(
        self, texts: Sequence[str], batch_size: int = 64, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row, :-1] = [word in text.lower() for word in AXES]
            vectors[row, -1] = not vectors[row].any()
        if progress:
            progress(len(texts))
        lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
        return vectors / lengths
