"""What the context arm writes, and the shuffled control."""

from __future__ import annotations

import numpy as np
import pytest

from kgslm.embedding.text import Progress, Vectors
from kgslm.errors import ConfigError
from kgslm.injection import ContextWriter, ShuffledLinker
from kgslm.injection.context import Budget, Snippet
from kgslm.injection.facts import DEFINITION, Fact, FactBook
from kgslm.injection.relevance import EmbeddedRelevance, LexicalRelevance
from kgslm.injection.task_weights import learn_predicate_weights
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack
from kgslm.records import IS_A, LinkedText


def words(text: str) -> int:
    return len(text.split())


def writer(pack: KnowledgePack, facts: int = 6, tokens: int = 64) -> ContextWriter:
    return ContextWriter(pack, FactBook(pack), words, Budget(facts, tokens))


def said(snippets: tuple[Snippet, ...]) -> str:
    return " ".join(snippet.words for snippet in snippets)


@pytest.fixture(scope="module")
def linker(toy_pack: KnowledgePack) -> DictionaryLinker:
    return DictionaryLinker.from_pack(toy_pack)


def test_a_concepts_facts_are_definition_kind_and_relations_both_ways(toy_pack: KnowledgePack) -> None:
    book = FactBook(toy_pack)
    assert [fact.words for fact in book.of("T:3")] == [
        "pneumonia: Infection that inflames the air sacs of the lung.",
        "Pneumonia is a kind of infection and disease.",
        "Pneumonia has the symptoms fever and cough.",
        "Pneumonia is treated by penicillin.",
    ]
    assert [(fact.predicate, fact.tails) for fact in book.of("T:31")] == [
        (DEFINITION, ()),
        (IS_A, ("T:30",)),
        ("HAS_SYMPTOM", ("T:3",)),
        ("TREATS", ("T:21",)),
    ]


def test_predicates_are_allowed_and_denied(toy_pack: KnowledgePack) -> None:
    assert {fact.predicate for fact in FactBook(toy_pack, allow=["TREATS", IS_A]).of("T:3")} == {"TREATS", IS_A}
    assert "TREATS" not in {fact.predicate for fact in FactBook(toy_pack, deny=["TREATS"]).of("T:3")}
    with pytest.raises(ConfigError, match=r"inject\.context\.deny: unknown predicate 'TREAT'; did you mean 'TREATS'"):
        FactBook(toy_pack, deny=["TREAT"])


def test_each_concept_has_a_sentence_before_any_has_its_third(
    toy_pack: KnowledgePack, linker: DictionaryLinker
) -> None:
    chosen = writer(toy_pack, facts=4).write(linker.link("metformin and aspirin, again metformin"))
    assert chosen[0].words == "metformin: A drug that lowers blood sugar."
    assert {snippet.start for snippet in chosen} == {0, 14}
    assert len(chosen) == 4


def test_a_sentence_that_does_not_fit_is_left_out_whole(toy_pack: KnowledgePack, linker: DictionaryLinker) -> None:
    linked = linker.link("metformin")
    assert writer(toy_pack, tokens=2).write(linked) == ()
    # "Metformin is a kind of drug." and "Metformin treats diabetes mellitus." do not fit beside it.
    assert said(writer(toy_pack, tokens=7).write(linked)) == "metformin: A drug that lowers blood sugar."
    assert writer(toy_pack).write(linker.link("nothing here")) == ()


def test_a_predicate_of_no_weight_is_not_told(toy_pack: KnowledgePack, linker: DictionaryLinker) -> None:
    linked = linker.link("metformin")
    weighted = writer(toy_pack).weighted({DEFINITION: 0.0, IS_A: 0.1})
    assert said(weighted.write(linked)) == "Metformin treats diabetes mellitus. Metformin is a kind of drug."


def test_what_shares_words_with_the_text_comes_first(toy_pack: KnowledgePack, linker: DictionaryLinker) -> None:
    relevant = ContextWriter(toy_pack, FactBook(toy_pack), words, Budget(1, 64), LexicalRelevance())
    for text, first in [
        ("pneumonia, given penicillins by mouth", "Pneumonia is treated by penicillin."),
        ("pneumonia of the inflamed lungs", "pneumonia: Infection that inflames the air sacs of the lung."),
    ]:
        linked = linker.link(text)
        own = LinkedText(text, tuple(link for link in linked.links if link.concept == "T:3"))
        assert said(relevant.write(own)) == first


