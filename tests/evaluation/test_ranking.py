from __future__ import annotations

from kgslm.evaluation.ranking import RankingScores, score_rankings


def test_three_questions_by_hand() -> None:
    rankings = [["a", "b"], ["x", "y", "b", "a"], ["x"]]
    # Ranks 1, 3 and none.
    assert score_rankings(rankings, [{"a"}, {"a", "b"}, {"a"}]) == RankingScores(3, 1 / 3, 2 / 3, (1 + 1 / 3) / 3)


def test_ranks_below_ten_do_not_count() -> None:
    rankings = [[*map(str, range(10)), "a"]]
    assert score_rankings(rankings, [["a"]]) == RankingScores(1, 0, 0, 0)


def test_no_questions() -> None:
    assert score_rankings([], []) is None
