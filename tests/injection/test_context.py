"""What the context arm writes, and the shuffled control."""

from __future__ import annotations

from kgslm.injection import ContextWriter, ShuffledLinker
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack


def words(text: str) -> int:
    return len(text.split())


def test_definitions_and_kinds_come_first_then_facts(toy_pack: KnowledgePack) -> None:
    linker = DictionaryLinker.from_pack(toy_pack)
    writer = ContextWriter(toy_pack, words, max_facts=3, max_tokens=50)
    context = writer.write(linker.link("metformin and aspirin, again metformin"))
    assert context.startswith("metformin: A drug that lowers blood sugar.")
    assert "kind of drug" in context
    assert context.count(".") == 3


def test_a_sentence_that_does_not_fit_is_left_out_whole(toy_pack: KnowledgePack) -> None:
    linker = DictionaryLinker.from_pack(toy_pack)
    linked = linker.link("metformin")
    assert ContextWriter(toy_pack, words, max_tokens=2).write(linked) == ""
    assert ContextWriter(toy_pack, words, max_tokens=7).write(linked) == "metformin: A drug that lowers blood sugar."
    assert ContextWriter(toy_pack, words).write(linker.link("nothing here")) == ""


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
