"""A pack that is written to another format and read back says the same, whatever its texts hold."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgslm.errors import ConfigError, PackError
from kgslm.packs import (
    NAME_KINDS,
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
from kgslm.packs.diff import diff_packs
from kgslm.packs.exports import EXPORTERS, export_pack
from kgslm.packs.items import Item
from kgslm.records import Concept

SIGNS = "ab1Zé中 |\\\"'!{}[]<>&#%:;,.-_/?=~^`$@()"
texts = st.text(SIGNS, min_size=1, max_size=8).map(lambda text: " ".join(text.split())).filter(bool)
locals_ = st.text(SIGNS.replace(" ", ""), min_size=1, max_size=5)
ids = st.one_of(locals_.map("T:{}".format), st.sampled_from(["T:1", "T:2", "HP:3", "plain", "http://x.org/a#b"]))
types = st.sampled_from(["", "", "abbreviation", "lay term"])
names = st.tuples(texts, st.sampled_from(NAME_KINDS[1:]), types).map(lambda fields: SourceName(*fields))
few = st.lists(texts, max_size=2).map(tuple)
said = st.one_of(st.just(""), texts)
concepts = st.tuples(
    ids, said, st.lists(names, max_size=3).map(tuple), said, few, st.just(()), few, few, few, st.booleans(), few
).map(lambda fields: SourceConcept(*fields))
predicates = st.sampled_from(["is_a", "TREATS", "RO:1", "has a", 'x"y|z'])
relations = st.tuples(ids, predicates, ids).map(lambda fields: SourceRelation(*fields))


def make(path: Path, items: list[Item]) -> KnowledgePack:
    builder = PackBuilder("any", "1.0", "for export")
    builder.add(Origin("terms"), items, SourceFacts("items", licence="CC0"))
    builder.write(path)
    return KnowledgePack.open(path)


def again(pack: KnowledgePack, format_: str, folder: Path) -> KnowledgePack:
    file = folder / f"out.{format_}"
    export_pack(pack, format_, file)
    build_pack(None, folder / "again", [str(file)])
    return KnowledgePack.open(folder / "again")


@pytest.mark.parametrize("format_", EXPORTERS.names())
def test_the_toy_pack_comes_back(toy_pack: KnowledgePack, tmp_path: Path, format_: str) -> None:
    back = again(toy_pack, format_, tmp_path)
    assert not diff_packs(toy_pack, back)
    assert back.fingerprint == toy_pack.fingerprint


@pytest.mark.parametrize("format_", EXPORTERS.names())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(concepts, min_size=1, max_size=4), st.lists(relations, max_size=4))
def test_any_pack_comes_back(format_: str, described: list[SourceConcept], related: list[SourceRelation]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items: list[Item] = [
            *described,
            *related,
            SourcePredicate("RO:1", "is next to"),
            SourcePrefix("HP", "http://purl.obolibrary.org/obo/HP_"),
        ]
        pack = make(folder / "pack", items)
        back = again(pack, format_, folder)
        assert [told(concept) for concept in back.concepts(obsolete=True)] == [
            told(concept) for concept in pack.concepts(obsolete=True)
        ]
        assert not diff_packs(pack, back)
        assert back.fingerprint == pack.fingerprint


def told(concept: Concept) -> Concept:
    """The concept without its sources: a file is one source."""
    return replace(concept, sources=())


@pytest.mark.parametrize("format_", EXPORTERS.names())
def test_equal_packs_give_equal_bytes(toy_pack: KnowledgePack, tmp_path: Path, format_: str) -> None:
    for name in ("a", "b"):
        export_pack(toy_pack, format_, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_unknown_format_is_one_clear_line(toy_pack: KnowledgePack, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown name 'tt'; did you mean 'ttl'\?"):
        export_pack(toy_pack, "tt", tmp_path / "x")


def test_control_characters_in_graphml_are_refused(tmp_path: Path) -> None:
    pack = make(tmp_path / "pack", [SourceConcept("T:1", "a\x01b")])
    with pytest.raises(PackError, match="holds a control character, which GraphML cannot say; choose another format"):
        export_pack(pack, "graphml", tmp_path / "x")
    assert not (tmp_path / "x").exists()
    for format_ in ("obo", "csv", "jsonl", "ttl"):
        assert again(pack, format_, tmp_path).fingerprint == pack.fingerprint, format_
