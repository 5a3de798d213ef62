from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from kgslm.embedding import TextEmbedder
from kgslm.embedding.store import METHODS, save_vectors
from kgslm.errors import ConfigError
from kgslm.injection import EmbeddingsArm
from kgslm.injection.entities import entity_vectors
from kgslm.models import load_backbone
from kgslm.packs import KnowledgePack


@pytest.fixture
def pack(toy_pack: KnowledgePack, tmp_path: Path) -> KnowledgePack:
    shutil.copytree(toy_pack.path, tmp_path / "toy", ignore=shutil.ignore_patterns("derived"))
    return KnowledgePack.open(tmp_path / "toy")


@pytest.fixture(scope="module")
def embedder(tiny_encoder: Path) -> TextEmbedder:
    return TextEmbedder(load_backbone(str(tiny_encoder), device="cpu"))


@pytest.mark.parametrize("method", METHODS)
def test_the_arm_knows_every_method(method: str) -> None:
    assert EmbeddingsArm.model_validate({"vectors": method}).vectors == method


def test_and_no_other() -> None:
    with pytest.raises(ValidationError, match="'text', 'text\\+graph', 'transe'"):
        EmbeddingsArm.model_validate({"vectors": "word2vec"})


def test_stored_vectors_by_id(pack: KnowledgePack, embedder: TextEmbedder) -> None:
    rows = np.arange(len(pack.ids) * 3, dtype=np.float32).reshape(-1, 3)
    save_vectors(pack, "complex", {}, rows)
    found = entity_vectors(pack, "complex", embedder)
    assert found.dim == 3
    found.prepare(["T:5"])
    # T:500 is an alternative id of T:5.
    assert (
        found.get(["T:5", "T:1", "T:500"]).tolist() == rows[[pack.row(id_) for id_ in ("T:5", "T:1", "T:5")]].tolist()
    )
    assert found.get([]).shape == (0, 3)
    before = found.checksum
    save_vectors(pack, "complex", {}, rows + 1)
    assert entity_vectors(pack, "complex", embedder).checksum != before


def test_vectors_that_are_not_there(pack: KnowledgePack, embedder: TextEmbedder) -> None:
    with pytest.raises(ConfigError, match=r"no rotate vectors .* kgslm pack embed .* --method rotate"):
        entity_vectors(pack, "rotate", embedder)


def test_words_are_always_there(pack: KnowledgePack, embedder: TextEmbedder) -> None:
    found = entity_vectors(pack, "text", embedder)
    assert (found.dim, found.checksum) == (32, "")
    assert found.get(["T:5", "T:1"]).shape == (2, 32)
