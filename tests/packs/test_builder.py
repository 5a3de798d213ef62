"""What the builder merges, resolves, drops and counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.errors import KgslmError, PackError
from kgslm.packs import (
    BuildReport,
    Finding,
    KnowledgePack,
    Origin,
    PackBuilder,
    SourceConcept,
    SourceName,
    SourcePredicate,
    SourceRelation,
)
from kgslm.packs.items import Item, SourceRelations
from kgslm.packs.report import KEPT, Tally


def build(path: Path, *sources: tuple[Origin, list[Item]]) -> tuple[KnowledgePack, BuildReport]:
    builder = PackBuilder("test")
    for origin, items in sources:
        builder.add(origin, items)
    report = builder.write(path / "pack")
    for source in report.sources:
        for tally in (source.concepts, source.names, source.relations):
            assert tally.read == tally.kept + tally.merged + tally.filtered + tally.skipped
    return KnowledgePack.open(path / "pack", verify=True), report


def test_the_same_id_from_two_sources_is_one_concept(tmp_path: Path) -> None:
    first = SourceConcept("A:1", "Fever", (SourceName("Pyrexia", "related"),), "", ("sign",), xrefs=("X:1",))
    second = SourceConcept(
        "A:1", "High temperature", (SourceName("Pyrexia"), SourceName("Fever")), "Heat.", ("sign", "finding")
    )
    pack, report = build(tmp_path, (Origin("one"), [first]), (Origin("two"), [second]))
    concept = pack.concept("A:1")
    assert (concept.name, concept.definition, concept.sources) == ("Fever", "Heat.", ("one", "two"))
    assert concept.categories == ("sign", "finding")
    # The stronger kind wins; the second preferred name becomes a synonym.
    assert pack.names_of("A:1") == (("Fever", "preferred"), ("Pyrexia", "exact"), ("High temperature", "exact"))
    assert [source.concepts for source in report.sources] == [Tally(1, 1, 0), Tally(1, 0, 1)]
    assert [source.names for source in report.sources] == [Tally(2, 2, 0), Tally(3, 1, 2)]


def test_names_are_cleaned_and_empty_ones_counted(tmp_path: Path) -> None:
    item = SourceConcept(
        "A:1", " Sore \n throat ", (SourceName(" "), SourceName("Sore throat")), " Pain\nin the throat "
    )
    pack, report = build(tmp_path, (Origin("one"), [item]))
    assert pack.concept("A:1").names == ("Sore throat",)
    assert pack.concept("A:1").definition == "Pain in the throat"
    assert report.sources[0].names == Tally(read=3, kept=1, merged=1, skipped=1)
    assert report.sources[0].reasons == {"empty name": 1}


def test_without_a_preferred_name_the_strongest_is_it(tmp_path: Path) -> None:
    pack, _ = build(
        tmp_path, (Origin("one"), [SourceConcept("A:1", "", (SourceName("Hot", "related"), SourceName("Fever")))])
    )
    assert pack.names_of("A:1") == (("Fever", "preferred"), ("Hot", "related"))


def test_a_concept_without_names_shows_its_id_and_is_not_linked(tmp_path: Path) -> None:
    pack, _ = build(tmp_path, (Origin("one"), [SourceConcept("A:1")]))
    assert pack.concept("A:1").name == "A:1"
    assert list(pack.names()) == []
    assert pack.find("A:1") == ()


def test_tree_numbers_make_the_hierarchy(tmp_path: Path) -> None:
    items: list[Item] = [
        SourceConcept("A:1", "Diseases", tree=("C14",)),
        SourceConcept("A:2", "Heart Diseases", tree=("C14.280",)),
        SourceConcept("A:3", "Deep", tree=("C14.280.647.100", "D01.5")),  # C14.280.647 is missing
        SourceConcept("A:4", "Claims C14.280 too", tree=("C14.280",)),
    ]
    pack, report = build(tmp_path, (Origin("mesh"), items))
    assert [concept.parents for concept in pack.concepts()] == [(), ("A:1",), ("A:2",), ("A:1",)]
    assert pack.by_tree("C14.280") == "A:2"
    assert pack.ancestors("A:3") == ("A:2", "A:1")
    assert report.sources[0].reasons == {"tree number of another concept": 1}
    assert report.sources[0].examples["tree number of another concept"] == [
        "mesh: A:4: the tree number C14.280 belongs to A:2 already"
    ]


def test_edges_that_close_a_cycle_and_self_loops_are_dropped(tmp_path: Path) -> None:
    items: list[Item] = [
        SourceConcept("A:1", "one", parents=("A:3",), file="a.csv", line=1),
        SourceConcept("A:2", "two", parents=("A:1",), file="a.csv", line=2),
        SourceConcept("A:3", "three", parents=("A:2",), file="a.csv", line=3),
        SourceConcept("A:4", "four", parents=("A:4",), file="a.csv", line=4),
    ]
    pack, report = build(tmp_path, (Origin("a"), items))
    assert [(edge.subject, edge.object) for edge in pack.relations("is_a")] == [("A:1", "A:3"), ("A:3", "A:2")]
    assert pack.ancestors("A:1") == ("A:3", "A:2")
    assert report.sources[0].relations == Tally(read=4, kept=2, skipped=2)
    assert report.sources[0].examples == {
        "self-loop": ["a.csv:4: is_a 'A:4' to 'A:4': the concept would be related to itself"],
        "is_a cycle": ["a.csv:2: is_a 'A:2' to 'A:1': the edge would close a cycle"],
    }


def test_repeated_relations_are_merged_over_sources(tmp_path: Path) -> None:
    concepts: list[Item] = [SourceConcept("A:1", "one"), SourceConcept("A:2", "two")]
    edge = SourceRelation("A:1", "TREATS", "A:2")
    detailed = SourceRelation("A:2", "TREATS", "A:1", "label")
    pack, report = build(tmp_path, (Origin("a"), [*concepts, edge, edge]), (Origin("b"), [edge, detailed]))
    assert [(edge.subject, edge.sources) for edge in pack.relations()] == [("A:1", ("a", "b")), ("A:2", ("b#label",))]
    assert [source.relations for source in report.sources] == [Tally(2, 1, 1), Tally(2, 1, 1)]


def test_missing_ends_are_skipped_kept_or_an_error(tmp_path: Path) -> None:
    items: list[Item] = [SourceConcept("A:1", "one"), SourceRelation("A:1", "TREATS", "A:9", "", "a.csv", 7)]
    message = "a.csv:7: TREATS 'A:9' (with 'A:1') is not defined; add it or set on_missing: skip or keep"
    pack, report = build(tmp_path, (Origin("a"), items))
    assert report.sources[0].examples == {"not defined": [message]}
    assert (len(pack), list(pack.relations())) == (1, [])
    with pytest.raises(PackError) as error:
        build(tmp_path, (Origin("a", on_missing="error"), items))
    assert str(error.value) == message
    pack, report = build(tmp_path, (Origin("a", on_missing="keep"), items))
    assert [concept.id for concept in pack.concepts()] == ["A:1", "A:9"]
    assert [edge.object for edge in pack.relations()] == ["A:9"]
    assert report.sources[0].reasons == {"made from a mention": 1}


def test_keep_makes_names_of_unknown_terms(tmp_path: Path) -> None:
    items: list[Item] = [SourceRelation("Sore throat", "SIGN_OF", "flu")]
    pack, _ = build(tmp_path, (Origin("a", True, "X:", "keep"), items))
    assert [(concept.id, concept.name) for concept in pack.concepts()] == [
        ("X:flu", "X:flu"),
        ("X:sore-throat", "Sore throat"),
    ]


def test_ends_may_be_names_where_the_source_allows_it(tmp_path: Path) -> None:
    concepts: list[Item] = [
        SourceConcept("A:1", "Aspirin", (SourceName("ASA"),)),
        SourceConcept("A:2", "asa"),
        SourceConcept("A:3", "Pain", (SourceName("ache"),)),
        SourceConcept("A:4", "Headache", (SourceName("ache"),)),
    ]
    facts: list[Item] = [
        SourceRelation("aspirin", "TREATS", "3"),  # 3 is A:3 by the prefix of the source
        SourceRelation("ASA", "TREATS", "pain"),  # the preferred name comes before the synonym
        SourceRelation("aspirin", "TREATS", "Ache"),
        SourceRelation("aspirin", "TREATS", "itch"),
    ]
    pack, report = build(tmp_path, (Origin("a"), concepts), (Origin("facts", True, "A:"), facts))
    assert [(edge.subject, edge.object) for edge in pack.relations()] == [("A:1", "A:3"), ("A:2", "A:3")]
    assert report.sources[1].reasons == {"ambiguous name": 1, "not defined": 1}
    # A source that only knows ids does not look for names.
    _, report = build(tmp_path, (Origin("a"), concepts), (Origin("facts"), facts))
    assert report.sources[1].reasons == {"not defined": 4}


def test_an_ambiguous_name_means_the_concept_of_its_own_source(tmp_path: Path) -> None:
    glossary: list[Item] = [SourceConcept("G:1", "cold"), SourceRelation("G:1", "see_also", "Cold")]
    glossary.append(SourceConcept("G:2", "flu"))
    glossary.append(SourceRelation("G:2", "see_also", "cold"))
    pack, report = build(tmp_path, (Origin("a"), [SourceConcept("A:1", "Cold")]), (Origin("g", True), glossary))
    assert [(edge.subject, edge.object) for edge in pack.relations()] == [("G:2", "G:1")]
    assert report.sources[1].reasons == {"homonym": 1, "self-loop": 1}


def test_relations_of_obsolete_concepts_go_to_the_replacement(tmp_path: Path) -> None:
    items: list[Item] = [
        SourceConcept("A:1", "one", alt_ids=("A:11",)),
        SourceConcept("A:2", "old", obsolete=True, replaced_by=("A:11",)),
        SourceConcept("A:3", "gone", obsolete=True),
        SourceConcept("A:4", "four"),
        SourceConcept("A:5", "loop", obsolete=True, replaced_by=("A:5",)),
        *(SourceRelation("A:4", "PART_OF", other) for other in ("A:2", "A:3", "A:5")),
    ]
    pack, report = build(tmp_path, (Origin("a"), items))
    assert [(edge.subject, edge.object) for edge in pack.relations()] == [("A:4", "A:1")]
    assert report.sources[0].reasons == {"obsolete without replacement": 2}
    assert pack.concept("A:2").id == "A:1"
    assert pack.concept("A:3").obsolete
    assert pack.concept("A:5").id == "A:5"
    assert len(pack) == 2


def test_findings_of_readers_are_counted(tmp_path: Path) -> None:
    items: list[Item] = [
        Finding("filtered", "left out by where", "relation", "a.csv", 2),
        Finding("too many cells", "5 cells", "concept", "a.csv", 3),
        SourceConcept("", "no id", file="a.csv", line=4),
        SourceRelation("A:1", "", "A:2", "", "a.csv", 5),
        Finding("field not used", "x", "note", "a.csv"),
    ]
    _, report = build(tmp_path, (Origin("a"), items))
    source = report.sources[0]
    assert source.relations == Tally(read=2, filtered=1, skipped=1)
    assert source.concepts == Tally(read=2, skipped=2)
    assert source.reasons == dict.fromkeys(
        ("filtered", "too many cells", "no id", "incomplete relation", "field not used", "nothing read"), 1
    )


def test_predicates_have_readable_names(tmp_path: Path) -> None:
    items: list[Item] = [SourceConcept("A:1", "a"), SourceConcept("A:2", "b"), SourceRelation("A:1", "RO:1", "A:2")]
    pack, _ = build(tmp_path, (Origin("a"), [*items, SourcePredicate("RO:1", "part of")]))
    assert pack.tables.table("predicates").to_pylist() == [
        {"id": "is_a", "name": "", "source": 0},
        {"id": "RO:1", "name": "part of", "source": 0},
    ]


def test_equal_input_gives_equal_bytes(tmp_path: Path, toy_pack: KnowledgePack) -> None:
    def items(word: str) -> list[Item]:
        return [SourceConcept("A:1", word, parents=("A:2",)), SourceConcept("A:2", "two", tree=("C1",))]

    prints = []
    for folder, word in (("a", "one"), ("b", "one"), ("c", "uno")):
        pack, _ = build(tmp_path / folder, (Origin("x"), items(word)))
        prints.append(pack.fingerprint)
    files = [{file.name: file.read_bytes() for file in (tmp_path / name / "pack").iterdir()} for name in "ab"]
    assert files[0] == files[1]
    assert prints[0] == prints[1] != prints[2]


def test_an_empty_pack_opens(tmp_path: Path) -> None:
    pack, report = build(tmp_path, (Origin("a"), []))
    assert (len(pack), list(pack.concepts()), list(pack.names()), list(pack.relations())) == (0, [], [], [])
    assert (pack.predicates(), pack.categories(), pack.by_tree("C1"), pack.find("x")) == ({}, {}, None, ())
    assert "A:1" not in pack
    assert report.counts == {"concepts": 0, "obsolete": 0, "names": 0, "relations": 0}


def test_another_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "thesis.tex").write_text("years of work")
    with pytest.raises(KgslmError, match="the folder is not empty and is no pack"):
        build(tmp_path, (Origin("a"), []))
    assert (tmp_path / "pack" / "thesis.tex").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["pack"]


def test_many_relations_at_once_are_the_same_as_one_by_one(tmp_path: Path) -> None:
    ends = [("A:1", "is_a", "A:2"), ("A:1", "treats", "A:3"), ("A:1", "treats", "A:9"), ("A:2", "treats", "A:3")]
    concepts = [SourceConcept(f"A:{number}", f"thing {number}") for number in (1, 2, 3)]
    for number, given in enumerate((ends, [*ends, ("A:1", "treats", "")])):
        many = SourceRelations(given, "a.ttl")
        pack, report = build(tmp_path / f"many{number}", (Origin("one"), [*concepts, many]))
        one_by_one, expected = build(tmp_path / f"one{number}", (Origin("one"), [*concepts, *many.one_by_one()]))
        assert pack.fingerprint == one_by_one.fingerprint
        assert report.sources == expected.sources


def test_missing_ends_are_all_counted_and_the_first_told(tmp_path: Path) -> None:
    relations = [SourceRelation("A:1", "treats", f"A:{number}", line=number) for number in range(2, KEPT + 52)]
    _, report = build(tmp_path, (Origin("one"), [SourceConcept("A:1", "Fever"), *relations]))
    (source,) = report.sources
    assert source.reasons == {"not defined": KEPT + 50}
    assert [finding.line for finding in source.findings["not defined"]] == list(range(2, KEPT + 2))
