"""A recipe may say how its predicates read."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgslm.errors import ConfigError
from kgslm.packs import KnowledgePack, build_pack
from kgslm.packs.merge import merge_packs
from kgslm.packs.subset import Choice, subset_pack
from kgslm.packs.verbalise import Wording, pack_wording, verbalise

RECIPE = """
name: small
wordings:
  LOWERS: {forward: lowers the level of, inverse: is lowered by, cues: reduce}
sources:
  - {kind: csv, path: terms.csv, licence: MIT}
  - {kind: triples, path: facts.tsv, licence: MIT}
"""


@pytest.fixture
def pack(tmp_path: Path) -> KnowledgePack:
    (tmp_path / "terms.csv").write_text("id,name\nT:1,metformin\nT:2,blood sugar\n", encoding="utf-8")
    (tmp_path / "facts.tsv").write_text("T:1\tLOWERS\tT:2\nT:2\tRELATED\tT:1\n", encoding="utf-8")
    (tmp_path / "pack.yaml").write_text(RECIPE, encoding="utf-8")
    build_pack(tmp_path / "pack.yaml", tmp_path / "out")
    return KnowledgePack.open(tmp_path / "out", verify=True)


def test_the_recipes_words_are_used(pack: KnowledgePack) -> None:
    assert pack_wording(pack, "LOWERS") == Wording("lowers the level of", "is lowered by", "reduce")
    assert pack_wording(pack, "RELATED").forward == "is related to"
    (relation,) = pack.neighbours("T:1", "LOWERS")
    assert verbalise(pack, relation) == "Metformin lowers the level of blood sugar."


def test_they_survive_parts_and_unions(pack: KnowledgePack, tmp_path: Path) -> None:
    subset_pack(pack, Choice(prefixes=["T"]), tmp_path / "part")
    part = KnowledgePack.open(tmp_path / "part")
    merge_packs(part, pack, tmp_path / "both")
    assert part.wordings == KnowledgePack.open(tmp_path / "both").wordings == pack.wordings


def test_an_unknown_predicate_is_said(pack: KnowledgePack, tmp_path: Path) -> None:
    recipe = tmp_path / "pack.yaml"
    recipe.write_text(RECIPE.replace("LOWERS: {", "LOWER: {"), encoding="utf-8")
    with pytest.raises(ConfigError, match="wordings: unknown predicate 'LOWER'; did you mean 'LOWERS'"):
        build_pack(recipe, tmp_path / "again")
