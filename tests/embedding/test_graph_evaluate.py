from __future__ import annotations

import numpy as np
import pytest
import torch

from kgslm.embedding.graph.evaluate import RankScores, evaluate, filtered_ranks
from kgslm.embedding.graph.models import MODELS
from kgslm.embedding.graph.triples import TailIndex, Triples
from kgslm.errors import ModelError

CPU = torch.device("cpu")


class Table:
    """Scores that are written down: relation to head to the scores of all tails."""

    def __init__(self, scores: dict[int, list[list[float]]]) -> None:
        self._scores = {relation: torch.tensor(rows) for relation, rows in scores.items()}

    def score(self, heads: torch.Tensor, relations: torch.Tensor, tails: torch.Tensor) -> torch.Tensor:
        return self.score_all_tails(heads, relations).gather(1, tails[:, None])[:, 0]

    def score_all_tails(self, heads: torch.Tensor, relations: torch.Tensor) -> torch.Tensor:
        pairs = zip(heads.tolist(), relations.tolist(), strict=True)
        return torch.stack([self._scores[relation][head] for head, relation in pairs])


def facts(*rows: tuple[int, int, int], entities: int = 4) -> Triples:
    return Triples(np.array(rows, dtype=np.int64).reshape(-1, 3), entities, 2)


def ranks(scores: list[float], tail: int, *known: int) -> float:
    """The rank of ``tail`` for head 0 and relation 0."""
    index = TailIndex(facts(*[(0, 0, other) for other in known], entities=len(scores)))
    model = Table({0: [scores]})
    return float(filtered_ranks(model, facts((0, 0, tail), entities=len(scores)), index, CPU)[0])


def test_ranks_by_hand() -> None:
    assert ranks([0.1, 0.9, 0.5, 0.7], 1) == 1
    assert ranks([0.1, 0.9, 0.5, 0.7], 2) == 3
    # 1 and 3 are true as well, and do not count.
    assert ranks([0.1, 0.9, 0.5, 0.7], 2, 1, 2, 3) == 1
    assert ranks([0.1, 0.9, 0.5, 0.7], 0, 1) == 3


def test_ties_count_half() -> None:
    assert ranks([0.5, 0.5, 0.5, 0.5], 2) == 2.5
    assert ranks([0.9, 0.5, 0.5, 0.1], 2) == 2.5
    # A tie with another true answer is none.
    assert ranks([0.9, 0.5, 0.5, 0.1], 2, 1) == 2


def test_a_model_that_scores_all_alike_is_in_the_middle() -> None:
    model = Table({relation: [[0.0] * 11] * 11 for relation in (0, 2)})
    one = facts((0, 0, 5), entities=11)
    scores = evaluate(model, one, one, CPU)
    assert scores.mrr == pytest.approx(1 / 6)
    assert (scores.hits_1, scores.queries) == (0.0, 2)


def test_both_ends_are_asked_for() -> None:
    # The tail 1 of (0, 0) is first; the head 0 of it, by the inverse relation 2, is third.
    model = Table({0: [[0.0, 9.0, 1.0, 2.0]], 2: [[0.0] * 4, [5.0, 7.0, 1.0, 6.0]]})
    scores = evaluate(model, facts((0, 0, 1)), facts((0, 0, 1)), CPU)
    assert scores == RankScores(mrr=(1 + 1 / 3) / 2, hits_1=0.5, hits_3=1.0, hits_10=1.0, queries=2)


def test_no_facts() -> None:
    assert evaluate(Table({}), facts(), facts(), CPU) == RankScores(0.0, 0.0, 0.0, 0.0, 0)


@pytest.mark.parametrize("name", MODELS)
def test_pieces_give_the_same_ranks(name: str) -> None:
    torch.manual_seed(0)
    dice = np.random.default_rng(0)
    rows = np.stack([dice.integers(20, size=60), dice.integers(4, size=60), dice.integers(20, size=60)], axis=1)
    known = Triples(rows, 20, 4)
    model = MODELS[name](20, 4, 8)
    whole = filtered_ranks(model, known, TailIndex(known), CPU)
    for cells in (1, 20, 45, 999):
        assert filtered_ranks(model, known, TailIndex(known), CPU, cells=cells).tolist() == whole.tolist()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_scores_that_are_no_numbers(bad: float) -> None:
    with pytest.raises(ModelError, match="not a finite number"):
        ranks([bad, 0.5], 1)
