"""What a pack says of two entities, by hand."""

from __future__ import annotations

from kgslm.injection import ShuffledLinker
from kgslm.injection.pair_evidence import PairEvidence
from kgslm.injection.pairs import Patterns
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.packs import KnowledgePack
from kgslm.records import Entity, EntityRelation, Example


def example(key: str, text: str, *names: tuple[str, str], related: bool = False) -> Example:
    entities = tuple(
        Entity(text.index(name), text.index(name) + len(name), label, str(number))
        for number, (name, label) in enumerate(names)
    )
    return Example(key, text, entities=entities, relations=(EntityRelation("0", "1", "treats"),) if related else ())


DRUG_FIRST = example("1", "aspirin for fever", ("aspirin", "drug"), ("fever", "sign"), related=True)
SIGN_FIRST = example("2", "fever needs metformin", ("metformin", "drug"), ("fever", "sign"))
TWO_SIGNS = example("3", "aspirin with fever and cough", ("aspirin", "drug"), ("fever", "sign"), ("cough", "sign"))


def test_only_pairs_of_sorts_that_were_related_are_looked_at() -> None:
    patterns = Patterns.of([DRUG_FIRST, SIGN_FIRST])
    assert patterns.known == {("drug", "sign", True)}
    assert patterns.pairs(TWO_SIGNS) == [("0", "1"), ("0", "2")]
    assert patterns.pairs(SIGN_FIRST) == []
    both_ways = Patterns.of(
        [DRUG_FIRST, example("2", SIGN_FIRST.text, ("metformin", "drug"), ("fever", "sign"), related=True)]
    )
    assert both_ways.pairs(SIGN_FIRST) == [("0", "1")]


def test_mentions_of_one_id_are_one_entity_and_those_without_none() -> None:
    patterns = Patterns(frozenset({("sign", "sign", True)}))
    twice = Example(
        "1",
        "fever, cough, fever",
        entities=(
            Entity(0, 5, "sign", "f"),
            Entity(7, 12, "sign", "c"),
            Entity(14, 19, "sign", "f"),
            Entity(7, 12, "sign"),
        ),
    )
    assert patterns.pairs(twice) == [("f", "c")]


def test_paths_between_the_concepts(toy_pack: KnowledgePack) -> None:
    linker = DictionaryLinker.from_pack(toy_pack)
    patterns = Patterns(frozenset({("drug", "sign", True), ("drug", "sign", False)}))
    texts = [DRUG_FIRST, SIGN_FIRST, TWO_SIGNS, DRUG_FIRST]
    evidence = PairEvidence.fit(toy_pack, linker, patterns, texts)
    assert {"any", "1 steps", "-TREATS->", "tail category finding"} <= {*evidence.names, "tail category finding"}
    first, second, third, _ = evidence.read(texts, [])
    column = {name: place for place, name in enumerate(evidence.names)}
    assert first[0, column["-TREATS->"]] == 1  # aspirin treats fever
    assert second[0, column["-TREATS->"]] == 0  # metformin does not
    assert third[:, column["-TREATS->"]].tolist() == [1, 0]
    again = PairEvidence.from_facts(evidence.facts(), patterns, toy_pack, linker)
    assert again.names == evidence.names
    assert (again.read(texts, [])[2] == third).all()


def test_shuffled_concepts_have_other_paths(toy_pack: KnowledgePack) -> None:
    patterns = Patterns(frozenset({("drug", "sign", True)}))
    linker = DictionaryLinker.from_pack(toy_pack)
    evidence = PairEvidence.fit(toy_pack, linker, patterns, [DRUG_FIRST] * 3)
    shuffled = PairEvidence.from_facts(evidence.facts(), patterns, toy_pack, ShuffledLinker(linker, toy_pack))
    column = evidence.names.index("-TREATS->")
    assert evidence.read([DRUG_FIRST], [])[0][0, column] == 1
    assert shuffled.read([DRUG_FIRST], [])[0][0, column] == 0
