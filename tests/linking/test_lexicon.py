"""The lexicon is built once, kept with the pack, and rebuilt when it is not the pack's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgslm.errors import LinkError
from kgslm.linking import dictionary, lexicon
from kgslm.linking.dictionary import DictionaryLinker
from kgslm.linking.lexicon import build_lexicon, open_lexicon, save_lexicon
from kgslm.packs import KnowledgePack

TEXT = "A heart attack, epileptic fits, convulsions and old names of fits."
LINKS = [("heart attack", "D:2"), ("epileptic fits", "D:1"), ("convulsions", "D:1")]


def found(linker: DictionaryLinker) -> list[tuple[str, str | None]]:
    return [(link.surface, link.concept) for link in linker.link(TEXT).links]


def test_names_that_can_never_match_are_counted() -> None:
    built = build_lexicon([("A", "In", "preferred"), ("A", "12", "exact"), ("A", "X", "exact"), ("A", "Rash", "exact")])
    assert (len(built), built.skipped) == (1, 3)


def test_an_unknown_kind_of_name_is_refused() -> None:
    with pytest.raises(LinkError, match="A: unknown kind of name 'EXACT'"):
        build_lexicon([("A", "Rash", "EXACT")])


def test_a_saved_lexicon_links_as_the_one_in_memory(tmp_path: Path) -> None:
    names = [("A", "Abdomen, Acute", "preferred"), ("B", "OR", "exact"), ("B", "Odds ratio", "preferred")]
    built = build_lexicon(names)
    save_lexicon(built, tmp_path / "lexicon", "f")
    text = "an OR for acute abdomens"
    opened = DictionaryLinker(open_lexicon(tmp_path / "lexicon", "f")).link(text)
    assert [link.surface for link in opened.links] == ["OR", "acute abdomens"]
    assert opened == DictionaryLinker(built).link(text)


def test_the_lexicon_of_a_pack_is_built_once(disease_pack: KnowledgePack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(DictionaryLinker.from_pack(disease_pack)) == LINKS
    monkeypatch.setattr(dictionary, "build_lexicon", None)
    assert found(DictionaryLinker.from_pack(disease_pack)) == LINKS


def test_the_lexicon_of_another_pack_is_replaced(disease_pack: KnowledgePack) -> None:
    folder = disease_pack.derived("lexicon")
    save_lexicon(build_lexicon([("X", "heart", "preferred")]), folder, "of another pack")
    assert found(DictionaryLinker.from_pack(disease_pack)) == LINKS
    assert json.loads((folder / "manifest.json").read_text())["pack"] == disease_pack.fingerprint


def test_a_lexicon_of_an_earlier_version_is_replaced(
    disease_pack: KnowledgePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "FORMAT", lexicon.FORMAT - 1)
    save_lexicon(
        build_lexicon([("D:9", "heart", "preferred")]), disease_pack.derived("lexicon"), disease_pack.fingerprint
    )
    monkeypatch.undo()
    with pytest.raises(LinkError, match="made by an earlier kgslm"):
        open_lexicon(disease_pack.derived("lexicon"), disease_pack.fingerprint)
    assert found(DictionaryLinker.from_pack(disease_pack)) == LINKS


def test_a_damaged_lexicon_is_replaced(disease_pack: KnowledgePack) -> None:
    DictionaryLinker.from_pack(disease_pack)
    file = disease_pack.derived("lexicon") / "names.arrow"
    file.write_bytes(file.read_bytes()[:-20])
    assert found(DictionaryLinker.from_pack(disease_pack)) == LINKS


def test_a_pack_that_cannot_be_written_is_linked_all_the_same(disease_pack: KnowledgePack) -> None:
    disease_pack.derived("").write_text("in the way")
    assert found(DictionaryLinker.from_pack(disease_pack)) == LINKS


def test_an_empty_lexicon_can_be_saved(tmp_path: Path) -> None:
    save_lexicon(build_lexicon([]), tmp_path / "lexicon", "f")
    assert DictionaryLinker(open_lexicon(tmp_path / "lexicon", "f")).link("a rash").links == ()
