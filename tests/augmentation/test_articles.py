"""a or an."""

from __future__ import annotations

import pytest

from kgslm.augmentation.articles import article_edits, takes_an
from kgslm.augmentation.spans import Edit


@pytest.mark.parametrize(
    "word", ["infarction", "MRI", "HIV", "ulcer", "unexplained", "umbilical", "Eye", "apnoea", "SSRI"]
)
def test_words_that_take_an(word: str) -> None:
    assert takes_an(word)


@pytest.mark.parametrize("word", ["seizure", "uterine", "unilateral", "urinary", "CT", "UTI", "euthyroid", "one", "B"])
def test_words_that_take_a(word: str) -> None:
    assert not takes_an(word)


def test_only_an_article_that_is_wrong_is_changed() -> None:
    text = "An  fit of a tuna."
    assert article_edits(text, 4, "fit") == [Edit(0, 2, "A")]
    assert article_edits(text, 4, "attack") == []
    assert article_edits(text, 8, "apple") == []
    assert article_edits("tuna fish", 5, "apple") == []
