"""Every statement knows all its sources, and what a licence does not allow is not in what is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kgslm.errors import PackError
from kgslm.packs import (
    KnowledgePack,
    Origin,
    PackBuilder,
    SourceConcept,
    SourceFacts,
    SourceName,
    SourcePredicate,
    SourcePrefix,
    SourceRelation,
    build_pack,
)
from kgslm.packs.exports import EXPORTERS, export_pack
from kgslm.packs.items import Item
from kgslm.packs.provenance import SourceSets

OPEN: list[Item] = [
    SourceConcept("F:1", "fever", (SourceName("pyrexia", "exact", "clinical"),), "Heat.", ("sign",), xrefs=("FREE:1",)),
    SourceConcept("F:2", "cough"),
    SourceConcept("F:3", "", tree=("C1",)),
    SourceRelation("F:1", "seen_with", "F:2", "open paper"),
    SourcePrefix("F", "http://free.org/"),
]
SHUT: list[Item] = [
    SourceConcept(
        "F:1",
        "SECRETFEVER",
        (SourceName("pyrexia", "exact", "secrettype"), SourceName("secretsynonym", "broad", "secretsort")),
        "secret definition",
        ("sign", "secretcategory"),
        xrefs=("FREE:1", "SECRET:1"),
        alt_ids=("SECRET:2",),
        further_definitions=("another secret definition",),
    ),
    SourceConcept("SECRET:3", "secret concept", replaced_by=("SECRET:4",), obsolete=True),
    SourceConcept("SECRET:5", "secret parent", tree=("C1",)),
    SourceConcept("F:3", "secret name", tree=("C1.9",)),
    SourceRelation("F:1", "seen_with", "F:2", "secret paper"),
    SourceRelation("F:1", "secret_predicate", "F:2"),
    SourceRelation("F:2", "is_a", "SECRET:5"),
    SourceRelation("F:1", "F:seen", "F:2"),
    SourcePredicate("seen_with", "secretly seen with"),
    SourcePrefix("SECRET", "http://secret.org/"),
]


@pytest.fixture
def pack(tmp_path: Path) -> KnowledgePack:
    builder = PackBuilder("mixed", "1")
    builder.add(Origin("shut"), SHUT, SourceFacts("items", "secret.obo", "Secret-1.0 (ask first)"))
    builder.add(Origin("open"), OPEN, SourceFacts("items", "open.obo", "CC BY 4.0"))
    builder.write(tmp_path / "pack")
    return KnowledgePack.open(tmp_path / "pack", verify=True)


def test_all_sources_of_a_statement_are_known(pack: KnowledgePack) -> None:
    concept = pack.concept("F:1")
    assert concept.sources == ("shut", "open")
    assert (concept.name, concept.definition) == ("SECRETFEVER", "secret definition")
    assert {name.text: (name.kind, name.sources) for name in pack.names_at(pack.row("F:1"))} == {
        "SECRETFEVER": ("preferred", ("shut",)),
        "fever": ("exact", ("open",)),
        "pyrexia": ("exact", ("shut", "open")),
        "secretsynonym": ("broad", ("shut",)),
    }
    assert pack.value_sources("F:1", "categories") == {"sign": ("shut", "open"), "secretcategory": ("shut",)}
    assert pack.value_sources("F:1", "definitions") == {
        "secret definition": ("shut",),
        "another secret definition": ("shut",),
        "Heat.": ("open",),
    }
    seen = next(edge for edge in pack.relations("seen_with"))
    assert seen.sources == ("shut#secret paper", "open#open paper")


@pytest.mark.parametrize("format_", EXPORTERS.names())
@pytest.mark.parametrize("licence", ["CC BY 4.0", "cc-by-4.0"])
def test_not_one_restricted_string_is_exported(pack: KnowledgePack, tmp_path: Path, format_: str, licence: str) -> None:
    output = tmp_path / f"out.{format_}"
    counts = export_pack(pack, format_, output, [licence])
    text = output.read_text(encoding="utf-8")
    assert "secret" not in text.casefold()
    assert "shut" not in text
    for kept in ("fever", "pyrexia", "cough", "Heat.", "sign", "FREE:1", "seen_with", "F:3", "C1"):
        assert kept in text, kept
    assert counts == {"concepts": 3, "obsolete": 0, "names": 3, "relations": 1}


@pytest.mark.parametrize("format_", EXPORTERS.names())
def test_what_is_restricted_is_exported_where_it_is_allowed(pack: KnowledgePack, tmp_path: Path, format_: str) -> None:
    export_pack(pack, format_, tmp_path / "out", ["secret-1.0", "CC BY 4.0"])
    text = (tmp_path / "out").read_text(encoding="utf-8")
    for kept in ("SECRETFEVER", "secretsynonym", "another secret definition", "SECRET:1", "secretly seen with"):
        assert kept in text, kept


def test_a_licence_that_no_source_has_is_one_clear_line(pack: KnowledgePack, tmp_path: Path) -> None:
    message = r"no source has the licence 'MIT'; its licences are: CC BY 4.0, Secret-1.0 \(ask first\)$"
    with pytest.raises(PackError, match=message):
        export_pack(pack, "obo", tmp_path / "out", ["MIT"])
    assert not (tmp_path / "out").exists()


def test_sources_inside_a_pack_stay_what_they_are(pack: KnowledgePack, tmp_path: Path) -> None:
    build_pack(None, tmp_path / "again", [f"pack={pack.path}"])
    again = KnowledgePack.open(tmp_path / "again", verify=True)
    assert again.fingerprint == pack.fingerprint
    told = [(it["key"], it["kind"], it["path"], it["licence"]) for it in again.manifest["sources"]]
    assert told == [
        ("shut", "items", "secret.obo", "Secret-1.0 (ask first)"),
        ("open", "items", "open.obo", "CC BY 4.0"),
    ]
    assert list(again.concepts(obsolete=True)) == list(pack.concepts(obsolete=True))
    assert list(again.relations()) == list(pack.relations())
    for row in range(len(pack.ids)):
        assert again.names_at(row) == pack.names_at(row)


def test_a_source_that_two_packs_share_is_one(pack: KnowledgePack, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(pack.path, tmp_path / "copy"))
    build_pack(None, tmp_path / "both", [f"pack={pack.path}", f"pack={copy}"])
    both = KnowledgePack.open(tmp_path / "both")
    assert [source["key"] for source in both.manifest["sources"]] == ["shut", "open"]
    assert both.fingerprint == pack.fingerprint


def test_a_source_of_the_same_key_but_other_content_gets_its_own_key(tmp_path: Path) -> None:
    for name, licence in (("a", "MIT"), ("b", "CC0")):
        builder = PackBuilder(name)
        builder.add(Origin("terms"), [SourceConcept("T:1", f"name {name}")], SourceFacts("items", "t.csv", licence))
        builder.write(tmp_path / name)
    build_pack(None, tmp_path / "both", [f"pack={tmp_path / 'a'}", f"pack={tmp_path / 'b'}"])
    both = KnowledgePack.open(tmp_path / "both")
    assert [(it["key"], it["licence"]) for it in both.manifest["sources"]] == [("terms", "MIT"), ("terms-2", "CC0")]
    assert both.concept("T:1").sources == ("terms", "terms-2")


def test_unions_of_sources_are_numbered_once() -> None:
    sets = SourceSets()
    a, b, c = (sets.one(key) for key in "abc")
    ab = sets.union(b, a)
    assert sets.union(a, b) == ab == sets.union(ab, a)
    assert sets.union(sets.union(c, b), a) == sets.union(ab, c)
    assert sets.keys()[ab] == ("a", "b")
    assert sets.first(ab) == "a"
