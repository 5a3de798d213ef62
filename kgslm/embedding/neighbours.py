"""Concepts with similar vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kgslm.embedding.store import Vectors
from kgslm.errors import PackError

if TYPE_CHECKING:
    from kgslm.packs import KnowledgePack

_PIECE = 65536


def nearest(pack: KnowledgePack, vectors: Vectors, id_: str, top: int = 10) -> list[tuple[str, float]]:
    """The ``top`` nearest live concepts as ``(id, cosine)``, nearest first; cosines lie in [-1, 1].

    vectors: shape (len(pack.ids), dim), zeros for concepts that have none. Raises PackError for an unknown id, or one
    without a vector.
    """
    row = pack.row(id_)
    query = vectors[row]
    if not query.any():
        raise PackError(f"{pack.path}: {id_} has no vector; obsolete concepts and empty names have none")
    cosines = np.concatenate(
        [_cosines(vectors[start : start + _PIECE], query) for start in range(0, len(vectors), _PIECE)]
    )
    cosines[row] = -np.inf
    order = np.argsort(-cosines, kind="stable")[:top].tolist()
    return [(pack.ids[other], float(cosines[other])) for other in order if np.isfinite(cosines[other])]


def _cosines(vectors: Vectors, query: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines: Vectors = np.where(lengths > 0, (vectors @ query) / lengths, -np.inf)
        return cosines
