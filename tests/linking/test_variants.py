"""Every way of reading a name, each with its switch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.settings import LinkSettings

ORGANS = [("kidney", "renal"), ("liver", "hepatic"), ("lung", "pulmonary")]
NAMES = [
    *((f"P:{number}", f"{organ} {trouble}", "preferred") for number, (organ, trouble) in enumerate([
        ("kidney", "stone"), ("kidney", "cyst"), ("kidney", "abscess"), ("kidney", "scar"), ("kidney", "injury"),
    ])),
    *((f"P:{number}", f"renal {trouble}", "exact") for number, trouble in enumerate([
        "stone", "cyst", "abscess", "scar", "injury",
    ])),
    ("R:1", "Renal hypoplasia", "preferred"),
    ("C:1", "Breast cancer", "preferred"),
    ("C:2", "Ovarian cancer", "preferred"),
    ("C:3", "Prostate cancer", "preferred"),
    ("T:1", "Tyrosinemia type 2", "preferred"),
    ("F:5", "Factor V deficiency", "preferred"),
    ("U:1", "Ulcerative colitis", "preferred"),
    ("U:2", "Colitis", "preferred"),
    ("H:1", "Preauricular pit", "preferred"),
    ("N:1", "Non-Hodgkin lymphoma", "preferred"),
    ("L:1", "Laws", "preferred"),
    ("L:2", "By-laws", "preferred"),
    ("K:1", "Malformation of the kidney", "preferred"),
    ("K:2", "Malformation of the ureter", "preferred"),
    ("B:1", "Alphabet Inc. (Class A)", "preferred"),
    ("B:2", "Target Corporation", "preferred"),
    ("S:1", "Absence seizure", "preferred"),
    ("D:1", "Cardiac abnormality", "preferred"),
    ("E:1", "Macular edema", "preferred"),
    ("E:2", "Skin nevus", "preferred"),
    ("E:3", "Skin picking", "preferred"),
    ("E:4", "Hypertensive crisis", "preferred"),
]  # fmt: skip
LINKER = DictionaryLinker.from_names(NAMES)


def linked(text: str, **settings: Any) -> list[tuple[str, str | None]]:
    linker = DictionaryLinker(LINKER.lexicon, replace(LinkSettings(), **settings))
    return [(link.surface, link.concept) for link in linker.link(text).links]


@pytest.mark.parametrize(
    ("text", "links", "switch"),
    [
        ("a hypoplasia of the kidney", [("hypoplasia of the kidney", "R:1")], "word_synonyms"),
        ("kidney hypoplasia", [("kidney hypoplasia", "R:1")], "word_synonyms"),
        ("tyrosinemia type II", [("tyrosinemia type II", "T:1")], "numerals"),
        ("factor 5 deficiency", [("factor 5 deficiency", "F:5")], "numerals"),
        ("seizures, absence", [("seizures, absence", "S:1")], "word_order"),
        ("cardiac abnormal", [("cardiac abnormal", "D:1")], "other_endings"),
        ("a macular oedema", [("macular oedema", "E:1")], "spelling"),
        ("two skin nevi", [("skin nevi", "E:2")], "plurals"),
        ("macular edemas", [("macular edemas", "E:1")], "plurals"),
        ("hypertensive crises", [("hypertensive crises", "E:4")], "plurals"),
        ("skin-picking", [("skin-picking", "E:3")], "hyphens"),
        ("a pre auricular pit", [("pre auricular pit", "H:1")], "compounds"),
        ("our bylaws", [("bylaws", "L:2")], "compounds"),
        ("Alphabet fell", [("Alphabet", "B:1")], "shortened"),
    ],
)
def test_a_reading_and_its_switch(text: str, links: list[tuple[str, str]], switch: str) -> None:
    assert linked(text) == links
    assert links[0] not in linked(text, **{switch: False})


@pytest.mark.parametrize("switch", ["spelling", "plurals", "hyphens", "compounds"])
def test_a_switch_forbids_its_own_reading_only(switch: str) -> None:
    readings = {
        "spelling": ("macular oedema", "E:1"),
        "plurals": ("skin nevi", "E:2"),
        "hyphens": ("skin-picking", "E:3"),
        "compounds": ("bylaws", "L:2"),
    }
    for other, reading in readings.items():
        assert (reading in linked(reading[0], **{switch: False})) is (other != switch)


def test_a_least_score_leaves_out_doubtful_readings() -> None:
    text = "kidney hypoplasia, skin nevi and ulcerative colitis"
    assert [concept for _, concept in linked(text)] == ["R:1", "E:2", "U:1"]
    assert [concept for _, concept in linked(text, least_score=0.9)] == ["E:2", "U:1"]
    assert [concept for _, concept in linked(text, least_score=1)] == ["U:1"]


def test_words_that_head_many_names_are_no_mention_alone() -> None:
    names = [("X", "Syndrome", "preferred"), *((f"X:{it}", f"Foo{it} syndrome", "preferred") for it in range(20))]
    linker = DictionaryLinker.from_names(names)
    text = "a syndrome, no foo7 syndrome"
    assert [link.surface for link in linker.link(text).links] == ["foo7 syndrome"]
    alone = DictionaryLinker(linker.lexicon, LinkSettings(bare_heads=True))
    assert [link.surface for link in alone.link(text).links] == ["syndrome", "foo7 syndrome"]
    assert linker.link_mention(text, 2, 10).concept == "X"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("a pre-auricular pit", [("pre-auricular pit", "H:1")]),
        ("pre auricular pits", [("pre auricular pits", "H:1")]),
        ("a nonhodgkin lymphoma", [("nonhodgkin lymphoma", "N:1")]),
        ("a non Hodgkin lymphoma", [("non Hodgkin lymphoma", "N:1")]),
        ("the by-laws, our bylaws, these laws", [("by-laws", "L:2"), ("bylaws", "L:2"), ("laws", "L:1")]),
        ("Alphabet fell, and so did the target", [("Alphabet", "B:1")]),
        ("Target Corp rose", [("Target", "B:2")]),
    ],
)
def test_compounds_and_short_forms_of_names(text: str, links: list[tuple[str, str]]) -> None:
    assert linked(text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "breast and ovarian cancer",
            [("breast and ovarian cancer", "C:1"), ("ovarian cancer", "C:2")],
        ),
        (
            "breast, ovarian, or prostate cancers",
            [
                ("breast, ovarian, or prostate cancers", "C:1"),
                ("ovarian, or prostate cancers", "C:2"),
                ("prostate cancers", "C:3"),
            ],
        ),
        (
            "malformations of the kidney or ureter",
            [("malformations of the kidney", "K:1"), ("malformations of the kidney or ureter", "K:2")],
        ),
        ("breast, he said, and ovarian cancer", [("ovarian cancer", "C:2")]),
        ("breast. And ovarian cancer", [("ovarian cancer", "C:2")]),
        ("breast with ovarian cancer", [("ovarian cancer", "C:2")]),
    ],
)
def test_names_that_share_a_word(text: str, links: list[tuple[str, str]]) -> None:
    assert sorted(linked(text)) == sorted(links)
    assert all(surface in text for surface, _ in linked(text))
    assert len(linked(text, coordination=False)) == 1


def test_overlap_policies() -> None:
    text = "ulcerative colitis"
    assert linked(text) == [("ulcerative colitis", "U:1")]
    assert linked(text, overlap="nested") == [("ulcerative colitis", "U:1"), ("colitis", "U:2")]
    # "kidney stone abscess" is two names that share a word.
    assert [it for it, _ in linked("kidney stone kidney", overlap="longest")] == ["kidney stone"]
    assert [it for it, _ in linked("kidney stone kidney", overlap="all")] == ["kidney stone", "stone kidney"]
    assert [it for it, _ in linked("kidney stone kidney", overlap="nested")] == ["kidney stone"]


@pytest.mark.parametrize(
    ("mention", "concepts"),
    [
        ("severe ulcerative colitis", ["U:1", "U:2"]),
        ("ulcerative colitis of the left side", ["U:1"]),
        ("breast and ovarian cancer", ["C:2", "C:1"]),
        ("woe", []),
        ("Alphabet Inc", ["B:1"]),
    ],
)
def test_given_mentions_back_off_to_the_names_in_them(mention: str, concepts: list[str]) -> None:
    link = LINKER.link_mention(mention, 0, len(mention))
    assert sorted(it.concept for it in link.candidates) == sorted(concepts)
    assert link.concept == (concepts[0] if concepts else None)
    scores = [it.score for it in link.candidates]
    assert scores == sorted(scores, reverse=True)
    off = DictionaryLinker(LINKER.lexicon, LinkSettings(back_off=False))
    assert off.link_mention(mention, 0, len(mention)).concept is None


@pytest.mark.parametrize(
    ("mention", "concept", "switch"),
    [
        ("tyrosinemia", None, ""),  # less than half of the only name with it
        ("hypoplasia", "R:1", "completion"),
        ("crises", "E:4", "completion"),
        ("hypoplasia of moons", None, ""),  # a word of no name
        ("nephropathy", "O:1", "other_words"),
        ("epileptic", "O:2", "other_words"),
    ],
)
def test_given_mentions_are_completed_and_put_in_other_words(mention: str, concept: str | None, switch: str) -> None:
    names = [*NAMES, ("O:1", "Kidney disease", "preferred"), ("O:2", "Epilepsy", "preferred")]
    settings = LinkSettings(back_off=False)
    linker = DictionaryLinker.from_names(names, settings)
    assert linker.link_mention(mention, 0, len(mention)).concept == concept
    assert linker.link_mention(mention, 0, len(mention)).score <= 0.7
    assert not linker.link(f"a {mention}").links  # in running text that is too little
    if switch:
        off = DictionaryLinker(linker.lexicon, replace(settings, **dict[str, Any]({switch: False})))
        assert off.link_mention(mention, 0, len(mention)).concept is None


def test_of_several_meanings_a_text_has_the_one_that_it_names() -> None:
    names = [
        ("G:1", "Glaucoma with pigment dispersion", "preferred"),
        ("G:1", "PDS", "exact"),
        ("G:2", "Pendred syndrome", "preferred"),
        ("G:2", "PDS", "exact"),
    ]
    linker = DictionaryLinker.from_names(names)
    text = "Pendred syndrome is inherited. Its gene is known, and PDS was found in all of them."
    at = text.index("PDS")
    assert [it.concept for it in linker.link(text).links] == ["G:2", "G:2"]
    given = linker.link_mention(text, at, at + 3)
    assert [it.concept for it in given.candidates] == ["G:2", "G:1"]
    assert given.concept == "G:2"
    off = DictionaryLinker(linker.lexicon, LinkSettings(senses=False))
    assert [it.concept for it in off.link(text).links] == ["G:2", "G:1"]
    assert linker.link("PDS was found in all of them.").links[0].concept == "G:1"


def test_two_words_may_be_others_where_one_root_is_left() -> None:
    names = [
        ("D:1", "Dysplastic patella", "preferred"),
        ("D:2", "Hip dysplasia", "preferred"),
        ("D:2", "Dysplastic hip", "exact"),
        ("D:3", "Patella cyst", "preferred"),
        ("D:3", "Patellar cyst", "exact"),
    ]
    linker = DictionaryLinker.from_names(names)
    assert [(it.surface, it.concept) for it in linker.link("a patellar dysplasia").links] == [
        ("patellar dysplasia", "D:1")
    ]
    off = DictionaryLinker(linker.lexicon, LinkSettings(word_synonyms=False))
    assert not off.link("a patellar dysplasia").links
