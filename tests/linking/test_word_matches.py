"""Words that stand for other words of a pack's names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgslm.linking.names import name_table
from kgslm.linking.shortenings import shortens
from kgslm.linking.word_building import build_words
from kgslm.linking.word_matches import WordIndex, words_of

COURTS = [
    ("almd", "District Court for the Middle District of Alabama", "preferred"),
    ("almd", "M.D. Ala.", "exact"),
    ("ald", "District Court for the District of Alabama", "preferred"),
    ("ald", "D. Ala.", "exact"),
    ("flmd", "District Court for the Middle District of Florida", "preferred"),
    ("flmd", "M.D. Fla.", "exact"),
    ("ala", "Supreme Court of Alabama", "preferred"),
    ("ala", "Ala. Sup. Ct.", "exact"),
    ("fla", "Supreme Court of Florida", "preferred"),
    ("fla", "Fla. Sup. Ct.", "exact"),
]


@pytest.fixture(scope="module")
def index() -> WordIndex:
    return build_words(name_table(COURTS), {})


def best(index: WordIndex, word: str) -> dict[str, float]:
    numbers, values = index.match(word)
    return {index.words[number]: value for number, value in zip(numbers.tolist(), values.tolist(), strict=True)}


def test_an_ordinal_is_its_number() -> None:
    assert words_of("F.2d") == words_of("F. 2nd") == ["f", "2"]
    assert words_of("Plan D") == ["plan", "d"]


@pytest.mark.parametrize(
    ("short", "long", "known"),
    [
        ("ala", "alabama", True),
        ("ct", "court", True),
        ("m", "middl", True),
        ("tc", "court", False),
        ("2", "25", True),
        ("2", "352", False),
        ("crtcour", "crtxcour", False),
    ],
)
def test_words_shorten_words(short: str, long: str, known: bool) -> None:
    assert shortens(short, long) is known


def test_what_short_words_stand_for_is_learnt_from_names(index: WordIndex) -> None:
    # In two concepts each; one of them says nothing.
    assert index.shares["m"] == {"middl": pytest.approx(0.5)}
    assert index.shares["ct"]["court"] == pytest.approx(0.5)
    # Alabama three times, so surer.
    assert index.shares["ala"]["alabama"] == pytest.approx(2 / 3)
    matched = best(index, "m")
    assert matched["m"] == 1
    assert matched["middl"] == pytest.approx(0.3 + 0.65 * 0.5)


def test_numbers_stand_for_themselves_alone() -> None:
    index = build_words(name_table([("a", "Route 2", "preferred"), ("b", "Route 25", "preferred")]), {})
    assert best(index, "2") == {"2": 1}


def test_misspelt_words_are_found_with_what_shortens_them(index: WordIndex) -> None:
    matched = best(index, "alabbama")
    assert matched["alabama"] > 0.8
    assert 0 < matched["ala"] < matched["alabama"]


def test_words_of_a_cluster_mean_the_same() -> None:
    names = [("k", "Kidney failure", "preferred"), ("r", "Renal stone", "preferred")]
    index = build_words(name_table(names), {"kidney": 7, "renal": 7})
    assert best(index, "renal") == pytest.approx({"renal": 1, "kidney": 0.9})


def test_names_are_covered_by_what_words_stand_for(index: WordIndex) -> None:
    table = name_table(COURTS)
    cover = index.cover("District Court M D Alabama", len(table.ids))
    assert table.texts[int(cover.both.argmax())] == "District Court for the Middle District of Alabama"
    assert cover.in_mention[table.texts.index("District Court for the District of Alabama")] == pytest.approx(1)
    # All words are somewhere in the names of the middle district, and of no other one.
    assert cover.in_concept.round(4).tolist().index(1) == table.ids.index("almd")
    assert (cover.in_concept.round(4) == 1).sum() == 1
    assert cover.in_name.max() <= 1


def test_a_text_without_words_of_names_covers_nothing(index: WordIndex) -> None:
    for text in ("", "zebra"):
        assert all(not part.any() for part in index.cover(text, 5))


def test_names_that_only_mentions_say_are_not_the_concepts_words() -> None:
    index = build_words(name_table([("k", "Kidney failure", "preferred")], [("k", "bad stone")]), {})
    cover = index.cover("stone", 1)
    assert cover.in_name.tolist() == [0, 1]
    assert cover.in_concept.tolist() == [0]


def test_an_index_is_the_same_after_it_was_kept(index: WordIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    loaded = WordIndex.load(tmp_path)
    assert loaded.words == index.words
    assert [loaded.of_name(row) for row in range(10)] == [index.of_name(row) for row in range(10)]
    for one, other in zip(loaded.cover("Ala. Ct.", 5), index.cover("Ala. Ct.", 5), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
