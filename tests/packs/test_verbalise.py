from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourcePredicate, SourceRelation
from kgslm.packs.items import Item
from kgslm.packs.verbalise import WORDINGS, Wording, join_names, sentence, verbalise, wording
from kgslm.records import Relation


def test_joins_names_as_a_sentence_does() -> None:
    assert join_names(["a"]) == "a"
    assert join_names(["a", "b"]) == "a and b"
    assert join_names(["a", "b", "c"]) == "a, b and c"
    assert join_names(["a, acute", "b"]) == "a, acute; and b"
    assert join_names(["a, acute", "b", "c"]) == "a, acute; b; and c"
    assert join_names(["a, acute"]) == "a, acute"


@pytest.mark.parametrize(
    ("predicate", "readable", "forward"),
    [
        ("TREATS", "", "treats"),
        ("treats", "", "treats"),
        ("is_a", "", "is a kind of"),
        ("rdfs:subClassOf", "", "is a kind of"),
        ("skos:related", "", "is related to"),
        ("http://example.org/onto#partOf", "", "is part of"),
        ("RO:0002331", "involved in", "involved in"),
        ("RO:0000052", "part of", "is part of"),
        ("HAS_FINDING_SITE", "", "has finding site"),
        ("hasFindingSite", "", "has finding site"),
    ],
)
def test_the_words_of_a_predicate(predicate: str, readable: str, forward: str) -> None:
    assert wording(predicate, readable).forward == forward


def test_sentences_in_both_directions() -> None:
    treats = wording("TREATS")
    assert sentence("metformin", treats, ["diabetes", "obesity"]) == "Metformin treats diabetes and obesity."
    assert sentence("Diabetes", treats, ["metformin"], inverse=True) == "Diabetes is treated by metformin."
    assert sentence("mRNA", treats, ["x"]) == "mRNA treats x."
    assert sentence("Name Inc.", Wording("owns"), ["Other Inc."]) == "Name Inc. owns Other Inc."


def test_without_an_inverse_reading_the_subjects_come_first() -> None:
    assert sentence("skin", wording("HAS_FINDING_SITE"), ["rash"], inverse=True) == "Rash has finding site skin."


def test_every_wording_is_lower_case_and_reads_both_ways() -> None:
    for name, words in WORDINGS.items():
        assert name == name.upper()
        assert words.forward == words.forward.lower() != ""
        assert words.inverse == words.inverse.lower() != ""
        assert all(cue.isalpha() and cue.islower() for cue in words.cues.split())


def test_a_relation_of_a_pack(tmp_path: Path) -> None:
    builder = PackBuilder("toy")
    items: list[Item] = [
        SourceConcept("T:1", "Metformin"),
        SourceConcept("T:2", "type 2 diabetes mellitus"),
        SourceRelation("T:1", "TREATS", "T:2"),
        SourceRelation("T:1", "RO:1", "T:2"),
        SourcePredicate("RO:1", "acts upon"),
    ]
    builder.add(Origin("toy"), items)
    builder.write(tmp_path / "pack")
    pack = KnowledgePack.open(tmp_path / "pack")
    assert verbalise(pack, Relation("T:1", "TREATS", "T:2")) == "Metformin treats type 2 diabetes mellitus."
    assert verbalise(pack, Relation("T:1", "RO:1", "T:2")) == "Metformin acts upon type 2 diabetes mellitus."
