"""Abbreviations that a text defines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.linking.abbreviations import bracketed, find_abbreviations, occurrences, read_brackets, write_out
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.settings import LinkSettings

ROWS = [
    ("D:1", "Adrenoleukodystrophy", "preferred"),
    ("D:2", "Ataxia telangiectasia", "preferred"),
    ("D:3", "Schwartz-Jampel syndrome", "preferred"),
    ("D:4", "Stevens-Johnson syndrome", "preferred"),
    ("D:4", "SJS", "exact"),
    ("D:5", "Cerebral adrenoleukodystrophy", "preferred"),
    ("D:6", "Myotonic dystrophy", "preferred"),
    ("D:7", "Diabetes mellitus", "preferred"),
    ("D:7", "DM", "exact"),
    ("D:8", "Glucosephosphate dehydrogenase deficiency", "preferred"),
    ("D:9", "Wilms tumour", "preferred"),
    ("D:9", "WT1", "exact"),
    ("D:10", "WAS1", "preferred"),
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
        ("The Na+-binding properties of the (Na,K)-ATPase", {}),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("adult myotonic dystrophy (DM)", [("DM", ("adult myotonic dystrophy", "myotonic dystrophy"))]),
        ("It fell. Lung cancer (CL).", [("CL", ("Lung cancer",))]),
        ("ataxia telangiectasia (AT)", []),  # spelt in order
        ("breast cancer (BRCA1)", []),
        ("myotonic dystrophy (see DM)", []),
        ("myotonic dystrophy (Md)", []),
    ],
)
def test_brackets_that_hold_the_letters_in_any_order(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(read_brackets(text).unexplained) == expected


def test_a_name_before_a_bracket_explains_it() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    text = "In adult myotonic dystrophy (DM), DM is rare."
    assert found(linker, text)[1:] == [("DM", "D:6"), ("DM", "D:6")]
    at = text.rindex("DM")
    assert linker.link_mention(text, at, at + 2).concept == "D:6"
    # What stands there is no name, so that nothing is explained.
    assert found(linker, "In mad dogs (DM), DM is rare.") == [("DM", "D:7"), ("DM", "D:7")]


def test_a_short_form_in_brackets_does_not_part_a_name() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    text = "glucosephosphate dehydrogenase (GPD) deficiency"
    assert found(linker, text) == [(text, "D:8")]
    assert linker.link_mention(text, 0, len(text)).concept == "D:8"
    assert found(linker, text.replace("GPD", "in blood")) == []


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [("a (BC) d", (3, 5), (1, 6)), ("(BC)", (1, 3), (0, 4)), ("a(BC)", (2, 4), (1, 5)), ("a (BC d)", (3, 5), None)],
)
def test_bracketed(text: str, span: tuple[int, int], expected: tuple[int, int] | None) -> None:
    assert bracketed(text, *span) == expected


FILL = "It is said of many a patient in this long text, which goes on so that it could have explained it. " * 3


def test_the_name_of_a_gene_is_no_disease() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    off = DictionaryLinker(linker.lexicon, LinkSettings(bearers=False))
    text = FILL + "The WT1 gene; WT1 in Wilms tumour."
    assert found(linker, text) == [("Wilms tumour", "D:9")]
    assert found(off, text) == [("WT1", "D:9"), ("WT1", "D:9"), ("Wilms tumour", "D:9")]
    assert found(linker, FILL + "A WT1.") == [("WT1", "D:9")]
    defined = FILL + "Wilms tumour, once (WT1), and its WT1 gene"
    assert found(linker, defined.replace("tumour, once", "tumour 1"))[-1] == ("WT1", "D:9")


def test_lone_abbreviations_of_two_letters_are_in_doubt() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    assert found(linker, FILL + "DM is rare.") == []
    assert found(linker, "DM is rare.") == [("DM", "D:7")]
    assert found(linker, FILL + "DM is a diabetes mellitus.") == [("DM", "D:7"), ("diabetes mellitus", "D:7")]
    every = DictionaryLinker(linker.lexicon, LinkSettings(lone_abbreviations=True))
    assert found(every, FILL + "DM is rare.") == [("DM", "D:7")]


def test_names_in_capitals_with_digits_keep_their_case() -> None:
    linker = DictionaryLinker.from_names(ROWS)
    assert found(linker, "there was 1 of WAS1 and WAS-1") == [("WAS1", "D:10"), ("WAS-1", "D:10")]
