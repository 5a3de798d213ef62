"""Comparing, merging and selecting packs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.errors import ConfigError, PackError
from kgslm.packs import KnowledgePack, Origin, PackBuilder, SourceConcept, SourceFacts, SourceName, SourceRelation
from kgslm.packs.diff import diff_packs
from kgslm.packs.items import Item
from kgslm.packs.merge import Conflict, merge_packs
from kgslm.packs.subset import Choice, subset_pack

OLD: list[Item] = [
    SourceConcept("T:1", "disease", tree=("C1",)),
    SourceConcept("T:2", "infection", (SourceName("sepsis"),), "A disease.", ("x",), ("T:1",), xrefs=("U:2",)),
    SourceConcept("T:3", "flu", parents=("T:2",)),
    SourceConcept("T:4", "old thing"),
    SourceConcept("T:5", "goes"),
    SourceConcept("T:6", "joins"),
    SourceConcept("T:7", "back", obsolete=True),
    SourceRelation("T:3", "causes", "T:5"),
    SourceRelation("T:3", "causes", "T:2"),
]
NEW: list[Item] = [
    SourceConcept("T:1", "disease", tree=("C2",), alt_ids=("T:6",)),
    SourceConcept(
        "T:2", "contagion", (SourceName("sepsis", "broad"),), "A bad disease.", ("x",), ("T:1",), xrefs=("U:3",)
    ),
    SourceConcept("T:3", "flu", parents=("T:1",)),
    SourceConcept("T:4", "old thing", obsolete=True, replaced_by=("T:1",)),
    SourceConcept("T:7", "back"),
    SourceConcept("T:8", "new"),
    SourceRelation("T:3", "causes", "T:2"),
    SourceRelation("T:3", "causes", "T:8"),
]


def make(path: Path, items: list[Item], key: str = "terms") -> KnowledgePack:
    builder = PackBuilder(path.name)
    builder.add(Origin(key), items, SourceFacts("items", licence="CC0"))
    builder.write(path)
    return KnowledgePack.open(path, verify=True)


def test_diff_tells_every_sort_of_change(tmp_path: Path) -> None:
    found = diff_packs(make(tmp_path / "old", OLD), make(tmp_path / "new", NEW))
    assert found
    assert found.added == (("T:8", "new"),)
    assert found.removed == (("T:5", "goes"),)
    assert found.obsoleted == (("T:4", "old thing", "T:1"),)
    assert found.merged == (("T:6", "joins", "T:1"),)
    assert found.revived == (("T:7", "back"),)
    assert found.renamed == (("T:2", "infection", "contagion"),)
    assert found.redefined == (("T:2", "A disease.", "A bad disease."),)
    assert found.moved == (("T:1", "C1", "C2"),)
    assert found.reparented == (("T:3", "T:2", "T:1"),)
    assert found.relinked == (("T:1", "", "T:6"), ("T:2", "U:2", "U:3"))
    assert found.names_added == (("T:2", "contagion", "preferred"), ("T:2", "sepsis", "broad"))
    assert found.names_removed == (("T:2", "infection", "preferred"), ("T:2", "sepsis", "exact"))
    assert found.relations_added == (("T:3", "causes", "T:8"),)
    assert found.relations_removed == (("T:3", "causes", "T:5"),)
    assert found.counts()["names_added"] == 2


def test_a_pack_does_not_differ_from_itself(tmp_path: Path) -> None:
    pack = make(tmp_path / "a", OLD)
    again = make(tmp_path / "b", list(reversed(OLD)), "other")
    assert not diff_packs(pack, again)


def test_merge_unites_by_id_and_reports_conflicts(tmp_path: Path) -> None:
    old, new = make(tmp_path / "old", OLD), make(tmp_path / "new", NEW, "newer")
    report = merge_packs(new, old, tmp_path / "both")
    both = KnowledgePack.open(tmp_path / "both", verify=True)
    assert (both.name, report.by_id, report.by_xref) == ("new+old", 5, 0)
    assert both.concept("T:2").names == ("contagion", "sepsis", "infection")
    assert both.concept("T:2").definition == "A bad disease."
    assert both.concept("T:2").sources == ("newer", "terms")
    assert report.conflicts == (
        Conflict("T:2", "name", "contagion", "infection"),
        Conflict("T:2", "definition", "A bad disease.", "A disease."),
        Conflict("T:4", "status", "obsolete", "live"),
        Conflict("T:7", "status", "live", "obsolete"),
    )


def test_merge_by_cross_reference(tmp_path: Path) -> None:
    first = make(tmp_path / "a", [SourceConcept("A:1", "fever", xrefs=("U:1",)), SourceConcept("A:2", "cough")])
    items: list[Item] = [
        SourceConcept("B:1", "Pyrexia", xrefs=("U:1",)),
        SourceConcept("B:2", "tussis", xrefs=("A:2",)),
        SourceConcept("B:3", "both", xrefs=("U:1", "A:2")),
        SourceConcept("B:4", "other"),
        SourceRelation("B:1", "with", "B:2"),
        SourceRelation("B:4", "with", "B:2"),
    ]
    second = make(tmp_path / "b", items, "b")
    report = merge_packs(first, second, tmp_path / "both", name="ab", by_xref=True)
    both = KnowledgePack.open(tmp_path / "both", verify=True)
    assert (both.name, list(both.ids), report.by_xref) == ("ab", ["A:1", "A:2", "B:3", "B:4"], 2)
    assert both.concept("B:1").names == ("fever", "Pyrexia")
    assert [(edge.subject, edge.object) for edge in both.relations()] == [("A:1", "A:2"), ("B:4", "A:2")]
    assert report.conflicts == (
        Conflict("B:3", "several matches", "A:1, A:2", "both"),
        Conflict("A:1", "name", "fever", "Pyrexia"),
        Conflict("A:2", "name", "cough", "tussis"),
    )
    assert len(merge_packs(first, second, tmp_path / "apart").build.sources) == 2
    assert len(KnowledgePack.open(tmp_path / "apart")) == 6


def test_a_subset_by_root_category_prefix_and_source(tmp_path: Path, toy_pack: KnowledgePack) -> None:
    def ids(choice: Choice) -> list[str]:
        subset_pack(toy_pack, choice, tmp_path / "part")
        return list(KnowledgePack.open(tmp_path / "part", verify=True).ids)

    assert ids(Choice(roots=["T:4"])) == ["T:4", "T:5"]
    assert ids(Choice(roots=["T:4"], ancestors=True)) == ["T:1", "T:4", "T:5"]
    assert ids(Choice(roots=["T:20", "T:4"], categories=["drug"])) == ["T:20", "T:21", "T:22", "T:23"]
    assert ids(Choice(prefixes=["T"], sources=["toy"])) == sorted(toy_pack.ids)
    subset_pack(toy_pack, Choice(prefixes=["T"]), tmp_path / "part")
    assert KnowledgePack.open(tmp_path / "part").fingerprint == toy_pack.fingerprint


def test_relations_that_leave_the_subset_are_counted(tmp_path: Path, toy_pack: KnowledgePack) -> None:
    report = subset_pack(toy_pack, Choice(categories=["drug"]), tmp_path / "part")
    (source,) = report.sources
    assert source.relations.filtered == source.reasons["filtered"] > 0
    assert source.relations.read == source.relations.kept + source.relations.merged + source.relations.filtered


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(roots=["T:99"]), "unknown concept 'T:99'"),
        (Choice(categories=["drugs"]), r"unknown category 'drugs'; did you mean 'drug'\?"),
        (Choice(prefixes=["X"]), "unknown prefix 'X'; choose from T"),
        (Choice(sources=["x"]), "unknown source 'x'; choose from toy"),
    ],
)
def test_what_the_pack_does_not_have_is_one_clear_line(
    tmp_path: Path, toy_pack: KnowledgePack, choice: Choice, message: str
) -> None:
    with pytest.raises(PackError, match=message):
        subset_pack(toy_pack, choice, tmp_path / "part")


def test_nothing_chosen_is_a_usage_error(tmp_path: Path, toy_pack: KnowledgePack) -> None:
    with pytest.raises(ConfigError, match="nothing to choose by: give a root, category, prefix or source"):
        subset_pack(toy_pack, Choice(), tmp_path / "part")
