"""Sections that are left out, and doubtful readings in long texts."""

from __future__ import annotations

import pytest

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.languages import language
from kgslm.linking.sections import Sections
from kgslm.linking.settings import LinkSettings

NAMES = [("S:1", "Seizure", "preferred"), ("A:1", "Ataxia", "preferred"), ("B:1", "Cardiac abnormality", "preferred")]
REPORT = """Seizures in a boy
Case report
He had ataxia.
2. Discussion and outlook
Discussion of seizure took place, and of ataxia.
3. Conclusions
Ataxia is rare.
REFERENCES
1. Doe J. Seizure and ataxia.
"""


def skipped(text: str, headings: str) -> list[str]:
    return [text[start:end].split("\n")[0] for start, end in Sections(headings, language("en")).skipped(text)]


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        ("", []),
        (" , ", []),
        ("discussion", ["2. Discussion and outlook"]),
        ("Discussion,references", ["2. Discussion and outlook", "REFERENCES"]),
        ("case  report", ["Case report"]),
        ("outlook", []),
    ],
)
def test_sections_go_on_until_the_next_heading(headings: str, found: list[str]) -> None:
    assert skipped(REPORT, headings) == found


def test_a_heading_of_ones_own_ends_a_section_too() -> None:
    assert skipped("Clause A\nx\nClause B\ny", "clause a, clause b") == ["Clause A", "Clause B"]
    assert skipped("Clause A\nx\nClause B\ny", "clause a") == ["Clause A"]


def test_a_sentence_is_no_heading() -> None:
    assert skipped("Discussion took place.\nDiscussion of " + 60 * "x", "discussion") == []


def test_other_languages_know_the_given_headings() -> None:
    assert Sections("literatur", language("de")).skipped("Text\nLiteratur\nAnfall") == [(5, 21)]


def test_mentions_in_skipped_sections_are_left_out() -> None:
    linker = DictionaryLinker.from_names(NAMES, LinkSettings(skip_sections="discussion, references"))
    links = linker.link(REPORT).links
    assert [(it.surface, REPORT[: it.start].count("\n")) for it in links] == [
        ("Seizures", 0),
        ("ataxia", 2),
        ("Ataxia", 6),
    ]
    at = REPORT.index("seizure took")
    assert linker.link_mention(REPORT, at, at + 7).concept == "S:1"  # a given mention is linked wherever it stands


def test_in_long_texts_doubtful_readings_need_support() -> None:
    linker = DictionaryLinker.from_names(NAMES)
    lone = "An abnormality, cardiac, was seen. "
    filling = "Nothing else was found there. " * 200
    assert [it.concept for it in linker.link(lone).links] == ["B:1"]
    assert linker.link(lone + filling).links == ()
    assert [it.concept for it in linker.link(lone + filling + lone).links] == ["B:1", "B:1"]
    assert [it.concept for it in linker.link(filling + "A cardiac abnormality.").links] == ["B:1"]
    keeping = DictionaryLinker.from_names(NAMES, LinkSettings(lone_doubtful=True))
    assert [it.concept for it in keeping.link(lone + filling).links] == ["B:1"]
