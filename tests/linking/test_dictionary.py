"""The dictionary linker on names and texts whose links are known."""

from __future__ import annotations

import pytest

from kgslm.errors import LinkError
from kgslm.linking.dictionary import DictionaryLinker

NAMES = [
    ("D1", "Abdomen, Acute", "preferred"),
    ("D2", "Seizure", "preferred"),
    ("D2", "Epileptic fit", "exact"),
    ("D3", "Generalized-onset seizure", "preferred"),
    ("D4", "Acute Lymphoblastic Leukemia", "preferred"),
    ("D4", "ALL", "exact"),
    ("D5", "Acquired Immunodeficiency Syndrome", "preferred"),
    ("D5", "AIDS", "exact"),
    ("D6", "Abnormality of the skin", "preferred"),
    ("D7", "Crohn's disease", "preferred"),
    ("D8", "Cold", "preferred"),
    ("D9", "Chronic Obstructive Lung Disease", "preferred"),
    ("D9", "COLD", "exact"),
    ("D10", "And", "preferred"),
    ("D11", "Vitamin B12 deficiency", "preferred"),
    ("D12", "Hepatitis A", "preferred"),
    ("D13", "Hepatitis", "preferred"),
    ("D14", "Sjögren syndrome", "preferred"),
    ("D15", "Ventricular septal defect", "preferred"),
    ("D15", "VSD", "exact"),
    ("D16", "Abdominal pain", "preferred"),
    ("D17", "E. coli infection", "preferred"),
]


@pytest.fixture(scope="module")
def linker() -> DictionaryLinker:
    return DictionaryLinker.from_names(NAMES)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Acute abdomen.", [("Acute abdomen", "D1")]),
        ("abdomen, acute", [("abdomen, acute", "D1")]),
        ("SEIZURES and a seizure", [("SEIZURES", "D2"), ("seizure", "D2")]),
        ("epileptic fits", [("epileptic fits", "D2")]),
        ("generalized onset seizures", [("generalized onset seizures", "D3")]),
        ("all of the patients with ALL", [("ALL", "D4")]),
        ("ALL PATIENTS", []),
        ("hearing aids, not AIDS", [("AIDS", "D5")]),
        ("skin abnormalities", [("skin abnormalities", "D6")]),
        ("abnormality of skin", [("abnormality of skin", "D6")]),
        ("skin and abnormality", []),
        ("Crohn disease, Crohn’s disease", [("Crohn disease", "D7"), ("Crohn’s disease", "D7")]),
        ("a cold; COLD", [("cold", "D8"), ("COLD", "D9")]),
        ("this and that", []),
        ("vitamin B-12 deficiency", [("vitamin B-12 deficiency", "D11")]),
        ("hepatitis A; a hepatitis a", [("hepatitis A", "D12"), ("hepatitis", "D13")]),
        ("Sjogren's syndrome", [("Sjogren's syndrome", "D14")]),
        ("two VSDs, no vsd", [("VSDs", "D15")]),
        ("the abdomen. Pain came", []),
        ("pain, abdominal", [("pain, abdominal", "D16")]),
        ("pain (abdominal)", []),
        ("an E. coli infection", [("E. coli infection", "D17")]),
        ("preseizure seizureless", []),
        ("", []),
        (" \n\t", []),
    ],
)
def test_links(linker: DictionaryLinker, text: str, links: list[tuple[str, str]]) -> None:
    linked = linker.link(text)
    assert [(link.surface, link.concept) for link in linked.links] == links
    assert linked.text == text


def test_scores_fall_with_the_distance_from_the_preferred_name(linker: DictionaryLinker) -> None:
    texts = ["Seizure", "epileptic fit", "SEIZURES", "fit, epileptic"]
    scores = [linker.link(text).links[0].score for text in texts]
    assert scores == sorted(set(scores), reverse=True)
    assert scores[0] == 1.0


def test_ambiguous_names_keep_all_candidates_best_first(linker: DictionaryLinker) -> None:
    (link,) = linker.link("COLD").links
    assert [(candidate.concept, candidate.name) for candidate in link.candidates] == [
        ("D9", "Chronic Obstructive Lung Disease"),
        ("D8", "Cold"),
    ]


def test_offsets_survive_letters_that_grow_when_lowered(linker: DictionaryLinker) -> None:
    text = "İİİ 😀 seizures in İstanbul"
    (link,) = linker.link(text).links
    assert (link.start, link.end) == (6, 14)


def test_many_texts_give_what_each_gives_alone(linker: DictionaryLinker) -> None:
    texts = ["acute", "abdomen", "", "a seizure", "Abdomen, Acute in ALL"] * 3
    assert list(linker.link_many(texts)) == [linker.link(text) for text in texts]


def test_a_given_mention_keeps_its_span(linker: DictionaryLinker) -> None:
    text = "He had a strange seizure and woe."
    assert linker.link_mention(text, 17, 24).score == 1.0
    wider = linker.link_mention(text, 9, 24)
    assert (wider.concept, wider.surface, 0.6 < wider.score < 0.9) == ("D2", "strange seizure", True)
    nil = linker.link_mention(text, 29, 32)
    assert (nil.concept, nil.surface, nil.candidates) == (None, "woe", ())
    with pytest.raises(LinkError, match="20-99 is not a span"):
        linker.link_mention(text, 20, 99)


def test_an_empty_lexicon_links_nothing() -> None:
    linker = DictionaryLinker.from_names([])
    assert linker.link("a seizure").links == ()
    assert linker.link_mention("a seizure", 2, 9).concept is None
