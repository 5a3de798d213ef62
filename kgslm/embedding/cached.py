"""An embedder that keeps its vectors on disk."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from kgslm.caching import Cache, code_version, key_of
from kgslm.embedding.text import Embedder, Progress, Vectors

_AT_ONCE = 512


class CachedEmbedder:
    """Embeds each text once, in this and in later runs.

    Each text is embedded alone, so that its vector does not depend, to the last bit, on which others were missing.
    """

    def __init__(self, embedder: Embedder, cache: Cache) -> None:
        self._embedder = embedder
        facts = {
            "embedder": embedder.fingerprint,
            "precise": getattr(embedder, "precise", None),
            "torch": version("torch"),
            "transformers": version("transformers"),
            "code": code_version("models", "embedding/text.py", "embedding/cached.py"),
        }
        self._space = cache.space("vectors", facts)

    @property
    def name(self) -> str:
        """The name of the embedder."""
        return self._embedder.name

    @property
    def dim(self) -> int:
        """The width of a vector."""
        return self._embedder.dim

    @property
    def fingerprint(self) -> str:
        """That of the embedder."""
        return self._embedder.fingerprint

    def embed(self, texts: Sequence[str], batch_size: int = 1, progress: Progress | None = None) -> Vectors:
        """See ``Embedder``; batch_size makes no difference."""
        keys = [key_of(text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        found = {key: value.view(np.float32) for key, value in self._space.get(list(wanted)).items()}
        missing = [key for key in wanted if key not in found]
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            fresh = dict(zip(part, self._embedder.embed([wanted[key] for key in part], 1), strict=True))
            self._space.put({key: np.ascontiguousarray(vector).view(np.uint8) for key, vector in fresh.items()})
            found |= fresh
        if progress:
            progress(len(texts))
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, self.dim), np.float32)
