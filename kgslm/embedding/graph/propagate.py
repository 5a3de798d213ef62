"""Text vectors spread over the relations; nothing is learnt."""

from __future__ import annotations

import numpy as np

from kgslm.embedding.graph.triples import Triples
from kgslm.embedding.store import Vectors

RESTART = 0.5
"""Of 0.1 to 0.7, what brought held-out neighbours nearest in the shipped financial pack."""

STEPS = 10


def propagate(text: Vectors, facts: Triples, *, restart: float = RESTART, steps: int = STEPS) -> Vectors:
    """Each concept's vector becomes a mean of its own and those around it, nearer ones counting more.

    Personalised PageRank with the text vectors as what is spread, by power iteration (APPNP, Gasteiger et al. 2019):
    ``H = (1 - restart) A H + restart text``, A the undirected graph with a loop at each node, scaled on both sides by
    the root of the degrees, so that hubs weigh less. text: shape (entities, dim). restart: in (0, 1], 1 leaves the
    text vectors as they are. Returns vectors of length one, or of zeros where the text has zeros all around.
    """
    from scipy import sparse

    size = facts.entities
    heads, _, tails = facts.array.T
    ends = np.concatenate([heads, tails, np.arange(size)]), np.concatenate([tails, heads, np.arange(size)])
    graph = sparse.csr_matrix((np.ones(len(ends[0]), dtype=np.float32), ends), shape=(size, size))
    graph.data[:] = 1  # two concepts are neighbours once, by however many relations
    scale = sparse.diags(1 / np.sqrt(np.asarray(graph.sum(axis=1)).ravel()))
    spread = (scale @ graph @ scale).astype(np.float32)
    found = text.astype(np.float32)
    for _ in range(steps):
        found = (1 - restart) * (spread @ found) + restart * text
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    units: Vectors = (found / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return units
