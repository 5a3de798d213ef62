"""Concepts by a part of a name, by a name however it is written, and by a misspelt one."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceName
from kgslm.packs.ids import normal, singular, squeezed, word_set
from kgslm.packs.search import FuzzyHit, NameHit, find_alike, fuzzy_names, search_names, similar_names

MakePack = Callable[..., KnowledgePack]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> MakePack:
    """A pack of the concepts N:0 ... with these names, the preferred one first."""

    def build(*names: str | tuple[str, ...]) -> KnowledgePack:
        concepts = []
        for number, given_ in enumerate(names):
            first, *others = (given_,) if isinstance(given_, str) else given_
            concepts.append(SourceConcept(f"N:{number:03d}", first, tuple(SourceName(name) for name in others)))
        folder: Path = tmp_path_factory.mktemp("names") / "pack"
        builder = PackBuilder("names")
        builder.add(Origin("names"), concepts)
        builder.write(folder)
        return KnowledgePack.open(folder)

    return build


def test_search_ranks_the_whole_name_then_its_start_then_words(make: MakePack) -> None:
    pack = make("brain fever (acute)", "yellow fever", ("pyrexia", "FEVER"), "fever", "feverfew", "hayfevers", "chill")
    assert [hit.id for hit in search_names(pack, "Fever")] == ["N:003", "N:002", "N:004", "N:001", "N:000", "N:005"]
    assert search_names(pack, "Fever", top=2) == [
        NameHit("N:003", "fever", "fever", "preferred"),
        NameHit("N:002", "pyrexia", "FEVER", "exact"),
    ]
    assert [hit.id for hit in search_names(pack, "acute fev")] == ["N:000"]
    assert [hit.id for hit in search_names(pack, "(ACUTE)")] == ["N:000"]
    assert search_names(pack, ".*") == search_names(pack, "  ") == search_names(pack, "none") == []


def test_search_leaves_out_obsolete_concepts(toy_pack: KnowledgePack) -> None:
    assert [hit.id for hit in search_names(toy_pack, "infarct")] == ["T:5"]


@pytest.mark.parametrize(
    "text",
    ["x-ray film", "X ray film", "xray film", "X\N{EN DASH}Ray  Film", "\N{FULLWIDTH LATIN SMALL LETTER X}-ray film"],
)
def test_a_name_is_found_however_it_is_written(make: MakePack, text: str) -> None:
    pack = make("x-ray", "X-ray film", "film")
    assert find_alike(pack, text) == ("N:001",)


def test_word_order_number_and_apostrophes_do_not_matter(make: MakePack) -> None:
    pack = make("Infarction, Myocardial", "O'Brien's allergy", "Alzheimer\N{RIGHT SINGLE QUOTATION MARK}s disease")
    assert find_alike(pack, "myocardial infarctions") == ("N:000",)
    assert find_alike(pack, "allergies OBriens") == ("N:001",)
    assert find_alike(pack, "Alzheimers Diseases") == ("N:002",)
    assert find_alike(pack, "myocardial") == find_alike(pack, "") == find_alike(pack, "-") == ()


def test_accents_are_found_composed_and_decomposed(make: MakePack) -> None:
    pack = make("caf\N{LATIN SMALL LETTER E WITH ACUTE}", "cafe\N{COMBINING ACUTE ACCENT} noir", "cafe")
    assert find_alike(pack, "cafe\N{COMBINING ACUTE ACCENT}") == ("N:000",)
    assert find_alike(pack, "Noir CAF\N{LATIN CAPITAL LETTER E WITH ACUTE}") == ("N:001",)


def test_what_is_written_the_same_comes_first(make: MakePack) -> None:
    pack = make("beta-blockers", "betablocker", "Beta Blocker", ("blocker", "beta blocker"), "blocker, beta")
    assert find_alike(pack, "beta blocker") == ("N:002", "N:003", "N:001", "N:000", "N:004")


def test_plurals() -> None:
    words = {
        "allergies": "allergy",
        "boxes": "box",
        "masses": "mass",
        "fevers": "fever",
        "virus": "virus",
        "gas": "gas",
    }
    assert {word: singular(word) for word in words} == words
    assert squeezed("Na+-channel") == "na+channel"
    assert word_set("Na+ channels [gated]") == ("channel", "gated", "na+")


def test_misspellings_are_found_in_any_place(toy_pack: KnowledgePack) -> None:
    assert fuzzy_names(toy_pack, "Qneumonia") == [FuzzyHit("T:3", "pneumonia", "pneumonia", "preferred", 16 / 18)]
    assert [hit.id for hit in fuzzy_names(toy_pack, "pnuemonia")] == ["T:3"]
    assert [hit.id for hit in fuzzy_names(toy_pack, "hart atack")] == ["T:5"]
    assert fuzzy_names(toy_pack, "FEVER")[0].score == 1
    assert similar_names(toy_pack, "asprin") == [NameHit("T:21", "aspirin", "aspirin", "preferred")]
    assert fuzzy_names(toy_pack, "cardiac infarkt") == []
    assert fuzzy_names(toy_pack, "") == fuzzy_names(toy_pack, "fever", cutoff=0) == []


def test_the_nearest_name_of_each_concept_counts(make: MakePack) -> None:
    pack = make(("fever", "fevers", "feverr"), "fevre", "lever")
    assert [(hit.id, hit.matched, hit.score) for hit in fuzzy_names(pack, "fever")] == [
        ("N:000", "fever", 1),
        ("N:001", "fevre", 0.8),
        ("N:002", "lever", 0.8),
    ]
    assert [hit.id for hit in fuzzy_names(pack, "fever", top=1)] == ["N:000"]


def test_a_pack_without_names_has_no_hits(make: MakePack) -> None:
    pack = make()
    assert not search_names(pack, "fever")
    assert not fuzzy_names(pack, "fever")
    assert find_alike(pack, "fever") == ()


@pytest.mark.parametrize("text", ["fever\udcff", "\0", "\\", "(?", "fever" * 100_000, "é" * 5000, "ж " * 5000, "\\E*"])
def test_no_text_is_too_odd(toy_pack: KnowledgePack, text: str) -> None:
    assert not search_names(toy_pack, text)
    assert not fuzzy_names(toy_pack, text, cutoff=0.95)
    assert not find_alike(toy_pack, text)


def test_a_long_name_is_found(make: MakePack) -> None:
    assert find_alike(make("x" * 5000), "X" * 5000) == ("N:000",)


WORDS = st.text("abcé -", min_size=1, max_size=8).filter(lambda text: bool(normal(text)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(WORDS, min_size=1, max_size=12), text=WORDS, cutoff=st.sampled_from([0.5, 0.8, 1.0]))
def test_fuzzy_finds_exactly_the_near_names(make: MakePack, names: list[str], text: str, cutoff: float) -> None:
    pack = make(*names)
    expected = {}
    for id_, name, _ in pack.names():
        score = 2 * _common(normal(text), normal(name)) / (len(normal(text)) + len(normal(name)))
        if score >= cutoff - 1e-9:
            expected[id_] = score
    found = fuzzy_names(pack, text, top=50, cutoff=cutoff)
    assert {hit.id: hit.score for hit in found} == pytest.approx(expected)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    ratio = SequenceMatcher(None, normal(text), found[0].matched.casefold(), autojunk=False).ratio() if found else 0
    assert not found or found[0].score >= ratio - 1e-9  # difflib looks for long blocks and may miss letters


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(WORDS, min_size=1, max_size=12), text=WORDS)
def test_alike_finds_exactly_the_names_of_the_same_form(make: MakePack, names: list[str], text: str) -> None:
    pack = make(*names)
    expected = {
        id_
        for id_, name, _ in pack.names()
        if squeezed(name) == squeezed(text) or word_set(name) == word_set(text) or normal(name) == normal(text)
    }
    assert set(find_alike(pack, text)) == (expected if squeezed(text) else set())


def _common(first: str, second: str) -> int:
    """The length of the longest common subsequence, by the textbook."""
    row = [0] * (len(second) + 1)
    for sign in first:
        before = list(row)
        for place, other in enumerate(second, 1):
            row[place] = before[place - 1] + 1 if sign == other else max(before[place], row[place - 1])
    return row[-1]
