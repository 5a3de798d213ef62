"""Filtered ranks of known facts among all entities, in pieces that fit into memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from kgslm.embedding.graph.models import ScoringModel
from kgslm.embedding.graph.triples import Ints, TailIndex, Triples
from kgslm.errors import ModelError

CELLS = 1 << 24
"""Scores in memory at once: 64 MB as float32."""


@dataclass(frozen=True, slots=True)
class RankScores:
    """How near the top true answers stand; all but ``queries`` lie in [0, 1], higher is better.

    mrr: mean reciprocal rank. hits_1, hits_3, hits_10: share of ranks up to 1, 3, 10. queries: answers that were
    ranked, two for each fact.
    """

    mrr: float
    hits_1: float
    hits_3: float
    hits_10: float
    queries: int

    @classmethod
    def of(cls, ranks: NDArray[np.float64]) -> RankScores:
        """The scores of ranks, which count from 1; all zero where there are none."""
        if not len(ranks):
            return cls(0.0, 0.0, 0.0, 0.0, 0)
        hits = [float((ranks <= most).mean()) for most in (1, 3, 10)]
        return cls(float((1 / ranks).mean()), hits[0], hits[1], hits[2], len(ranks))

    def as_dict(self) -> dict[str, float]:
        """Plain data for ``--json``."""
        return asdict(self)


def evaluate(
    model: ScoringModel, facts: Triples, known: Triples, device: torch.device, *, cells: int = CELLS
) -> RankScores:
    """Rank the tails and, by the inverse relations, the heads of ``facts``, neither with inverses.

    known: all true facts, those of ``facts`` among them; other true answers of the same question do not count against
    one. cells: scores in memory at once. Raises ModelError as ``filtered_ranks``.
    """
    both = facts.with_inverses()
    return RankScores.of(filtered_ranks(model, both, TailIndex(known.with_inverses()), device, cells=cells))


def filtered_ranks(
    model: ScoringModel, facts: Triples, known: TailIndex, device: torch.device, *, cells: int = CELLS
) -> NDArray[np.float64]:
    """The rank of each fact's tail among all entities that are not other known answers, shape (facts,), from 1.

    Entities with the same score as the true one count half, the realistic rank of Berrendorf et al. 2020: a model that
    scores all alike is neither praised nor blamed. Raises ModelError where a score is no number.
    """
    step = max(cells // max(facts.entities, 1), 1)
    pieces = [facts.array[start : start + step] for start in range(0, len(facts), step)]
    with torch.inference_mode():
        ranks = [_ranks(model, piece, known, device) for piece in pieces]
    return np.concatenate(ranks) if ranks else np.zeros(0)


def _ranks(model: ScoringModel, facts: Ints, known: TailIndex, device: torch.device) -> NDArray[np.float64]:
    heads, relations, tails = (torch.from_numpy(column.copy()).to(device) for column in facts.T)
    scores = model.score_all_tails(heads, relations)
    true = scores.gather(1, tails[:, None])
    rows, others = (torch.from_numpy(part).to(device) for part in known.tails(facts[:, 0], facts[:, 1]))
    if not bool(torch.isfinite(scores.sum())):
        raise ModelError("a score is not a finite number: training ran away; choose a lower learning_rate")
    scores[rows, others] = -torch.inf
    # The true tail may itself be among the known ones; it counts neither as better nor as equal.
    scores.scatter_(1, tails[:, None], -torch.inf)
    better, equal = ((scores > true).sum(dim=1), (scores == true).sum(dim=1))
    return 1 + better.cpu().numpy() + equal.cpu().numpy() / 2
