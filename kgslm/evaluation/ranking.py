"""How good rankings are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RankingScores:
    """Means over questions, each in [0, 1].

    hit_at_1, hit_at_10: a relevant id is first, or among the first ten. mrr_at_10: one over the rank of the first
    relevant id, 0 where it is not among the first ten.
    """

    questions: int
    hit_at_1: float
    hit_at_10: float
    mrr_at_10: float


def score_rankings(rankings: Sequence[Sequence[str]], relevant: Sequence[Collection[str]]) -> RankingScores | None:
    """Compare rankings, best first, with the relevant ids of the same questions; None where there are no questions."""
    if not rankings:
        return None
    ranks = [
        next((rank for rank, id_ in enumerate(ranking[:10], start=1) if id_ in wanted), 0)
        for ranking, wanted in zip(rankings, relevant, strict=True)
    ]
    count = len(ranks)
    return RankingScores(
        questions=count,
        hit_at_1=sum(rank == 1 for rank in ranks) / count,
        hit_at_10=sum(rank > 0 for rank in ranks) / count,
        mrr_at_10=sum(1 / rank for rank in ranks if rank) / count,
    )