def test_lexical_relevance_is_the_share_of_the_other_words() -> None:
    fact = Fact("x", "TREATS", (), "Aspirin treats headaches today.", "aspirin")
    # treat, headach and todai; the name does not count.
    assert LexicalRelevance().scores(["aspirin for a headache"], [[fact]]) == [[pytest.approx(1 / 3)]]
    assert LexicalRelevance().scores(["none"], [[Fact("x", IS_A, (), "Aspirin", "aspirin")]]) == [[0.0]]


class Counted:
    """An embedder along two axes, that counts what it is asked."""

    name, dim, fingerprint = "axes", 2, "axes"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: list[str], batch_size: int = 64, progress: Progress | None = None) -> Vectors:
        self.asked += texts
        return np.array([[1.0, 0.0] if "fever" in text else [0.0, 1.0] for text in texts], np.float32)


def test_embedded_relevance_remembers_facts() -> None:
    facts = [Fact("x", "TREATS", (), words, "x") for words in ("X treats fever.", "X treats pain.")]
    embedder = Counted()
    relevance = EmbeddedRelevance(embedder)  # type: ignore[arg-type]
    assert relevance.scores(["a fever", "no pain"], [facts, facts]) == [[1.0, 0.0], [0.0, 1.0]]
    assert relevance.scores(["a fever", "alone", "none"], [facts, facts[:1], []]) == [[1.0, 0.0], [1.0], []]
    assert embedder.asked == ["a fever", "no pain", "X treats fever.", "X treats pain.", "a fever"]


def told(predicate: str, *tails: str) -> Fact:
    return Fact("x", predicate, tails, "", "x")


def test_predicates_weigh_what_they_tell_of_labels_out_of_fold() -> None:
    texts = []
    for number in range(40):
        label = number % 2
        noise = str(np.random.default_rng(number).integers(3))
        texts.append(([told("TREATS", f"pain{label}"), told("NEAR", noise), told("ONCE", str(number))], [str(label)]))
    weights = learn_predicate_weights(
        [facts for facts, _ in texts], [labels for _, labels in texts], [str(number) for number in range(40)]
    )
    assert weights["TREATS"] == 1
    assert weights["NEAR"] < 0.1
    assert weights["ONCE"] == 0


def test_where_nothing_tells_all_predicates_stay_as_they_were() -> None:
    facts = [[told("ONCE", str(number))] for number in range(10)]
    labels = [[str(number % 2)] for number in range(10)]
    assert learn_predicate_weights(facts, labels, [str(number) for number in range(10)]) == {"ONCE": 1.0}


def test_copies_of_a_text_teach_nothing_about_it() -> None:
    facts = [[told("ONCE", str(number // 4))] for number in range(20)]
    labels = [[str(number // 4 % 2)] for number in range(20)]
    origins = [str(number // 4) for number in range(20)]
    assert learn_predicate_weights(facts, labels, origins) == {"ONCE": 1.0}
    assert learn_predicate_weights(facts, labels, [str(number) for number in range(20)]) == {"ONCE": 1.0}


def test_shuffling_keeps_the_mentions_and_swaps_every_concept_one_to_one(toy_pack: KnowledgePack) -> None:
    linker = DictionaryLinker.from_pack(toy_pack)
    shuffled = ShuffledLinker(linker, toy_pack, seed=3)
    texts = ["fever with pneumonia", "aspirin, metformin, asthma and fever"]
    plain, swapped = list(linker.link_many(texts)), list(shuffled.link_many(texts))
    mapping: dict[str | None, str | None] = {}
    for before, after in zip(plain, swapped, strict=True):
        assert [(link.start, link.end) for link in before.links] == [(link.start, link.end) for link in after.links]
        for old, new in zip(before.links, after.links, strict=True):
            assert mapping.setdefault(old.concept, new.concept) == new.concept
            assert new.concept is not None
            assert new.name == toy_pack.concept(new.concept).name
    assert len(set(mapping.values())) == len(mapping) == 5
    assert all(old != new for old, new in mapping.items())
    assert shuffled.link(texts[0]) == ShuffledLinker(linker, toy_pack, seed=3).link(texts[0])
