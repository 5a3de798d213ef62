from __future__ import annotations

from collections.abc import Sequence

import pytest

from kgslm.records import Hit, Passage
from kgslm.retrieval.fusion import HybridRetriever, fuse

A, B, C = (Passage(name, name) for name in "abc")


class Fixed:
    """Gives the same passages for every question."""

    def __init__(self, *passages: Passage) -> None:
        self._hits = [Hit(passage, 1.0) for passage in passages]

    def search(self, question: str, top: int = 10) -> list[Hit]:
        return self._hits[:top]

    def search_many(self, questions: Sequence[str], top: int = 10) -> list[list[Hit]]:
        return [self.search(question, top) for question in questions]


def test_two_rankings_by_hand() -> None:
    fused = fuse([[Hit(A, 9), Hit(B, 8)], [Hit(C, 0.9), Hit(A, 0.8)]], weights=(0.3, 0.7), k=3)
    assert [hit.passage.id for hit in fused] == ["a", "c", "b"]
    assert [hit.score for hit in fused] == pytest.approx([0.3 / 4 + 0.7 / 5, 0.7 / 4, 0.3 / 5])


def test_equal_scores_keep_the_order_of_the_first_ranking() -> None:
    fused = fuse([[Hit(B, 1)], [Hit(A, 1)]], weights=(0.5, 0.5), k=1)
    assert [hit.passage.id for hit in fused] == ["b", "a"]


def test_the_weights_go_to_keywords_and_meaning_in_this_order() -> None:
    hybrid = HybridRetriever(Fixed(A, B), Fixed(B, A), weights=(0.9, 0.1))
    assert [hit.passage.id for hit in hybrid.search("any")] == ["a", "b"]
    assert [hit.passage.id for hit in hybrid.search("any", top=1)] == ["a"]


def test_without_meaning_the_order_is_that_of_keywords() -> None:
    hybrid = HybridRetriever(Fixed(B, C, A), None)
    assert [hit.passage.id for hit in hybrid.search("any")] == ["b", "c", "a"]


def test_no_hits_at_all() -> None:
    assert HybridRetriever(Fixed(), Fixed()).search_many(["one", "two"]) == [[], []]
