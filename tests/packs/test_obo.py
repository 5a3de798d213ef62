"""The OBO reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.errors import PackError
from kgslm.packs.items import Finding, Item, SourceConcept, SourceName, SourcePredicate, SourcePrefix, SourceRelation
from kgslm.packs.readers import pieces
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
synonym: "P, \"acute\"" EXACT ABBREVIATION [X:2, Y:3 "a [b]"] {comment="z"} ! c
exact_synonym: "Dolor" []
xref: UMLS:C1 "Pain"
xref: url:http\://x.org/a\ b {source="y"} ! page
alt_id: HP:11
is_a: HP:0 {source="z"} ! All
relationship: part_of HP:2 {a="b"} ! Body
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


NAMESPACE = ("human_phenotype",)


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
                SourceName("Ache", "exact", "layperson"),
                SourceName("Bodily hurt", "broad"),
                SourceName("Sting", "narrow"),
                SourceName("Discomfort", "related"),
                SourceName('P, "acute"', "exact", "ABBREVIATION"),
                SourceName("Dolor"),
            ),
            definition='A "sharp" feeling, in\nthe body.',
            categories=("phenotypes", "core"),
            xrefs=("UMLS:C1", "url:http://x.org/a b"),
            alt_ids=("HP:11",),
            file=file,
            line=6,
        ),
        SourceRelation("HP:1", "is_a", "HP:0", "z", file, 21),
        SourceRelation("HP:1", "part_of", "HP:2", "", file, 22),
        SourceConcept("HP:3", "Old", (), "", NAMESPACE, obsolete=True, replaced_by=("HP:1",), file=file, line=26),
        SourcePredicate("part_of", "part of"),
        SourceConcept("HP:4", "", (), "", NAMESPACE, file=file, line=38),
        SourceRelation("HP:4", "instance_of", "HP:1", "", file, 40),
    ]


def edges(folder: Path, lines: str) -> list[tuple[str, ...]]:
    items = read(folder, f"[Term]\nid: X:1\n{lines}\n")
    return [item[:4] for item in items if isinstance(item, SourceRelation)]


def test_what_follows_from_logical_definitions(tmp_path: Path) -> None:
    """X:1 is exactly an X:2 that is part of an X:3; X:4 and X:5 are all that X:1 can be."""
    lines = """intersection_of: X:2 ! genus
intersection_of: part_of X:3 {a="b"} ! differentia
union_of: X:4
union_of: X:5 ! five
equivalent_to: Y:1 ! other
disjoint_from: X:9"""
    assert edges(tmp_path, lines) == [
        ("X:1", "is_a", "X:2", ""),
        ("X:1", "part_of", "X:3", ""),
        ("X:4", "is_a", "X:1", ""),
        ("X:5", "is_a", "X:1", ""),
        ("X:1", "equivalent_to", "Y:1", ""),
    ]


def test_qualifiers_of_relations(tmp_path: Path) -> None:
    lines = """is_a: X:2 {source="A:1", xref="B", source="A:2 \\"b\\""} ! two
is_a: X:3 {gci_filler="T:1", gci_relation="part_of"}
relationship: has_part X:4 {cardinality="0"}
relationship: has_part X:5 {minCardinality="1", maxCardinality="0"}
relationship: has_part X:6 {all_only="true"} ! six
relationship: has_part X:7 {all_only="true", all_some="true"}
relationship: has_part X:8 {cardinality="1"}"""
    assert edges(tmp_path, lines) == [
        ("X:1", "is_a", "X:2", 'A:1, A:2 "b"'),
        ("X:1", "has_part", "X:7", ""),
        ("X:1", "has_part", "X:8", ""),
    ]
    findings = [item for item in read(tmp_path, f"[Term]\nid: X:1\n{lines}\n") if isinstance(item, Finding)]
    file = str(tmp_path / "hp.obo")
    assert findings == [
        Finding("no plain relation", "is_a 'X:3' holds of a part of the term only (gci)", "relation", file, 4),
        Finding("no plain relation", "has_part 'X:4' is denied (cardinality 0)", "relation", file, 5),
        Finding("no plain relation", "has_part 'X:5' is denied (cardinality 0)", "relation", file, 6),
        Finding("no plain relation", "has_part 'X:6' says what alone is allowed (all_only)", "relation", file, 7),
    ]


def test_synonym_types_are_told_in_words(tmp_path: Path) -> None:
    head = 'synonymtypedef: OMO:0003000 "abbreviation" EXACT\nsynonymtypedef: hp:lay "for all"\n'
    types = ("OMO:0003000", "hp:lay", "http://x.org/hp#layperson", "http\\://x.org/uk_spelling", "OMO:0003999", "")
    lines = "".join(f'synonym: "{number}" EXACT {type_} []\n' for number, type_ in enumerate(types))
    (concept,) = read(tmp_path, f"{head}\n[Term]\nid: X:1\n{lines}")
    assert isinstance(concept, SourceConcept)
    assert [name.type for name in concept.names] == [
        "abbreviation",
        "lay",
        "layperson",
        "uk_spelling",
        "0003999",
        "",
    ]


def test_each_file_has_its_own_header(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.obo").write_text(
            f"default-namespace: {name}\nimport: http://x.org/{name}.owl\n\n[Term]\nid: {name}:1\n\n"
            f"[Term]\nsubset: core\nnamespace: own ! other\nid: {name}:2\n\n[Unknown]\nx: y\n"
        )
    source = OboSource(path=tmp_path)
    with source.files() as files:
        items = list(source.read(files))
    concepts = [item for item in items if isinstance(item, SourceConcept)]
    assert [(item.id, item.categories) for item in concepts] == [
        ("a:1", ("a",)),
        ("a:2", ("own", "core")),
        ("b:1", ("b",)),
        ("b:2", ("own", "core")),
    ]
    assert [str(item) for item in items if isinstance(item, Finding)] == [
        f"{tmp_path}/{name}.obo:2: http://x.org/{name}.owl is not read; give it as a source of its own"
        for name in ("a", "b")
    ]


def test_escapes_in_ids(tmp_path: Path) -> None:
    text = "[Term]\nid: X\\:a\\ b ! c\nalt_id: X:\\{1\\}\nrelationship: part\\_of X\\:2\nintersection_of: r X\\:3\n"
    concept, *relations = read(tmp_path, text)
    assert isinstance(concept, SourceConcept)
    assert (concept.id, concept.alt_ids) == ("X:a b", ("X:{1}",))
    assert [item[:3] for item in relations] == [("X:a b", "part_of", "X:2"), ("X:a b", "r", "X:3")]


def test_lines_are_counted_over_the_pieces_that_are_read(tmp_path: Path) -> None:
    comment = f"comment: {'x' * 99_990}\n"
    text = f"[Term]\nid: X:1\n{comment * 5}\n[Term]\nid: X:2\nis_a: X:1"
    assert [item.line for item in read(tmp_path, text) if isinstance(item, SourceConcept | SourceRelation)] == [
        1,
        9,
        11,
    ]


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_LONGEST_LINE", 200_000)
    with pytest.raises(PackError, match=r"hp.obo:3: a line of more than 200,000 characters; check the file"):
        read(tmp_path, f"[Term]\nid: X:1\ncomment: {'x' * 300_000}\n")


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
        ("[]", "hp.obo:5: '[]' is no stanza header; write [Term]"),
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
