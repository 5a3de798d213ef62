"""What a build finds wrong, where it says so, and what each policy does about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.errors import ConfigError, PackError
from kgslm.packs import KnowledgePack, PackBuilder, build_pack
from kgslm.packs.report import BuildReport

OBO = """format-version: 1.4

[Term]
id: T:1
name: Cold
is_a: T:2
is_a: T:9

[Term]
id: T:2
name: Common cold
synonym: "Cold" EXACT []
synonym: "" EXACT []
is_a: T:1

[Term]
id: t:3
name: Fever

[Term]
id: T:2
name: Coryza
"""


def build(folder: Path, policies: str = "", text: str = OBO, licence: str = "CC0") -> tuple[KnowledgePack, BuildReport]:
    (folder / "terms.obo").write_text(text, encoding="utf-8")
    recipe = folder / "pack.yaml"
    recipe.write_text(
        f"name: x\npolicies: {{{policies}}}\nsources: [{{kind: obo, path: terms.obo, licence: {licence!r}}}]\n"
    )
    report = build_pack(recipe, folder / "pack")
    (source,) = report.sources
    for tally in (source.concepts, source.names, source.relations):
        assert tally.read == tally.kept + tally.merged + tally.filtered + tally.skipped
    pack = KnowledgePack.open(folder / "pack", verify=True)
    assert report.counts["names"] == source.names.kept
    assert report.counts["concepts"] == source.concepts.kept
    return pack, report


def test_every_finding_has_its_place_and_policy(tmp_path: Path) -> None:
    pack, report = build(tmp_path, licence="")
    found = [(row.reason, row.policy, row.file, row.line, row.message) for row in pack.findings()]
    assert sorted(found) == [
        ("duplicate id", "keep", "terms.obo", 20, "T:2 is described a second time"),
        ("empty name", "skip", "terms.obo", 9, "T:2 has an empty name"),
        ("homonym", "keep", "terms.obo", 9, "'Cold' is a name of 2 concepts: T:1, T:2"),
        ("is_a cycle", "skip", "terms.obo", 14, "is_a 'T:2' to 'T:1': the edge would close a cycle"),
        (
            "mixed prefix",
            "keep",
            "terms.obo",
            16,
            "t:3 has another spelling of the prefix than most, such as T:3",
        ),
        ("no licence", "keep", "terms.obo", 0, "no licence is stated; add licence: to the source"),
        (
            "not defined",
            "skip",
            "terms.obo",
            7,
            "is_a 'T:9' (with 'T:1') is not defined; add it or set on_missing: skip or keep",
        ),
    ]
    assert report.sources[0].reasons == {reason: 1 for reason, *_ in found}
    # Nothing in the pack tells where it was built.
    assert not any(str(tmp_path).encode() in file.read_bytes() for file in pack.path.iterdir())


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("missing: error", r"terms.obo:7: is_a 'T:9' \(with 'T:1'\) is not defined; "),
        ("cycle: error", r"terms.obo:14: is_a 'T:2' to 'T:1': the edge would close a cycle; remove it or set"),
        ("duplicate_id: error", r"terms.obo:20: T:2 is described a second time; remove one of the two or set"),
        ("homonym: error", r"terms.obo:9: 'Cold' is a name of 2 concepts: T:1, T:2; rename one of them or set"),
        ("empty_name: error", r"terms.obo:9: T:2 has an empty name; remove it or set"),
        ("mixed_prefix: error", r"terms.obo:16: t:3 has another spelling of the prefix .* add prefix_synonyms"),
    ],
)
def test_a_policy_can_stop_the_build(tmp_path: Path, policy: str, message: str) -> None:
    with pytest.raises(PackError, match=message):
        build(tmp_path, policy)
    assert not (tmp_path / "pack").exists()


def test_a_missing_licence_can_stop_the_build_or_leave_the_source_out(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"^terms.obo: no licence is stated; add licence: to the source$"):
        build(tmp_path, "no_licence: error", licence="")
    pack, _ = build(tmp_path, "no_licence: skip", licence="")
    assert len(pack) == 0


def test_what_skip_leaves_out(tmp_path: Path) -> None:
    pack, _ = build(tmp_path, "duplicate_id: skip")
    assert pack.names_of("T:2") == (("Common cold", "preferred"), ("Cold", "exact"))
    pack, report = build(tmp_path, "homonym: skip")
    assert pack.find("cold") == ("T:1",)
    assert report.sources[0].reasons["homonym"] == 1
    pack, _ = build(tmp_path, "mixed_prefix: skip")
    assert list(pack.ids) == ["T:1", "T:2"]


def test_what_keep_lets_pass(tmp_path: Path) -> None:
    pack, report = build(tmp_path, "cycle: keep")
    assert (pack.parents("T:1"), pack.parents("T:2")) == (("T:2",), ("T:1",))
    assert pack.ancestors("T:1") == ("T:2",)
    assert report.sources[0].reasons["is_a cycle"] == 1
    assert pack.names_of("T:2") == (("Common cold", "preferred"), ("Cold", "exact"), ("Coryza", "exact"))


def test_a_source_may_have_its_own_policies(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("subject,predicate,object\nT:1,is_a,T:8\n")
    (tmp_path / "terms.obo").write_text(OBO)
    (tmp_path / "pack.yaml").write_text(
        "name: x\npolicies: {missing: error, cycle: keep}\nsources:\n"
        "  - {kind: obo, path: terms.obo, policies: {missing: skip}}\n  - {kind: csv, path: a.csv, on_missing: keep}\n"
    )
    build_pack(tmp_path / "pack.yaml", tmp_path / "pack")
    pack = KnowledgePack.open(tmp_path / "pack")
    assert pack.parents("T:1") == ("T:2", "T:8")
    assert pack.parents("T:2") == ("T:1",)


def test_spellings_of_a_prefix_become_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "id,name,xrefs\nMSH:1,Fever,hp:1\nhttp://id.nlm.nih.gov/mesh/2,Cough,\nMESH:2,Hack,\n"
    )
    (tmp_path / "pack.yaml").write_text(
        "name: x\nprefixes: {MESH: 'http://id.nlm.nih.gov/mesh/'}\nprefix_synonyms: {MSH: MESH, hp: HP}\n"
        "sources: [{kind: csv, path: a.csv}]\n"
    )
    build_pack(tmp_path / "pack.yaml", tmp_path / "pack")
    pack = KnowledgePack.open(tmp_path / "pack")
    assert list(pack.ids) == ["MESH:1", "MESH:2"]
    assert pack.concept("MESH:1").xrefs == ("HP:1",)
    assert pack.concept("MESH:2").names == ("Cough", "Hack")


def test_prefixes_that_clash_are_one_clear_line() -> None:
    with pytest.raises(ConfigError, match=r"^prefixes: "):
        PackBuilder("x", prefixes={"A": "http://x.org/", "B": "http://x.org/"})
