from __future__ import annotations

import pytest

from kgslm.packs import KnowledgePack
from kgslm.records import Document
from kgslm.retrieval import Documents, PassageIndex, build_index
from tests.retrieval.axes import AxisEmbedder

HOUSE = "The house rules forbid smoking. Visitors sign the book at the door."


@pytest.fixture(scope="session")
def embedder() -> AxisEmbedder:
    return AxisEmbedder()


@pytest.fixture(scope="session")
def index(toy_pack: KnowledgePack, embedder: AxisEmbedder, tmp_path_factory: pytest.TempPathFactory) -> PassageIndex:
    """The toy pack and two short documents, with vectors."""
    documents = [Document("house", HOUSE), Document("menu", "Soup and aspirin are served at noon.")]
    folder = tmp_path_factory.mktemp("indexes") / "toy"
    return build_index(folder, pack=toy_pack, documents=[Documents("handbook", documents)], embedder=embedder)
