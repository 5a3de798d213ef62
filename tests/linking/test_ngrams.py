"""Names found by parts of words and by stems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgslm.linking.ngrams import build_index, char_grams, compact, open_index, plain, stems, top_rows

NAMES = ["Heart attack", "attack, heart", "Asthma", "A.D.3d", "Cardiac arrest"]


def test_grams_are_runs_of_a_word_with_blanks_around_it() -> None:
    assert char_grams("Ab") == [" a", "ab", "b ", " ab", "ab ", " ab ", " ab "]
    # A short text of several words is read as one word too.
    assert " ad" in char_grams("A.D.") and "d3d" in char_grams("A.D.3d")


def test_words_are_plain() -> None:
    assert plain("Tumour of the Liver, Ménière's") == "tumor of the liver meniere"
    assert compact("A.D. 3d") == compact("ad3d") == "ad3d"
    assert stems("Diseases of the Hearts") == ["diseas", "heart"]
    assert stems("of the") == ["of", "the"]


def test_a_name_is_nearest_to_itself_whatever_the_order() -> None:
    index = build_index(NAMES, char_grams, cosine=True)
    scores, _ = index.scores("heart ATTACKS")
    assert top_rows(scores, 2).tolist() == [0, 1]
    scores, _ = index.scores("heart attack")
    assert scores[0] == pytest.approx(1, abs=2e-3)
    assert 0.8 < scores[1] < 1
    assert index.scores("AD3d")[0].argmax() == 3
    assert index.scores("")[0].tolist() == [0] * 5


def test_overlap_adds_up_the_weights_of_shared_words() -> None:
    index = build_index(NAMES, stems, cosine=False)
    scores, total = index.scores("asthma attack")
    twice, once = np.log(6 / 3) + 1, np.log(6 / 2) + 1
    assert scores.tolist() == pytest.approx([twice, twice, once, 0, 0], abs=2e-3)
    assert total == pytest.approx(twice + once, abs=1e-5)
    assert index.totals[0] == pytest.approx(2 * twice, abs=1e-5)


def test_an_index_is_read_back(tmp_path: Path) -> None:
    index = build_index(NAMES, char_grams, cosine=True)
    index.save(tmp_path, "grams")
    again = open_index(tmp_path, "grams", char_grams, cosine=True)
    assert np.array_equal(again.scores("hart atack")[0], index.scores("hart atack")[0])


def test_an_empty_index_finds_nothing() -> None:
    index = build_index([], char_grams, cosine=True)
    assert index.scores("asthma")[0].shape == (0,)
    assert top_rows(np.zeros(3, np.float32), 5).tolist() == []
