"""Other words for the same."""

from __future__ import annotations

import pytest

from kgslm.linking.morphology import derived


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("hypertensive", "hypertension"),
        ("Diabetic", "diabetes"),
        ("epileptic", "epilepsy"),
        ("obese", "obesity"),
        ("psychotic", "psychosis"),
        ("nephrotoxicity", "kidney disease"),
        ("chronic nephropathy", "chronic kidney disease"),
        ("cardiac dysfunction", "heart disease"),
        ("renal tumours", "kidney neoplasms"),
        ("Ca2+", "calcium"),
        ("Na", "sodium"),
        ("K(+)", "potassium"),
        ("CaCl(2)", "calcium chloride"),
        ("H2O", "water"),
        ("Valproate", "valproic acid"),
        ("sodium valproate", "valproic acid"),
        ("diclofenac sodium", "diclofenac"),
        ("Atropine sulphate", "atropine"),
    ],
)
def test_a_noun_is_among_the_words_for_the_same(text: str, other: str) -> None:
    assert other in derived(text)


@pytest.mark.parametrize("text", ["", "asthma", "a text of many more words", "WT1", "Xx2+", "sodium", "ate"])
def test_most_texts_have_no_other_words(text: str) -> None:
    assert derived(text) == []
