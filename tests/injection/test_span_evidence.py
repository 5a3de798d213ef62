"""What a pack says of words, by hand; and the control that moves mentions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgslm.injection import ShuffledLinker, ground_labels
from kgslm.injection.groups import ConceptGroups
from kgslm.injection.moved import MovedLinker
from kgslm.injection.span_evidence import SpanEvidence
from kgslm.injection.words import word_spans, words_within
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack
from kgslm.records import Example

TEXT = "A heart attack, then FEVER and aspirin"


def test_groups_are_groundings_categories_and_broader_concepts(toy_pack: KnowledgePack) -> None:
    groundings = ground_labels(toy_pack, ["disease", "unknown"])
    concepts = ["T:5", "T:5", "T:3", "T:31", "T:32", "T:21"]
    groups = ConceptGroups.choose(toy_pack, groundings, concepts)
    assert groups.names[:2] == ("label disease", "label unknown")
    # Half of the mentions are diseases: under T:1 and in the category are the same ones, and one of the two is kept.
    assert groups.names[2] == "category disease"
    assert "under T:1" not in groups.names
    assert "under T:30" not in groups.names  # fever and cough, as the category finding
    assert "category drug" not in groups.names  # one concept only tells what it is itself
    assert groups.of("T:4").tolist() == [1, 0, 1, 0]
    again = ConceptGroups.from_facts(groups.facts(), toy_pack)
    assert again.names == groups.names
    assert (again.of("T:4") == groups.of("T:4")).all()


def test_words_know_their_link(toy_pack: KnowledgePack) -> None:
    linker = DictionaryLinker.from_pack(toy_pack)
    linked = linker.link(TEXT)
    evidence = SpanEvidence.fit(toy_pack, ground_labels(toy_pack, ["disease"]), [linked])
    (features,) = evidence.read([Example("1", TEXT)], [linked])
    column = {name: features[:, place] for place, name in enumerate(evidence.names)}
    words = [TEXT[start:end] for start, end in word_spans(TEXT)]
    assert words == ["A", "heart", "attack", ",", "then", "FEVER", "and", "aspirin"]
    assert column["outside"].tolist() == [1, 0, 0, 1, 1, 0, 1, 0]
    assert column["before"].tolist() == [1, 0, 0, 0, 1, 0, 1, 0]
    assert column["after"].tolist() == [0, 0, 0, 1, 0, 0, 1, 0]
    assert column["first link"].tolist() == [0, 1, 0, 0, 0, 1, 0, 1]
    assert column["further link"].tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert column["first label disease"].tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    assert column["further label disease"].tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert column["first capitals"].tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert column["first one word"].tolist() == [0, 0, 0, 0, 0, 1, 0, 1]
    assert ((features >= 0) & (features <= 1)).all()


def test_a_text_without_links_or_words(toy_pack: KnowledgePack) -> None:
    linker = DictionaryLinker.from_pack(toy_pack)
    evidence = SpanEvidence.fit(toy_pack, (), [linker.link(TEXT)])
    nothing, empty = evidence.read(
        [Example("1", "so what"), Example("2", " ")], list(linker.link_many(["so what", " "]))
    )
    assert nothing[:, 0].tolist() == [1, 1]
    assert not nothing[:, 1:].any()
    assert empty.shape == (0, len(evidence.names))


def test_moved_links_are_as_many_and_as_long(toy_pack: KnowledgePack) -> None:
    linker = DictionaryLinker.from_pack(toy_pack)
    text = f"{TEXT} " * 4
    plain, moved = linker.link(text), MovedLinker(linker).link(text)
    words = word_spans(text)

    def lengths(linked: object) -> list[int]:
        return sorted(len(words_within(words, link.start, link.end)) for link in linked.links)  # type: ignore[attr-defined]

    assert lengths(moved) == lengths(plain)
    assert sorted(link.concept or "" for link in moved.links) == sorted(link.concept or "" for link in plain.links)
    places = {(link.start, link.end) for link in plain.links}
    assert sum((link.start, link.end) in places for link in moved.links) < len(plain.links) / 2
    assert MovedLinker(linker).link(text) == moved
    assert MovedLinker(linker, seed=1).link(text) != moved
    assert next(MovedLinker(linker).link_many([text])) == moved


@given(
    text=st.lists(st.sampled_from(["fever", "heart attack", "the", "-", "\U0001f600", "心"]), max_size=12).map(" ".join)
)
def test_moved_links_are_spans_that_do_not_overlap(text: str, toy_pack: KnowledgePack) -> None:
    links = MovedLinker(ShuffledLinker(DictionaryLinker.from_pack(toy_pack), toy_pack)).link(text).links
    for one, other in pairwise(links):
        assert one.end <= other.start


@pytest.mark.parametrize(("start", "end", "expected"), [(0, 1, [0]), (1, 2, []), (0, 9, [0, 1, 2]), (3, 4, [1])])
def test_words_within_a_span(start: int, end: int, expected: list[int]) -> None:
    assert list(words_within(word_spans("a heart attack"), start, end)) == expected
    assert np.array(word_spans("a heart attack")).tolist() == [[0, 1], [2, 7], [8, 14]]
