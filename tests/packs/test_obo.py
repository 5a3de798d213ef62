"""The OBO reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.errors import PackError
from kgslm.packs.items import Item, SourceConcept, SourceName, SourcePredicate, SourcePrefix, SourceRelation
from kgslm.packs.readers.obo import OboSource

FULL = r"""format-version: 1.4
idspace: HP http://purl.obolibrary.org/obo/HP_ "Human Phenotypes"
default-namespace: human_phenotype
! a comment

[Term] ! another
id: HP:1 {x="y"} ! Wow
name: Pain \! acute ! not this
namespace: phenotypes
def: "A \"sharp\" feeling\, in\nthe body." [PMID:1, http://x.org] {a="b"} ! c
subset: core
synonym: "Ache" EXACT layperson [X:1 "y"]
synonym: "Bodily hurt" BROAD []
synonym: "Sting" NARROW []
synonym: "Discomfort" []
exact_synonym: "Dolor" []
xref: UMLS:C1 "Pain"
alt_id: HP:11
is_a: HP:0 {source="z"} ! All
relationship: part_of HP:2 {a="b"} ! Body
intersection_of: HP:0
property_value: x y
created_by: someone

[Term]
id: HP:3
name: Old {a="b"}
is_obsolete: true
replaced_by: HP:1
consider: HP:2

[Typedef]
id: part_of
name: part of
is_transitive: true

[Instance]
id: HP:4
instance_of: HP:1 ! Pain
"""


def read(folder: Path, text: str) -> list[Item]:
    path = folder / "hp.obo"
    path.write_text(text, encoding="utf-8")
    source = OboSource(path=path)
    with source.files() as files:
        return list(source.read(files))


def test_all_tags_of_a_term(tmp_path: Path) -> None:
    file = str(tmp_path / "hp.obo")
    assert read(tmp_path, FULL) == [
        SourcePrefix("HP", "http://purl.obolibrary.org/obo/HP_"),
        SourceConcept(
            id="HP:1",
            name="Pain ! acute",
            names=(
                SourceName("Ache"),
                SourceName("Bodily hurt", "broad"),
                SourceName("Sting", "narrow"),
                SourceName("Discomfort", "related"),
                SourceName("Dolor"),
            ),
            definition='A "sharp" feeling, in\nthe body.',
            categories=("phenotypes", "core"),
            xrefs=("UMLS:C1",),
            alt_ids=("HP:11",),
            file=file,
            line=6,
        ),
        SourceRelation("HP:1", "is_a", "HP:0", "", file, 19),
        SourceRelation("HP:1", "part_of", "HP:2", "", file, 20),
        SourceConcept("HP:3", "Old", obsolete=True, replaced_by=("HP:1",), file=file, line=25),
        SourcePredicate("part_of", "part of"),
        SourceConcept("HP:4", file=file, line=37),
        SourceRelation("HP:4", "instance_of", "HP:1", "", file, 39),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("this is no tag", "hp.obo:5: 'this is no tag' is no 'tag: value' line; correct or remove it"),
        ("some words: and more", "hp.obo:5: 'some words: and more' is no 'tag: value' line; correct or remove it"),
        ('def: "no end', "hp.obo:5: a text in double quotes was expected, not '\"no end'"),
        ("synonym: Ache EXACT []", "hp.obo:5: a text in double quotes was expected, not 'Ache EXACT []'"),
        ("is_a:", "hp.obo:5: the tag 'is_a' has no value"),
        ("relationship: part_of", "hp.obo:5: relationship needs a predicate and a target, not 'part_of'"),
        ("relationship: part_of ! Body", "hp.obo:5: relationship needs a predicate and a target, not 'part_of ! Body'"),
        ("[Term", "hp.obo:5: '[Term' is no stanza header; write [Term]"),
        ("[Term]\nname: x", "hp.obo:5: the stanza has no id"),
    ],
)
def test_a_broken_line_is_told_by_its_number(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(PackError) as error:
        read(tmp_path, f"format-version: 1.2\n\n[Term]\nid: HP:1\n{line}\n")
    assert str(error.value) == f"{tmp_path}/{message}"


def test_a_file_without_stanzas_is_no_obo(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"hp.obo:1: no stanza such as \[Term\] in it; this is no OBO file"):
        read(tmp_path, "subject: hello\n")


def test_empty_names_are_left_to_the_builder(tmp_path: Path) -> None:
    (concept,) = read(tmp_path, "[Term]\nid: HP:1\nname:\n")
    assert isinstance(concept, SourceConcept)
    assert concept.name == ""
