"""Running text: names that labelled mentions taught are found too."""

from __future__ import annotations

from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.free_text import Finder, worth_finding
from kgslm.linking.settings import DEFAULT_SETTINGS

NAMES = [("D:1", "Myocardial infarction", "preferred"), ("D:2", "Failure", "preferred")]
TEXT = "Broken hearts after myocardial infarction; pump failure is a failure."


def finder(*names: tuple[str, str]) -> Finder:
    return Finder(DictionaryLinker.from_names(NAMES), names, DEFAULT_SETTINGS)


def found(*names: tuple[str, str]) -> list[tuple[str, str | None]]:
    (linked,) = finder(*names).link_many([TEXT])
    return [(link.surface, link.concept) for link in linked.links]


def test_without_taught_names_it_is_the_dictionary() -> None:
    assert found() == [("myocardial infarction", "D:1"), ("failure", "D:2"), ("failure", "D:2")]


def test_taught_names_are_found_and_the_longer_mention_stays() -> None:
    assert found(("D:1", "broken heart"), ("D:3", "pump failure")) == [
        ("Broken hearts", "D:1"),
        ("myocardial infarction", "D:1"),
        ("pump failure", "D:3"),
        ("failure", "D:2"),
    ]


def test_what_the_pack_says_of_a_span_comes_first() -> None:
    assert found(("D:3", "failure"), ("D:3", "infarction")) == found()


def test_only_names_that_mostly_mean_their_concept_are_worth_finding() -> None:
    texts = [
        ("Broken hearts and lesions.", {(0, 13): frozenset({"D:1"}), (18, 25): frozenset({"D:2"})}),
        ("Lesions. No lesion. A broken heart.", {(22, 34): frozenset({"D:1"})}),
    ]
    names = [("D:1", "broken heart"), ("D:2", "lesion"), ("D:3", "broken heart")]
    assert worth_finding(texts, names) == [("D:1", "broken heart")]
