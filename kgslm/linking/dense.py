"""Names as vectors, with an index over them that FAISS searches; built once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgslm.embedding import Embedder, Vectors
from kgslm.embedding.text import Progress

NEAREST = 48
"""Names that are looked for by their vectors."""

_VECTORS, _INDEX = "vectors.npy", "vectors.faiss"
HalfVectors = NDArray[np.float16]
_FLAT = 20_000
"""Names up to which every vector is compared; above it, those of the nearest cells."""
_PROBES = 24
_TRAINED_ON = 64
"""Vectors a cell that its centre is learnt from."""


@dataclass(frozen=True, slots=True)
class NameVectors:
    """vectors: shape (names, dim), float16, of unit length, read in place. index: of FAISS, by inner product."""

    vectors: NDArray[np.float16]
    index: Any

    def nearest(self, queries: Vectors, count: int) -> NDArray[np.int64]:
        """The rows of the nearest names, best first; -1 where there are fewer. Shape (queries, count)."""
        if not len(queries):
            return np.zeros((0, count), np.int64)
        _, rows = self.index.search(np.ascontiguousarray(queries, np.float32), count)
        return np.asarray(rows, np.int64)


def build_vectors(
    names: Sequence[str],
    embedder: Embedder,
    known: Mapping[str, NDArray[Any]] | None = None,
    progress: Progress | None = None,
) -> HalfVectors:
    """A vector a name, shape (names, dim), float16; names that are written alike are embedded once.

    known: names whose vectors are there already.
    """
    known = known or {}
    vectors = np.zeros((len(names), embedder.dim), np.float16)
    missing = list(dict.fromkeys(name for name in names if name not in known))
    new = dict(zip(missing, embedder.embed(missing, progress=progress), strict=True)) if missing else {}
    for row, name in enumerate(names):
        vectors[row] = known[name] if name in known else new[name]
    return vectors


def build_vector_index(vectors: NDArray[Any], *, seed: int = 0) -> Any:
    """A FAISS index: flat for few names, otherwise cells with 8 bits a number (400 MB for a million MiniLM names)."""
    import faiss

    index: Any
    count, dim = vectors.shape
    if count <= _FLAT:
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.train(np.zeros((1, dim), np.float32))
    else:
        cells = min(16_384, int(4 * count**0.5))
        index = faiss.index_factory(dim, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.nprobe = _PROBES
        chosen = np.random.default_rng(seed).permutation(count)[: cells * _TRAINED_ON]
        index.cp.niter = 10
        index.train(np.asarray(vectors[np.sort(chosen)], np.float32))
    for start in range(0, count, 50_000):
        index.add(np.asarray(vectors[start : start + 50_000], np.float32))
    return index


def save_vectors(vectors: NDArray[Any], index: Any, folder: Path) -> None:
    """Write the vectors and their index."""
    import faiss

    np.save(folder / _VECTORS, np.asarray(vectors, np.float16))
    faiss.write_index(index, str(folder / _INDEX))


def open_vectors(folder: Path) -> NameVectors:
    """Open what ``save_vectors`` wrote."""
    import faiss

    return NameVectors(np.load(folder / _VECTORS, mmap_mode="r"), faiss.read_index(str(folder / _INDEX)))


def nearest_names(
    texts: Sequence[str], embedder: Embedder, names: NameVectors
) -> dict[str, tuple[Vectors, NDArray[np.int64]]]:
    """Each text with its vector and the rows of the names nearest to it, best first."""
    vectors = embedder.embed(texts)
    rows = names.nearest(vectors, NEAREST)
    return {text: (vectors[at], rows[at][rows[at] >= 0]) for at, text in enumerate(texts)}
