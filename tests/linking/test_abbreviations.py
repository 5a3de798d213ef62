"""Abbreviations that a text defines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.linking.abbreviations import find_abbreviations, occurrences, write_out
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.settings import LinkSettings

ROWS = [
    ("D:1", "Adrenoleukodystrophy", "preferred"),
    ("D:2", "Ataxia telangiectasia", "preferred"),
    ("D:3", "Schwartz-Jampel syndrome", "preferred"),
    ("D:4", "Stevens-Johnson syndrome", "preferred"),
    ("D:4", "SJS", "exact"),
    ("D:5", "Cerebral adrenoleukodystrophy", "preferred"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He has ataxia telangiectasia (A-T).", {"A-T": "ataxia telangiectasia"}),
        ("A-T (ataxia telangiectasia) is rare.", {"A-T": "ataxia telangiectasia"}),
        ("non-Hodgkin lymphoma (NHL; n = 3)", {"NHL": "non-Hodgkin lymphoma"}),
        ("the tumour necrosis factor (TNF) and TNF (not this)", {"TNF": "tumour necrosis factor"}),
        ("low density lipoproteins (LDL) in blood (in 5 of them)", {"LDL": "low density lipoproteins"}),
        ("It fell (see below). It rose (Fig 1).", {}),
        ("It fell. Heart rate (HR) rose.", {"HR": "Heart rate"}),
        ("a general partner (the GP) or GP (general partner)", {"GP": "general partner"}),
        ("", {}),
        ("(AB)", {}),
        ("(((((AB)))))", {}),
    ],
)
def test_definitions(text: str, expected: dict[str, str]) -> None:
    assert find_abbreviations(text) == expected


@given(st.text(alphabet="aA bB-(),.\nİß😀", max_size=60))
def test_any_text_is_fine(text: str) -> None:
    definitions = find_abbreviations(text)
    for short, long in definitions.items():
        assert short in text and long in text and len(long) > len(short)
    if definitions:
        for start, end, long in occurrences(text, definitions):
            assert 0 <= start < end <= len(text) and long in text
        assert write_out("", definitions) == ""


def found(linker: DictionaryLinker, text: str) -> list[tuple[str, str | None]]:
    return [(link.surface, link.concept) for link in linker.link(text).links]


def test_short_forms_mean_what_the_text_says() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    text = "Schwartz-Jampel syndrome (SJS) is no SJS of drugs."
    assert found(linker, text) == [("Schwartz-Jampel syndrome", "D:3"), ("SJS", "D:3"), ("SJS", "D:3")]
    assert found(linker, "SJS is seen.") == [("SJS", "D:4")]
    off = DictionaryLinker(linker.lexicon, LinkSettings(abbreviations=False))
    assert found(off, text)[1:] == [("SJS", "D:4"), ("SJS", "D:4")]


def test_definitions_hold_in_their_own_text_only() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    first, second = linker.link_many(["Ataxia telangiectasia (A-T): A-T.", "A-T"])
    assert [link.concept for link in first.links] == ["D:2", "D:2", "D:2"]
    assert second.links == ()


def test_given_mentions_are_written_out() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    text = "Adrenoleukodystrophy (ALD), two ALDs, one cerebral ALD, one ABC (anything but cerebral)."
    assert [
        linker.link_mention(text, at := text.index(surface), at + len(surface)).concept
        for surface in ("ALDs", "cerebral ALD", "ABC")
    ] == ["D:1", "D:5", None]
